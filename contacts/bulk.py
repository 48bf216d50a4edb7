"""What the rooms above offer to do with people chosen in the list, or with everybody whom an import brought in.

An action is a page of its own that asks before it does anything: it is opened with `?ids=1&ids=2`, or with `?batch=7`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django_stubs_ext import StrOrPromise

from contacts import roles


@dataclass(frozen=True, slots=True)
class Action:
    """One button. `url` may be lazy (`reverse_lazy`)."""

    name: str
    label: StrOrPromise
    url: StrOrPromise
    roles: tuple[str, ...]
    takes_batch: bool = False


_actions: dict[str, Action] = {}


def register(action: Action) -> None:
    """Add an action. Called in AppConfig.ready(); registering a name again replaces it."""
    _actions[action.name] = action


def actions_for(user: object, *, batch: bool = False) -> list[Action]:
    """Those that a user may see; with `batch` only those that take a whole import."""
    offered: Iterable[Action] = _actions.values()
    return [one for one in offered if roles.has(user, *one.roles) and (one.takes_batch or not batch)]
