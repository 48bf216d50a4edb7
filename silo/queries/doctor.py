"""The doctor: does the silo hold what it promises?

Every check is one question to the database that answers with the rows at fault, so that a finding can be looked at and not only counted.
The equation of promise 2 is computed from the planner's decisions on the one side and from the ledger on the other.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from contacts.models import Contact
from nurturing.models import Send, Standing, TickRun
from nurturing.queries import gap
from nurturing.queries import heat as heat_query
from nurturing.queries import send as send_query
from nurturing.queries import standing as standing_query
from silo.queries import leaks

LAG_ALLOWED = timedelta(seconds=120)
TOLD_WITHIN = timedelta(days=30)  # GDPR 14(3)(a): within a month
DRIFT_ALLOWED = 1e-6  # degrees
SAMPLE = 5


@dataclass(frozen=True, slots=True)
class Leak:
    """A broken promise: how many rows, a few of their ids, and a sentence for the admin."""

    name: str
    count: int
    sample: tuple[int, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the doctor found at `at`. `notes` are worth knowing and no fault."""

    at: datetime
    contacts: int
    standings: dict[str, int]
    sends: send_query.Equation
    unknown: tuple[int, ...]
    temperature_drift: float
    clock_lag_seconds: float
    clock_runs: bool
    last_beat: datetime | None
    untold: int
    untold_sample: tuple[int, ...] = field(default=())  # the first of them; the page names them
    leaks: tuple[Leak, ...] = field(default=())
    broken: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        return not self.broken

    @property
    def leak_count(self) -> int:
        return sum(leak.count for leak in self.leaks)

    def as_json(self) -> dict[str, object]:
        """The report in the words that scripts read."""
        return {
            "ok": self.ok,
            "contacts": self.contacts,
            "standings": self.standings,
            "leaks": self.leak_count,
            "sends": asdict(self.sends),
            "temperature_drift": self.temperature_drift,
            "clock_lag_seconds": round(self.clock_lag_seconds, 1),
            "clock_runs": self.clock_runs,
            "unknown_sends": list(self.unknown),
            "not_told_where_from": self.untold,
            "not_told_sample": list(self.untold_sample),
            "broken": list(self.broken),
            "notes": list(self.notes),
        }


def examine(*, now: datetime) -> Report:
    """Look at the whole silo, also while it works. Reads only; at a million people it takes some ten seconds."""
    with _one_moment():
        return _examine(now)


@contextmanager
def _one_moment() -> Iterator[None]:
    """All questions see the silo as it is at the first of them: what others write meanwhile is neither here nor there.

    Each by itself would see half of what the clock did in between, and call it a leak. Inside somebody else's transaction
    (a test's) it is theirs that counts: PostgreSQL sets this before a transaction's first question only.
    """
    inside = connection.in_atomic_block
    with transaction.atomic():
        if not inside:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _examine(now: datetime) -> Report:
    found = tuple(_leaks(now))
    equation = send_query.equation(now=now)
    temperature_drift = heat_query.drift(now=now)
    lag, last_beat = clock(now=now)
    runs = last_beat is not None and now - last_beat <= LAG_ALLOWED
    broken = [leak.sentence for leak in found]
    if equation.difference:
        broken.append(
            _("The sending equation does not hold: %(due)s due, %(found)s accounted for.")
            % {"due": equation.due, "found": equation.due - equation.difference}
        )
    if temperature_drift > DRIFT_ALLOWED:
        broken.append(
            _("A stored temperature differs from its events by %(degrees).6f°.")
            % {"degrees": temperature_drift}
        )
    notes = []
    if runs and lag > LAG_ALLOWED:
        broken.append(_("The clock is %(seconds)d s behind.") % {"seconds": lag.total_seconds()})
    elif not runs and lag:
        notes.append(
            _("The clock is not running; the first person has waited for %(minutes)d min.")
            % {"minutes": lag.total_seconds() // 60}
        )
    unknown = tuple(Send.objects.unknown().order_by("-id").values_list("id", flat=True)[:50])
    if unknown:
        notes.append(
            _("%(count)s mails may or may not have left; a person has to decide.") % {"count": len(unknown)}
        )
    late = not_told(now=now)
    untold = late.count()
    untold_sample = tuple(late.order_by("pk").values_list("pk", flat=True)[:SAMPLE]) if untold else ()
    if untold:
        said = _(
            "%(count)s people from a list have not been told within a month where their data came from (%(some)s)."
        )
        notes.append(said % {"count": untold, "some": ", ".join(f"/people/{pk}/" for pk in untold_sample)})
    return Report(
        at=now,
        contacts=Contact.objects.count(),
        standings=standing_counts(),
        sends=equation,
        unknown=unknown,
        temperature_drift=temperature_drift,
        clock_lag_seconds=lag.total_seconds() if runs else 0.0,
        clock_runs=runs,
        last_beat=last_beat,
        untold=untold,
        untold_sample=untold_sample,
        leaks=found,
        broken=tuple(broken),
        notes=tuple(notes),
    )


def standing_counts() -> dict[str, int]:
    """People by state; every state is named, also with 0."""
    found = dict(Standing.objects.order_by().values_list("state").annotate(number=Count("*")))
    return {state: found.get(state, 0) for state in Standing.State.values}


def clock(*, now: datetime) -> tuple[timedelta, datetime | None]:
    """How long the first due person has waited, and when the clock last went round."""
    due = gap.met_by_the_clock(Standing.objects.due(now), now=now)
    first = due.order_by("next_at").values_list("next_at", flat=True).first()
    beat = TickRun.objects.order_by("-at").values_list("at", flat=True).first()
    return (now - first if first else timedelta()), beat


def not_told(*, now: datetime) -> QuerySet[Contact]:
    """People whose data came from a list a month ago or more and who were not told (GDPR 14)."""
    return Contact.objects.present().filter(
        obtained=Contact.Obtained.LIST, informed_at=None, created_at__lt=now - TOLD_WITHIN
    )


def _leaks(now: datetime) -> Iterator[Leak]:
    with connection.cursor() as cursor:
        for check in leaks.CHECKS:
            # the questions are constants of ours, never a user's words
            question = f"SELECT count(*), (array_agg(id))[1:{SAMPLE}] FROM ({check.sql}) AS fault(id)"  # noqa: S608
            cursor.execute(question, {"now": now})
            count, sample = cursor.fetchone()
            if count:
                yield Leak(check.name, count, tuple(sample), str(check.sentence) % {"count": count})
    drifted = standing_query.drift(now=now)
    if drifted:
        yield Leak(
            "standing_drift",
            len(drifted),
            tuple(row.contact_id for row in drifted[:SAMPLE]),
            _("%(count)s people have another standing than their rows say.") % {"count": len(drifted)},
        )
