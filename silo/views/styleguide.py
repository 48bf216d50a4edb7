"""Every component of the face in every state, for whoever builds a page or changes a colour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts import clock, roles
from silo.forms.styleguide import Sample

LONG_NAME = "Anne-Charlotte Wollebæk-Söderström von Hegermann-Lindencrone-Kjærgaard Öhrnvall"
LONG_COMPANY = (
    "Sør-Trøndelags Videregående Opplæring og Anskaffelsesfellesskap AS, avdeling Anläggningsmaskiner"
)


@require_safe
@roles.require(*roles.ALL)
def show(request: HttpRequest) -> HttpResponse:
    """The style guide; its people and figures are made up and nothing on it can be saved."""
    return render(request, "silo/styleguide.html", _samples(clock.now()))


@dataclass(frozen=True)
class Receipt:
    what: str
    at: datetime
    points: float
    now: float


def _samples(now: datetime) -> dict[str, Any]:
    return {
        "degrees": [0, 4, 8, 19, 20, 34, 50, 69, 70, 82, 92, 100],
        "moments": [
            now - timedelta(minutes=20),
            now - timedelta(days=1),
            now + timedelta(days=1),
            now + timedelta(days=9),
            now - timedelta(days=700),
        ],
        "waiting": [
            (now - timedelta(minutes=72), timedelta(hours=4)),
            (now - timedelta(hours=5, minutes=3), timedelta(hours=4)),
            (now - timedelta(days=3), None),
        ],
        "long_name": LONG_NAME,
        "long_company": LONG_COMPANY,
        "people": _people(now),
        "receipts": _receipts(now),
        "timeline": _timeline(now),
        "parts": _parts(),
        "lanes": _lanes(),
        "form": Sample(),
        "filter": Sample(auto_id="filter_%s"),
        "filled": Sample(
            {"name": "", "email": "anna(at)fjordmek.example", "ground": "x", "rhythm": "q"},
            auto_id="wrong_%s",
        ),
        "disabled": _disabled(),
        "phone_wait": now - timedelta(minutes=72),
        "four_hours": timedelta(hours=4),
    }


def _people(now: datetime) -> list[SimpleNamespace]:
    rows = [
        ("Anna Lind", "Inköpschef, Fjordmek AS", 92.0, now - timedelta(hours=1)),
        ("Per Lie", "Daglig leder, Fjordmek AS", 61.2, now + timedelta(days=3)),
        (LONG_NAME, LONG_COMPANY, 34.0, now + timedelta(days=17)),
        ("Ida Ås", "Driftssjef, Nordvik Rør AS", 8.4, now + timedelta(days=40)),
        ("Jens Ek", "", None, None),
    ]
    return [SimpleNamespace(name=n, note=c, degrees=d, next_at=a) for n, c, d, a in rows]


def _receipts(now: datetime) -> list[Receipt]:
    return [
        Receipt(_("Price page, twice"), now - timedelta(hours=2), 34, 34),
        Receipt(_("Replied “vad kostar det för tolv personer?”"), now - timedelta(hours=1), 30, 30),
        Receipt(_("Read the case Nordvik"), now - timedelta(hours=2, minutes=4), 17, 17),
        Receipt(_("Library mail, clicked"), now - timedelta(days=18), 18, 11),
        Receipt(_("4 clicks by her company’s scanner"), now - timedelta(days=1), 0, 0),
    ]


def _timeline(now: datetime) -> list[SimpleNamespace]:
    rows = [
        (
            now + timedelta(days=3),
            _("Next: “Så gjorde Fjordmek”"),
            "next",
            _("because she read two pieces on X"),
        ),
        (now - timedelta(hours=1), _("Replied “vad kostar det för tolv personer?”"), "human", ""),
        (now - timedelta(hours=2), _("Opened the price page"), "human", _("+34, graded 0.93 human")),
        (
            now - timedelta(days=1),
            _("4 clicks by her company’s scanner"),
            "machine",
            _("all links within 2 s: 0°"),
        ),
        (now - timedelta(days=1, hours=2), _("Got “Tack för att du var med”"), "", ""),
        (
            now - timedelta(days=90),
            _("Sam called: not now, again in March"),
            "sales",
            _("“budget after summer”"),
        ),
        (now - timedelta(days=120), _("Stopped mail about events"), "stop", ""),
    ]
    return [SimpleNamespace(at=a, what=w, kind=k, more=m) for a, w, k, m in rows]


def _parts() -> list[dict[str, Any]]:
    return [
        {"label": _("new"), "count": 1842, "tone": "action", "url": "#parts"},
        {"label": _("changed"), "count": 211, "tone": "straw", "url": "#parts"},
        {"label": _("same"), "count": 702, "tone": "soft", "url": "#parts"},
        {"label": _("suppressed"), "count": 38, "tone": "ice", "url": "#parts"},
        {"label": _("need a look"), "count": 12, "tone": "ember", "url": "#parts"},
    ]


def _lanes() -> list[dict[str, Any]]:
    return [
        {"label": _("Hot"), "count": 7, "url": "#lanes", "current": True},
        {"label": _("Call back"), "count": 3, "url": "#lanes", "current": False},
        {"label": _("Ripe"), "count": 4, "url": "#lanes", "current": False},
        {"label": _("Replied"), "count": 2, "url": "#lanes", "current": False},
    ]


def _disabled() -> Sample:
    form = Sample(
        initial={"name": "Anna Lind", "email": "anna@fjordmek.example"}, auto_id="off_%s", prefix="off"
    )
    for field in form.fields.values():
        field.disabled = True
    return form
