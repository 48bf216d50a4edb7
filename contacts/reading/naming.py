"""Names of persons: their parts, without titles and remarks, and without shouting."""

import re

from contacts.reading import values

PARTICLES = {
    "von",
    "van",
    "af",
    "av",
    "de",
    "der",
    "den",
    "del",
    "di",
    "da",
    "du",
    "la",
    "le",
    "ter",
    "zu",
    "zur",
}
# Before a name, and no part of it: a letter begins "Hej Anna", not "Hej Dr. Anna".
_TITLES = re.compile(
    r"(?:(?:hr|herr|herrn|fru|frk|fröken|frøken|frau|rouva|mr|mrs|ms|miss|dr|doktor|prof|professor|dipl-?ing)"
    r"(?:\.|(?=\s))\s*)+(?=\S)",
    re.IGNORECASE,
)
# After a comma: what somebody is, not a first name.
_WORKS_AS = re.compile(
    r"(?i)(?:vd|ceo|cfo|cto|coo|cio|md|phd|ph\.d\.?|mba|msc|bsc|esq|jr\.?|sr\.?|adm\.? ?dir\.?|daglig leder|toimitusjohtaja|"
    r"geschäftsführer(?:in)?|ordförande|ägare|innehaver|inköp\w*|innkjøp\w*|ekonomi\w*|økonomi\w*|försäljning\w*|salgs?\w*|"
    r"direktør|direktör|chef|sjef|leder|manager|director|konsult|ingenjör|advokat)"
)
_AND = re.compile(r"\s*[\n;,/|]\s*|\s+(?:&|\+|och|og|and|und|ja)\s+")
_REMARK = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])\s*$")


def name(cell: str, limit: int, *, field: str) -> str:
    """Part of a person's name. Raises Problem for a line break followed by something like a mail header,
    and for a text too long to be a name.
    """
    if values.HEADER_LIKE.search(cell):
        raise values.Problem("header_in_name", field)
    return values.limited(cell, limit, field=field)


def shouted(part: str) -> bool:
    """True for a name of three letters or more in nothing but capitals; "Bo", "JP" and "AB" are not."""
    return part.isupper() and sum(map(str.isalpha, part)) > 2


def unshouted(part: str) -> str:
    """ANNA-KARIN O'BRIEN as names are written."""
    return re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), part)


def without_firm(full: str) -> tuple[str, str]:
    """(name, company) of "Åsa Öberg, Östra Verken AB"; a firm alone is left as it is."""
    name, sign, firm = (part.strip() for part in full.partition(","))
    return (
        (name, firm)
        if sign and " " in name and values.is_firm(firm) and not values.is_firm(name)
        else (full, "")
    )


def several(cell: str) -> list[str]:
    """The people of a cell that names more than one, each with a first and a last name; [] for one."""
    parts = [part.strip() for part in _AND.split(cell) if part.strip()]
    return parts if len(parts) > 1 and all(" " in part for part in parts) else []


def split_name(full: str) -> tuple[str, str]:
    """First and last name of a full name: "Lind, Anna", "Anna Lind", "Carl von Linné", "von der Leyen, Dr. Anna"."""
    full = values.text(full)
    full = _untitled(_REMARK.sub("", full) or full)
    if full.count(",") == 1:
        last, first = (part.strip() for part in full.split(","))
        if _WORKS_AS.fullmatch(first):
            return split_name(last)
        if first and last:
            return _untitled(first), last
    parts = full.split(" ")
    if len(parts) == 1:
        return full, ""
    at = len(parts) - 1
    while at > 1 and (
        parts[at - 1].lower() in PARTICLES or parts[at].lower().rstrip(".") in ("jr", "sr", "jun", "sen")
    ):
        at -= 1
    return " ".join(parts[:at]), " ".join(parts[at:])


def _untitled(name: str) -> str:
    found = _TITLES.match(name)
    return name[found.end() :] if found else name
