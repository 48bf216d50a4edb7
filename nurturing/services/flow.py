"""Who of a batch may leave now: limits, warm-up, and receivers that are left alone.

Asked twice. When a batch is judged, with one question for all: who cannot leave now gets a moment at which their turn
comes, before anything is filled in for them. And right before a window leaves, with one statement that takes a place for
each of its mails under every limit that concerns it, or for fewer. That statement is committed before the first byte, so
a worker that dies has let fewer through than it might have, never more; several workers take their places one after
the other, at the row of the limit. Where no limit concerns a window, nothing is asked.

Who waits stands in a line: places are given out at the pace of the limit, and whoever comes new while others wait
stands behind them. Mails that somebody waits for at this moment (a confirmation) pass the line, not the limit.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from django.db import transaction

from nurturing.models import SendLimit, WarmUp
from nurturing.planning import calendar
from nurturing.prepared import Prepared
from nurturing.queries import flow
from nurturing.queries.clearance import Answer, Clearance
from nurturing.queries.flow import Limit, Open, Plan, Receiver, State
from nurturing.sending import pace
from nurturing.sending.outcome import Fate, Outcome
from nurturing.services import breaker
from nurturing.services.send import Claimed

AT_LEAST = timedelta(seconds=1)
# So close to its end a mail that still has no turn is given up.
LAST_MOMENT = timedelta(minutes=1)
# A shorter wait does not ask whether the office is open: the mail was on its way already.
SHORT = timedelta(hours=1)
HELD_PAUSE = timedelta(hours=6)
AFTER_A_TRIAL = timedelta(minutes=2)
# The reasons of those who stand in a line already.
IN_LINE = frozenset({"limit_sender", "limit_host", "warm_up", "receiver_waits"})


class _Sender(Protocol):
    @property
    def pk(self) -> int: ...
    @property
    def email(self) -> str: ...


class _Person(Protocol):
    @property
    def address(self) -> str: ...


class Leaving(Protocol):
    """A mail that is ready to leave (a `letter.Letter`)."""

    @property
    def claimed(self) -> Claimed: ...
    @property
    def person(self) -> _Person: ...
    @property
    def sender(self) -> _Sender: ...


L = TypeVar("L", bound=Leaving)


class _Mail:
    """One that would like to leave."""

    __slots__ = ("address", "claimed", "sender", "waited")

    def __init__(self, claimed: Claimed, address: str, sender: _Sender, *, waited: bool) -> None:
        self.claimed, self.address, self.sender = claimed, address, sender
        # Behind the line stands only who is planned by the clock and new.
        self.waited = waited or not claimed.in_lane


class Gate:
    """The way out of one batch. In the sandbox nothing leaves, and nothing is asked."""

    def __init__(self) -> None:
        self._state = State()
        self._trials: dict[int, int] = {}

    def judge(
        self, claims: Sequence[Claimed], cleared: dict[int, Clearance], *, now: datetime
    ) -> dict[int, Clearance]:
        """The same answers, but for those who may leave and must wait for their turn."""
        mails = []
        for claimed in claims:
            given = cleared[claimed.id]
            if (
                claimed.sandbox
                or given.answer is not Answer.GO
                or given.person is None
                or given.sender is None
            ):
                continue
            waited = claimed.reason.partition(":")[0] in IN_LINE
            mails.append(_Mail(claimed, given.person.address, given.sender, waited=waited))
        return cleared | self._turn_away(mails, now=now) if mails else cleared

    def sift(self, letters: Sequence[L], *, now: datetime) -> tuple[list[L], list[tuple[Claimed, Clearance]]]:
        """Those who may leave by what is known now, and the others with their answer."""
        mails = [_Mail(one.claimed, one.person.address, one.sender, waited=True) for one in letters]
        away = self._turn_away(mails, now=now) if mails else {}
        going = [one for one in letters if one.claimed.id not in away]
        return going, [(one.claimed, away[one.claimed.id]) for one in letters if one.claimed.id in away]

    def take(self, letters: Sequence[L], *, now: datetime) -> tuple[list[L], list[L]]:
        """Take a place for each of these mails of one sender. Returns who has one, and who has not.

        Must be committed before the first byte leaves: call it outside of a transaction.
        """
        if not letters:
            return [], []
        sender = letters[0].sender
        hosts = [self._state.receiver(one.person.address).host_id for one in letters]
        limits = self._state.limits(sender.pk, sender.email, 0)
        for host_id in {*hosts} - {0}:
            limits += self._state.of_host.get(host_id, [])
        if not limits:
            return list(letters), []
        heads = [pace.slice_of(one.counter.period, now) for one in limits]
        rows = _TAKE.rows([hosts, [one.id for one in limits], heads])
        places = {place for (place,) in rows}
        return (
            [one for place, one in enumerate(letters, 1) if place in places],
            [one for place, one in enumerate(letters, 1) if place not in places],
        )

    def hear(self, results: Sequence[tuple[L, Outcome]], *, now: datetime) -> bool:
        """Learn from what the servers answered. True when a receiver is left alone from now on."""
        told = []
        for one, outcome in results:
            trial = self._trials.pop(one.claimed.id, None)
            if outcome.fate is Fate.ACCEPTED and trial is None:
                continue
            receiver = self._state.receiver(one.person.address)
            found = breaker.of_outcome(receiver, one.claimed.id, outcome, now=now)
            if trial is not None:
                breaker.end_trial(
                    breaker_id=trial, send_id=one.claimed.id, outcome=outcome, told=found, now=now
                )
            if found is not None:
                told.append(found)
        return bool(breaker.note(told, now=now))

    @property
    def is_trying(self) -> bool:
        """One of these mails was let through to find out whether its receiver is well again."""
        return bool(self._trials)

    def _turn_away(self, mails: Sequence[_Mail], *, now: datetime) -> dict[int, Clearance]:
        """In order: who finds no room or a receiver that is left alone, with the moment at which they are asked again."""
        self._state = state = _load(mails, now=now)
        room = {limit.id: limit.counter.room(now) for limit in _all(state)}
        lines: dict[int, bool] = {}

        def has_line(limit: Limit) -> bool:
            if limit.id not in lines:
                lines[limit.id] = _is_a_line(limit, now)
            return lines[limit.id]

        away: dict[int, Clearance] = {}
        joining: list[tuple[_Mail, list[Limit]]] = []
        for mail in mails:
            receiver = state.receiver(mail.address)
            shut = state.breakers.get(receiver.key) if mail.claimed.id not in self._trials else None
            if shut is not None and not shut.may_be_tried(now):
                away[mail.claimed.id] = _wait(mail, receiver.waits, _until(shut, now), now)
                continue
            limits = state.limits(mail.sender.pk, mail.sender.email, receiver.host_id)
            refusing = [one for one in limits if room[one.id] <= 0 or (not mail.waited and has_line(one))]
            if refusing:
                joining.append((mail, refusing))
                continue
            if shut is not None and not self._try(shut, mail, receiver, now=now):
                away[mail.claimed.id] = _wait(mail, receiver.waits, now + AFTER_A_TRIAL, now)
                continue
            for limit in limits:
                room[limit.id] -= 1
        return away | _join(joining, state, now=now)

    def _try(self, shut: Open, mail: _Mail, receiver: Receiver, *, now: datetime) -> bool:
        if not breaker.begin_trial(breaker_id=shut.id, send_id=mail.claimed.id, now=now):
            return False
        self._trials[mail.claimed.id] = shut.id
        # The next of this batch finds it taken.
        taken = Open(shut.id, shut.kind, shut.retry_at, now + breaker.TRIAL, shut.held)
        self._state.breakers[receiver.key] = taken
        return True


def _all(state: State) -> list[Limit]:
    days = [plan.today for plan in state.plans.values() if plan.today is not None]
    own = [limit for some in state.of_sender.values() for limit in some]
    return [*own, *days, *(limit for some in state.of_host.values() for limit in some)]


def _load(mails: Sequence[_Mail], *, now: datetime) -> State:
    """What there is; a warm-up's new day is begun by the first mail that wants to leave on it."""
    state = flow.load(now=now)
    missing = {
        plan.id: plan
        for plan in (state.plans.get(flow.domain_of(mail.sender.email)) for mail in mails)
        if plan is not None and plan.today is None
    }
    if not missing:
        return state
    for plan in missing.values():
        begin_day(plan, now=now)
    return flow.load(now=now)


def begin_day(plan: Plan, *, now: datetime) -> None:
    """The next day of a warm-up, with its own limit; after the last one the plan is over.

    Only days on which mails left are counted, so that a weekend makes no leap.
    """
    with transaction.atomic():
        days = SendLimit.objects.filter(warm_up_id=plan.id)
        most = plan.curve.on_day(days.filter(counts__0__gt=0).count() + 1)
        if most is None:
            WarmUp.objects.filter(pk=plan.id, ended_at=None).update(ended_at=now)
            return
        last = days.order_by("-day").first()
        SendLimit.objects.bulk_create(
            [
                SendLimit(
                    warm_up_id=plan.id,
                    period=pace.WARM_UP,
                    day=flow.today(now),
                    most=most,
                    counts=pace.empty(pace.WARM_UP),
                    tail_at=last.tail_at if last is not None else None,
                )
            ],
            ignore_conflicts=True,
        )


def _is_a_line(limit: Limit, now: datetime) -> bool:
    """Others wait already; when all of them have gone elsewhere meanwhile, there is no line."""
    if not limit.has_line(now):
        return False
    if flow.somebody_waits(limit.reason, now=now):
        return True
    SendLimit.objects.filter(pk=limit.id, tail_at=limit.tail_at).update(tail_at=None)
    return False


def _until(shut: Open, now: datetime) -> datetime:
    if shut.held:
        return now + HELD_PAUSE
    if shut.retry_at > now:
        return shut.retry_at
    return now + AFTER_A_TRIAL


def _wait(mail: _Mail, reason: str, until: datetime, now: datetime) -> Clearance:
    """Wait, at the longest until shortly before it makes no sense any more; then it has had its last chance."""
    last = mail.claimed.latest_at - LAST_MOMENT
    until = max(min(until, last), now + AT_LEAST) if now < last else mail.claimed.latest_at + LAST_MOMENT
    return Clearance(Answer.LATER, reason[:300], until - now)


def _join(
    joining: Sequence[tuple[_Mail, list[Limit]]], state: State, *, now: datetime
) -> dict[int, Clearance]:
    """Give each a place in the lines of the limits that refused it; its turn is the latest of them."""
    if not joining:
        return {}
    limits = {limit.id: limit for _mail, refusing in joining for limit in refusing}
    answers: dict[int, Clearance] = {}
    with transaction.atomic():
        rows = SendLimit.objects.select_for_update().filter(pk__in=limits).order_by("pk")
        lines = {row.pk: _Line(row, state, now) for row in rows}
        for mail, refusing in joining:
            turns = [(lines[one.id].place(mail), one.reason) for one in refusing if one.id in lines] or [
                (now + SHORT, refusing[0].reason)
            ]
            until, reason = max(turns)
            answers[mail.claimed.id] = _wait(mail, reason, until, now)
        for pk, line in lines.items():
            SendLimit.objects.filter(pk=pk).update(tail_at=line.tail)
    return answers


class _Line:
    """Those who wait for one limit, at its pace."""

    def __init__(self, row: SendLimit, state: State, now: datetime) -> None:
        counter = pace.Counter(row.period, row.most, row.head, row.counts)
        self._now, self._calendar = now, flow.office_hours()
        if row.period == pace.WARM_UP:
            zone = calendar.zone_of(self._calendar.zone)
            tomorrow = datetime.combine(flow.today(now) + timedelta(days=1), self._calendar.opens, zone)
            self._first = calendar.next_open(self._calendar, tomorrow)
            self._spacing = timedelta(seconds=flow.office_seconds(self._calendar) / _next_day(row, state))
        else:
            self._first, self._spacing = counter.free_at(now), counter.spacing
        self._front = self._first
        waits = row.tail_at is not None and row.tail_at > self._first
        self.tail = row.tail_at if waits and row.tail_at is not None else self._first

    def place(self, mail: _Mail) -> datetime:
        """When its turn comes; who waited before stands in front of those who come new."""
        if mail.waited:
            turn = self._front = self._open(self._front, mail)
            self._front += self._spacing
            self.tail += self._spacing
            return turn
        turn = self.tail = self._open(self.tail, mail)
        self.tail += self._spacing
        return turn

    def _open(self, turn: datetime, mail: _Mail) -> datetime:
        """A mail of the clock does not go out at night because it had to wait."""
        if not mail.claimed.in_lane or turn - self._now < SHORT:
            return turn
        return calendar.next_open(self._calendar, turn)


def _next_day(row: SendLimit, state: State) -> int:
    """How many may leave on the day of warm-up that comes next."""
    plan = next((one for one in state.plans.values() if one.id == row.warm_up_id), None)
    if plan is None:
        return row.most
    number = SendLimit.objects.filter(warm_up_id=plan.id, counts__0__gt=0).count()
    return plan.curve.on_day(number + 1) or plan.curve.until


# Places for the mails of one window. $1: for each mail in order the id of the house it goes to, or 0; $2, $3: the limits
# that concern the window, and the slice in which each counts now. The rows are locked in the order of their ids, so that
# two workers wait for one another and never in a circle, and moved on to the slice; a counter that a wrong clock wrote far
# into the future is brought back with all that it holds. A limit without a house holds for all mails. Returns the places
# (from 1) of those who may leave. `share` is materialized: a row that another worker changed meanwhile is joined with what
# was read under the lock.
_TAKE = Prepared(
    "silo_take",
    """
WITH asked AS (
    SELECT u.place, u.host, row_number() OVER (PARTITION BY u.host ORDER BY u.place) AS nth
    FROM unnest($1::bigint[]) WITH ORDINALITY u(host, place)
), meter AS MATERIALIZED (
    SELECT l.id, coalesce(l.host_id, 0) AS host, l.most, l.head, l.counts, w.head AS wanted, cardinality(l.counts) AS size
    FROM nurturing_sendlimit l JOIN unnest($2::bigint[], $3::bigint[]) w(id, head) ON w.id = l.id
    ORDER BY l.id FOR UPDATE OF l
), moved AS MATERIALIZED (
    SELECT id, host, most, size,
           CASE WHEN head - wanted > size THEN wanted ELSE greatest(head, wanted) END AS head,
           CASE WHEN head - wanted > size
                THEN array_fill(0, ARRAY[size - 1]) || (SELECT sum(n) FROM unnest(counts) n)::int
                WHEN wanted <= head THEN counts
                ELSE counts[least(wanted - head, size)::int + 1:] || array_fill(0, ARRAY[least(wanted - head, size)::int])
           END AS counts
    FROM meter
), room AS (
    SELECT host, min(most - (SELECT sum(n) FROM unnest(counts) n)) AS free FROM moved GROUP BY host
), fits AS (
    SELECT a.place, a.host, row_number() OVER (ORDER BY a.place) AS nth
    FROM asked a LEFT JOIN room r ON r.host = a.host AND a.host <> 0
    WHERE r.free IS NULL OR a.nth <= r.free
), granted AS MATERIALIZED (
    SELECT f.place, f.host FROM fits f LEFT JOIN room r ON r.host = 0 WHERE r.free IS NULL OR f.nth <= r.free
), share AS MATERIALIZED (
    SELECT m.id, m.head, m.counts[:m.size - 1] || (m.counts[m.size] + s.number)::int AS counts
    FROM moved m, LATERAL (SELECT count(*) AS number FROM granted g WHERE m.host IN (0, g.host)) s
    WHERE s.number > 0
), taken AS (
    UPDATE nurturing_sendlimit l SET head = share.head, counts = share.counts FROM share WHERE l.id = share.id
)
SELECT place FROM granted
""",
)


def lines_were_changed(reasons: Sequence[str], *, limit_ids: Sequence[int] = (), now: datetime) -> int:
    """A limit has changed: who waits for it is asked again now, in the old order. Returns how many."""
    with transaction.atomic():
        SendLimit.objects.filter(pk__in=limit_ids).update(tail_at=None)
        return sum(breaker.wake_line(reason, now=now) for reason in reasons)
