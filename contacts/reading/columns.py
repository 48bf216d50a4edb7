"""What each column is: from its header, and where that says nothing from what its cells look like."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from contacts.reading import layouts, names

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
    width = max([len(header), *(len(row) for row in sample[:200])], default=0)
    fields: list[str | None] = [field_of(header[at]) if at < len(header) else None for at in range(width)]
    _title_or_prefix(header, fields)
    _contradicted(fields, sample)
    _by_program(header, fields)
    _by_content(header, fields, sample)
    _one_of_each(fields)
    return Suggestion([name or LEAVE_OUT for name in fields], layout_of(header), country_of(header, sample))


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


def _contradicted(fields: list[str | None], sample: Sequence[Sequence[str]]) -> None:
    """A column called "e-mail" in which no address stands is something else: a number, a yes or no."""
    for at, name in enumerate(fields):
        if name in ("email", "email_further"):
            cells = [row[at] for row in sample[:200] if at < len(row) and row[at].strip()]
            if len(cells) >= 5 and not any("@" in cell or "＠" in cell or "(at)" in cell for cell in cells):
                fields[at] = None


_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_PHONE = re.compile(r"\+?[\d\s()./-]{6,20}")


def _by_content(header: Sequence[str], fields: list[str | None], sample: Sequence[Sequence[str]]) -> None:
    """Find the addresses, and without a header the phones, by looking at the cells."""
    for at, name in enumerate(fields):
        if name is not None:
            continue
        cells = [row[at].strip() for row in sample[:200] if at < len(row) and row[at].strip()]
        if not cells:
            continue
        if sum(1 for cell in cells if _ADDRESS.fullmatch(cell)) >= 0.6 * len(cells):
            fields[at] = "email" if "email" not in fields else "email_further"
        elif not header and sum(1 for cell in cells if _looks_like_phone(cell)) >= 0.8 * len(cells):
            fields[at] = "phone" if "phone" not in fields else "phone_other"
    if not header:
        _names_without_header(fields, sample)


def _looks_like_phone(cell: str) -> bool:
    return (
        bool(_PHONE.fullmatch(cell))
        and sum(letter.isdigit() for letter in cell) >= 7
        and (cell[0] in "+0(" or " " in cell or "-" in cell)
    )


def _names_without_header(fields: list[str | None], sample: Sequence[Sequence[str]]) -> None:
    free = []
    for at, name in enumerate(fields):
        if name is not None:
            continue
        cells = [row[at].strip() for row in sample[:200] if at < len(row) and row[at].strip()]
        if cells and sum(
            1 for cell in cells if cell[:1].isalpha() and not any(c.isdigit() for c in cell)
        ) >= 0.8 * len(cells):
            free.append((at, sum(1 for cell in cells if " " in cell) / len(cells)))
    if not free:
        return
    if free[0][1] > 0.6 or len(free) == 1:
        fields[free[0][0]] = "full_name"
    else:
        fields[free[0][0]], fields[free[1][0]] = "first_name", "last_name"


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


_TLD = re.compile(r"@[^\s@]+\.(se|no|dk|fi|de)\b", re.IGNORECASE)
_FORMS = (
    ("SE", re.compile(r"\b(AB|HB|KB)$")),
    ("NO", re.compile(r"\b(AS|ASA|ANS|ENK)$")),
    ("DK", re.compile(r"\b(A/S|ApS)$")),
    ("FI", re.compile(r"\b(Oy|Oyj)$")),
    ("DE", re.compile(r"\bGmbH$")),
)


def country_of(header: Sequence[str], sample: Sequence[Sequence[str]] = ()) -> str:
    """Where the file was made, for phone numbers without a country: header language first, then addresses,
    company forms and letters.
    """
    keys = [squeeze(cell) for cell in header]
    scores = dict.fromkeys(names.LANGUAGE_SIGNS, 0.0)
    for country, signs in names.LANGUAGE_SIGNS.items():
        known = set(signs.split())
        scores[country] = 3.0 * sum(1 for key in keys if key in known)
    if not any(scores.values()):
        for row in sample[:200]:
            for cell in row:
                if found := _TLD.search(cell):
                    scores[found[1].upper()] += 1
                for country, form in _FORMS:
                    if form.search(cell.strip()):
                        scores[country] += 1
                scores["SE"] += 0.1 * sum(cell.count(letter) for letter in "äöÄÖ")
                scores["NO"] += 0.1 * sum(cell.count(letter) for letter in "æøÆØ")
    best = max(scores, key=lambda country: scores[country])
    return best if scores[best] > 0 else ""
