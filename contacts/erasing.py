"""What an erasure empties: every table that holds something about a person has one function here.

The rooms register theirs in AppConfig.ready(); all of them run inside the transaction of the erasure, after
`hooks.erased`. A function empties what hangs on the person's id, and also what only mentions their address or
number (a row of a list that nobody could take, a bounce that fits no mail). A table that is neither registered
nor said to hold nobody fails a test: that is how a new table comes to be thought of.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Who:
    """The people being erased, as they were known a moment ago: addresses in lower case, numbers in E.164."""

    contact_ids: tuple[int, ...]
    addresses: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


class Empty(Protocol):
    def __call__(self, who: Who, *, now: datetime) -> None: ...


_listeners: dict[Empty, tuple[str, ...]] = {}
_harmless: set[str] = set()


def register(empty: Empty, *models: str) -> None:
    """`empty` takes care of these models ("contacts.ImportRow"). Registering again changes nothing."""
    _listeners[empty] = tuple(label.lower() for label in models)


def holds_nobody(*models: str) -> None:
    """These tables never hold a word about a person in the silo: settings, words of ours, figures."""
    _harmless.update(label.lower() for label in models)


def empty_all(who: Who, *, now: datetime) -> None:
    """Let every room empty what it holds."""
    for empty in _listeners:
        empty(who, now=now)


def uncovered(models: Iterable[str]) -> set[str]:
    """Those of the models that nobody has thought of."""
    covered = _harmless.union(*_listeners.values()) if _listeners else _harmless
    return {label for label in models if label.lower() not in covered}
