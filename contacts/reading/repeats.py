"""Several people in one row: "Kontakt 1 Namn", "Kontakt 1 E-post", "Kontakt 2 Namn" … become a row for each of them, beside
what they have in common.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contacts.reading import headers

MOST = 12  # people in a row
_NUMBER = re.compile(r"(?<!\d)(?:nr\.?\s*|#\s*)?([1-9]\d?)(?!\d)")
_NAMES = frozenset({"first_name", "last_name", "full_name"})


@dataclass(frozen=True, slots=True)
class People:
    """The columns that stand for everybody in the row, and those of each person under one title each."""

    header: list[str]
    common: list[int]
    groups: list[list[int]]  # -1 where a person has no such column

    def split(self, cells: Sequence[str]) -> Iterator[list[str]]:
        """The row of each person; one row when nobody is named."""
        shared = [_cell(cells, at) for at in self.common]
        beyond = list(cells[len(self.common) + sum(at >= 0 for group in self.groups for at in group) :])
        found = [[_cell(cells, at) for at in group] for group in self.groups]
        for own in [own for own in found if any(cell.strip() for cell in own)] or found[:1]:
            yield [*shared, *own, *beyond]


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at] if 0 <= at < len(cells) else ""


def people(header: Sequence[str]) -> People | None:
    """How to split the rows under a header, None where each row is about one person: a second address or phone is no person."""
    numbered = [_numbered(title) for title in header]
    if not any(number for _stem, number in numbered):
        numbered = _counted(header)
    later = {stem for stem, number in numbered if number > 1}
    numbered = [(stem, 1 if not number and stem in later else number) for stem, number in numbered]
    people = sorted({number for _stem, number in numbered if 0 < number <= MOST} - {0})
    people = [number for number in people if _is_somebody([stem for stem, one in numbered if one == number])]
    if len(people) < 2:
        return None
    stems = list(dict.fromkeys(stem for stem, number in numbered if number in people))
    common = [at for at, (_stem, number) in enumerate(numbered) if number not in people]
    place = {numbered[at]: at for at in range(len(header) - 1, -1, -1)}
    groups = [[place.get((stem, number), -1) for stem in stems] for number in people]
    return People([*(header[at] for at in common), *stems], common, groups)


def _numbered(title: str) -> tuple[str, int]:
    found = _NUMBER.search(title)
    if found is None:
        return title.strip(), 0
    return " ".join((title[: found.start()] + " " + title[found.end() :]).split()).strip(" -_.:"), int(
        found[1]
    )


def _counted(header: Sequence[str]) -> list[tuple[str, int]]:
    """The same titles over and over, without a number."""
    titles = [title.strip() for title in header]
    again = {title for title in titles if title and titles.count(title) > 1}
    return [
        (title, titles[: at + 1].count(title) if title in again else 0) for at, title in enumerate(titles)
    ]


def _is_somebody(stems: Sequence[str]) -> bool:
    fields = {headers.field_of(stem) or headers.loosely(stem) for stem in stems}
    return "email" in fields and not _NAMES.isdisjoint(fields)
