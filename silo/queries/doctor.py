"""The doctor: does the silo hold what it promises?

Every check is one question to the database that answers with the rows at fault, so that a finding can be looked at and not only counted.
The equation of promise 2 is computed from the planner's decisions on the one side and from the ledger on the other.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact
from nurturing.models import Send, Standing, TickRun
from nurturing.queries import heat as heat_query
from nurturing.queries import send as send_query
from nurturing.queries import standing as standing_query

LAG_ALLOWED = timedelta(seconds=120)
LEASE_OVERDUE = timedelta(minutes=10)
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
            "broken": list(self.broken),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Check:
    """A named question in SQL: it selects the ids of the rows at fault."""

    name: str
    sentence: str
    sql: str


# Sentences are completed with the number of rows. `%(now)s` is the moment of the examination.
CHECKS: tuple[Check, ...] = (
    Check(
        "contact_without_standing",
        gettext_lazy("%(count)s people have no standing: the clock will never come to them."),
        "SELECT c.id FROM contacts_contact c LEFT JOIN nurturing_standing s ON s.contact_id = c.id WHERE s.contact_id IS NULL",
    ),
    Check(
        "no_next_moment",
        gettext_lazy("%(count)s people are not stopped and have no next moment."),
        "SELECT contact_id FROM nurturing_standing WHERE state <> 'stopped' AND next_at IS NULL",
    ),
    Check(
        "stopped_without_reason",
        gettext_lazy("%(count)s people are stopped and nobody knows why."),
        "SELECT contact_id FROM nurturing_standing WHERE state = 'stopped' AND stop_reason = ''",
    ),
    Check(
        "not_findable",
        gettext_lazy("%(count)s people cannot be found by the search."),
        "SELECT c.id FROM contacts_contact c LEFT JOIN contacts_contactsearch s ON s.contact_id = c.id WHERE s.contact_id IS NULL",
    ),
    Check(
        "decision_without_send",
        gettext_lazy("%(count)s mails were decided and never came into the ledger: somebody was skipped."),
        "SELECT d.id FROM nurturing_decision d LEFT JOIN nurturing_send s ON s.dedupe_key = d.dedupe_key AND s.sandbox = d.sandbox"
        " WHERE s.id IS NULL",
    ),
    Check(
        "send_without_decision",
        gettext_lazy("%(count)s mails are in the ledger and nobody decided them."),
        "SELECT s.id FROM nurturing_send s LEFT JOIN nurturing_decision d ON d.dedupe_key = s.dedupe_key AND d.sandbox = s.sandbox"
        " WHERE d.id IS NULL AND s.kind IN ('step', 'piece')",
    ),
    Check(
        "sent_twice",
        gettext_lazy("%(count)s mails went out twice."),
        "SELECT min(id) FROM nurturing_send WHERE state IN ('accepted', 'unknown', 'attempting')"
        " GROUP BY dedupe_key, sandbox HAVING count(*) > 1",
    ),
    Check(
        "sent_against_a_stop",
        gettext_lazy("%(count)s mails went out although the address had been stopped."),
        "SELECT s.id FROM nurturing_send s JOIN contacts_suppression p ON p.address = lower(s.address)"
        " WHERE s.address <> '' AND s.state = 'accepted' AND s.kind IN ('step', 'piece') AND p.channel IN ('mail', 'all')"
        " AND p.at < s.finished_at - interval '1 minute' AND (p.lifted_at IS NULL OR p.lifted_at > s.finished_at)",
    ),
    Check(
        "sent_without_ground",
        gettext_lazy("%(count)s mails went out without a stored legal ground."),
        "SELECT s.id FROM nurturing_send s JOIN contacts_contact c ON c.id = s.contact_id AND c.erased_at IS NULL"
        " LEFT JOIN contacts_legalground g ON g.contact_id = s.contact_id"
        " WHERE s.state = 'accepted' AND s.kind IN ('step', 'piece') AND g.id IS NULL",
    ),
    Check(
        "lease_run_out",
        gettext_lazy("%(count)s mails are in the hand of a worker whose time ran out long ago."),
        "SELECT id FROM nurturing_send WHERE state IN ('claimed', 'attempting') AND lease_until < %(now)s - interval '10 minutes'",
    ),
    Check(
        "stopped_and_enrolled",
        gettext_lazy("%(count)s stopped people are still in a sequence."),
        "SELECT e.id FROM nurturing_enrollment e JOIN nurturing_standing s ON s.contact_id = e.contact_id AND s.state = 'stopped'"
        " WHERE e.ended_at IS NULL",
    ),
    Check(
        "stopped_and_queued",
        gettext_lazy("%(count)s stopped people still wait in the queue."),
        "SELECT h.id FROM nurturing_handoff h JOIN nurturing_standing s ON s.contact_id = h.contact_id AND s.state = 'stopped'"
        " WHERE h.closed_at IS NULL",
    ),
    Check(
        "hand_off_never_cools",
        gettext_lazy("%(count)s hot hand-offs should have cooled and are still open."),
        "SELECT h.id FROM nurturing_handoff h JOIN nurturing_standing s ON s.contact_id = h.contact_id"
        " WHERE h.closed_at IS NULL AND h.kind = 'hot' AND s.state = 'hot' AND h.cools_at < s.next_at - interval '1 hour'",
    ),
    Check(
        "reminder_slept_through",
        gettext_lazy("%(count)s reminders are due and the clock will come too late."),
        "SELECT r.id FROM nurturing_reminder r JOIN nurturing_standing s ON s.contact_id = r.contact_id"
        " WHERE r.done_at IS NULL AND s.state <> 'stopped' AND s.next_at > r.at + interval '1 hour' AND s.next_at > %(now)s",
    ),
    Check(
        "claim_unknown_to_the_clock",
        gettext_lazy("%(count)s claims are unknown to the clock: mails could go out in the middle of the conversation."),
        "SELECT c.id FROM sales_claim c LEFT JOIN nurturing_saleshold h"
        " ON h.kind = 'claim' AND h.reference = c.id AND h.ended_at IS NULL WHERE c.released_at IS NULL AND h.id IS NULL",
    ),
    Check(
        "opportunity_unknown_to_the_clock",
        gettext_lazy("%(count)s open opportunities are unknown to the clock: mails could go out in the middle of the conversation."),
        "SELECT o.id FROM sales_opportunity o LEFT JOIN nurturing_saleshold h"
        " ON h.kind = 'opportunity' AND h.reference = o.id AND h.ended_at IS NULL WHERE o.closed_at IS NULL AND h.id IS NULL",
    ),
    Check(
        "held_for_nobody",
        gettext_lazy("%(count)s people are held for sales although nobody there has them."),
        "SELECT h.id FROM nurturing_saleshold h"
        " LEFT JOIN sales_claim c ON h.kind = 'claim' AND c.id = h.reference AND c.released_at IS NULL"
        " LEFT JOIN sales_opportunity o ON h.kind = 'opportunity' AND o.id = h.reference AND o.closed_at IS NULL"
        " WHERE h.ended_at IS NULL AND c.id IS NULL AND o.id IS NULL",
    ),
    Check(
        "import_rows_missing",
        gettext_lazy("%(count)s imports have rows that nobody accounted for."),
        "SELECT b.id FROM contacts_importbatch b WHERE b.state = 'done' AND b.rows IS DISTINCT FROM"
        " (SELECT count(*) FROM contacts_importrow r WHERE r.batch_id = b.id)",
    ),
    Check(
        "erased_and_still_here",
        gettext_lazy("%(count)s erased people still have an address, a name or a phone number here."),
        "SELECT id FROM contacts_contact WHERE erased_at IS NOT NULL"
        " AND (email IS NOT NULL OR first_name <> '' OR last_name <> '' OR phone <> '')",
    ),
)


def examine(*, now: datetime) -> Report:
    """Look at the whole silo. Reads only; at a million people it takes a few seconds."""
    leaks = tuple(_leaks(now))
    equation = send_query.equation(now=now)
    temperature_drift = heat_query.drift(now=now)
    lag, last_beat = clock(now=now)
    runs = last_beat is not None and now - last_beat <= LAG_ALLOWED
    broken = [leak.sentence for leak in leaks]
    if equation.difference:
        broken.append(
            _("The sending equation does not hold: %(due)s due, %(found)s accounted for.")
            % {"due": equation.due, "found": equation.due - equation.difference}
        )
    if temperature_drift > DRIFT_ALLOWED:
        broken.append(
            _("A stored temperature differs from its events by %(degrees).6f°.") % {"degrees": temperature_drift}
        )
    notes = []
    if runs and lag > LAG_ALLOWED:
        broken.append(_("The clock is %(seconds)d s behind.") % {"seconds": lag.total_seconds()})
    elif not runs and lag:
        notes.append(_("The clock is not running; the first person has waited for %(minutes)d min.") % {"minutes": lag.total_seconds() // 60})
    unknown = tuple(Send.objects.filter(state=Send.State.UNKNOWN).order_by("-id").values_list("id", flat=True)[:50])
    if unknown:
        notes.append(_("%(count)s mails may or may not have left; a person has to decide.") % {"count": len(unknown)})
    untold = not_told(now=now).count()
    if untold:
        notes.append(
            _("%(count)s people from a list have not been told within a month where their data came from.") % {"count": untold}
        )
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
        leaks=leaks,
        broken=tuple(broken),
        notes=tuple(notes),
    )


def standing_counts() -> dict[str, int]:
    """People by state; every state is named, also with 0."""
    from django.db.models import Count

    found = dict(Standing.objects.order_by().values_list("state").annotate(Count("*")))
    return {state: found.get(state, 0) for state in Standing.State.values}


def clock(*, now: datetime) -> tuple[timedelta, datetime | None]:
    """How long the first due person has waited, and when the clock last went round."""
    first = Standing.objects.due(now).order_by("next_at").values_list("next_at", flat=True).first()
    beat = TickRun.objects.order_by("-at").values_list("at", flat=True).first()
    return (now - first if first else timedelta()), beat


def not_told(*, now: datetime) -> "Contact.objects.__class__":
    """People whose data came from a list a month ago or more and who were not told (GDPR 14)."""
    return Contact.objects.present().filter(
        obtained=Contact.Obtained.LIST, informed_at=None, created_at__lt=now - TOLD_WITHIN
    )


def _leaks(now: datetime) -> Iterator[Leak]:
    with connection.cursor() as cursor:
        for check in CHECKS:
            cursor.execute(f"SELECT count(*), (array_agg(id))[1:{SAMPLE}] FROM ({check.sql}) AS fault(id)", {"now": now})
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
