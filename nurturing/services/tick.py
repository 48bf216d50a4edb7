"""One round of the clock: everybody whose moment has come is planned, batch by batch.

Per batch, in one transaction: lock due standings (those that another tick holds are left to it), load, ask
the planner, carry out what it decided, move the standings on. A moment in the past is only a wake-up:
windows, holidays and caps are asked again now. Two ticks at once share the work; one that dies leaves its
batch as it was.
"""

import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction

from contacts import arrays
from nurturing.away import is_away
from nurturing.models import Enrollment, Gap, Handoff, Pause, Reminder, SalesHold, TickRun
from nurturing.planning import planner
from nurturing.planning.planner import What
from nurturing.planning.position import Person, Position
from nurturing.queries import gap, position
from nurturing.queries import standing as standings
from nurturing.queries.position import Snapshot
from nurturing.queries.standing import Verdict
from nurturing.services import enrollment, handoff, rhythm, send, standing
from nurturing.services.send import Claimed

log = structlog.get_logger(__name__)

# A pause that ends onto a due step of a sequence that has just begun is four decisions; nobody needs more.
AT_ONCE = 8
BATCH = 500


@dataclass(frozen=True, slots=True)
class TickResult:
    """What became of the people whose moment had come: due = planned + handed_on + skipped + later."""

    due: int = 0
    planned: int = 0  # a mail was planned
    handed_on: int = 0  # a hand-off to sales was opened
    skipped: int = 0  # stopped by name, or set aside with a traceback
    later: int = 0  # nothing now; the standing says why and until when

    def __add__(self, other: "TickResult") -> "TickResult":
        return TickResult(
            self.due + other.due,
            self.planned + other.planned,
            self.handed_on + other.handed_on,
            self.skipped + other.skipped,
            self.later + other.later,
        )


@dataclass(slots=True)
class _Batch:
    """What the planner decided for the people of one batch, in order, and where it leaves them."""

    snapshot: Snapshot
    after_gap: "_AfterGap | None" = None
    decided: list[tuple[int, planner.Decision]] = field(default_factory=list)
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    troubles: dict[int, str] = field(default_factory=dict)

    def rows_of(self, what: What, *, because: str = "") -> list[int]:
        """The ids of the rows that decisions of this kind (and reason) are about."""
        return [
            found.row_id
            for _, found in self.decided
            if found.what is what and found.row_id is not None and because in ("", found.because)
        ]

    def people_of(self, *whats: What) -> list[int]:
        """Those for whom such a decision was taken."""
        return sorted({contact_id for contact_id, found in self.decided if found.what in whats})


class Round:
    """One round of the clock, batch by batch. Each person is planned at most once per round.

    With a `worker` the mails of a batch are planned straight into its hand, as if it had claimed them in the same moment:
    `claims` are those of the newest batch, for it to deliver before it plans on.
    """

    def __init__(self, *, now: datetime, size: int, worker: str = "") -> None:
        self.now, self.size = now, size
        self.total = TickResult()
        self.claims: list[Claimed] = []
        self._worker = worker
        self._began = time.monotonic()
        self._met: list[int] = []
        self._row: TickRun | None = None

    def batches(self) -> Iterator[TickResult]:
        """What became of each batch, as soon as it is committed; ends when nobody is due."""
        while (found := self._next()) is not None:
            self.total += found
            yield found

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return time.monotonic() - self._began

    @transaction.atomic
    def _next(self) -> TickResult | None:
        """One batch; None when nobody is due."""
        self.claims = []
        holding = gap.newest()
        with connection.cursor() as cursor:
            cursor.execute(
                _DUE_IN_A_GAP if holding else _DUE,
                {"now": self.now, "met": arrays.numbers(self._met), "limit": self.size},
            )
            due = cursor.fetchall()
        if not due:
            return None
        late = {pk: at for pk, at in due if at <= holding.until} if holding else {}
        after_gap = _AfterGap(holding, late, self.now) if holding and late else None
        return self._look_after(sorted(contact_id for contact_id, _ in due), after_gap)

    def _look_after(self, ids: Sequence[int], after_gap: "_AfterGap | None" = None) -> TickResult:
        """Decide and carry out. Whoever's rows raise is set aside with the traceback: the batch is tried in halves without
        what it wrote, so that one person never stops the others, and never comes back before tomorrow.
        """
        now = self.now
        try:
            with transaction.atomic():
                decided = _decide(ids, now, after_gap)
                claims = _carry_out(decided, now, self._worker)
        except Exception as error:
            if is_away(error):
                raise  # the database's trouble, and nobody's
            if len(ids) == 1:
                log.exception("person_set_aside", person=ids[0])
                standing.set_aside({ids[0]: traceback.format_exc()}, now=now)
                return TickResult(due=1, skipped=1)
            middle = len(ids) // 2
            first = self._look_after(ids[:middle], after_gap)
            return first + self._look_after(ids[middle:], after_gap)
        self.claims += claims
        # those who stay due: nobody is met twice
        self._met += [
            pk for pk, verdict in decided.verdicts.items() if verdict.next_at and verdict.next_at <= now
        ]
        return _count(ids, decided)

    def remember(self) -> None:
        """Write down what the round did until now; rounds in which nobody was due share the newest empty row."""
        newest = TickRun.objects.order_by("-at", "-pk").first() if self._row is None else None
        if not self.total.due and newest is not None and not newest.due:
            TickRun.objects.filter(pk=newest.pk, at__lt=self.now).update(at=self.now, seconds=self.seconds)
            return
        self._row = self._row or TickRun(at=self.now)
        for word in ("due", "planned", "handed_on", "skipped", "later"):
            setattr(self._row, word, getattr(self.total, word))
        self._row.seconds = self.seconds
        self._row.save()


def begin(*, now: datetime, batch: int = BATCH, worker: str = "") -> Round:
    """A round, after what comes before it: waiting that has lost its sense, mails that were left alone."""
    running = Round(now=now, size=batch, worker=worker)
    previous = TickRun.objects.order_by("-at").values_list("at", flat=True).first()
    enrollment.expire(now=now)
    rhythm.judge_ignored(since=previous, now=now)
    return running


def join(*, now: datetime, batch: int = BATCH, worker: str = "") -> Round:
    """A share in a round that somebody else has begun."""
    return Round(now=now, size=batch, worker=worker)


def tick(*, now: datetime, batch: int = BATCH) -> TickResult:
    """Come to everybody whose moment has come."""
    running = begin(now=now, batch=batch)
    for _batch in running.batches():
        pass
    running.remember()
    return running.total


# read through the partial index standing_due
_DUE = """
SELECT contact_id, next_at FROM nurturing_standing
WHERE state <> 'stopped' AND next_at <= %(now)s AND contact_id <> ALL(%(met)s::bigint[])
ORDER BY next_at, contact_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""
# Those whose mail is late wait for a person's answer; what else was due meanwhile happens.
_DUE_IN_A_GAP = f"""
SELECT s.contact_id, s.next_at FROM nurturing_standing s
WHERE s.state <> 'stopped' AND s.next_at <= %(now)s AND s.contact_id <> ALL(%(met)s::bigint[])
  AND NOT (s.next_what IN ('step', 'piece') AND {gap.WAITS})
ORDER BY s.next_at, s.contact_id LIMIT %(limit)s FOR UPDATE OF s SKIP LOCKED
"""  # noqa: S608 - words of our own


@dataclass(frozen=True, slots=True)
class _AfterGap:
    """What holds for those of a batch who were due while the machine was off: their moments, and the answer."""

    gap: Gap
    late: dict[int, datetime]
    now: datetime

    def waits(self, contact_id: int) -> bool:
        """Whether their mail may not even be planned yet."""
        if contact_id not in self.late:
            return False
        turn = gap.turn(self.gap, contact_id)
        return turn is None or turn > self.now

    def useful_until(self, contact_id: int, late_after: timedelta) -> datetime | None:
        """Until when the mail made sense, when somebody chose to skip those past it."""
        if self.gap.answer != Gap.Answer.SKIP or contact_id not in self.late:
            return None
        return self.late[contact_id] + late_after


def _decide(ids: Sequence[int], now: datetime, after_gap: _AfterGap | None = None) -> _Batch:
    batch = _Batch(position.load(ids), after_gap)
    for contact_id in ids:
        try:
            person, place = batch.snapshot.of(contact_id)
            decisions, verdict = _decide_one(person, place, batch.snapshot, now, after_gap)
        except Exception:  # one person's rows must not stop the others'
            log.exception("person_set_aside", person=contact_id)
            batch.troubles[contact_id] = traceback.format_exc()
            continue
        batch.decided += [(contact_id, decision) for decision in decisions]
        batch.verdicts[contact_id] = verdict
    return batch


def _decide_one(
    person: Person, place: Position, snapshot: Snapshot, now: datetime, after_gap: _AfterGap | None = None
) -> tuple[list[planner.Decision], Verdict]:
    """Everything that happens to one person now, and the standing after it."""
    decisions: list[planner.Decision] = []
    decision = planner.look(person, place, snapshot.content, snapshot.in_force.rule, now)
    waits = after_gap is not None and after_gap.waits(person.contact_id)
    if after_gap is not None:
        useful_until = after_gap.useful_until(person.contact_id, snapshot.in_force.late_after)
        if useful_until is not None and useful_until < now:
            # It is written down as skipped and never leaves, so it need not wait for an hour in which mail may leave.
            then = planner.look(
                person, place, snapshot.content, snapshot.in_force.rule, after_gap.late[person.contact_id]
            )
            decision = then if then.sends else decision
    while decision.acts and len(decisions) < AT_ONCE and not (waits and decision.sends):
        decisions.append(decision)
        place = planner.after(place, decision, now)
        decision = planner.look(person, place, snapshot.content, snapshot.in_force.rule, now)
    return decisions, standings.as_verdict(person.contact_id, decision)


def _carry_out(batch: _Batch, now: datetime, worker: str) -> list[Claimed]:
    """Write the rows of the decisions, then the standings. The standings are locked."""
    claims = _plan_mails(batch, now, worker)
    for reason, because in (
        (Enrollment.EndReason.COMPLETED, "sequence_through"),
        (Enrollment.EndReason.BY_HAND, "sequence_withdrawn"),
    ):
        through = batch.rows_of(What.FINISH, because=because)
        Enrollment.objects.filter(pk__in=through).update(ended_at=now, end_reason=reason)
    # only now: the lane of a person has to be free before the next run gets it
    Enrollment.objects.filter(pk__in=batch.rows_of(What.BEGIN)).update(started_at=now)
    Pause.objects.filter(pk__in=batch.rows_of(What.RESUME)).update(ended_at=now)
    SalesHold.objects.filter(pk__in=batch.rows_of(What.RELEASE)).update(ended_at=now)
    if cooling := batch.people_of(What.COOL):
        handoff.cool(cooling, now=now, recompute=False)
    _hand_on(batch.rows_of(What.ESCALATE), now)
    if back := batch.people_of(What.RESUME, What.RELEASE):
        handoff.open_hot(back, now=now, recompute=False)
    standing.write(list(batch.verdicts.values()), now=now)
    standing.set_aside(batch.troubles, now=now)
    # Heat and hand-offs are decided by their own rows: what they made of it is read again.
    standing.recompute(batch.people_of(What.COOL, What.ESCALATE, What.RESUME, What.RELEASE), now=now)
    return claims


def _plan_mails(batch: _Batch, now: datetime, worker: str) -> list[Claimed]:
    """The decision and the send, side by side: `due` is counted from the one, the states from the other.

    Returns the mails that are in the worker's hand.
    """
    late_after = batch.snapshot.in_force.late_after
    useful_until = batch.after_gap.useful_until if batch.after_gap is not None else None
    rows = []
    for contact_id, found in batch.decided:
        if not found.sends:
            continue
        is_step = found.what is What.STEP
        key = f"step:{found.row_id}:{found.step_key}" if is_step else f"piece:{contact_id}:{found.piece_id}"
        latest_at = (useful_until and useful_until(contact_id, late_after)) or now + late_after
        enrollment_id = found.row_id if is_step else None
        rows.append(
            (
                *(contact_id, found.what, key, found.because, latest_at),
                *(enrollment_id, found.step_key, found.piece_id, found.mail_id),
            )
        )
    if not rows:
        return []
    contact_ids, kinds, keys, becauses, moments, *rest = zip(*rows, strict=True)
    enrollment_ids, step_keys, piece_ids, mail_ids = rest
    with connection.cursor() as cursor:
        cursor.execute(
            _PLAN,
            {
                "now": now,
                "sandbox": batch.snapshot.sandbox,
                "worker": worker[:80],
                "lease_until": now + send.lease(),
                "contact_ids": arrays.numbers(contact_ids),
                "kinds": arrays.texts(kinds),
                "keys": arrays.texts(keys),
                "becauses": arrays.texts(becauses),
                "latest_at": arrays.moments(moments),
                "enrollment_ids": arrays.numbers(enrollment_ids),
                "step_keys": arrays.texts(step_keys),
                "piece_ids": arrays.numbers(piece_ids),
                "mail_ids": arrays.numbers(mail_ids),
            },
        )
        return [Claimed(*row) for row in sorted(cursor.fetchall()) if row[1]]


# Not in anybody's hand without a worker, on hold, or while a person is asked about what is late: then mails wait in the
# ledger for whoever claims them. A mail that is in the ledger already (same key, same mode) stays as it is.
_PLAN = """
WITH asked AS (
    SELECT * FROM unnest(%(contact_ids)s::bigint[], %(kinds)s::text[], %(keys)s::text[], %(becauses)s::text[],
                         %(latest_at)s::timestamptz[], %(enrollment_ids)s::bigint[], %(step_keys)s::text[],
                         %(piece_ids)s::bigint[], %(mail_ids)s::bigint[])
        v(contact_id, kind, dedupe_key, because, latest_at, enrollment_id, step_key, piece_id, mail_id)
), decided AS (
    INSERT INTO nurturing_decision (at, sandbox, contact_id, kind, dedupe_key, because)
    SELECT %(now)s, %(sandbox)s, contact_id, kind, dedupe_key, jsonb_build_object('code', because) FROM asked
    ON CONFLICT (dedupe_key, sandbox) DO NOTHING
), stepped AS (
    UPDATE nurturing_enrollment e SET last_step_key = asked.step_key, last_step_at = %(now)s
    FROM asked WHERE e.id = asked.enrollment_id
), hand AS (
    SELECT %(worker)s <> '' AND NOT EXISTS (SELECT 1 FROM nurturing_sendinghold WHERE released_at IS NULL)
           AND NOT EXISTS (SELECT 1 FROM nurturing_gap WHERE answered_at IS NULL) AS takes
)
INSERT INTO nurturing_send (sandbox, planned_at, not_before, contact_id, kind, dedupe_key, latest_at,
                            enrollment_id, step_key, piece_id, mail_id, state, attempt, claimed_by, lease_until)
SELECT %(sandbox)s, %(now)s, %(now)s, contact_id, kind, dedupe_key, latest_at,
       enrollment_id, step_key, piece_id, mail_id, CASE WHEN takes THEN 'claimed' ELSE 'planned' END, takes::int,
       CASE WHEN takes THEN %(worker)s ELSE '' END, CASE WHEN takes THEN %(lease_until)s END
FROM asked, hand
ON CONFLICT (dedupe_key, sandbox) DO NOTHING
RETURNING id, attempt, contact_id, kind, sandbox, enrollment_id, piece_id, mail_id, sender_id, latest_at, tries
"""


def _hand_on(reminder_ids: list[int], now: datetime) -> None:
    """An agreed date has come: the reminder is done, and the door opens with its note."""
    for reminder in Reminder.objects.filter(pk__in=reminder_ids, done_at=None).order_by("contact_id", "at"):
        handoff.open(
            contact_id=reminder.contact_id,
            kind=Handoff.Kind(reminder.kind),
            because=reminder.because,
            now=now,
        )
        reminder.done_at = now
        reminder.save(update_fields=["done_at"])


def _count(ids: Sequence[int], batch: _Batch) -> TickResult:
    """Each person once, under the weightiest thing that happened to them."""
    mailed = set(batch.people_of(What.STEP, What.PIECE))
    handed = set(batch.people_of(What.ESCALATE)) - mailed
    stopped = {pk for pk, verdict in batch.verdicts.items() if verdict.next_at is None}
    skipped = (stopped | set(batch.troubles)) - mailed - handed
    return TickResult(
        due=len(ids),
        planned=len(mailed),
        handed_on=len(handed),
        skipped=len(skipped),
        later=len(ids) - len(mailed) - len(handed) - len(skipped),
    )
