"""What every page's frame needs: the entries of the reader's roles, the thin strip, the chosen look.

Nothing asks the database before a template looks: `nav` and `strip` are lazy, and a fragment never looks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from contacts import clock, roles, spoken
from nurturing.models import Gap
from nurturing.queries import gap, live, notice
from sales.queries import queue

THEME_COOKIE = "theme"
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Place:
    """A page of the first rank: who sees it, and which count (by name, see `counts`) stands beside it."""

    label: StrOrPromise
    url: str
    roles: tuple[str, ...]
    count: str = ""
    also: tuple[str, ...] = ()  # further addresses at which this place is the current one


PLACES = (
    Place(_("Today"), "/today/", (roles.SALESPERSON,), count="today"),
    Place(_("People"), "/people/", roles.ALL, also=("/companies/", "/segments/")),
    Place(_("Sequences"), "/sequences/", (roles.MARKETER,)),
    Place(_("Library"), "/library/", (roles.MARKETER,)),
    Place(_("Pipeline"), "/pipeline/", (roles.SALESPERSON,)),
)
MORE_PLACES = (
    Place(_("Imports"), "/imports/", (roles.MARKETER,)),
    Place(_("Forms"), "/forms/", (roles.MARKETER,)),
    Place(_("Own fields"), "/fields/", (roles.MARKETER,)),
    Place(_("Outbox"), "/outbox/", (roles.MARKETER,)),
    Place(_("Sending"), "/sending/", (roles.ADMIN,)),
    Place(_("Mailboxes"), "/mailboxes/", (roles.ADMIN,)),
    Place(_("Colleagues"), "/colleagues/", (roles.ADMIN,)),
    Place(_("Privacy"), "/privacy/", (roles.ADMIN,)),
    Place(_("Health"), "/health/", (roles.ADMIN,)),
)


@dataclass(frozen=True)
class Strip:
    """The line under the frame. `tone`: "" (quiet), "hold" (waits for somebody) or "wrong"."""

    text: StrOrPromise
    link: StrOrPromise = ""
    url: str = ""
    tone: str = ""


def counts(request: HttpRequest) -> dict[str, int]:
    """How many wait for this reader, by the `count` name of a place. Asked at most once a page."""
    return {"today": queue.waiting(now=clock.now())}


def strip(request: HttpRequest) -> Strip | None:
    """What everybody must know just now, or nothing: all sending stopped, or the sandbox."""
    admin = roles.has(request.user, roles.ADMIN)
    found = notice.now()
    if found.hold_at is not None:
        return Strip(
            _("All sending is stopped since %(when)s: %(because)s")
            % {"when": spoken.moment(found.hold_at, now=clock.now()), "because": found.hold_because},
            link=_("Start it again") if admin else "",
            url="/sending/",
            tone="hold",
        )
    if found.gap_id is not None:
        may_answer = roles.has(request.user, roles.MARKETER, roles.ADMIN)
        return Strip(
            gap.sentence(Gap.objects.get(pk=found.gap_id), now=clock.now()),
            link=_("Decide now") if may_answer else "",
            url="/sending/late/",
            tone="hold",
        )
    if live.is_demo():
        return Strip(_("Demo silo: its people are made up, and nothing leaves this machine."))
    if not found.went_live:
        text = _("Sandbox: nothing leaves this machine.")
        return Strip(text, link=_("Set up sending") if admin else "", url="/sending/")
    if found.left_alone and roles.has(request.user, roles.MARKETER):
        text = _("Mails to %(names)s wait: too many were refused or put off there.")
        return Strip(
            text % {"names": ", ".join(found.left_alone)}, link=_("Look"), url="/sending/pace/", tone="hold"
        )
    return None


def face(request: HttpRequest) -> dict[str, Any]:
    """The context processor."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "theme": chosen if chosen in THEMES else "",
        "nav": Navigation(request, PLACES),
        "nav_more": Navigation(request, MORE_PLACES),
        "strip": SimpleLazyObject(lambda: strip(request) if _is_colleague(request) else None),
    }


@dataclass(frozen=True)
class Entry:
    label: StrOrPromise
    url: str
    count: int
    current: bool


class Navigation:
    """The entries that the reader's roles open, worked out when a template first looks."""

    def __init__(
        self, request: HttpRequest, places: tuple[Place, ...], count: Callable[..., Any] = counts
    ) -> None:
        self.request, self.places, self.count = request, places, count

    @cached_property
    def entries(self) -> list[Entry]:
        if not _is_colleague(self.request):
            return []
        mine = [place for place in self.places if roles.has(self.request.user, *place.roles)]
        waiting = self.count(self.request) if any(place.count for place in mine) else {}
        here = self.request.path
        return [
            Entry(
                place.label,
                place.url,
                waiting.get(place.count, 0),
                current=here.startswith((place.url, *place.also)),
            )
            for place in mine
        ]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


def _is_colleague(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return bool(user and user.is_authenticated)
