"""A temperature is a list of receipts: what happened, when, what it gave, and what is left of that now."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nurturing.models import EngagementEvent
from nurturing.queries import temperature
from nurturing.temperature import points
from nurturing.temperature.points import COUNTED

Type = EngagementEvent.Type


@dataclass(frozen=True, slots=True)
class Receipt:
    """One line under a temperature. `points` is what it gave at its moment, `now` what is left of it."""

    what: str
    at: datetime
    points: float
    now: float
    because: str = COUNTED
    human: float = 1.0
    event_id: int | None = None
    times: int = 1

    @property
    def note(self) -> str:
        """Why it gave less than it is worth, in words; empty when it gave all."""
        return _NOTES[self.because]() if self.because in _NOTES else ""


_NOTES = {
    points.MACHINE: lambda: _("a program, not a person"),
    points.CAPPED_MAIL: lambda: _("one mail gives no more in a day"),
    points.CAPPED_KIND: lambda: _("no more of this kind in a week"),
}


def of(contact_id: int, *, now: datetime) -> list[Receipt]:
    """The receipts of one contact, newest first; the clicks of a scanner on one mail are one line."""
    return by_contact([contact_id], now=now).get(contact_id, [])


def by_contact(contact_ids: Sequence[int], *, now: datetime) -> dict[int, list[Receipt]]:
    """The receipts of several people with a constant number of statements."""
    rule = temperature.in_force().rule
    silent = temperature.unscored(contact_ids)
    rows: dict[int, list[EngagementEvent]] = defaultdict(list)
    known = EngagementEvent.objects.filter(contact_id__in=contact_ids, type__in=list(rule.points))
    for event in known.exclude(contact_id__in=silent):
        rows[event.contact_id].append(event)
    return {contact_id: _receipts(events, rule, now) for contact_id, events in rows.items()}


def degrees(contact_id: int, *, now: datetime) -> float:
    """The stored temperature of one contact at a moment, unrounded."""
    return degrees_of([contact_id], now=now).get(contact_id, 0.0)


def degrees_of(contact_ids: Iterable[int], *, now: datetime) -> dict[int, float]:
    """The stored temperatures of several people at a moment."""
    curve = temperature.in_force().rule.curve
    with connection.cursor() as cursor:
        cursor.execute(_HEATS, [list(contact_ids)])
        return {contact_id: curve.degrees(heat, now) for contact_id, heat in cursor.fetchall()}


_HEATS = "SELECT contact_id, heat FROM nurturing_standing WHERE contact_id = ANY(%s)"


def words(event: EngagementEvent) -> str:
    """What happened, as a salesperson would say it."""
    about = event.what
    match event.type:
        case Type.CLICKED:
            return _("Clicked in “%(what)s”") % {"what": about} if about else _("Clicked a link")
        case Type.REPLIED:
            return _("Replied: “%(what)s”") % {"what": about} if about else _("Replied")
        case Type.CALL_ME:
            return _("Asked to be called: “%(what)s”") % {"what": about} if about else _("Asked to be called")
        case Type.FORM:
            return _("Filled in “%(what)s”") % {"what": about} if about else _("Filled in a form")
        case _other:
            return Type(event.type).label.capitalize() if event.type in Type else event.type


def _receipts(events: Sequence[EngagementEvent], rule: points.Rule, now: datetime) -> list[Receipt]:
    by_key = {event.pk: event for event in events}
    lines: list[Receipt] = []
    machines: dict[int | None, list[points.Contribution]] = defaultdict(list)
    for one in points.evaluate([temperature.as_scored(event) for event in events], rule):
        if one.because == points.MACHINE:
            machines[one.event.mail].append(one)
            continue
        left = rule.curve.remaining(one.points, one.event.at, now)
        event = by_key[one.event.key]
        lines.append(Receipt(words(event), event.at, one.points, left, one.because, event.human, event.pk))
    lines += [_scanner(burst, by_key) for burst in machines.values()]
    return sorted(lines, key=lambda line: (line.at, line.event_id or 0), reverse=True)


def _scanner(burst: Sequence[points.Contribution], by_key: dict[int, EngagementEvent]) -> Receipt:
    first = burst[0]
    number = len(burst)
    about = by_key[first.event.key].what
    said = ngettext("%(number)d scanner click", "%(number)d scanner clicks", number) % {"number": number}
    if about:
        said = _("%(clicks)s in “%(what)s”") % {"clicks": said, "what": about}
    best = max(one.event.human for one in burst)
    return Receipt(said, first.event.at, 0.0, 0.0, points.MACHINE, best, first.event.key, number)
