"""Whom to call now: the open hand-offs, most urgent first, and how many of them the team can call today."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from contacts.models import Contact
from nurturing.models import Handoff
from nurturing.queries import temperature
from sales import dates, limits
from sales.models import Call, Claim

KINDS = (
    Handoff.Kind.CALL_ME,
    Handoff.Kind.REPLIED,
    Handoff.Kind.FORM,
    Handoff.Kind.HOT,
    Handoff.Kind.CALL_BACK,
    Handoff.Kind.RIPE,
    Handoff.Kind.SUCCESSOR,
)
"""Whoever asked for us comes first, then the hottest, then the dates that were agreed."""
SHOWN = 30


@dataclass(frozen=True, slots=True)
class Lane:
    """One kind of hand-off and how many people wait in it."""

    kind: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """One person in the queue, under their most urgent hand-off."""

    contact: Contact
    handoff: Handoff
    degrees: float | None
    claim: Claim | None
    is_next: bool
    """Hot, but more than the team can call today: nurtured on, and first tomorrow."""

    @property
    def within(self) -> timedelta | None:
        """What we promised those who got in touch by themselves."""
        return limits.ANSWER_WITHIN.get(self.handoff.kind)

    def is_free_for(self, user_id: int | None) -> bool:
        """Nobody else has them in hand."""
        return self.claim is None or self.claim.by_id == user_id


@dataclass(frozen=True, slots=True)
class Queue:
    """The lanes with their counts, and the people of one of them."""

    lanes: list[Lane]
    lane: str
    people: list[Waiting]
    more: int
    """How many of the lane are not in `people`."""
    done: int
    planned: int
    """Calls of today: those done and those that wait above the line."""

    @property
    def total(self) -> int:
        return sum(lane.count for lane in self.lanes)

    def at(self, contact_id: int) -> int | None:
        """The place of a person among `people`."""
        for place, one in enumerate(self.people):
            if one.contact.pk == contact_id:
                return place
        return None

    def first_for(self, user_id: int | None) -> Waiting | None:
        """Whom this salesperson has in hand, or else the first one who is free."""
        mine = [one for one in self.people if one.claim is not None and one.claim.by_id == user_id]
        free = [one for one in self.people if one.claim is None]
        return next(iter(mine + free + self.people), None)


def of(*, now: datetime, lane: str = "") -> Queue:
    """The queue with the people of one lane, or of all of them in the order of urgency.

    Five statements and the rule of temperature, for any number of people.
    """
    counts = _counts()
    kind = lane if counts.get(lane) else ""
    done = Call.objects.standing().filter(at__gte=dates.midnight(now)).count()
    hot = counts.get(Handoff.Kind.HOT, 0)
    promised = sum(counts.values()) - hot
    room = max(0, limits.calls_a_day() - done - promised)
    people = _people(kind, room, now)
    return Queue(
        lanes=[Lane(one.value, str(one.label).capitalize(), counts.get(one, 0)) for one in KINDS],
        lane=kind,
        people=people,
        more=(counts[kind] if kind else sum(counts.values())) - len(people),
        done=done,
        planned=done + promised + min(hot, room),
    )


def waiting(*, now: datetime) -> int:
    """How many people wait whom nobody has in hand: the count beside "Today", on every page, so that nobody is ranked for it."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [now])
        return int(cursor.fetchone()[0])


# By hand, because every page asks it.
_WAITING = """
SELECT count(DISTINCT h.contact_id) FROM nurturing_handoff h
JOIN contacts_contact c ON c.id = h.contact_id AND c.erased_at IS NULL
WHERE h.closed_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM sales_claim k WHERE k.contact_id = h.contact_id AND k.released_at IS NULL AND k.expires_at > %s
)
"""


# The open hand-offs of people who are there, the most urgent one of each person; at most one of a kind is open.
_URGENT = """
SELECT DISTINCT ON (h.contact_id) h.id, h.contact_id, h.kind, h.opened_at, array_position(%s::text[], h.kind::text) AS rank
FROM nurturing_handoff h
JOIN contacts_contact c ON c.id = h.contact_id AND c.erased_at IS NULL
WHERE h.closed_at IS NULL
ORDER BY h.contact_id, rank
"""
_COUNTS = f"SELECT kind, count(*) FROM ({_URGENT}) urgent GROUP BY kind"  # noqa: S608
_FIRST = f"""
SELECT u.id FROM ({_URGENT}) u JOIN nurturing_standing s ON s.contact_id = u.contact_id
WHERE %s IN ('', u.kind)
ORDER BY u.rank, CASE WHEN u.kind = 'hot' THEN s.heat END DESC NULLS LAST, u.opened_at, u.id LIMIT %s
"""  # noqa: S608


def _asked(statement: str, *given: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [[kind.value for kind in KINDS], *given])
        return list(cursor.fetchall())


def _counts() -> Mapping[str, int]:
    return dict(_asked(_COUNTS))


def _people(kind: str, room: int, now: datetime) -> list[Waiting]:
    """The first of a lane, or of the whole queue: the hottest among the hot, else whoever waits longest."""
    first = [pk for (pk,) in _asked(_FIRST, kind, SHOWN)]
    known = Handoff.objects.select_related("contact__company", "contact__standing").in_bulk(first)
    handoffs = [known[pk] for pk in first if pk in known]
    ids = [handoff.contact_id for handoff in handoffs]
    claims = Claim.objects.running(now).select_related("by").filter(contact_id__in=ids)
    held = {claim.contact_id: claim for claim in claims}
    curve = temperature.in_force().rule.curve
    beyond = {one.pk for one in [one for one in handoffs if one.kind == Handoff.Kind.HOT][room:]}
    return [
        Waiting(
            contact=handoff.contact,
            handoff=handoff,
            degrees=curve.degrees(handoff.contact.standing.heat, now) or None,
            claim=held.get(handoff.contact_id),
            is_next=handoff.pk in beyond,
        )
        for handoff in handoffs
    ]
