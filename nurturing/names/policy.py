"""DKIM keys (RFC 6376) and DMARC policies (RFC 7489), read from the texts of their records."""

import base64
import binascii
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from nurturing.names.asking import Names

SHORT = 1024  # bits; Gmail takes no shorter key, and 2048 is what it asks for


def tags(text: str) -> dict[str, str]:
    """`v=DKIM1; k=rsa; p=…` as a mapping; blanks within a value are left out."""
    pairs = (part.partition("=") for part in text.split(";") if "=" in part)
    return {name.strip().lower(): "".join(value.split()) for name, _is, value in pairs}


@dataclass(frozen=True, slots=True)
class Key:
    """One DKIM key as it is published. `bits` is 0 for a key that is no RSA key."""

    selector: str
    state: str  # good, short, revoked, broken
    bits: int = 0


def key(names: Names, selector: str, domain: str) -> Key | None:
    """The key behind a selector. Raises Unanswered."""
    for text in names.texts(f"{selector}._domainkey.{domain}"):
        given = tags(text)
        if "p" in given and given.get("v", "DKIM1") == "DKIM1":
            return _judged(selector, given)
    return None


def _judged(selector: str, given: dict[str, str]) -> Key:
    if not given["p"]:
        return Key(selector, "revoked")
    try:
        raw = base64.b64decode(given["p"], validate=True)
        if given.get("k", "rsa").lower() == "ed25519":
            return Key(selector, "good" if len(raw) == 32 else "broken")
        loaded = load_der_public_key(raw)
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return Key(selector, "broken")
    if not isinstance(loaded, RSAPublicKey):
        return Key(selector, "broken")
    return Key(selector, "short" if loaded.key_size < SHORT else "good", loaded.key_size)


@dataclass(frozen=True, slots=True)
class Dmarc:
    """The policy that holds for a domain, its own or the one of a domain above it."""

    domain: str
    record: str
    given: dict[str, str]

    @property
    def asks(self) -> str:
        """none, quarantine or reject; nothing when the record does not say."""
        said = self.given.get("p", "").lower()
        return said if said in ("none", "quarantine", "reject") else ""


def dmarc(names: Names, domain: str) -> list[Dmarc]:
    """The policy of the domain, else of the nearest domain above it that has one. Raises Unanswered."""
    labels = domain.split(".")
    for start in range(max(len(labels) - 1, 1)):
        above = ".".join(labels[start:])
        texts = [text for text in names.texts(f"_dmarc.{above}") if text.lower().startswith("v=dmarc1")]
        if texts:
            return [Dmarc(above, text, tags(text)) for text in texts]
    return []


def is_aligned(domain: str, other: str, policy_domain: str, *, strict: bool) -> bool:
    """Whether a receiver takes the two for one sender. Relaxed: one lies under the other, or both under the domain that
    has the policy.
    """
    if domain == other or strict:
        return domain == other
    if domain.endswith(f".{other}") or other.endswith(f".{domain}"):
        return True
    return "." in policy_domain and all(one.endswith(f".{policy_domain}") for one in (domain, other))
