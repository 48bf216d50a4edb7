"""Names in nothing but capitals, as programs of bookkeeping write them: how many rows of a file have them."""

from collections.abc import Sequence

from contacts.reading import naming, values


def rows(fields: Sequence[str], taken: Sequence[Sequence[str]]) -> int:
    """How many of these rows would need a look for their capitals, the columns being what `fields` says."""
    at = {
        name: place for place, name in enumerate(fields) if name in ("first_name", "last_name", "full_name")
    }
    return sum(1 for row in taken if at and all(map(naming.shouted, _name(row, at))))


def _name(row: Sequence[str], at: dict[str, int]) -> tuple[str, str]:
    first, last, full = (
        row[at[name]] if name in at and at[name] < len(row) else ""
        for name in ("first_name", "last_name", "full_name")
    )
    if first or last or not full.isupper():
        return values.text(first), values.text(last)
    return naming.split_name(full)
