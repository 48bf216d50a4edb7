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

from django.db import connection

from nurturing.prepared import Prepared
from nurturing.queries import flow
from nurturing.queries.clearance import Answer, Clearance
from nurturing.queries.flow import Limit, Open, Receiver, State
from nurturing.sending import pace
from nurturing.sending.outcome import Fate, Outcome
from nurturing.services import breaker, line, warm_up
from nurturing.services.send import Claimed

AT_LEAST = timedelta(seconds=1)
# So close to its end a mail that still has no turn is given up.
LAST_MOMENT = timedelta(minutes=1)
HELD_PAUSE = timedelta(hours=6)
AFTER_A_TRIAL = timedelta(minutes=2)


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

    @property
    def in_lane(self) -> bool:
        return self.claimed.in_lane


class Gate:
    """The way out of one batch. In the sandbox nothing leaves, and nothing is asked."""

    def __init__(self) -> None:
        self._state = State()
        self._trials: dict[int, int] = {}
        self._taken: list[
            tuple[int, int, int]
        ] = []  # limit, the slice it counted in, and whose mails it concerns

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
            mails.append(_Mail(claimed, given.person.address, given.sender, waited=claimed.attempt > 1))
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
        self._taken = []
        if not letters:
            return [], []
        sender = letters[0].sender
        hosts = [self._state.host(one.person.address) for one in letters]
        limits = self._state.limits(sender.pk, sender.email, 0)
        for host_id in {*hosts} - {0}:
            limits += self._state.of_host.get(host_id, [])
        if not limits:
            return list(letters), []
        heads = [pace.slice_of(one.counter.period, now) for one in limits]
        rows = _TAKE.rows([hosts, [one.id for one in limits], heads])
        places = {place for place, _limit, _head in rows if place is not None}
        host_of = {one.id: one.host_id for one in limits}
        self._taken = [(limit, head, host_of[limit]) for _place, limit, head in rows if limit is not None]
        return (
            [one for place, one in enumerate(letters, 1) if place in places],
            [one for place, one in enumerate(letters, 1) if place not in places],
        )

    def give_back(self, letters: Sequence[L]) -> None:
        """Places of the last window, of mails that certainly did not leave: else a way out that is shut would use up
        the day. Each goes back to the slice it was taken from, so that nothing that left is forgotten.
        """
        hosts = [self._state.host(one.person.address) for one in letters]
        for limit_id, head, host_id in self._taken:
            number = sum(host_id in (0, one) for one in hosts)
            if number:
                with connection.cursor() as cursor:
                    cursor.execute(_GIVE_BACK, {"number": number, "id": limit_id, "head": head})
        self._taken = []

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
                lines[limit.id] = line.is_one(limit, now=now)
            return lines[limit.id]

        away: dict[int, Clearance] = {}
        joining: list[tuple[_Mail, Sequence[Limit]]] = []
        free_but_for_hosts = not (state.of_sender or state.plans or state.breakers)
        for mail in sorted(mails, key=lambda one: one.in_lane):  # somebody waits for those who are not
            if free_but_for_hosts and flow.domain_of(mail.address) not in state.host_of:
                continue
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
        for mail, (until, reason) in zip(
            (mail for mail, _limits in joining), line.join(joining, now=now), strict=True
        ):
            away[mail.claimed.id] = _wait(mail, reason, until, now)
        return away

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
        warm_up.begin_day(plan, now=now)
    return flow.load(now=now)


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


# Places for the mails of one window. $1: for each mail in order the id of the house it goes to, or 0; $2, $3: the limits
# that concern the window, and the slice in which each counts now. The rows are locked in the order of their ids, so that
# two workers wait for one another and never in a circle, and moved on to the slice; a counter that a wrong clock wrote far
# into the future is brought back with all that it holds. A limit without a house holds for all mails. Returns the places
# (from 1) of those who may leave, and in which slice each limit counted them. `share` is materialized: a row that another
# worker changed meanwhile is joined with what was read under the lock.
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
SELECT place, NULL::bigint, NULL::bigint FROM granted UNION ALL SELECT NULL, id, head FROM moved
""",
)
_GIVE_BACK = """
UPDATE nurturing_sendlimit
SET counts[cardinality(counts) - (head - %(head)s)::int]
    = greatest(counts[cardinality(counts) - (head - %(head)s)::int] - %(number)s, 0)
WHERE id = %(id)s AND head - %(head)s BETWEEN 0 AND cardinality(counts) - 1
"""
