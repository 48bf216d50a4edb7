"""The dashboard: who is in the silo, what the clock does next, what became of the mails, who is warm."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django_stubs_ext import StrOrPromise

from contacts.models import Contact
from nurturing.models import EngagementEvent, Piece, Standing
from nurturing.models import Sequence as MailSequence
from nurturing.queries import receipts
from nurturing.queries import send as send_query
from sales.queries import queue
from silo.queries import doctor

EXAMINED, RESTS = "doctor:last", "doctor:rests"
EXAMINED_FOR = 15 * 60  # seconds; the clock examines more often than that (silo/schedule.py)
RESTS_FOR = 10  # times what the last round took, so that the doctor has at most an eleventh of one connection
LOCK = 0x51_10_D0  # advisory: one round at a time
SMALL = 20_000  # up to this many people the doctor is quick enough to be asked by a page

TONES = {"nurtured": "straw", "hot": "ember", "with_sales": "action", "paused": "soft", "stopped": "line"}


@dataclass(frozen=True, slots=True)
class Warm:
    """Somebody with a temperature."""

    contact: Contact
    degrees: float


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar, with the people behind it."""

    label: StrOrPromise
    count: int
    tone: str
    url: str


@dataclass(frozen=True, slots=True)
class Overview:
    """What the dashboard shows."""

    people: int
    nothing_written: bool
    """No piece and no sequence is live: nobody gets anything."""
    parts: list[Part]
    hot: int
    due_today: int
    sends: send_query.Equation
    warmest: list[Warm]
    interest: list[EngagementEvent]
    report: doctor.Report | None
    lag: timedelta
    last_beat: datetime | None
    clock_runs: bool


def of(*, now: datetime) -> Overview:
    """The state of the silo at a moment."""
    standings = doctor.standing_counts()
    lag, last_beat = doctor.clock(now=now)
    people = sum(standings.values())
    return Overview(
        people=people,
        nothing_written=not Piece.objects.live().exists()
        and not MailSequence.objects.filter(live_version__isnull=False, archived_at=None).exists(),
        parts=[
            Part(Standing.words(state), count, TONES[state], f"/people/?standing={state}")
            for state, count in standings.items()
        ],
        hot=queue.waiting(now=now),
        due_today=Standing.objects.due(now + timedelta(days=1)).count(),
        sends=send_query.equation_for_a_page(now=now),
        warmest=warmest(now=now),
        interest=list(
            EngagementEvent.objects.filter(human__gte=0.5, at__lte=now)
            .exclude(
                type__in=[
                    EngagementEvent.Type.DELIVERED,
                    EngagementEvent.Type.OPENED,
                    EngagementEvent.Type.DEFERRED,
                ]
            )
            .select_related("contact__company")
            .order_by("-id")[:8]
        ),
        report=last_report(people, now=now),
        lag=lag,
        last_beat=last_beat,
        clock_runs=last_beat is not None and now - last_beat <= doctor.LAG_ALLOWED,
    )


def warmest(*, now: datetime, most: int = 6) -> list[Warm]:
    """The hottest people: a scan of the heat index, as all heat decays at one rate."""
    rows = (
        Standing.objects.filter(heat__isnull=False)
        .exclude(state=Standing.State.STOPPED)
        .select_related("contact__company")
        .order_by("-heat", "contact_id")[:most]
    )
    people: Sequence[Standing] = list(rows)
    degrees = receipts.degrees_of([row.contact_id for row in people], now=now)
    return [Warm(row.contact, degrees[row.contact_id]) for row in people]


def kept_report() -> doctor.Report | None:
    """The doctor's last report, while it is worth something."""
    report: doctor.Report | None = cache.get(EXAMINED)
    return report


def last_report(people: int, *, now: datetime) -> doctor.Report | None:
    """The doctor's last report; a small silo is examined on the spot when there is none."""
    report = kept_report()
    if report is None and people <= SMALL:
        report = examine_and_keep(now=now)
    return report


def report_for_a_page(*, now: datetime) -> doctor.Report:
    """Examined on the spot in a small silo. In a large one, where that takes a minute, the clock's last round; when
    there was none, this reader waits for it.
    """
    report = kept_report() if Contact.objects.count() > SMALL else None
    return report or examine_and_keep(now=now)


def examine_and_keep(*, now: datetime) -> doctor.Report:
    """Examine the silo and keep the report for the dashboard."""
    began = time.monotonic()
    report = doctor.examine(now=now)
    rest = RESTS_FOR * (time.monotonic() - began)
    cache.set(EXAMINED, report, max(EXAMINED_FOR, 2 * rest))
    cache.set(RESTS, 1, rest)
    return report


def go_round(*, now: datetime) -> bool:
    """The clock's round: not beside another one, and not while the doctor still rests from the last. False when there was none."""
    if cache.get(RESTS):
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        (alone,) = cursor.fetchone()
        if not alone:
            return False
        try:
            examine_and_keep(now=now)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return True


def equation_parts(equation: send_query.Equation) -> list[dict[str, object]]:
    """Promise 2 as a row of links: every number leads to its mails."""
    words = (
        ("accepted", pgettext("mails", "sent"), equation.accepted),
        ("skipped", _("not sent on purpose"), equation.skipped),
        ("failed", _("refused"), equation.failed),
        ("unknown", _("unknown"), equation.unknown),
        ("waiting", _("waiting"), equation.waiting),
    )
    return [
        {"state": state, "label": label, "count": count, "url": f"/outbox/?state={state}"}
        for state, label, count in words
    ]
