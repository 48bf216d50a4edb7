"""What a standing should say, whether it does, and how to say it to a person."""

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from nurturing.models import SetAside, Standing
from nurturing.planning import planner
from nurturing.planning.planner import Decision, What
from nurturing.planning.position import Person, Position
from nurturing.queries import position
from nurturing.queries.position import Snapshot

CHUNK = 2000
MAIL_WAITING = "mail_waiting"
SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a standing is to say."""

    contact_id: int
    state: str
    next_at: datetime | None
    next_what: str
    because: dict[str, Any] = field(default_factory=dict)
    stop_reason: str = ""

    def __str__(self) -> str:
        until = f"{self.next_at:%Y-%m-%d %H:%M:%S%z}" if self.next_at else "no next moment"
        return f"{self.state}, {until}, {self.because.get('code', '')}"


@dataclass(frozen=True, slots=True)
class Drift:
    """A standing that does not say what the rows say."""

    contact_id: int
    stored: str
    recomputed: str


def judge(person: Person, place: Position, snapshot: Snapshot, now: datetime) -> Verdict:
    """What the rows say about this person at this moment."""
    decision = planner.look(person, place, snapshot.content, snapshot.in_force.rule, now)
    return as_verdict(person.contact_id, decision)


def as_verdict(contact_id: int, decision: Decision) -> Verdict:
    """The standing after a decision."""
    return Verdict(
        contact_id=contact_id,
        state=decision.state.value,
        next_at=decision.next_at,
        next_what=decision.next_what.value,
        because={"code": decision.next_because},
        stop_reason=decision.because if decision.what is What.STOP else "",
    )


def drift(*, now: datetime) -> list[Drift]:
    """Every standing whose stored state or next moment is not what the rows give.

    Each is judged as of the moment when it was last evaluated (`changed_at`), because windows, caps and
    "look again in 120 days" are answers to that moment. Left out: those whom the clock has not met yet, and
    those who are set aside.
    """
    return list(_drift(now))


def _drift(now: datetime) -> Iterator[Drift]:
    aside = set(SetAside.objects.filter(resolved_at=None).values_list("contact_id", flat=True))
    for rows in _chunks():
        seen = [row for row in rows if row.next_what != Standing.What.PLAN and row.pk not in aside]
        snapshot = position.load([row.pk for row in seen])
        for row in seen:
            stored = of_row(row)
            try:
                recomputed = str(_as_of(row, snapshot, now))
            except Exception:  # whatever is wrong with one person's rows is what the doctor wants to hear
                recomputed = traceback.format_exc(limit=-1).strip().splitlines()[-1]
            if recomputed != str(stored):
                yield Drift(row.pk, str(stored), recomputed)


def of_row(row: Standing) -> Verdict:
    """What a standing says."""
    return Verdict(row.pk, row.state, row.next_at, row.next_what, row.because, row.stop_reason)


def _as_of(row: Standing, snapshot: Snapshot, now: datetime) -> Verdict:
    person, place = snapshot.of(row.pk)
    # That a mail had not left yet was true then, and no row tells when it ceased to be.
    place = replace(place, mail_waiting=row.because.get("code") == MAIL_WAITING)
    return judge(person, place, snapshot, min(row.changed_at, now))


def _chunks() -> Iterator[Sequence[Standing]]:
    last = 0
    while True:
        rows = list(Standing.objects.filter(pk__gt=last).order_by("pk")[:CHUNK])
        if not rows:
            return
        yield rows
        last = rows[-1].pk
