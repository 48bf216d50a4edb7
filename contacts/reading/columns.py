"""What each column is: from its header, and where that says nothing from what its cells look like."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from contacts.reading import contents, layouts, names, origin, permission

LEAVE_OUT = ""
CUSTOM = "custom"
OWN = "custom:"  # followed by the key of a field of the company's own

# Order is the order in the page's drop-down list. Fields of the second tuple may be given to several columns.
SINGLE = (
    "email",
    "first_name",
    "middle_name",
    "last_name",
    "full_name",
    "company",
    "org_number",
    "title",
    "city",
    "country",
    "language",
    "website",
    "note",
    "external_id",
    "recipient",
    "ground",
    "consent_at",
    "optin_at",
    "consent_ip",
    "optin_ip",
    "consent_wording",
    "consent_source",
    "double_opt_in",
)
SEVERAL = (
    "email_further",
    "phone",
    "mobile",
    "phone_other",
    "tags",
    "opt_out",
    "do_not_call",
    "opt_in",
    "mail_status",
    CUSTOM,
)
FIELDS = SINGLE + SEVERAL


def is_known(field: str) -> bool:
    """True for a field of ours and for one of the company's own."""
    return field in FIELDS or (field.startswith(OWN) and len(field) > len(OWN))


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
    if stripped != key and stripped in _FIELD:  # "Telefon 3", "E-post 4"
        found = _FIELD[stripped]
        return {"email": "email_further", "phone": "phone_other", "mobile": "phone_other"}.get(found)
    return None


_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[*:]+\s*$")
_PARTS = re.compile(r"\s*[/:>|]\s*|\.(?=\S)|\s+[-–]\s+")
_YOURS = re.compile(
    r"(?i)^\s*(?:ange |fyll i |(?:please )?(?:enter |provide ))?(?:din[ae]?|ditt?|your|ihre?|deres|jeres|sinun|mitt?|my)\s+(?=\w)"
)
_WHERE = frozenset(
    {
        "home",
        "work",
        "other",
        "main",
        "private",
        "office",
        "hem",
        "arbete",
        "jobb",
        "privat",
        "kontor",
        "hjem",
        "arbeid",
        "arbejde",
    }
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
    parts = [part for part in _PARTS.split(header) if part.strip()]
    if len(parts) == 2 and squeeze(parts[1]) in _WHERE:
        return field_of(parts[0])
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


def recognised(header: Sequence[str]) -> set[str]:
    """The fields that a line names, if it is a header; a line with an address in it is not one."""
    if any("@" in cell for cell in header):
        return set()
    found = {field_of(cell) for cell in header if cell and len(cell) < 80}
    return {name for name in found if name}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How a file's columns are understood."""

    fields: list[str]
    layout: str = ""
    country: str = ""


def suggest(header: Sequence[str], sample: Sequence[Sequence[str]] = ()) -> Suggestion:
    """One field per column. `sample` is a few rows, for columns without a telling name."""
    rows, keys = sample[:200], [squeeze(cell) for cell in header]
    width = _width(header, rows)
    filled = [[row[at] for row in rows if at < len(row) and row[at].strip()] for at in range(width)]
    fields = [_named(header[at], filled[at]) if at < len(header) else None for at in range(width)]
    _title_or_prefix(header, fields)
    contents.contradicted(fields, filled)
    _by_program(header, fields)
    contents.by_content(header, fields, filled)
    contents.last_name(keys, fields, rows)
    _one_of_each(fields)
    return Suggestion(
        [name or LEAVE_OUT for name in fields], layout_of(header), origin.country_of(keys, sample)
    )


def _width(header: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """The columns of the header, and those beyond it in which something stands in most rows: fewer are torn rows."""
    widest = max([len(header), *(len(row) for row in rows)], default=0)
    if not header:
        return widest
    return max(
        (at + 1 for at in range(len(header), widest)
         if sum(1 for row in rows if at < len(row) and row[at].strip()) >= 0.6 * len(rows)),
        default=len(header),
    )  # fmt: skip


def _named(header: str, filled: list[str]) -> str | None:
    """The field that a header names: by the table, by its words about permission, by the table without what stands around it."""
    found = field_of(header)
    if found in permission.FIELDS:
        return found if permission.fits(permission.OPT_OUT, "unsubscribed", filled) else None
    if found is None and (wish := permission.field_of(header)):
        return wish if permission.fits(wish, header, filled) else None
    return loosely(header) if found is None else found


def _title_or_prefix(header: Sequence[str], fields: list[str | None]) -> None:
    """ "Titel" beside "Befattning" is Mr or Dr, not a job."""
    titles = [at for at, name in enumerate(fields) if name == "title"]
    clear = [
        at
        for at in titles
        if squeeze(header[at]) not in _WEAK_TITLE and not squeeze(header[at]).endswith("persontitle")
    ]
    if clear and len(titles) > 1:
        for at in titles:
            if at not in clear:
                fields[at] = LEAVE_OUT


def _by_program(header: Sequence[str], fields: list[str | None]) -> None:
    """Names that mean something else where a certain program wrote them, or beside certain others."""
    keys = [squeeze(cell) for cell in header]
    program = layout_of(header)
    if program == "LinkedIn":  # its URL is the person's page there, not the company's
        _swap(fields, keys, {"url"}, LEAVE_OUT)
    if "company" not in fields:
        if program in ("Fortnox", "Severa") or ("first_name" in fields and "last_name" in fields):
            _swap(
                fields,
                keys,
                {"customername", "kundnamn", "kundensnamn", "kundenavn", "kundensnavn"},
                "company",
            )
        if program == "Fortnox":
            _swap(fields, keys, {"namn", "kundnamn", "foretagsnamn"}, "company")


def _swap(fields: list[str | None], keys: Sequence[str], named: set[str], field: str) -> None:
    for at, key in enumerate(keys):
        if key in named:
            fields[at] = field


def _one_of_each(fields: list[str | None]) -> None:
    """A field that only one column may be: the first has it; a second address is a further one."""
    seen: set[str] = set()
    for at, name in enumerate(fields):
        if name not in SINGLE:
            continue
        if name in seen:
            fields[at] = "email_further" if name == "email" else None
        else:
            seen.add(name)
    if "email" not in seen and "email_further" in fields:
        fields[fields.index("email_further")] = "email"


def layout_of(header: Sequence[str]) -> str:
    """The program that wrote the file, or ""."""
    return layouts.program_of(header, squeeze)


def fingerprint(header: Sequence[str]) -> str:
    """The mark by which the same header is known again, or ""."""
    return layouts.fingerprint(header, squeeze)
