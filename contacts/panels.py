"""What the rooms above add to the page "May we write to …?": a template of theirs with what it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contacts.models import Contact


@dataclass(frozen=True, slots=True)
class Panel:
    """A piece of the page; `context` may say that there is nothing to show by answering None."""

    template: str
    context: Callable[[Contact, Any], dict[str, Any] | None]


_panels: list[Panel] = []


def register(panel: Panel) -> None:
    """Add a panel. Called in AppConfig.ready()."""
    if panel not in _panels:
        _panels.append(panel)


def of(contact: Contact, user: Any) -> list[dict[str, Any]]:
    """The panels for one person and one reader."""
    found = []
    for panel in _panels:
        context = panel.context(contact, user)
        if context is not None:
            found.append(context | {"template": panel.template})
    return found
