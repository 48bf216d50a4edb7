"""Hand over what is due, in windows.

1. Take a batch (`send.claim`), judge it and fill it in (`letter.prepare`); who must wait for their turn goes back.
2. Take a place under each limit (`flow.Gate.take`), and commit `attempting` for a window of W mails, together
   with the results of the window before.
3. Hand over those W, one by one; before each, look whether the rows are still ours.
4. Again from 2, until the batch is done.

So a crash leaves at most W mails of which nobody knows, and a mail never leaves without a row that says it
may have. Must not run inside a transaction: the commit before the first byte is the whole point.
"""

import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from django.conf import settings
from django.db import connection, transaction

from contacts.services import contact
from nurturing.away import is_away
from nurturing.models import DeliveryRun, SandboxMail, Send, TickRun
from nurturing.queries import clearance, live
from nurturing.sending import message, transport
from nurturing.sending.message import Mail, Unmailable, Wire
from nurturing.sending.outcome import Fate, Outcome, pause
from nurturing.services import flow, letter, send
from nurturing.services import sender as sender_rows
from nurturing.services.letter import Letter
from nurturing.services.send import Claimed, Move

log = structlog.get_logger(__name__)

# A worker that was stopped longer than this looks again whether its rows are its own; a lease is far longer,
# so no stop goes unseen.
LOOK_EVERY = 1.0
# A batch at a slow server is judged again this often: who stops their mails meanwhile gets none.
JUDGE_EVERY = 10.0
# How long a batch waits when the way out is shut.
DOWN_PAUSE = timedelta(minutes=5)
RUNS_KEPT = timedelta(days=30)

# A database that is away or full is asked again this often, for as long as the rows are ours.
ASK_AGAIN = 0.2

State = Send.State
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one batch."""

    claimed: int = 0
    accepted: int = 0
    skipped: int = 0
    failed: int = 0
    unknown: int = 0
    later: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Delivered)))


def _way_out(sender: transport.SenderRow) -> transport.Way:
    try:
        return transport.of(sender)
    except Exception:  # settings that nobody can use: its mails wait, and those of the others leave
        log.exception("way_out_unusable")
        return transport.closed(traceback.format_exc())


def _never() -> bool:
    return False


def deliver_due(
    *, now: datetime, worker: str, limit: int | None = None, ends: Callable[[], bool] = _never
) -> Delivered:
    """Deliver up to `limit` mails whose moment has come, and look after those that lost their worker.

    Real mails take real time, so the moments written down move on from `now` while it runs; in the sandbox
    they stand still. `ends` is asked before each mail: when it says yes, the rest is put back, unsent.
    """
    with transaction.atomic():
        send.reap(now=now)
    with transaction.atomic():
        claims = send.claim(worker=worker, now=now, limit=limit or settings.SEND_BATCH)
    return deliver(claims, now=now, worker=worker, ends=ends)


def deliver(
    claims: Sequence[Claimed], *, now: datetime, worker: str, ends: Callable[[], bool] = _never
) -> Delivered:
    """Deliver what is in the worker's hand."""
    if not claims:
        return Delivered()
    watch = _Watch(now)
    gate = flow.Gate()
    letters, moves = letter.prepare(claims, now=now, gate=gate)
    kept = [one for one in letters if one.claimed.sandbox]
    with transaction.atomic():
        done = _count(moves, send.move(moves, now=now)) + _keep(kept, now=now)
    for sender in {one.sender.pk: one.sender for one in letters if not one.claimed.sandbox}.values():
        mine = [one for one in letters if not one.claimed.sandbox and one.sender.pk == sender.pk]
        handover = _Handover(mine, gate=gate, watch=watch, ends=ends)
        handed = handover.run(_way_out(sender), window=sender.window)
        done += handed
        if handover.shut is not None or (sender.trouble and handed.accepted):
            sender_rows.note(sender_id=sender.pk, shut=handover.shut, now=watch.now())
    done += Delivered(claimed=len(claims))
    DeliveryRun.objects.create(at=watch.now(), worker=worker[:80], seconds=watch.seconds, **asdict(done))
    return done


def forget_old(*, now: datetime) -> int:
    """Throw away what batches and rounds of the clock told more than a month ago. Returns how many rows went.

    The newest round stays, however old it is: the gap after it is told by it.
    """
    newest = TickRun.objects.order_by("-at").values("pk")[:1]
    rounds = TickRun.objects.filter(at__lt=now - RUNS_KEPT).exclude(pk__in=newest)
    return DeliveryRun.objects.filter(at__lt=now - RUNS_KEPT).delete()[0] + rounds.delete()[0]


class _Watch:
    """`now`, moved on by as much time as has passed since."""

    def __init__(self, now: datetime) -> None:
        self._now, self._began = now, time.monotonic()

    def now(self) -> datetime:
        return self._now + timedelta(seconds=self.seconds)

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return time.monotonic() - self._began


def _keep(letters: Sequence[Letter], *, now: datetime) -> Delivered:
    """The sandbox: each mail whole, as it would have left. Nothing does, so one transaction holds it all."""
    if not letters:
        return Delivered()
    with transaction.atomic():
        mine = send.attempt([one.leaving for one in letters], now=now)
        moves: list[Move] = []
        mails: list[SandboxMail] = []
        for one in letters:
            if one.claimed.id not in mine:
                moves.append(_back(one, "on_hold"))
                continue
            try:
                mails.append(_sandbox_mail(one, now=now))
                moves.append(Move(one.claimed, State.ACCEPTED, provider_id=one.mail.message_id))
            except Unmailable as error:
                moves.append(Move(one.claimed, State.FAILED, error.code, detail=str(error)))
            except Exception:  # poison, as in letter.prepare
                log.exception("mail_broke", send=one.claimed.id)
                moves.append(Move(one.claimed, State.FAILED, "error", detail=traceback.format_exc()))
        moved = send.move(moves, now=now)
        SandboxMail.objects.bulk_create(mails)
        if live.is_demo():
            _mark_informed([one for one in letters if one.claimed.id in mine], now=now)
    return _count(moves, moved)


def _sandbox_mail(one: Letter, *, now: datetime) -> SandboxMail:
    return SandboxMail(
        send_id=one.claimed.id,
        at=now,
        to=one.person.address,
        subject=one.mail.subject[:1000],
        raw=one.mail.raw if isinstance(one.mail, Wire) else message.build(one.mail),
    )


class _Handover:
    """One batch to one way out."""

    def __init__(
        self, letters: list[Letter], *, gate: flow.Gate, watch: _Watch, ends: Callable[[], bool]
    ) -> None:
        self._queue = letters
        self._gate = gate
        self._watch = watch
        self._ends = ends
        self._judged = time.monotonic()
        self._results: list[tuple[Letter, Outcome]] = []
        self._unsent: list[Move] = []
        self._done = Delivered()
        self.shut: Outcome | None = None  # what the way out said when it took no more

    def run(self, way: transport.Way, *, window: int) -> Delivered:
        with transaction.atomic(durable=True):
            """Inside somebody else's transaction this would hand over what may still be rolled back."""
        try:
            return self._go(way, window)
        except Exception:
            if self._results:  # whatever it was: what became of these mails is known only here
                self._commit([])
            raise

    def _go(self, way: transport.Way, window: int) -> Delivered:
        judge_every = min(JUDGE_EVERY, send.lease().total_seconds() / 3)
        while True:
            if self._ends():
                self._put_back(self._queue, "")
                self._queue = []
            elif self._queue and time.monotonic() - self._judged > judge_every:
                _patiently(self._judge_again)
            batch = placed = self._next(window)
            looked = time.monotonic()  # before the commit: a stop between it and the first mail must be seen
            mine = self._commit(batch)
            if not batch and not self._unsent:
                return self._done
            # Lost to another worker, or on hold: back, unless the row has moved on without us.
            if batch and not mine and _patiently(live.open_hold) is not None:
                batch, self._queue = [*batch, *self._queue], []
            self._put_back([one for one in batch if one.claimed.id not in mine], "on_hold")
            self._hand_over(way, [one for one in batch if one.claimed.id in mine], looked)
            self._give_back(placed)

    def _next(self, window: int) -> list[Letter]:
        """The mails of the next window that have a place under every limit; whoever must wait goes back."""
        while self._queue:
            now = self._watch.now()
            first = self._queue[:window]
            going, refused = _patiently(partial(self._gate.take, first, now=now))
            self._queue = [*refused, *self._queue[window:]]
            if refused:
                self._sift(now)
            if going:
                return going
        return []

    def _give_back(self, placed: list[Letter]) -> None:
        """Who had a place and certainly did not leave gives it back."""
        used = {one.claimed.id for one, outcome in self._results if not outcome.provider_down}
        unused = [one for one in placed if one.claimed.id not in used]
        if unused:
            _patiently(lambda: self._gate.give_back(unused))

    def _sift(self, now: datetime) -> None:
        """Something has changed for those who still wait in this batch: who may not leave now goes back."""
        self._queue, waiting = _patiently(lambda: self._gate.sift(self._queue, now=now))
        self._unsent += [letter.not_now(claimed, answer, now=now) for claimed, answer in waiting]

    def _put_back(self, letters: Sequence[Letter], reason: str) -> None:
        self._unsent += [_back(one, reason) for one in letters]

    def _commit(self, batch: list[Letter]) -> set[int]:
        """One transaction: what became of the last window, and that the next is about to leave.

        What became of a mail is known here and nowhere else, so a database that is away is waited for. Written twice it
        does no harm: what the first try wrote is no longer ours to write, and a window that it wrote down goes back unsent.
        """
        results, unsent = self._results, self._unsent
        self._unsent = []
        mine = _patiently(lambda: self._write(results, unsent, batch))
        self._results = []  # not before they are written: until then they are known only here
        return mine

    def _write(
        self, results: list[tuple[Letter, Outcome]], unsent: list[Move], batch: list[Letter]
    ) -> set[int]:
        now = self._watch.now()
        told = any(one.person.must_be_told for one, _ in results)
        plain = not unsent and not told and not self._gate.is_trying
        if plain and all(outcome.fate is Fate.ACCEPTED for _, outcome in results):
            if not results and not batch:
                return set()
            accepted = [(one.claimed, outcome.provider_id) for one, outcome in results]
            moved, mine = send.turn(accepted, [one.leaving for one in batch], now=now)
            self._done += Delivered(accepted=len(moved))
            return mine
        moves = [_after(one, outcome, now=now) for one, outcome in results] + unsent
        with transaction.atomic(durable=True):
            moved = send.move(moves, now=now)
            _mark_informed(
                [
                    one
                    for one, outcome in results
                    if outcome.fate is Fate.ACCEPTED and one.claimed.id in moved
                ],
                now=now,
            )
            mine = send.attempt([one.leaving for one in batch], now=now)
        self._done += _count(moves, moved)
        self._learn(results, now)
        return mine

    def _learn(self, results: Sequence[tuple[Letter, Outcome]], now: datetime) -> None:
        """Hear what the servers said about themselves. It is committed what became of the mails; nothing may harm that."""
        try:
            if self._gate.hear(results, now=now):
                self._sift(now)
        except Exception:
            log.exception("flow.not_learned")

    def _hand_over(self, way: transport.Way, letters: list[Letter], looked: float) -> None:
        ours = {one.claimed.id for one in letters}
        for place, one in enumerate(letters):
            if time.monotonic() - looked > LOOK_EVERY:
                looked = time.monotonic()
                ours = _patiently(lambda: self._still_ours(letters))
            if self._ends():
                self._put_back(letters[place:], "")
                return
            if one.claimed.id not in ours:
                self._put_back([one], "on_hold")
                continue
            following = letters[place + 1].mail if place + 1 < len(letters) else None
            outcome = _deliver(way, one, following)
            self._results.append((one, outcome))
            if outcome.provider_down:
                self.shut = outcome
                self._put_off([*letters[place + 1 :], *self._queue], outcome)
                self._queue = []
                return

    def _still_ours(self, window: list[Letter]) -> set[int]:
        """Also those already handed over: their results are not written yet."""
        return send.still_ours([one.claimed for one in window], now=self._watch.now())

    def _put_off(self, letters: list[Letter], outcome: Outcome) -> None:
        """The way out is shut: the rest of the batch is not tried, and not blamed."""
        until = self._watch.now() + DOWN_PAUSE
        for one in letters:
            too_late = until > one.claimed.latest_at
            state = State.FAILED if too_late else State.PLANNED
            self._unsent.append(
                Move(
                    one.claimed,
                    state,
                    outcome.reason,
                    not_before=None if too_late else until,
                    detail=outcome.reply,
                )
            )

    def _judge_again(self) -> None:
        """Slow work: keep the rest ours, and let go of those who stopped their mails meanwhile."""
        now = self._watch.now()
        with transaction.atomic():
            ours = send.renew([one.claimed for one in self._queue], now=now)
        queue = [one for one in self._queue if one.claimed.id in ours]
        try:
            cleared = clearance.of([one.claimed for one in queue], now=now)
        except Exception as error:  # poison that came in meanwhile: back, to be judged in halves
            if is_away(error):
                raise
            self._put_back(queue, "")
            self._queue, self._judged = [], time.monotonic()
            return
        self._queue = []
        for one in queue:
            answer = cleared[one.claimed.id]
            if answer.answer is clearance.Answer.GO:
                self._queue.append(one)
            else:
                self._unsent.append(letter.not_now(one.claimed, answer, now=now))
        self._judged = time.monotonic()


def _patiently(ask: Callable[[], T]) -> T:
    """What the database answers, also when it restarts or its disk is full at this moment: the mails of a window have left,
    and to give up would make all of them unknown. After a lease nothing of it is ours any more.
    """
    until = time.monotonic() + send.lease().total_seconds()
    while True:
        try:
            return ask()
        except Exception as error:
            if not is_away(error) or connection.in_atomic_block or time.monotonic() > until:
                raise
            connection.close()
            time.sleep(ASK_AGAIN)


def _deliver(way: transport.Way, one: Letter, following: Mail | Wire | None) -> Outcome:
    try:
        return way.deliver(one.mail, following)
    except Unmailable as error:
        return Outcome(Fate.REFUSED, error.code, str(error))
    except Exception:
        # A fault of ours in the middle of a hand-over: the mail may have left.
        log.exception("mail_broke", send=one.claimed.id)
        return Outcome(Fate.UNKNOWN, "error", traceback.format_exc())


def _after(one: Letter, outcome: Outcome, *, now: datetime) -> Move:
    if outcome.fate is Fate.ACCEPTED:
        return Move(one.claimed, State.ACCEPTED, provider_id=outcome.provider_id)
    if outcome.fate is Fate.UNKNOWN:
        return Move(one.claimed, State.UNKNOWN, outcome.reason, detail=outcome.reply)
    again = now + pause(one.claimed.tries + 1, one.claimed.id)
    if outcome.fate is Fate.LATER and again <= one.claimed.latest_at:
        return Move(
            one.claimed,
            State.PLANNED,
            outcome.reason,
            not_before=again,
            put_off_by_server=True,
            detail=outcome.reply,
        )
    return Move(
        one.claimed, State.FAILED, outcome.reason, provider_id=outcome.provider_id, detail=outcome.reply
    )


def _back(one: Letter, reason: str) -> Move:
    """Not sent, through no fault of its own: it waits again, unless the row is no longer ours."""
    return Move(one.claimed, State.PLANNED, reason)


def _mark_informed(letters: Sequence[Letter], *, now: datetime) -> None:
    told = [one.person.id for one in letters if one.person.must_be_told]
    if told:
        contact.mark_informed(contact_ids=told, now=now)


def _count(moves: Sequence[Move], moved: set[int]) -> Delivered:
    states = Counter(one.state for one in moves if one.claimed.id in moved)
    return Delivered(
        accepted=states[State.ACCEPTED],
        skipped=states[State.SKIPPED],
        failed=states[State.FAILED],
        unknown=states[State.UNKNOWN],
        later=states[State.PLANNED],
    )
