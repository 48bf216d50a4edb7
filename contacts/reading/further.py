"""A second table under the first, with its columns in another order: attendees under hosts, prospects under customers."""

from collections.abc import Sequence

from contacts.reading import headers

LONGEST = 60  # characters of a title
NAMES = frozenset({"first_name", "last_name", "full_name", "company"})
REACH = frozenset({"email", "phone", "mobile"})


def is_header(cells: Sequence[str]) -> bool:
    """Whether a line names columns: a way to reach people, and who they are."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if len(filled) < 2 or any("@" in cell or cell.isdigit() or len(cell) > LONGEST for cell in filled):
        return False
    found = {_field(cell) for cell in filled}
    return not REACH.isdisjoint(found) and not NAMES.isdisjoint(found)


def _field(title: str) -> str:
    return headers.field_of(title) or headers.loosely(title) or ""


def places(cells: Sequence[str], titles: Sequence[str]) -> tuple[list[int], list[str]]:
    """Where each of its cells belongs in the first table (-1: nowhere), and the titles that the first one does not have."""
    keys = [headers.squeeze(title) for title in titles]
    fields = [_field(title) for title in titles]
    found: list[int] = []
    more: list[str] = []
    for cell in (cell.strip() for cell in cells):
        field = _field(cell)
        if cell and headers.squeeze(cell) in keys:
            found.append(keys.index(headers.squeeze(cell)))
        elif field and field in fields and fields.index(field) not in found:
            found.append(fields.index(field))
        else:
            found.append(-1)
            more += [cell] if cell else []
    return found, more


def moved(cells: Sequence[str], places: Sequence[int], width: int) -> list[str]:
    """A row of the second table in the columns of the first; a cell beyond its header stays beyond."""
    row = [""] * width
    for at, cell in zip(places, cells, strict=False):
        if at >= 0 and not row[at]:
            row[at] = cell
    return [*row, *cells[len(places) :]]
