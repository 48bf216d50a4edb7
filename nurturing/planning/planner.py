"""The planner: one person, one moment, exactly one decision with its reason.

The same function serves the tick, the preview, the simulation of the weeks to come and the doctor. It
knows no database and no clock. The questions in their order: may we at all · is an agreed date due · are
they with sales, hot or resting · may mail go · the sequence they are in · the one that waits · the library.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from nurturing.planning import calendar, choosing, rhythm
from nurturing.planning.decision import COMES_FOR, Decision, Planned, What
from nurturing.planning.position import (
    ActiveEnrollment,
    Content,
    Next,
    OpenHandoff,
    Person,
    Position,
    State,
    Step,
    WaitingEnrollment,
)
from nurturing.planning.rhythm import Rule

CAP_WINDOW = timedelta(days=7)
ANOTHER_LOOK = timedelta(days=1)


__all__ = ["Decision", "Planned", "What", "after", "look", "plan", "simulate"]


def plan(person: Person, position: Position, content: Content, rule: Rule, now: datetime) -> Decision:
    """The one decision for this person at this moment.

    `next_at` is never in the past, and None only when they are stopped. After an action it is `now` itself
    when the next thing is due at once.
    """
    decision = look(person, position, content, rule, now)
    if not decision.acts:
        return decision
    then = look(person, after(position, decision, now), content, rule, now)
    return decision._replace(
        state=then.state,
        next_at=now if then.acts else then.next_at,
        next_what=then.next_what,
        next_because=then.next_because,
    )


def after(position: Position, decision: Decision, now: datetime) -> Position:
    """Where the person stands when the decision has been carried out."""
    recent = (*position.recent, now)
    match decision.what:
        case What.STEP if position.enrollment:
            was = position.enrollment
            enrollment = ActiveEnrollment(
                was.enrollment_id,
                was.sequence_id,
                was.started_at,
                last_step_key=decision.step_key,
                last_step_at=now,
                done=was.done | {decision.step_key},
            )
            return position._replace(
                enrollment=enrollment, last_touch_at=now, recent=recent, mail_waiting=True
            )
        case What.PIECE if decision.piece_id is not None:
            return position._replace(
                got=position.got | {decision.piece_id},
                last_piece_id=decision.piece_id,
                last_touch_at=now,
                recent=recent,
                mail_waiting=True,
            )
        case What.BEGIN:
            begun = next(w for w in position.waiting if w.enrollment_id == decision.row_id)
            active = ActiveEnrollment(begun.enrollment_id, begun.sequence_id, started_at=now)
            left = tuple(w for w in position.waiting if w is not begun)
            return position._replace(enrollment=active, waiting=left)
        case What.FINISH:
            return position._replace(enrollment=None)
        case What.RESUME:
            return position._replace(pause=None)
        case What.ESCALATE:
            reminders = tuple(r for r in position.reminders if r.reminder_id != decision.row_id)
            others = tuple(h for h in position.handoffs if h.kind != decision.because)
            return position._replace(
                reminders=reminders, handoffs=(*others, OpenHandoff(0, decision.because))
            )
        case What.COOL:
            warm = tuple(h for h in position.handoffs if h.handoff_id != decision.row_id)
            return position._replace(handoffs=warm)
        case What.RELEASE:
            return position._replace(holds=tuple(h for h in position.holds if h.hold_id != decision.row_id))
    return position


def simulate(
    person: Person, position: Position, content: Content, rule: Rule, now: datetime, *, weeks: int = 12
) -> Iterator[Planned]:
    """The coming weeks if nothing else happens: every decision that acts, at its moment.

    Nothing else also means that nobody reads: each mail that is left alone lengthens the interval, as it will.
    """
    patience = timedelta(days=rule.ignored_after_days)
    unread = sorted(sent for sent in position.recent if sent > now - patience)
    moment, end = now, now + timedelta(weeks=weeks)
    while moment <= end:
        ignored = [sent for sent in unread if sent + patience <= moment]
        unread = unread[len(ignored) :]
        for _ in ignored if person.wish_days is None else ():
            days = rhythm.interval(rule, position.rhythm_days)
            position = position._replace(rhythm_days=rhythm.after_ignored(rule, days).days)
        decision = plan(person, position, content, rule, moment)
        if decision.acts:
            yield Planned(moment, decision)
            position = after(position, decision, moment)
        if decision.sends:
            unread.append(moment)
        if decision.next_at is None:
            return
        position = position._replace(mail_waiting=False)
        moment = decision.next_at


def look(person: Person, position: Position, content: Content, rule: Rule, now: datetime) -> Decision:
    """What stands at the top of their list; an action comes without the moment after it (see `plan`)."""
    if person.stopped:
        return Decision(What.STOP, person.stopped, State.STOPPED, None, Next.NOTHING, person.stopped)
    state = _state(position)
    for reminder in sorted(position.reminders, key=lambda r: (r.at, r.reminder_id)):
        if reminder.at <= now:
            return _act(What.ESCALATE, reminder.kind, state, now, row_id=reminder.reminder_id)
    if position.holds:
        return _held(position, state, rule, now)
    if position.handoffs:
        return _hot(position, state, rule, now)
    if pause := position.pause:
        if pause.until <= now:
            return _act(What.RESUME, "pause_over", state, now, row_id=pause.pause_id)
        return _later(position, "paused", state, rule, now, pause.until, Next.RESUME)
    if person.mail:
        return _later(position, person.mail, state, rule, now)
    if position.enrollment:
        return _next_of_sequence(person, position, position.enrollment, content, rule, now)
    if begun := _first_waiting(position, now):
        return _act(What.BEGIN, "lane_free", state, now, row_id=begun.enrollment_id)
    return _next_of_library(person, position, content, rule, now)


def _held(position: Position, state: State, rule: Rule, now: datetime) -> Decision:
    """With sales: a claim runs out, an open opportunity does not."""
    ending = sorted((h for h in position.holds if h.until), key=lambda h: (h.until or now, h.hold_id))
    if ending and ending[0].until and ending[0].until <= now:
        return _act(What.RELEASE, f"{ending[0].kind}_ran_out", state, now, row_id=ending[0].hold_id)
    until = ending[0].until if ending else None
    kinds = {hold.kind for hold in position.holds}
    because = "with_sales_opportunity" if "opportunity" in kinds else "with_sales_claim"
    return _later(position, because, state, rule, now, until, Next.RELEASE)


def _hot(position: Position, state: State, rule: Rule, now: datetime) -> Decision:
    """In the queue: heat cools by itself, everything else waits for a person."""
    cooling = sorted((h for h in position.handoffs if h.cools_at), key=lambda h: (h.cools_at or now, h.kind))
    if cooling and cooling[0].cools_at and cooling[0].cools_at <= now:
        return _act(What.COOL, "cooled", state, now, row_id=cooling[0].handoff_id)
    until = cooling[0].cools_at if cooling else None
    kinds = [handoff.kind for handoff in position.handoffs if handoff.kind != "hot"]
    because = f"in_queue_{min(kinds)}" if kinds else "in_queue_hot"
    return _later(position, because, state, rule, now, until, Next.COOL)


def _next_of_sequence(
    person: Person,
    position: Position,
    enrollment: ActiveEnrollment,
    content: Content,
    rule: Rule,
    now: datetime,
) -> Decision:
    sequence = content.sequences.get(enrollment.sequence_id)
    live = sequence is not None and sequence.live
    step = choosing.next_step(sequence, enrollment) if sequence and live else None
    if step is None and live and position.mail_waiting:
        # A run that ended before its last mail has left would take that mail with it.
        return _later(position, "mail_waiting", State.NURTURED, rule, now, now + ANOTHER_LOOK, Next.REVIEW)
    if step is None:
        because = "sequence_through" if live else "sequence_withdrawn"
        return _act(What.FINISH, because, State.NURTURED, now, row_id=enrollment.enrollment_id)
    base = enrollment.last_step_at or enrollment.started_at
    wait = _step_wait(step, person, position, rule, now)
    due = calendar.touch_at(person.calendar, base, wait, seed=person.contact_id)
    if postponed := _not_yet(person, position, rule, now, due, "step_due", Next.STEP):
        return postponed
    return Decision(
        What.STEP,
        "step_due",
        State.NURTURED,
        now,
        COMES_FOR[What.STEP],
        "step_due",
        enrollment.enrollment_id,
        step_key=step.key,
        mail_id=step.mail_id,
    )


def _next_of_library(
    person: Person, position: Position, content: Content, rule: Rule, now: datetime
) -> Decision:
    if position.last_touch_at:
        since, because = position.last_touch_at, "rhythm"
        days = rhythm.interval(rule, position.rhythm_days, person.wish_days, calm=_is_calm(position, now))
    else:
        since, because = person.joined_at, "first_mail"
        days = calendar.spread(f"first:{person.contact_id}", round(rule.first_within_days * 1440)) / 1440
    due = calendar.touch_at(person.calendar, since, days, seed=person.contact_id)
    if postponed := _not_yet(person, position, rule, now, due, because, Next.PIECE):
        return postponed
    chosen = choosing.best_piece(person, position, content)
    if chosen is None:
        return _later(position, "no_piece_left", State.NURTURED, rule, now)
    piece, why = chosen
    return Decision(
        What.PIECE,
        why,
        State.NURTURED,
        now,
        COMES_FOR[What.PIECE],
        why,
        piece_id=piece.piece_id,
        mail_id=piece.mail_id,
    )


def _not_yet(
    person: Person,
    position: Position,
    rule: Rule,
    now: datetime,
    due: datetime,
    because: str,
    comes_for: Next,
) -> Decision | None:
    """The postponement, when this mail may not leave now; None when it may."""
    at = due
    if due <= now:
        opening = calendar.next_open(person.calendar, now, seed=person.contact_id)
        capped = _cap_ends(person, position, rule, now)
        if position.mail_waiting:
            at, because = now + ANOTHER_LOOK, "mail_waiting"
        elif capped > now:
            at, because = capped, "enough_for_now"
        elif opening > now:
            at, because = opening, "window_closed"
        else:
            return None
        at = calendar.next_open(person.calendar, at, seed=person.contact_id)
    return _later(position, because, State.NURTURED, rule, now, at, comes_for)


def _cap_ends(person: Person, position: Position, rule: Rule, now: datetime) -> datetime:
    """From when the daily and the weekly cap let another mail through; `now` when they do already."""
    if not position.recent:
        return now
    midnight = calendar.local_midnight(person.calendar, now)
    today = sum(1 for sent in position.recent if midnight <= sent <= now)
    week = sorted(sent for sent in position.recent if now - CAP_WINDOW < sent <= now)
    ends = now
    if today >= rule.daily_cap:
        ends = calendar.local_midnight(person.calendar, midnight + timedelta(hours=36))
    if len(week) >= rule.weekly_cap:
        ends = max(ends, week[-rule.weekly_cap] + CAP_WINDOW)
    return ends


def _step_wait(step: Step, person: Person, position: Position, rule: Rule, now: datetime) -> float:
    if not step.own_rhythm:
        return step.wait_days
    own = rhythm.interval(rule, position.rhythm_days, person.wish_days, calm=_is_calm(position, now))
    return min(step.wait_days, own)


def _first_waiting(position: Position, now: datetime) -> WaitingEnrollment | None:
    live = [w for w in position.waiting if w.expires_at > now]
    return min(live, key=lambda w: (-w.priority, w.queued_at, w.enrollment_id), default=None)


def _is_calm(position: Position, now: datetime) -> bool:
    """A later date is agreed with them: mails go on, but more rarely."""
    return any(reminder.kind == "ripe" and reminder.at > now for reminder in position.reminders)


def _state(position: Position) -> State:
    if position.holds:
        return State.WITH_SALES
    if position.handoffs:
        return State.HOT
    return State.PAUSED if position.pause else State.NURTURED


def _act(what: What, because: str, state: State, now: datetime, *, row_id: int | None = None) -> Decision:
    return Decision(what, because, state, now, COMES_FOR[what], because, row_id)


def _later(
    position: Position,
    because: str,
    state: State,
    rule: Rule,
    now: datetime,
    at: datetime | None = None,
    comes_for: Next = Next.REVIEW,
) -> Decision:
    """Not now: the clock comes again at `at`, at an agreed date or after the ceiling, whichever is first."""
    next_at, next_what = now + timedelta(days=rule.ceiling), Next.REVIEW
    for reminder in position.reminders:
        next_at, next_what = min((next_at, next_what), (reminder.at, Next.REMINDER))
    if at is not None:
        next_at, next_what = min((next_at, next_what), (at, comes_for))
    return Decision(What.LATER, because, state, next_at, next_what, because)
