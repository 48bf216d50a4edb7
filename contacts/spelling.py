"""The one form under which an address, a number or a domain is stopped, and all forms under which it is looked up.

Two spellings of one mailbox must not slip past a stop, and no spelling is ever used to write to: capital
letters, letters composed in another way (NFC, NFD), a domain in ASCII (xn--…) and a dot behind it are one
address. `anna+list@firma.se` is an address of its own, but a stop on `anna@firma.se` holds for it, too; and a
stop on `@firma.se` holds for `anna@post.firma.se`.
"""

import unicodedata
from functools import lru_cache

import idna

_BLANKS = "\t\n\r \u00a0\u200b\u2060\ufeff"


def normal(text: str) -> str:
    """The form that is hashed: "anna@firma.se", "@firma.se", "+46701234567"."""
    found = text.strip(_BLANKS)
    if not found.isascii():
        found = unicodedata.normalize("NFC", found)
    found = found.lower()
    if "@" not in found:
        return found.replace(" ", "")
    local, _at, domain = found.rpartition("@")
    return f"{local}@{_domain(domain)}"


@lru_cache(maxsize=8192)
def _domain(domain: str) -> str:
    """A domain as people write it: å stays å, and xn-- becomes it."""
    plain = domain.rstrip(".")
    if plain.isascii() and "xn--" not in plain:
        return plain
    try:
        return idna.decode(idna.encode(plain, uts46=True))
    except (idna.IDNAError, UnicodeError):
        return plain


@lru_cache(maxsize=2048)
def lookups(email: str | None, phone: str) -> tuple[str, ...]:
    """Everything by which a person may have been stopped: the address, its plain form without +…, its domain
    and the domains above that, the number. Kept, because it is asked when a mail is planned and again before it leaves.
    """
    found = []
    if email:
        address = normal(email)
        local, _at, domain = address.rpartition("@")
        found.append(address)
        if "+" in local[1:]:
            found.append(f"{local[0]}{local[1:].partition('+')[0]}@{domain}")
        labels = domain.split(".")
        found += ["@" + ".".join(labels[at:]) for at in range(max(1, len(labels) - 1))]
    if phone:
        found.append(phone)
    return tuple(found)


def is_domain(text: str) -> bool:
    """Whether a normal form stops a whole domain."""
    return text.startswith("@")
