"""The planner's promises, for anybody anywhere: always a next moment, never twice, never outside."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurturing.planning import calendar, planner
from nurturing.planning.calendar import Calendar, July
from nurturing.planning.planner import What
from nurturing.planning.position import (
    ActiveEnrollment,
    Content,
    OpenHandoff,
    OpenHold,
    OpenPause,
    OpenReminder,
    Person,
    Piece,
    Position,
    Sequence,
    State,
    Step,
    WaitingEnrollment,
)
from nurturing.planning.rhythm import Rule

RULE = Rule()
OSLO = Calendar(zone="Europe/Oslo", country="NO")
TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # 10:00 in Oslo, window open
CONTENT = Content(
    sequences={
        1: Sequence(1, (Step("hello", 0), Step("case", 7), Step("offer", 30, own_rhythm=True))),
        2: Sequence(2, (Step("only", 3),)),
        3: Sequence(3, (Step("gone", 1),), live=False),
    },
    pieces=tuple(
        Piece(n, level=("tofu", "mofu", "bofu")[n % 3], topic=n % 4, language=("sv", "nb", "")[n % 3])
        for n in range(1, 13)
    ),
)
moments = st.integers(0, 3 * 366 * 1440).map(
    lambda m: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=m)
)


@st.composite
def people(draw: st.DrawFn) -> Person:
    window = Calendar(
        zone=draw(st.sampled_from(["Europe/Stockholm", "Europe/Oslo", "Europe/Helsinki"])),
        country=draw(st.sampled_from(["SE", "NO", "FI"])),
        july=draw(st.sampled_from(list(July))),
    )
    return Person(
        contact_id=draw(st.integers(1, 10_000)),
        joined_at=draw(moments),
        calendar=window,
        mail=draw(st.sampled_from(["", "", "", "no_ground", "no_address"])),
        stopped=draw(st.sampled_from(["", "", "", "", "unsubscribed"])),
        languages=draw(st.sampled_from([(), ("sv",), ("nb", "sv")])),
        level=draw(st.sampled_from(["tofu", "mofu", "bofu", "unheard of"])),
        topics=draw(st.sampled_from([(), ((1, 1.0),), ((2, 0.4), (3, 0.9))])),
        wish_days=draw(st.sampled_from([None, None, 30.0, 91.0])),
    )


@st.composite
def positions(draw: st.DrawFn) -> Position:
    near = moments
    touched = draw(st.none() | near)
    maybe = lambda made: draw(st.none() | made)  # noqa: E731
    steps = st.sampled_from(["", "hello", "case", "vanished"])
    enrollment = maybe(
        st.builds(ActiveEnrollment, st.just(7), st.sampled_from([1, 2, 3, 99]), near, steps, st.none() | near)
    )
    return Position(
        rhythm_days=draw(st.none() | st.floats(1, 300)),
        enrollment=enrollment,
        waiting=tuple(
            draw(
                st.lists(
                    st.builds(WaitingEnrollment, st.just(8), st.just(2), st.just(5), near, near), max_size=1
                )
            )
        ),
        pause=maybe(st.builds(OpenPause, st.just(1), near, st.just("asked"))),
        reminders=tuple(
            draw(
                st.lists(
                    st.builds(OpenReminder, st.just(3), near, st.sampled_from(["ripe", "call_back"])),
                    max_size=1,
                )
            )
        ),
        handoffs=tuple(draw(st.lists(st.builds(OpenHandoff, st.just(4), st.just("hot"), near), max_size=1))),
        holds=tuple(draw(st.lists(st.builds(OpenHold, st.just(5), st.just("claim"), near), max_size=1))),
        got=frozenset(draw(st.sets(st.integers(1, 12)))),
        last_touch_at=touched,
        recent=(touched,) if touched else (),
        mail_waiting=draw(st.booleans()),
    )


@given(people(), positions(), moments)
def test_everyone_has_a_next_moment_unless_stopped_by_name(
    person: Person, position: Position, now: datetime
) -> None:
    decision = planner.plan(person, position, CONTENT, RULE, now)
    assert decision.because
    if person.stopped:
        assert (decision.what, decision.next_at, decision.state) == (What.STOP, None, State.STOPPED)
        return
    assert decision.next_at is not None
    assert decision.next_at >= now
    assert decision.acts or decision.next_at > now
    assert decision.next_at <= now + timedelta(days=RULE.ceiling)


@given(people(), positions(), moments)
def test_the_same_question_has_the_same_answer(person: Person, position: Position, now: datetime) -> None:
    first = planner.plan(person, position, CONTENT, RULE, now)
    assert planner.plan(person, position, CONTENT, RULE, now) == first


@given(people(), positions(), moments)
def test_no_mail_outside_the_window_against_a_stop_or_into_a_conversation(
    person: Person, position: Position, now: datetime
) -> None:
    decision = planner.plan(person, position, CONTENT, RULE, now)
    if decision.sends:
        assert calendar.is_open(person.calendar, now)
        assert not person.stopped
        assert not person.mail
        assert not position.holds
        assert not position.handoffs
        assert not position.pause


@settings(max_examples=40)
@given(people(), positions(), moments)
def test_in_the_coming_half_year_nothing_comes_twice(
    person: Person, position: Position, now: datetime
) -> None:
    planned = list(planner.simulate(person, position, CONTENT, RULE, now, weeks=26))
    pieces = [p.decision.piece_id for p in planned if p.decision.what is What.PIECE]
    steps = [(p.decision.row_id, p.decision.step_key) for p in planned if p.decision.what is What.STEP]
    assert len(pieces) == len(set(pieces))
    assert not position.got & set(pieces)
    assert len(steps) == len(set(steps))
    assert [p.at for p in planned] == sorted(p.at for p in planned)


@settings(max_examples=40)
@given(people(), positions(), moments)
def test_library_mails_keep_the_floor_and_the_caps(person: Person, position: Position, now: datetime) -> None:
    zone = ZoneInfo(person.calendar.zone)
    mails = [p for p in planner.simulate(person, position, CONTENT, RULE, now, weeks=40) if p.decision.sends]
    for before, later in pairwise(mails):
        days = (later.at.astimezone(zone).date() - before.at.astimezone(zone).date()).days
        assert days >= 1
        if later.decision.what is What.PIECE:
            assert days >= min(RULE.floor, person.wish_days or RULE.floor)
    for first, third in zip(mails, mails[2:], strict=False):
        assert third.at - first.at >= timedelta(days=7)


@settings(max_examples=40)
@given(st.integers(1, 5000), st.floats(10, 120), st.sampled_from(list(July)))
def test_the_stream_never_dries_up_while_there_are_pieces(contact_id: int, days: float, july: July) -> None:
    person = Person(contact_id, TUESDAY, replace(OSLO, july=july), languages=("sv",))
    position = Position(rhythm_days=days, last_touch_at=TUESDAY)
    now = TUESDAY
    content = Content(pieces=tuple(Piece(n, language="sv") for n in range(60)))
    mails = [
        p.at for p in planner.simulate(person, position, content, RULE, now, weeks=52) if p.decision.sends
    ]
    # a calm July adds half a month, a silent one a whole, holidays and weekends up to ten days
    # and every mail that is left alone lengthens the interval, up to the ceiling
    assert mails
    longest = RULE.ceiling + 31 + 10
    assert all(later - before <= timedelta(days=longest) for before, later in pairwise([now, *mails]))


def anna(**changes: object) -> Person:
    return Person(1, TUESDAY - timedelta(days=400), OSLO, languages=("sv",))._replace(**changes)  # type: ignore[arg-type]


def test_a_due_step_goes_out_in_the_window_and_the_next_moment_is_the_next_step() -> None:
    position = Position(enrollment=ActiveEnrollment(7, 1, TUESDAY - timedelta(hours=1)))
    decision = planner.plan(anna(), position, CONTENT, RULE, TUESDAY)
    assert (decision.what, decision.step_key, decision.row_id) == (What.STEP, "hello", 7)
    assert decision.next_at is not None
    assert decision.next_at.date() == TUESDAY.date() + timedelta(days=7)


def test_a_late_wake_up_at_night_waits_for_the_morning_with_its_reason() -> None:
    night = TUESDAY.replace(hour=21)
    position = Position(enrollment=ActiveEnrollment(7, 1, TUESDAY))
    decision = planner.plan(anna(), position, CONTENT, RULE, night)
    assert (decision.what, decision.because) == (What.LATER, "window_closed")
    assert decision.next_at == calendar.next_open(OSLO, night, seed=1)


@pytest.mark.parametrize(
    ("last", "former", "expected"),
    [
        ("case", (), "offer"),
        ("vanished", (("hello", "case", "vanished", "offer"),), "offer"),
        ("vanished", (("hello", "vanished", "also gone", "offer"),), "case"),
        ("vanished", (("vanished", "hello"),), "hello"),
        ("never known", (), "hello"),
    ],
)
def test_a_vanished_step_goes_on_after_its_nearest_surviving_one(
    last: str, former: tuple[tuple[str, ...], ...], expected: str
) -> None:
    content = Content(sequences={1: replace(CONTENT.sequences[1], former=former)})
    enrollment = ActiveEnrollment(7, 1, TUESDAY - timedelta(days=90), last, TUESDAY - timedelta(days=60))
    decision = planner.plan(anna(), Position(enrollment=enrollment), content, RULE, TUESDAY)
    assert decision.step_key == expected


def test_a_step_that_was_moved_behind_them_is_not_sent_twice() -> None:
    moved = Content(sequences={1: Sequence(1, (Step("case", 1), Step("hello", 1), Step("offer", 1)))})
    enrollment = ActiveEnrollment(
        7, 1, TUESDAY - timedelta(days=90), "case", TUESDAY - timedelta(days=60), frozenset({"hello", "case"})
    )
    decision = planner.plan(anna(), Position(enrollment=enrollment), moved, RULE, TUESDAY)
    assert decision.step_key == "offer"


def test_after_the_last_step_they_are_back_with_the_library() -> None:
    enrollment = ActiveEnrollment(7, 2, TUESDAY - timedelta(days=60), "only", TUESDAY - timedelta(days=20))
    position = Position(enrollment=enrollment, last_touch_at=TUESDAY - timedelta(days=20))
    decision = planner.plan(anna(), position, CONTENT, RULE, TUESDAY)
    assert (decision.what, decision.because) == (What.FINISH, "sequence_through")
    assert decision.next_what == "piece"
    assert decision.next_at is not None
    assert decision.next_at > TUESDAY + timedelta(days=20)


def test_the_higher_priority_gets_the_free_lane_and_an_expired_one_never() -> None:
    tomorrow, yesterday = TUESDAY + timedelta(days=1), TUESDAY - timedelta(days=1)
    waiting = (
        WaitingEnrollment(1, 2, priority=90, queued_at=yesterday, expires_at=yesterday),
        WaitingEnrollment(2, 2, priority=10, queued_at=yesterday, expires_at=tomorrow),
        WaitingEnrollment(3, 1, priority=50, queued_at=TUESDAY, expires_at=tomorrow),
    )
    decision = planner.plan(anna(), Position(waiting=waiting), CONTENT, RULE, TUESDAY)
    assert (decision.what, decision.row_id) == (What.BEGIN, 3)


def test_a_date_in_march_calms_the_rhythm_and_then_opens_the_door() -> None:
    march = datetime(2027, 3, 1, 8, tzinfo=UTC)
    sent = TUESDAY - timedelta(days=1)
    agreed = Position(
        rhythm_days=20, last_touch_at=sent, reminders=(OpenReminder(3, march, "ripe", "budget"),)
    )
    calm = planner.plan(anna(), agreed, CONTENT, RULE, TUESDAY)
    usual = planner.plan(anna(), agreed._replace(reminders=()), CONTENT, RULE, TUESDAY)
    assert calm.next_at is not None
    assert usual.next_at is not None
    assert calm.next_at - usual.next_at >= timedelta(days=8)
    decision = planner.plan(anna(), agreed, CONTENT, RULE, march)
    assert (decision.what, decision.because, decision.state) == (What.ESCALATE, "ripe", State.HOT)


def test_a_pause_over_a_due_step_is_silence_and_then_a_resumption() -> None:
    monday = TUESDAY + timedelta(days=6)
    position = Position(
        enrollment=ActiveEnrollment(7, 1, TUESDAY - timedelta(days=1)), pause=OpenPause(1, monday, "asked")
    )
    silent = planner.plan(anna(), position, CONTENT, RULE, TUESDAY)
    assert (silent.what, silent.state, silent.next_at) == (What.LATER, State.PAUSED, monday)
    over = planner.plan(anna(), position, CONTENT, RULE, monday)
    assert (over.what, over.state, over.next_at, over.next_what) == (
        What.RESUME,
        State.NURTURED,
        monday,
        "step",
    )


def test_hot_waits_for_a_person_and_cools_at_its_moment() -> None:
    cools = TUESDAY + timedelta(days=4)
    position = Position(last_touch_at=TUESDAY - timedelta(days=90), handoffs=(OpenHandoff(4, "hot", cools),))
    waiting = planner.plan(anna(), position, CONTENT, RULE, TUESDAY)
    assert (waiting.what, waiting.state, waiting.next_at) == (What.LATER, State.HOT, cools)
    assert planner.plan(anna(), position, CONTENT, RULE, cools).what is What.COOL


def test_a_claim_runs_out_and_an_opportunity_does_not() -> None:
    claim = OpenHold(5, "claim", TUESDAY + timedelta(minutes=30))
    deal = OpenHold(6, "opportunity")
    held = planner.plan(anna(), Position(holds=(claim, deal)), CONTENT, RULE, TUESDAY)
    assert (held.state, held.because, held.next_at) == (
        State.WITH_SALES,
        "with_sales_opportunity",
        claim.until,
    )
    released = planner.plan(
        anna(), Position(holds=(claim, deal)), CONTENT, RULE, TUESDAY + timedelta(hours=1)
    )
    assert (released.what, released.row_id, released.state) == (What.RELEASE, 5, State.WITH_SALES)


@pytest.mark.parametrize("reason", ["no_address", "no_ground", "norway_needs_consent"])
def test_who_cannot_be_written_to_has_a_named_reason_and_a_date_to_look_again(reason: str) -> None:
    decision = planner.plan(anna(mail=reason), Position(), CONTENT, RULE, TUESDAY)
    assert (decision.what, decision.because, decision.next_what) == (What.LATER, reason, "review")
    assert decision.next_at == TUESDAY + timedelta(days=RULE.ceiling)


def test_who_has_read_everything_is_looked_at_again() -> None:
    position = Position(got=frozenset(range(1, 13)), last_touch_at=TUESDAY - timedelta(days=90))
    assert planner.plan(anna(), position, CONTENT, RULE, TUESDAY).because == "no_piece_left"


def test_the_piece_follows_topic_then_level_and_language() -> None:
    pieces = (
        Piece(1, "tofu", "sv", topic=1),
        Piece(2, "mofu", "sv", topic=2),
        Piece(3, "mofu", "nb", topic=9),
        Piece(4, "bofu", "sv", topic=9),
    )
    due = Position(last_touch_at=TUESDAY - timedelta(days=90))

    def choice(person: Person, position: Position = due) -> int | None:
        return planner.plan(person, position, Content(pieces=pieces), RULE, TUESDAY).piece_id

    assert choice(anna()) == 1
    assert choice(anna(level="mofu")) == 2
    assert choice(anna(topics=((9, 1.0),))) == 4
    assert choice(anna(topics=((9, 1.0),), languages=("nb",))) == 3
    assert choice(anna(level="mofu"), due._replace(got=frozenset({2}), last_piece_id=2)) == 1


def test_a_planned_mail_that_has_not_left_holds_back_the_next() -> None:
    position = Position(last_touch_at=TUESDAY - timedelta(days=90), mail_waiting=True)
    decision = planner.plan(anna(), position, CONTENT, RULE, TUESDAY)
    assert (decision.what, decision.because) == (What.LATER, "mail_waiting")


def test_a_new_persons_first_mail_comes_within_three_weeks_and_not_to_all_on_one_day() -> None:
    days = set()
    for contact_id in range(1, 60):
        person = Person(contact_id, TUESDAY, OSLO)
        first = planner.plan(person, Position(), CONTENT, RULE, TUESDAY)
        assert first.next_at is not None
        assert first.next_at - TUESDAY < timedelta(days=RULE.first_within_days + 4)
        days.add(first.next_at.date())
    assert len(days) > 8
