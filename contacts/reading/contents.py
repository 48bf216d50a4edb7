"""What a column is by what stands in its cells, where its name says nothing or the wrong thing."""

import re
from collections.abc import Callable, Sequence

from contacts.reading import remarks, values


def contradicted(fields: list[str | None], filled: Sequence[list[str]]) -> None:
    """A column called "e-mail" in which no address stands is something else: a number, a yes or no."""
    holds = [any("@" in cell or "＠" in cell or "(at)" in cell for cell in cells) for cells in filled]
    for at, name in enumerate(fields):
        enough = 1 if any(other for where, other in enumerate(holds) if where != at) else 5
        if name in ("email", "email_further") and len(filled[at]) >= enough and not holds[at]:
            fields[at] = None


_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_PHONE = re.compile(r"\+?[\d\s()./-]{6,20}")


def by_content(header: Sequence[str], fields: list[str | None], filled: Sequence[list[str]]) -> None:
    """Find the addresses and the companies, and without a header the phones and names, by looking at the cells."""
    for at, name in enumerate(fields):
        cells = [cell.strip() for cell in filled[at]]
        if name is not None or not cells:
            continue
        if _share(cells, _ADDRESS.fullmatch) >= 0.6:
            fields[at] = "email" if "email" not in fields else "email_further"
        elif not header and _share(cells, _looks_like_phone) >= 0.8:
            fields[at] = "phone" if "phone" not in fields else "phone_other"
        elif "note" not in fields and any(map(remarks.refusal, cells)):
            fields[at] = "note"
        elif "mail_status" not in fields and _says_who_left(cells):
            fields[at] = "mail_status"
        elif header and "city" not in fields and _share(cells, _POSTCODE_TOWN.fullmatch) >= 0.6:
            fields[at] = "city"
    if "email" not in fields:
        _for_want_of_better(header, fields, filled)
    if "company" not in fields:
        firms = [
            at
            for at, name in enumerate(fields)
            if name in (None, "full_name") and filled[at] and _share(filled[at], _is_firm) >= 0.5
        ]
        if firms:
            fields[firms[0]] = "company"
    if not header:
        _names_without_header(fields, filled)


_DAY = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b.*")


def dates_of_consent(fields: list[str | None], filled: Sequence[list[str]]) -> None:
    """ "Samtycke inhämtat", under which days stand, says when."""
    if "consent_at" in fields or fields.count("opt_in") < 2:
        return
    for at, name in enumerate(fields):
        if name == "opt_in" and filled[at] and _share(filled[at], _DAY.fullmatch) == 1:
            fields[at] = "consent_at"
            return


_POSTCODE_TOWN = re.compile(r"(?:[A-Z]{1,3}[- ])?(?:\d{3} ?\d{2}|\d{4})\s+[^\W\d][^\d@]{1,40}")
_BESIDE = re.compile(r"<[^\s@<>]+@[^\s@<>]+>\s*$")  # behind a name
_BILLS = re.compile(r"(?i)faktura|invoice|billing|lasku|rechnung")


def _says_who_left(cells: list[str]) -> bool:
    """A column of a few words that come again, among them one by which a mailing program says that somebody left."""
    said = set(cells)
    return len(said) <= 8 and any(values.mail_status(cell) for cell in said) and all(map(_is_status, said))


def _is_status(cell: str) -> bool:
    return (
        len(cell) < 40 and len(cell.split()) < 5 and not any(sign.isdigit() or sign == "@" for sign in cell)
    )


def _for_want_of_better(header: Sequence[str], fields: list[str | None], filled: Sequence[list[str]]) -> None:
    """Where no other address stands: a column in which addresses stand among others, or the one that bills go to."""
    mixed = [at for at, name in enumerate(fields) if name in (None, "full_name") and filled[at]]
    best = max(mixed, key=lambda at: _share(filled[at], _ADDRESS.fullmatch), default=-1)
    if best >= 0 and len(filled[best]) > 3 and _share(filled[best], _ADDRESS.fullmatch) >= 0.3:
        fields[best] = "email"
        return
    for at in mixed:
        if (header or len(filled[at]) > 1) and _share(filled[at], _BESIDE.search) >= 0.6:
            fields[at] = "email"
            return
    for at, name in enumerate(fields):
        if (
            name == ""
            and _BILLS.search(header[at])
            and filled[at]
            and _share(filled[at], _ADDRESS.fullmatch) >= 0.6
        ):
            fields[at] = "email"
            return


def _share(cells: Sequence[str], question: Callable[[str], object]) -> float:
    return sum(1 for cell in cells if question(cell)) / len(cells)


def _is_firm(cell: str) -> bool:
    name, sign, rest = cell.partition(",")
    return values.is_firm(cell) and not (
        sign and " " in name and values.is_firm(rest) and not values.is_firm(name)
    )


def last_name(keys: Sequence[str], fields: list[str | None], rows: Sequence[Sequence[str]]) -> None:
    """ "Vorname" and "Name", "Förnamn" and "Namn": beside a first name, a name that does not begin with it is the last name."""
    if "last_name" in fields and "first_name" not in fields and "full_name" in fields:
        _first_name(fields, rows)
    if "last_name" in fields or "first_name" not in fields or "full_name" not in fields:
        return
    first, name = fields.index("first_name"), fields.index("full_name")
    if keys[name] not in ("name", "namn", "navn", "nimi"):
        return
    pairs = [(row[first].strip(), row[name].strip()) for row in rows if len(row) > max(first, name)]
    if sum(1 for part, whole in pairs if part and part in whole) < 0.5 * len(pairs) or not pairs:
        fields[name] = "last_name"


def _first_name(fields: list[str | None], rows: Sequence[Sequence[str]]) -> None:
    """ "Name" and "Last name": a name that does not end with the other is the first one."""
    last, name = fields.index("last_name"), fields.index("full_name")
    pairs = [(row[last].strip(), row[name].strip()) for row in rows if len(row) > max(last, name)]
    if pairs and sum(1 for part, whole in pairs if part and part in whole) < 0.5 * len(pairs):
        fields[name] = "first_name"


def _looks_like_phone(cell: str) -> bool:
    return (
        bool(_PHONE.fullmatch(cell))
        and sum(letter.isdigit() for letter in cell) >= 7
        and (cell[0] in "+0(" or " " in cell or "-" in cell)
    )


def _names_without_header(fields: list[str | None], filled: Sequence[list[str]]) -> None:
    free = []
    for at, name in enumerate(fields):
        if name is not None:
            continue
        cells = [cell.strip() for cell in filled[at]]
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
