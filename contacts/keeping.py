"""What may be kept only for so long: the kinds of retention rules, registered by the rooms in AppConfig.ready().

Every kind says in words what it does, counts whom it would touch before it is switched on, and works in bounded
chunks. Rules that erase people are off until an admin switches them on; what they do cannot be undone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.db.models import QuerySet
from django_stubs_ext import StrOrPromise

from contacts.models import Contact

Spared = Callable[[datetime], QuerySet[Contact]]


@dataclass(frozen=True, slots=True)
class Touched:
    """One thing that a rule would touch, for the preview."""

    label: str
    url: str
    since: datetime


class Keeper(Protocol):
    """What a kind does. `before` is the moment up to which its rule reaches."""

    def count(self, *, before: datetime) -> int: ...
    def sample(self, *, before: datetime, limit: int) -> Sequence[Touched]: ...
    def run(self, *, before: datetime, limit: int, now: datetime) -> int: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of rule. `days` is what we suggest, `least` the shortest that makes sense."""

    name: str
    label: StrOrPromise
    explains: StrOrPromise
    keeper: Keeper
    days: int
    least: int
    chunk: int
    erases_people: bool = False

    def before(self, days: int, *, now: datetime) -> datetime:
        """Older than this goes."""
        return now - timedelta(days=max(days, self.least))


_kinds: dict[str, Kind] = {}
_spared: list[Spared] = []


def register(kind: Kind) -> None:
    """Add a kind; registering a name again replaces it."""
    _kinds[kind.name] = kind


def spare(people: Spared) -> None:
    """People whom no rule erases: an open deal, a purchase that the books need."""
    if people not in _spared:
        _spared.append(people)


def kinds() -> list[Kind]:
    """All kinds, those that erase people last."""
    return sorted(_kinds.values(), key=lambda kind: kind.erases_people)


def kind(name: str) -> Kind:
    """Raises KeyError."""
    return _kinds[name]


def without_spared(people: QuerySet[Contact], *, before: datetime) -> QuerySet[Contact]:
    """Leave out those whom a room spares."""
    for spared in _spared:
        people = people.exclude(pk__in=spared(before).values("pk"))
    return people
