"""Key rings: signed links, the suppression hash, and secrets at rest.

Three rings, each apart from SECRET_KEY and from one another, so that a changed session key never breaks a stop link that lies in somebody's
inbox for years. The first key of a ring writes, every key of it reads. `settings.KEY_RINGS` holds them as lists of strings.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

if TYPE_CHECKING:
    from hashlib import _Hash

MAC_BYTES = (
    16  # 128 bits, as RFC 2104 §5 allows: half of SHA-256, and a link that still fits a line of plain text.
)

SHA256_BLOCK = 64  # bytes


class BadToken(Exception):
    """The token was not made by this silo, or was changed on the way."""


class BadSecret(Exception):
    """A stored secret cannot be read with any key of the ring."""


@lru_cache(maxsize=64)
def _derived(key: str, purpose: str) -> bytes:
    return hmac.new(key.encode(), purpose.encode(), hashlib.sha256).digest()


def _ring(name: str) -> tuple[str, ...]:
    return tuple(settings.KEY_RINGS[name])


def _mac(key: str, purpose: str, payload: bytes) -> bytes:
    inner, outer = _states(key, purpose)
    within, around = inner.copy(), outer.copy()
    within.update(payload)
    around.update(within.digest())
    return around.digest()[:MAC_BYTES]


def sign(purpose: str, payload: bytes) -> str:
    """A URL-safe token that carries `payload` in the open and proves that we made it for `purpose`."""
    return signer(purpose)(payload).decode()


def signer(purpose: str) -> Callable[[bytes], bytes]:
    """`sign` for many payloads, as bytes: the key is looked up once."""
    return _signer(settings.KEY_RINGS["links"][0], purpose)


@lru_cache(maxsize=64)
def _signer(key: str, purpose: str) -> Callable[[bytes], bytes]:
    inner, outer = _states(key, purpose)

    def signed(payload: bytes) -> bytes:
        within, around = inner.copy(), outer.copy()
        within.update(payload)
        around.update(within.digest())
        token = binascii.b2a_base64(around.digest()[:MAC_BYTES] + payload, newline=False)
        return token.translate(_URL_SAFE, b"=")

    return signed


_URL_SAFE, _STANDARD = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")


@lru_cache(maxsize=64)
def _states(key: str, purpose: str) -> "tuple[_Hash, _Hash]":
    """SHA-256 after the inner and the outer pad of RFC 2104 §2.

    Copied for each message: a quarter of what `hmac.digest` costs. A mail holds a dozen signed links, and an import
    hashes a million addresses.
    """
    derived = _derived(key, purpose)
    return _padded(derived, 0x36), _padded(derived, 0x5C)


def unsign(purpose: str, token: str) -> bytes:
    """The payload of a token made by `sign` with any key of the ring, however old.

    Raises BadToken.
    """
    try:
        raw = binascii.a2b_base64(token.encode("ascii").translate(_STANDARD) + b"=" * (-len(token) % 4))
    except (ValueError, UnicodeEncodeError) as error:
        raise BadToken("The link is not one of ours.") from error
    mac, payload = raw[:MAC_BYTES], raw[MAC_BYTES:]
    if len(mac) == MAC_BYTES:
        for key in settings.KEY_RINGS["links"]:
            if hmac.compare_digest(mac, _mac(key, purpose, payload)):
                return payload
    raise BadToken("The link is not one of ours.")


def address_hashes(address: str) -> list[str]:
    """The keyed hashes of an address or phone number in its normal form, newest key first; all of them are looked up."""
    return list(address_hasher()(address))


def address_hasher() -> Callable[[str], tuple[str, ...]]:
    """`address_hashes` for many: the ring is looked up once."""
    return partial(_address_hashes, _ring("suppression"))


@lru_cache(maxsize=8192)
def _address_hashes(ring: tuple[str, ...], address: str) -> tuple[str, ...]:
    """Kept, because a person is looked up when their mail is planned and again right before it leaves."""
    said = address.encode()
    return tuple(_hmac(inner, outer, said) for inner, outer in _suppression_states(ring))


def address_hash(address: str) -> str:
    """The keyed hash under which a stop on `address` is written."""
    return address_hashes(address)[0]


def suppression_keys() -> list[bytes]:
    """The keys behind `address_hashes`, for an import's reader that has no settings."""
    return [_derived(key, "suppression") for key in _ring("suppression")]


@lru_cache(maxsize=8)
def _suppression_states(ring: tuple[str, ...]) -> "tuple[tuple[_Hash, _Hash], ...]":
    return tuple(_states(key, "suppression") for key in ring)


def _padded(key: bytes, pad: int) -> "_Hash":
    return hashlib.sha256(bytes(byte ^ pad for byte in key.ljust(SHA256_BLOCK, b"\0")))


def _hmac(inner: "_Hash", outer: "_Hash", message: bytes) -> str:
    within, around = inner.copy(), outer.copy()
    within.update(message)
    around.update(within.digest())
    return around.hexdigest()


def _fernet() -> MultiFernet:
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(_derived(key, "secrets"))) for key in _ring("secrets")]
    )


def encrypt(secret: str) -> str:
    """A secret as it may lie in the database."""
    return _fernet().encrypt(secret.encode()).decode()


def decrypt(stored: str) -> str:
    """The secret behind `encrypt`. Raises BadSecret when no key of the ring fits."""
    try:
        return _fernet().decrypt(stored.encode()).decode()
    except InvalidToken as error:
        raise BadSecret(
            "The stored secret was written with a key that is no longer in STORED_SECRET_KEYS."
        ) from error
