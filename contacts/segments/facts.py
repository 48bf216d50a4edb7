"""Everything about a person that conditions ask for, loaded at once for a few people: what plain Python judges by.

Each room gives one loader for its own part. Nothing here is asked while a segment is counted: it serves the question why one
person is in or out, and the property test.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contacts.models import Contact


@dataclass(frozen=True, slots=True)
class Person:
    """One person: the contact with its company, and what each room knows, by the room's name."""

    contact: Contact
    rooms: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, room: str) -> Any:
        return self.rooms[room]


Loader = Callable[[Collection[int], datetime], Mapping[int, Any]]
_loaders: dict[str, Loader] = {}


def provide(room: str, loader: Loader) -> None:
    """Say who loads a room's part: for every id that is asked for there must be an answer."""
    _loaders[room] = loader


def of(contact_ids: Collection[int], *, now: datetime) -> dict[int, Person]:
    """The people of these ids who are in the silo, with a constant number of statements for any number."""
    people = {
        one.pk: one
        for one in Contact.objects.present().select_related("company", "owner").filter(pk__in=contact_ids)
    }
    loaded = {room: load(list(people), now) for room, load in _loaders.items()}
    return {
        pk: Person(one, {room: found[pk] for room, found in loaded.items()}) for pk, one in people.items()
    }
