"""What the rooms above let a reader see in the list of people: filters of theirs, and the temperature of each row.

The list belongs to this room and knows nothing of standings or heat; whoever knows registers here in AppConfig.ready().
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db.models import QuerySet
from django_stubs_ext import StrOrPromise

from contacts.models import Contact


@dataclass(frozen=True, slots=True)
class Lens:
    """A filter over the list: one choice in the line above it, and in its address."""

    name: str
    label: StrOrPromise
    choices: Sequence[tuple[str, StrOrPromise]]
    narrow: Callable[[QuerySet[Contact], str], QuerySet[Contact]]


class Thermometer(Protocol):
    """Tells the degrees of many people with a constant number of statements."""

    def __call__(self, contact_ids: Sequence[int], *, now: datetime) -> Mapping[int, float]: ...


_lenses: dict[str, Lens] = {}
_thermometers: list[Thermometer] = []


def register(lens: Lens) -> None:
    """Add a filter; registering a name again replaces it."""
    _lenses[lens.name] = lens


def hang_up(thermometer: Thermometer) -> None:
    """Say who knows how warm people are."""
    _thermometers[:] = [thermometer]


def all_of_them() -> list[Lens]:
    """The filters, as they were added."""
    return list(_lenses.values())


def narrowed(found: QuerySet[Contact], wanted: Mapping[str, str]) -> QuerySet[Contact]:
    """The people whom every chosen filter lets through."""
    for lens in _lenses.values():
        if wanted.get(lens.name):
            found = lens.narrow(found, wanted[lens.name])
    return found


def degrees(contact_ids: Sequence[int], *, now: datetime) -> Mapping[int, float]:
    """The temperatures of these people, of whom there is one; nobody's when nobody knows."""
    return _thermometers[0](contact_ids, now=now) if _thermometers and contact_ids else {}
