"""Does it run? What a person on call wants to know, in sentences, each with the page that says more.

The doctor asks whether the promises hold; this asks whether the machines work. It is cheap enough to be asked every few seconds.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min, QuerySet, Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts import spoken
from contacts.models import AuditEvent
from nurturing.models import DeliveryRun, Send, Standing
from nurturing.queries import broken, gap, limit, live
from silo import heartbeat
from silo.queries import broker_absence, doctor, overview

FINE, WATCH, WRONG = "fine", "watch", "wrong"
BACKED_UP = "silo.backed_up"
BEAT_LATE = timedelta(seconds=90)  # it beats every 30 seconds
LATE_SEND = timedelta(minutes=5)
RATE_OVER = timedelta(minutes=1)
DISK_LOW, DISK_FULL = 0.15, 0.05  # free share
CONNECTIONS_MANY = 0.85  # of those that PostgreSQL allows
BACKUP_OLD = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that runs: its state, a sentence, and a page that says more ("" when there is none)."""

    name: str
    title: str
    state: str
    words: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers behind the sentences, as metrics tell them."""

    beat_age: float | None  # seconds since the clock last went round
    clock_lag: float  # seconds that the first due person has waited
    people_due: int
    mails_ready: int
    mails_in_hand: int
    mails_unknown: int
    mails_deferred: int
    mails_per_second: float  # accepted, over the last minute
    on_hold: bool
    workers: int | None  # None: the broker is away
    hints: int | None
    database_bytes: int
    connections: int
    connections_allowed: int
    disk_free: float  # share


@dataclass(frozen=True, slots=True)
class Health:
    """All of it at one moment."""

    at: datetime
    lines: list[Line]
    figures: Figures

    @property
    def state(self) -> str:
        states = {line.state for line in self.lines}
        return WRONG if WRONG in states else WATCH if WATCH in states else FINE


def is_ready() -> str:
    """Why this process should get no visitors, or "" when it should: the database answers, and its tables are ours.

    The broker only carries hints: a page is answered without it.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        _look_for_migrations()
    except (OperationalError, InterfaceError):
        return "the database does not answer"
    except MigrationsMissing:
        return "migrations are missing"
    return ""


class MigrationsMissing(Exception):
    """The tables are not those of this version yet."""


@cache  # the good answer: a process that found its tables asks no more, and reading all migrations takes long
def _look_for_migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise MigrationsMissing


def of(*, now: datetime) -> Health:
    """How the silo runs at `now`."""
    figures, alive = _figures(now)
    lines = [
        _clock(figures, now),
        _sending(figures, now),
        *_late(now),
        *_unknown(figures),
        *_broken(now),
        *_senders(now),
        *_receivers(now),
        _broker(figures, alive, now),
        _database(figures),
        _disk(figures),
        _promises(),
        _backup(now),
    ]
    return Health(now, lines, figures)


def _figures(now: datetime) -> tuple[Figures, list[heartbeat.Worker]]:
    lag, beat = doctor.clock(now=now)
    alive: list[heartbeat.Worker] = []
    workers: int | None = None
    hints: int | None = None
    try:
        alive = [one for one in heartbeat.workers() if one.is_alive(now)]
        workers, hints = len(alive), heartbeat.hints()
    except redis.RedisError:
        pass
    states = dict(
        Send.objects.filter(state__in=[*Send.WAITING, Send.State.UNKNOWN])
        .order_by()
        .values_list("state")
        .annotate(number=Count("*"))
    )
    delivered = DeliveryRun.objects.filter(at__gt=now - RATE_OVER, at__lte=now).aggregate(
        sum=Sum("accepted")
    )["sum"]
    size, used, allowed = _of_database()
    return Figures(
        beat_age=(now - beat).total_seconds() if beat else None,
        clock_lag=lag.total_seconds(),
        people_due=gap.met_by_the_clock(Standing.objects.due(now), now=now).count(),
        mails_ready=gap.free_to_leave(Send.objects.ready(now)).count(),
        mails_in_hand=states.get(Send.State.CLAIMED, 0) + states.get(Send.State.ATTEMPTING, 0),
        mails_unknown=Send.objects.unknown().count(),
        mails_deferred=_deferred(now).count(),
        mails_per_second=(delivered or 0) / RATE_OVER.total_seconds(),
        on_hold=live.open_hold() is not None,
        workers=workers,
        hints=hints,
        database_bytes=size,
        connections=used,
        connections_allowed=allowed,
        disk_free=_free(),
    ), alive


def _deferred(now: datetime) -> QuerySet[Send]:
    return Send.objects.filter(state=Send.State.PLANNED, tries__gt=0, not_before__gt=now)


def _of_database() -> tuple[int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_database_size(current_database()),"
            " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
            " current_setting('max_connections')::int"
        )
        size, used, allowed = cursor.fetchone()
    return size, used, allowed


def _free() -> float:
    folder = Path(settings.MEDIA_ROOT)
    while not folder.exists():
        folder = folder.parent
    disk = shutil.disk_usage(folder)
    return disk.free / disk.total if disk.total else 1.0


# --- the sentences --------------------------------------------------------------------------------------------------


def _clock(figures: Figures, now: datetime) -> Line:
    title = _("The clock")
    if figures.beat_age is None:
        return Line(
            "clock", title, WRONG, _("It has not gone round yet. No worker runs with --beat, or none at all.")
        )
    age = _span(figures.beat_age)
    if figures.beat_age > doctor.LAG_ALLOWED.total_seconds():
        return Line(
            "clock",
            title,
            WRONG,
            _("It stands still: last beat %(age)s ago. Start the worker and the beat.") % {"age": age},
        )
    if figures.beat_age > BEAT_LATE.total_seconds():
        return Line(
            "clock", title, WATCH, _("It is late: last beat %(age)s ago, of one every 30 s.") % {"age": age}
        )
    words = ngettext(
        "Last beat %(age)s ago, %(due)s person due.",
        "Last beat %(age)s ago, %(due)s people due.",
        figures.people_due,
    ) % {"age": age, "due": figures.people_due}
    late = figures.clock_lag > doctor.LAG_ALLOWED.total_seconds()
    if late:
        words += " " + _("The first of them waits for %(lag)s.") % {"lag": _span(figures.clock_lag)}
    return Line("clock", title, WATCH if late else FINE, words)


def _span(seconds: float) -> str:
    """A clock is judged by the second; beyond two minutes words do."""
    if seconds < 120:
        return _("%(seconds)s s") % {"seconds": round(seconds)}
    return spoken.span(timedelta(seconds=round(seconds)))


def _sending(figures: Figures, now: datetime) -> Line:
    title = _("Sending")
    hold = live.open_hold()
    if hold:
        words = _("Stopped since %(when)s: %(because)s") % {
            "when": spoken.moment(hold.at, now=now),
            "because": hold.because,
        }
        return Line("sending", title, WATCH, words, "/sending/")
    words = _(
        "%(rate)s mails/s over the last minute, %(ready)s ready to leave, %(hand)s in the hands of workers."
    ) % {
        "rate": round(figures.mails_per_second, 1),
        "ready": figures.mails_ready,
        "hand": figures.mails_in_hand,
    }
    first = gap.free_to_leave(Send.objects.ready(now)).aggregate(first=Min("not_before"))["first"]
    if first and now - first > LATE_SEND:
        words += " " + _("The first has been ready for %(span)s.") % {"span": spoken.span(now - first)}
        return Line("sending", title, WATCH, words, "/outbox/?state=waiting")
    return Line("sending", title, FINE, words, "/outbox/")


def _late(now: datetime) -> Iterator[Line]:
    question = gap.unanswered()
    if question is not None:
        words = gap.sentence(question, now=now)
        yield Line("late", _("Late mails"), WATCH, words, "/sending/late/")


def _unknown(figures: Figures) -> Iterator[Line]:
    if figures.mails_unknown:
        words = ngettext(
            "Of %(count)s mail nobody can know whether it left. You decide: send again, or count as sent.",
            "Of %(count)s mails nobody can know whether they left. You decide: send again, or count as sent.",
            figures.mails_unknown,
        ) % {"count": figures.mails_unknown}
        yield Line("unknown", _("Unknown mails"), WATCH, words, "/outbox/?state=unknown")


def _broken(now: datetime) -> Iterator[Line]:
    """People and mails on which something of ours broke: kept out, so that the others go on."""
    people, mails = broken.numbers(now=now)
    said = []
    if people:
        words = ngettext("%(count)s person is set aside", "%(count)s people are set aside", people)
        said.append(words % {"count": people})
    if mails:
        words = ngettext(
            "%(count)s mail broke in the last 7 days", "%(count)s mails broke in the last 7 days", mails
        )
        said.append(words % {"count": mails})
    if said:
        words = _("Something of ours broke: %(what)s. The others go on.") % {"what": " · ".join(said)}
        yield Line("broken", _("Set aside"), WATCH, words, "/sending/broken/")


def _senders(now: datetime) -> Iterator[Line]:
    """Senders whose mails the servers put off."""
    rows = (
        _deferred(now)
        .values_list("sender__name")
        .annotate(number=Count("*"), first=Min("not_before"))
        .order_by("sender__name")
    )
    for name, number, first in rows:
        words = ngettext(
            "%(count)s mail put off by the receiving server, next try %(when)s.",
            "%(count)s mails put off by the receiving servers, next try %(when)s.",
            number,
        ) % {"count": number, "when": spoken.moment(first, now=now)}
        yield Line("sender", name or _("No sender"), WATCH, words, "/outbox/?state=waiting")


def _receivers(now: datetime) -> Iterator[Line]:
    """Servers that are left alone because they refuse or put off too many mails."""
    for found in limit.shut(now=now):
        words = limit.notice(found, now=now)
        yield Line("receiver", found.breaker.name, WATCH, words, "/sending/pace/")


def _broker(figures: Figures, alive: list[heartbeat.Worker], now: datetime) -> Line:
    title = _("Workers and broker")
    if figures.workers is None:
        absence = broker_absence.stood_in_for(now=now)
        if absence is not None:
            words = _("Broker: away since %(when)s. Mail leaves by the clock itself, slower.") % {
                "when": spoken.moment(absence.since, now=now)
            }
            return Line("broker", title, WATCH, words)
        words = _(
            "The broker does not answer. Nothing is lost; mail leaves when it is back, or when you start manage.py stand_in."
        )
        return Line("broker", title, WRONG, words)
    if not alive:
        return Line(
            "broker", title, WRONG, _("The broker is fine, but no worker has been heard for 20 s. Start one.")
        )
    words = ngettext("Broker: fine. %(count)s worker", "Broker: fine. %(count)s workers", len(alive)) % {
        "count": len(alive)
    }
    words += ngettext(
        ", %(count)s hint in the queue.", ", %(count)s hints in the queue.", figures.hints or 0
    ) % {"count": figures.hints}
    return Line("broker", title, FINE, words)


def _database(figures: Figures) -> Line:
    words = _("%(size)s, %(used)s of %(allowed)s connections in use.") % {
        "size": filesizeformat(figures.database_bytes),
        "used": figures.connections,
        "allowed": figures.connections_allowed,
    }
    many = figures.connections > CONNECTIONS_MANY * figures.connections_allowed
    return Line("database", "PostgreSQL", WATCH if many else FINE, words)


def _disk(figures: Figures) -> Line:
    free = figures.disk_free
    words = _("%(percent)s %% free where files are kept.") % {"percent": round(free * 100)}
    state = WRONG if free < DISK_FULL else WATCH if free < DISK_LOW else FINE
    return Line("disk", _("Disk"), state, words)


def _promises() -> Line:
    report = overview.kept_report()
    title = _("Promises")
    if report is None:
        return Line("promises", title, FINE, _("The doctor has not been round yet."), "/doctor/")
    if report.ok:
        return Line("promises", title, FINE, _("0 leaks."), "/doctor/")
    return Line("promises", title, WRONG, report.broken[0], "/doctor/")


def _backup(now: datetime) -> Line:
    title = _("Backup")
    last = AuditEvent.objects.filter(verb=BACKED_UP).order_by("-at").values_list("at", flat=True).first()
    if live.is_demo():
        return Line("backup", title, FINE, _("A demo needs none."))
    if last is None:
        return Line(
            "backup", title, WATCH, _("None yet: manage.py backup FOLDER makes one, while the silo runs.")
        )
    words = _("The last one: %(when)s.") % {"when": spoken.moment(last, now=now)}
    return Line("backup", title, WATCH if now - last > BACKUP_OLD else FINE, words)
