"""What a header says: its field by the table of `names`, and by its words where it says more than a name."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from contacts.reading import names

LEAVE_OUT = ""

_TABLES: tuple[tuple[str, str], ...] = (
    ("email", names.EMAIL),
    ("email_further", names.EMAIL_FURTHER),
    ("first_name", names.FIRST_NAME),
    ("last_name", names.LAST_NAME),
    ("middle_name", names.MIDDLE_NAME),
    ("full_name", names.FULL_NAME),
    ("company", names.COMPANY),
    ("org_number", names.ORG_NUMBER),
    ("title", names.TITLE),
    ("phone", names.PHONE),
    ("mobile", names.MOBILE),
    ("phone_other", names.PHONE_OTHER),
    ("city", names.CITY),
    ("country", names.COUNTRY),
    ("language", names.LANGUAGE),
    ("tags", names.TAGS),
    ("website", names.WEBSITE),
    ("note", names.NOTE),
    ("external_id", names.EXTERNAL_ID),
    ("opt_out", names.OPT_OUT),
    ("do_not_call", names.DO_NOT_CALL),
    ("opt_in", names.OPT_IN),
    ("mail_status", names.MAIL_STATUS),
    ("double_opt_in", names.DOUBLE_OPT_IN),
    ("consent_at", names.CONSENT_AT),
    ("optin_at", names.OPTIN_AT),
    ("consent_ip", names.CONSENT_IP),
    ("optin_ip", names.OPTIN_IP),
    ("consent_wording", names.CONSENT_WORDING),
    ("consent_source", names.CONSENT_SOURCE),
    ("ground", names.GROUND),
    ("recipient", names.RECIPIENT),
)
_PREFIXES = (
    "person",
    "contact",
    "kontakt",
    "kontaktperson",
    "subscriber",
    "kund",
    "kunde",
    "customer",
    "lead",
    "user",
    "billing",
    "shipping",
    "defaultaddress",
    "company",
    "foretagets",
    "foretags",
    "bolagets",
    "firma",
    "work",
    "business",
)


@lru_cache(maxsize=4096)
def squeeze(header: str) -> str:
    """A header in the form of `names`: lower case, no accents, only letters and digits."""
    text = header.casefold().replace("ø", "o").replace("æ", "ae").replace("ß", "ss").replace("đ", "d")
    text = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in text if letter.isalnum() and letter.isascii())


def _lookup() -> Mapping[str, str]:
    table: dict[str, str] = {}
    for name, words in _TABLES:
        for word in words.split():
            table.setdefault(squeeze(word), name)
    for word in names.TITLE_OR_PREFIX.split():
        table[word] = "title"
    for word in names.LEFT_OUT.split():
        table.setdefault(squeeze(word), LEAVE_OUT)
    return table


_FIELD = _lookup()
_WEAK_TITLE = frozenset(names.TITLE_OR_PREFIX.split())
_SECOND = {"email": "email_further", "phone": "phone_other", "mobile": "phone_other"}


def is_weak_title(header: str) -> bool:
    """A title that may as well be Mr or Dr."""
    key = squeeze(header)
    return key in _WEAK_TITLE or key.endswith("persontitle")


def field_of(header: str) -> str | None:
    """The field a header names; "" when it is known and of no use, None when nobody knows it."""
    key = squeeze(header)
    if key in _FIELD:
        return _FIELD[key]
    for prefix in _PREFIXES:
        rest = key.removeprefix(prefix)
        if rest and rest != key and rest in _FIELD:
            return _FIELD[rest]
    stripped = key.rstrip("0123456789")
    if stripped != key and stripped in _FIELD:  # "Telefon 3", "E-post 4", "Company1"
        found = _FIELD[stripped]
        return found if key[len(stripped) :] == "1" else _SECOND.get(found)
    return None


_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[*:]+\s*$")
_PARTS = re.compile(r"\s*[/:>|]\s*|\.(?=\S)|\s+[-–]\s+")
_YOURS = re.compile(
    r"(?i)^\s*(?:ange |fyll i |(?:please )?(?:enter |provide ))?(?:din[ae]?|ditt?|your|ihre?|deres|jeres|sinun|mitt?|my)\s+(?=\w)"
)
_CALLED = re.compile(r"(?i)\bheter\b|\bhedder\b|\bnimesi\b|\bheißen\b|your name")


def loosely(header: str) -> str | None:
    """The field of a header that says more than its name: "E-post (obligatorisk)", "Postadress: Ort", "Din e-postadress",
    "Vilket företag arbetar du på?". None when nobody knows it.
    """
    for bare in (_BRACKETS.sub("", header), _YOURS.sub("", header)):
        if bare.strip() != header.strip() and (found := field_of(bare)) is not None:
            return found
    named = {field_of(part) for part in re.split(r"[,/&+]|\b(?:och|og|and|und|ja)\b", header) if part.strip()}
    if len(named) > 1 and named <= {"first_name", "middle_name", "last_name"}:
        return "full_name"
    if (found := _by_words(header)) is not None:
        return found
    parts = [part for part in _PARTS.split(header) if part.strip()]
    if len(parts) > 1 and (found := field_of(parts[-1])) is not None:
        return found or next((known for part in parts if (known := field_of(part))), found)
    if header.rstrip().endswith("?"):
        if _CALLED.search(header):
            return "full_name"
        named = {
            known for word in re.findall(r"[\w-]+", header) if (known := field_of(word)) and known != "note"
        }
        return named.pop() if len(named) == 1 else None
    return None


_WHOSE = tuple(names.WHOSE.split())
_WHERE = frozenset(names.WHERE.split())
_SEVERAL = frozenset({"2", "3", "4", "second", "secondary", "other", "annan", "andre", "andet", "muu"})
_FURTHER = _SEVERAL | {"home", "private", "personal", "privat", "privata", "hem", "hjem", "koti"}
_OTHERS = frozenset(names.OTHERS.split())
_PERSONAL = frozenset(
    {"email", "email_further", "phone", "phone_other", "mobile", "first_name", "last_name", "full_name"}
)
_NOUNS = _PERSONAL | {
    "company",
    "title",
    "city",
    "country",
    "org_number",
    "middle_name",
    "note",
    "language",
    "website",
}
_ENDS = {word: field for field, words in names.ENDS.items() for word in words.split()}
_WEAK = frozenset(names.WEAK.split())
_CAMEL = re.compile(r"(?<=[a-zåäöæø])(?=[A-ZÅÄÖÆØ])|(?<=[A-Z])(?=[A-Z][a-z])")


def _by_words(header: str) -> str | None:
    """ "Deltagare e-post", "Kontaktpersonens namn", "Telefon (direkt)": a field's name among words that say whose it is, or where."""
    keys = [_whole(word) for word in re.findall(r"[^\W_]+(?:-[^\W_]+)*\.?", _CAMEL.sub(" ", header))]
    keys = [key for key in keys if key]
    if len(keys) == 1:
        return _FIELD.get(keys[0]) if header.rstrip().endswith(".") else _compound(keys[0])
    if not 2 <= len(keys) <= 6:
        return None
    others = {key for key in keys if _is_anothers(key)}
    for begin in range(len(keys)):
        for end in range(len(keys), begin, -1):
            key = "".join(keys[begin:end])
            found = None if key in _WEAK else _FIELD.get(key)
            around = keys[:begin] + keys[end:]
            if found not in _NOUNS or not around:
                continue
            if others.intersection(around):
                return LEAVE_OUT if found in _PERSONAL else None
            if all(key in _WHERE or key in _FURTHER or _is_whose(key) for key in around):
                if _FURTHER.isdisjoint(around):
                    return found
                return _SECOND.get(found) if found in _SECOND or _SEVERAL.intersection(around) else found
    return None


def _whole(word: str) -> str:
    """ "Befattn." and "dienstl." are the shortest words that begin so."""
    key = squeeze(word)
    if not word.endswith(".") or len(key) < 4 or key in _FIELD:
        return key
    return min((known for known in (*_FIELD, *_WHERE) if known.startswith(key)), key=len, default=key)


def _compound(key: str) -> str | None:
    """ "Medlemsföretag", "Jobbmejl", "Mässbesökare": what it is stands last."""
    for end, field in _ENDS.items():
        begun = key.removesuffix(end)
        if begun != key and len(begun) > 2 and not _is_anothers(begun):
            return field
    return None


def _is_anothers(key: str) -> bool:
    return any(key.removesuffix(end) in _OTHERS for end in ("", "ens", "ns", "s", "en", "n"))


def _is_whose(key: str) -> bool:
    return key.startswith(_WHOSE) and not key.endswith(("ed", "tad", "tat", "tet", "tes", "tas"))


def is_the_persons_own(header: str) -> bool:
    """ "Kontaktperson e-post" beside "E-post": the one is the person's, the other the company's."""
    return squeeze(header).startswith(_WHOSE[:-1]) and not squeeze(header).startswith(
        ("kund", "custom", "asiak")
    )


def recognised(header: Sequence[str]) -> set[str]:
    """The fields that a line names, if it is a header; a line with an address in it is not one."""
    if any("@" in cell for cell in header):
        return set()
    found = {field_of(cell) for cell in header if cell and len(cell) < 80}
    return {name for name in found if name}
