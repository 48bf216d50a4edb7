"""Mail addresses as the silo keeps them: in one form, reaching nobody else than what was written."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

import email_validator

from contacts.reading import values, words
from contacts.reading.values import Problem

PLAIN = re.compile(
    r"[a-z0-9](?:[a-z0-9_%+'-]|\.(?!\.)){0,62}[a-z0-9_+-]?@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
)
NAMED = re.compile(
    r"^\s*(?P<name>[^<>]*?)\s*<\s*(?:mailto:)?(?P<address>[^<>\s]+@[^<>\s]+)\s*>\s*$", re.DOTALL | re.I
)
FULL_WIDTH = {0xFF01 + at: 0x21 + at for at in range(94)}  # as East Asian keyboards write @ and letters
LONGEST_ADDRESS = 254  # RFC 5321
RESERVED_ENDS = (".invalid", ".localhost", ".local", ".arpa", ".onion")
_SEVERAL = re.compile(r"\s*:::\s*|\s*[;,|]\s*|\s*/\s+|\s*\n\s*")
# What people write around an address and mean nothing else by it.
_LABEL = (
    r"e-?post(?:adress[e]?)?|e-?mail(?:-?adresse)?|mail|mejl|sähköposti|smtp|mailto|jobb|jobbet|arbete|arbeid|arbejde|work|"
    r"office|kontor|kontoret|privat|private|hem|hjem|home|työ|koti|och|og|eller|and|or|ja|tai|und|oder|samt"
)
_AROUND = re.compile(rf"(?:\b(?:{_LABEL})\b|[\s:;,/|&+()\[\]<>\"'*.])*", re.IGNORECASE)
_ANY = re.compile(r"[^\s@<>()\[\]{},;:\"'/|\\?=]{1,64}@[^\s@<>()\[\]{},;:\"'/|\\?=]{1,255}")


def plain_address(cell: str) -> str:
    """The address, in lower case, when it is an ordinary one that needs no second look; else ""."""
    lowered = cell.strip().lower()
    if (
        PLAIN.fullmatch(lowered) is None
        or len(lowered) > LONGEST_ADDRESS
        or ".@" in lowered
        or "xn--" in lowered
        or lowered.endswith(RESERVED_ENDS)
        or not cell.isascii()
    ):
        return ""
    return lowered


def addresses(cell: str) -> list[str]:
    """The addresses in a cell in their normal form, the first one first; [] for an empty cell.

    Several may stand in one cell ("a@x.se; b@x.se", Google's " ::: "). Raises Problem when one of them is
    none.
    """
    stripped = cell.strip()
    if not stripped or stripped.casefold() in values.NO_VALUE:
        return []
    if plain := plain_address(stripped):
        return [plain]
    if re.search(r"\S\s*[\r\n\x85\u2028\u2029\x00]", stripped) and values.HEADER_LIKE.search(stripped):
        raise Problem("header_in_address", values.text(stripped))
    if stripped.count("@") < 2:
        one = address(stripped)
        return [one] if one else []
    try:
        parts = [stripped] if NAMED.match(stripped) else [part for part in _SEVERAL.split(stripped) if part]
        return list(dict.fromkeys(address(part) for part in parts))
    except Problem:
        if found := _with_words(values.text(stripped)):
            return list(dict.fromkeys(address(one) for one in found))
        raise


def named(cell: str) -> str:
    """The name before an address in angle brackets, "" where none stands."""
    found = NAMED.match(values.text(cell))
    name = found["name"].strip(" \"'") if found else ""
    return "" if "@" in name else name


@lru_cache(maxsize=8192)
def address(cell: str) -> str:
    """One address in its normal form: lower case, the domain as people write it (å stays å), nobody else
    reached.

    Raises Problem with the reason.
    """
    shown = values.text(cell) if cell.isascii() else values.text(cell).translate(FULL_WIDTH)
    bare = _bare(shown)
    if any(ord(sign) in values.INVISIBLE and ord(sign) > 0x2029 for sign in cell):
        raise Problem("address_hides_signs", shown)
    if "@" not in bare:
        raise Problem(
            "name_in_address"
            if re.fullmatch(r"[^\W\d_]+([ .'-]+[^\W\d_]+)+", bare) and " " in bare
            else "no_address",
            bare,
        )
    try:
        found = email_validator.validate_email(bare, check_deliverability=False, test_environment=True)
    except email_validator.EmailNotValidError as error:
        alone = _with_words(shown)
        if len(alone) == 1 and alone[0] != cell:
            return address(alone[0])
        raise Problem("bad_address", f"{bare[:80]}: {error}") from error
    if found.ascii_domain.endswith(RESERVED_ENDS) or "." not in found.ascii_domain:
        raise Problem("bad_address", bare)
    if _mixes_scripts(found.domain):
        raise Problem("lookalike_address", bare)
    normal = found.normalized.lower()
    if len(normal) > LONGEST_ADDRESS:
        raise Problem("bad_address", bare)
    return normal


def _bare(shown: str) -> str:
    """Without what is certainly no part of it: brackets, "mailto:", a sign at the end, a blank beside the @."""
    within = NAMED.match(shown)
    bare = (within["address"] if within else shown).strip(" <>\"'()[]")
    if bare[:7].lower() == "mailto:":
        bare = unquote(bare[7:].partition("?")[0])
    bare = bare.rstrip(".,;:!?").strip()
    if " " in bare and bare.count("@") == 1:
        bare = re.sub(r"\.\s+(?=\w+$)", ".", re.sub(r"\s*@\s*", "@", bare))
    return bare


def _with_words(shown: str) -> list[str]:
    """The addresses of a cell in which nothing else stands but labels ("jobb", "E-post:") and signs."""
    found = [one.rstrip(".") for one in _ANY.findall(shown)]
    return found if found and _AROUND.fullmatch(_ANY.sub(" ", shown)) else []


def _mixes_scripts(domain: str) -> bool:
    if domain.isascii():
        return False
    scripts = {unicodedata.name(sign, "?").split()[0] for sign in domain if sign.isalpha()}
    return "LATIN" in scripts and len(scripts) > 1


def is_role_address(email: str) -> bool:
    """True for post@, info@ and the like, which belong to a company and to nobody by name."""
    local = email.partition("@")[0].partition("+")[0]
    return local.rstrip("0123456789") in words.ROLE_LOCAL_PARTS


def is_free_mail(email: str) -> bool:
    """True for an address at a provider for private people."""
    return email.rpartition("@")[2] in words.FREE_MAIL
