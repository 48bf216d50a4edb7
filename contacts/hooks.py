"""What the silo tells the rooms above it: people were added, stopped, merged or erased.

The higher apps register a function in their AppConfig.ready(). It is called with ids in bulk, inside the transaction of the change, so that
either both happen or neither. A hook must not reach the network.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol


class Listener(Protocol):
    def __call__(self, contact_ids: Sequence[int], *, now: datetime) -> None: ...


class Hook:
    """An ordered list of listeners under one name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._listeners: list[Listener] = []

    def register(self, listener: Listener) -> Listener:
        """Add a listener once; usable as a decorator."""
        if listener not in self._listeners:
            self._listeners.append(listener)
        return listener

    def __call__(self, contact_ids: Sequence[int], *, now: datetime) -> None:
        if contact_ids:
            for listener in self._listeners:
                listener(contact_ids, now=now)


class MergeHook:
    """Like Hook, for pairs: each dropped contact with the one that it was merged into."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Sequence[tuple[int, int]], datetime], None]] = []
        self.followed: list[tuple[str, str]] = []

    def register(self, listener: Callable[[Sequence[tuple[int, int]], datetime], None]) -> None:
        """Add a listener of (dropped id, kept id) pairs once."""
        if listener not in self._listeners:
            self._listeners.append(listener)

    def follow(self, model: str, column: str) -> None:
        """Name a table that tells of a contact without a foreign key ("nurturing.Decision"), so that undoing a merge
        brings its rows back too.
        """
        if (model, column) not in self.followed:
            self.followed.append((model, column))

    def __call__(self, pairs: Sequence[tuple[int, int]], *, now: datetime) -> None:
        if pairs:
            for listener in self._listeners:
                listener(pairs, now)


added = Hook("added")
changed = Hook(
    "changed"
)  # an address, a ground or a language changed: what may be sent has to be judged again
stopped = Hook("stopped")
erased = Hook("erased")
# these people are taken out of the silo, as if they had never come: the undo of an import
unmade = Hook("unmade")
# these people are about to change: whoever holds rows of theirs locks them now, before the people themselves
holding = Hook("holding")
# two people are about to become one, or one two: whoever holds rows of theirs locks them now and takes them out of other hands
merging = Hook("merging")
merged = MergeHook()
