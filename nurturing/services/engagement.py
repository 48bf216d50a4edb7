"""What people did with our mails becomes rows, once, and everything that follows from it.

The same event a second time, or an older one after a newer, changes nothing: rows are unique by their
hash, and every effect is either a function of the set of rows (heat) or a step that is taken once and
never back (a stop, a delivery).
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from contacts.models import Contact, Suppression
from contacts.services import suppression
from nurturing.models import EngagementEvent, Enrollment, Handoff, Send
from nurturing.services import breaker, enrollment, handoff, heat, rhythm
from nurturing.services import standing as standings
from nurturing.temperature import curve, points

Type = EngagementEvent.Type

# Each of these proves that the mail left us, whoever pressed the link.
ARRIVED = (
    Type.DELIVERED,
    Type.BOUNCED,
    Type.COMPLAINED,
    Type.UNSUBSCRIBED,
    Type.OPENED,
    Type.CLICKED,
    Type.AUTORESPONDED,
    Type.REPLIED,
)
# The provider says that it never handed the mail on.
DROPPED = (Type.REJECTED, Type.FAILED)
# Signs of a living interest; each shortens the person's interval.
INTEREST = (Type.CLICKED, Type.REPLIED, Type.CALL_ME, Type.FORM)
# What a person sends us on purpose goes to a salesperson at once, however cold they are.
DOORS = {Type.REPLIED: Handoff.Kind.REPLIED, Type.CALL_ME: Handoff.Kind.CALL_ME, Type.FORM: Handoff.Kind.FORM}
# Delivered to a dead address, or told to leave them alone.
STOPS = {Type.COMPLAINED: Suppression.Reason.COMPLAINED, Type.UNSUBSCRIBED: Suppression.Reason.UNSUBSCRIBED}
WHAT_LENGTH = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """One thing that happened, before it is a row. `key` names it within its source: the same key is the
    same event.
    """

    contact_id: int
    type: str
    at: datetime
    source: str
    key: str
    send_id: int | None = None
    human: float = 1.0
    signs: Sequence[dict[str, Any]] = ()
    level: str = ""
    topic_id: int | None = None
    what: str = ""
    url: str = ""
    link_no: int | None = None
    hit_id: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def dedup_hash(self) -> str:
        """What makes it one event, however often it is told."""
        return hashlib.sha256(f"{self.source}\n{self.type}\n{self.key}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a batch of events."""

    events: tuple[EngagementEvent, ...]
    known_before: int
    without_contact: int
    hot: tuple[int, ...]


@transaction.atomic
def record(events: Sequence[NewEvent], *, now: datetime) -> Recorded:
    """Store what is new among these events, and let it have its effects: heat, hand-off, rhythm, sends,
    stops.

    Events of people who are erased or unknown are dropped, times that cannot be are clamped.
    """
    # One lock per person first of all, so that two reports of one event wait for each other, and for an erasure.
    concerned = {event.contact_id for event in events}
    standings.lock(concerned)
    people = Contact.objects.present().filter(pk__in=concerned).in_bulk()
    known_people = [event for event in events if event.contact_id in people]
    fresh = _unseen(known_people)
    sends = Send.objects.filter(pk__in={event.send_id for event in fresh if event.send_id}).in_bulk()
    rows = EngagementEvent.objects.bulk_create(
        [_row(event, people[event.contact_id], sends.get(event.send_id or 0), now) for event in fresh],
        batch_size=500,
    )
    _resolve_sends(rows)
    breaker.came_back(rows, now=now)
    heat.record(rows, now=now)
    _stop(rows, people, sends, now)
    _interest(rows, now)
    _open_doors(rows, now)
    touched = sorted({row.contact_id for row in rows})
    hot = handoff.open_hot(touched, now=now, recompute=False)
    handoff.cool(touched, now=now, recompute=False)
    if touched:
        standings.recompute(touched, now=now)
    return Recorded(tuple(rows), len(known_people) - len(fresh), len(events) - len(known_people), tuple(hot))


def _unseen(events: Iterable[NewEvent]) -> list[NewEvent]:
    by_hash: dict[str, NewEvent] = {}
    for event in events:
        by_hash.setdefault(event.dedup_hash, event)
    seen = EngagementEvent.objects.filter(dedup_hash__in=list(by_hash)).values_list("dedup_hash", flat=True)
    for one in seen:
        del by_hash[one]
    return list(by_hash.values())


def _row(event: NewEvent, contact: Contact, send: Send | None, now: datetime) -> EngagementEvent:
    # A mail cannot be read before it was planned, nor a person act before they were here; nothing happens
    # tomorrow.
    earliest = min(send.planned_at if send is not None else contact.created_at, now)
    return EngagementEvent(
        contact=contact,
        send=send if send is not None and send.contact_id == contact.pk else None,
        type=event.type,
        at=curve.clamp(event.at, earliest=earliest, latest=now),
        recorded_at=now,
        human=event.human,
        signs=list(event.signs),
        level=event.level,
        topic_id=event.topic_id,
        what=event.what[:WHAT_LENGTH],
        url=event.url,
        link_no=event.link_no,
        source=event.source,
        hit_id=event.hit_id,
        dedup_hash=event.dedup_hash,
        detail=event.detail,
    )


def _resolve_sends(rows: Sequence[EngagementEvent]) -> None:
    """Write down deliveries and bounces, and settle what was `unknown`: the first word about it decides."""
    about = [row for row in rows if row.send_id is not None]
    for column, kind in (("delivered_at", Type.DELIVERED), ("bounced_at", Type.BOUNCED)):
        told = [(row.send_id, row.at) for row in about if row.type == kind]
        if told:
            with connection.cursor() as cursor:
                cursor.execute(
                    _EARLIEST % {"column": column}, [list(part) for part in zip(*told, strict=True)]
                )
    unknown = Send.objects.filter(state=Send.State.UNKNOWN)
    arrived = [row.send_id for row in about if row.send_id and row.type in ARRIVED]
    if arrived:
        # It left before this happened, not when the doubt was noticed.
        left_at = Least("finished_at", "not_before")
        unknown.filter(pk__in=arrived).update(state=Send.State.ACCEPTED, reason="", finished_at=left_at)
    for row in about:
        if row.send_id and row.type in DROPPED:
            said = str(row.detail.get("reason") or row.type)
            unknown.filter(pk=row.send_id).update(state=Send.State.FAILED, reason=said[:300])


# LEAST passes over what is not there yet.
_EARLIEST = """
UPDATE nurturing_send s SET %(column)s = LEAST(s.%(column)s, v.at)
FROM (SELECT id, min(at) AS at FROM unnest(%%s::bigint[], %%s::timestamptz[]) u(id, at) GROUP BY id) v
WHERE s.id = v.id
"""


def _stop(
    rows: Sequence[EngagementEvent], people: dict[int, Contact], sends: dict[int, Send], now: datetime
) -> None:
    for row in rows:
        reason = STOPS.get(Type(row.type))
        if row.type == Type.BOUNCED and row.detail.get("hard"):
            reason = Suppression.Reason.BOUNCED
        if reason is None:
            continue
        for address in _addresses(row, people[row.contact_id], sends, reason):
            suppression.stop(
                address=address,
                channel=Suppression.Channel.MAIL,
                reason=reason,
                source=str(row.detail.get("stop_source") or _stop_source(row)),
                now=now,
                contact_ids=(row.contact_id,),
            )


def _addresses(
    row: EngagementEvent, contact: Contact, sends: dict[int, Send], reason: str
) -> Collection[str]:
    """The address the mail went to; a person's own no covers the one they have now, too."""
    went_to = sends[row.send_id].address if row.send_id in sends else ""
    if reason == Suppression.Reason.BOUNCED:
        return [one for one in (went_to or contact.email or "",) if one]
    return {one.lower() for one in (went_to, contact.email or "") if one}


def _stop_source(row: EngagementEvent) -> str:
    return _("%(source)s said so on %(date)s") % {"source": row.source, "date": f"{row.at:%Y-%m-%d}"}


def _interest(rows: Sequence[EngagementEvent], now: datetime) -> None:
    signs = [row for row in rows if row.type in INTEREST and row.human >= points.HUMAN]
    if signs:
        rhythm.interest(events=signs, now=now, recompute=False)


def _open_doors(rows: Sequence[EngagementEvent], now: datetime) -> None:
    """A reply, a form or "call me" goes to a person at once; a reply ends the sequence, too."""
    replied = sorted({row.contact_id for row in rows if row.type == Type.REPLIED})
    if replied:
        enrollment.stop(contact_ids=replied, reason=Enrollment.EndReason.REPLIED, now=now, recompute=False)
    for row in rows:
        kind = DOORS.get(Type(row.type))
        if kind is not None:
            handoff.open(
                contact_id=row.contact_id, kind=kind, because=_because(row), now=now, recompute=False
            )


def _because(row: EngagementEvent) -> str:
    match row.type:
        case Type.REPLIED:
            return _("Replied: “%(what)s”") % {"what": row.what} if row.what else _("Replied.")
        case Type.CALL_ME:
            return (
                _("Asked to be called: “%(what)s”") % {"what": row.what}
                if row.what
                else _("Asked to be called.")
            )
        case _other:
            return _("Filled in “%(what)s”") % {"what": row.what} if row.what else _("Filled in a form.")
