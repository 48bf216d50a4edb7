"""What can be done with many people at once: those chosen in the list, or all who fit.

A `Change` is done in the background, chunk by chunk, and can be taken back: see contacts.services.bulk_change. An `Action` is a page
of its own that asks before it does anything: it is opened with `?ids=1&ids=2`, or with `?batch=7`.
The rooms above register theirs in AppConfig.ready().
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django import forms
from django.db.models import QuerySet
from django_stubs_ext import StrOrPromise

from contacts import roles
from contacts.models import Contact

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Action:
    """One button. `url` may be lazy (`reverse_lazy`)."""

    name: str
    label: StrOrPromise
    url: StrOrPromise
    roles: tuple[str, ...]
    takes_batch: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one person: an outcome of BulkRow, what the undo needs to know, or why they were left out."""

    outcome: str
    before: Mapping[str, Any] | None = None


class ChangeForm(forms.Form):
    """Asks what a change needs to know: a tag, a colleague, a date."""

    def params(self) -> dict[str, Any]:
        """The same for a JSON field, once the form is valid."""
        return dict(self.cleaned_data)


class Apply(Protocol):
    """Does it to these people, in one transaction. Called again after a crash for those whose outcome was not written down."""

    def __call__(
        self, contact_ids: Sequence[int], params: Params, *, now: datetime, by: Any, change_id: int
    ) -> Mapping[int, Done]: ...


class Undo(Protocol):
    """Takes it back from these people (with their `before`). Returns those whom it left as they are: changed since."""

    def __call__(
        self,
        before: Mapping[int, Mapping[str, Any]],
        params: Params,
        *,
        now: datetime,
        by: Any,
        change_id: int,
    ) -> Iterable[int]: ...


class Foresee(Protocol):
    """Before anything happens: sentences about how many it will not touch, and why, with a constant number of statements."""

    def __call__(
        self, people: QuerySet[Contact], params: Params, *, now: datetime
    ) -> Sequence[tuple[str, int]]: ...


class Say(Protocol):
    """What is done, in words: “Tag with mässa2026”."""

    def __call__(self, params: Params) -> str: ...


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is done to many people in the background, and can be taken back."""

    name: str
    label: StrOrPromise
    roles: tuple[str, ...]
    form: type[ChangeForm]
    say: Say
    foresee: Foresee
    apply: Apply
    undo: Undo
    note: StrOrPromise = ""
    why: Mapping[str, StrOrPromise] = field(default_factory=dict)


_actions: dict[str, Action] = {}
_changes: dict[str, Change] = {}


def register(action: Action) -> None:
    """Add an action. Called in AppConfig.ready(); registering a name again replaces it."""
    _actions[action.name] = action


def register_change(change: Change) -> None:
    """Add a change; registering a name again replaces it."""
    _changes[change.name] = change


def actions_for(user: object, *, batch: bool = False) -> list[Action]:
    """Those that a user may see; with `batch` only those that take a whole import."""
    offered: Iterable[Action] = _actions.values()
    return [one for one in offered if roles.has(user, *one.roles) and (one.takes_batch or not batch)]


def changes_for(user: object) -> list[Change]:
    """The changes that a user may make."""
    return [one for one in _changes.values() if roles.has(user, *one.roles)]


def change(name: str) -> Change | None:
    """The change of that name."""
    return _changes.get(name)
