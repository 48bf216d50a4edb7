"""The verdict of a row: the first that fits of invalid, review, duplicate, suppressed, same, changed, new."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contacts.reading.person import Person

INVALID, REVIEW, DUPLICATE, SUPPRESSED, SAME, CHANGED, NEW = VERDICTS = (
    "invalid",
    "review",
    "duplicate",
    "suppressed",
    "same",
    "changed",
    "new",
)
REJECTED = (INVALID, REVIEW)


def verdict(*, problem: str, duplicate: bool, suppressed: bool, exists: bool, changes: bool) -> str:
    """The word for a row, from what is known about it."""
    if problem:
        return problem
    if duplicate:
        return DUPLICATE
    if suppressed:
        return SUPPRESSED
    if not exists:
        return NEW
    return CHANGED if changes else SAME


def counts_of(counted: Mapping[str, int]) -> dict[str, int]:
    """All seven verdicts, in the order of an owner's interest; their sum is the number of rows."""
    order = (NEW, CHANGED, SAME, DUPLICATE, SUPPRESSED, INVALID, REVIEW)
    return {word: int(counted.get(word, 0)) for word in order}


def _mark(*parts: str) -> int:
    return hash(parts)


@dataclass(slots=True)
class Seen:
    """Who stood in earlier rows of the file, in a few bytes a row, so that a million rows fit.

    Only usable rows count. A row is a duplicate when its address was there; or its phone and name, where
    one of the two rows has no
    address; or its address as a further one of a person by the same name.
    """

    marks: dict[int, int] = field(default_factory=dict)

    def duplicate_of(self, person: Person) -> tuple[str, int]:
        """(reason, number of the earlier row), or ("", 0)."""
        if person.email:
            for mark in (_mark("email", person.email), _mark("further", person.email, person.name_key)):
                if mark in self.marks:
                    return "same_address", self.marks[mark]
        if person.phone and person.name_key:
            kind = "phone_only" if person.email else "phone"
            mark = _mark(kind, person.phone, person.name_key)
            if mark in self.marks:
                return "same_phone_and_name", self.marks[mark]
        elif person.phone and not person.email:
            mark = _mark("nameless", person.phone)
            if mark in self.marks:
                return "same_phone_and_name", self.marks[mark]
        return "", 0

    def add(self, person: Person) -> None:
        """Remember a usable row."""
        number = person.number
        if person.email:
            self.marks.setdefault(_mark("email", person.email), number)
        for further in person.further:
            self.marks.setdefault(_mark("further", further, person.name_key), number)
        if person.phone and person.name_key:
            self.marks.setdefault(_mark("phone", person.phone, person.name_key), number)
            if not person.email:
                self.marks.setdefault(_mark("phone_only", person.phone, person.name_key), number)
        elif person.phone and not person.email:
            self.marks.setdefault(_mark("nameless", person.phone), number)


def differences(now: Mapping[str, Any], said: Mapping[str, Any], *, fill_only: bool) -> dict[str, Any]:
    """What a row changes in a person who is already here. An empty cell never erases; with `fill_only` only
    gaps are filled.
    """
    changes: dict[str, Any] = {}
    for name, value in said.items():
        before = now.get(name)
        if value in ("", None, [], {}) or value == before:
            continue
        if isinstance(value, list):
            merged = [*(before or []), *(one for one in value if one not in (before or []))]
            if merged != before:
                changes[name] = merged
        elif isinstance(value, dict):
            old = before or {}
            merged_dict = {**value, **old} if fill_only else {**old, **value}
            if merged_dict != old:
                changes[name] = merged_dict
        elif not (fill_only and before):
            changes[name] = value
    return changes
