"""The sums of a limit and of a warm-up plan."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurturing.sending import pace
from nurturing.sending.pace import Counter, Curve

NOW = datetime(2026, 11, 17, 8, 30, 2, tzinfo=UTC)


def counter(period: str, counts: list[int], *, most: int = 10, at: datetime = NOW) -> Counter:
    return Counter(period, most, pace.slice_of(period, at), counts)


def test_what_left_counts_until_its_whole_period_has_passed() -> None:
    just_now = counter("minute", [0] * 12 + [10])
    assert just_now.room(NOW) == 0
    free = just_now.free_at(NOW)
    assert timedelta(seconds=60) <= free - NOW <= timedelta(seconds=65)
    assert just_now.room(free - timedelta(seconds=1)) == 0
    assert just_now.room(free) == 10


def test_room_comes_back_slice_by_slice() -> None:
    spread = counter("hour", [2, 0, 0, 3] + [0] * 8 + [1], most=6)
    assert spread.room(NOW) == 0
    assert spread.room(spread.free_at(NOW)) == 2


def test_a_clock_that_is_a_little_behind_gives_nothing_away() -> None:
    ahead = counter("minute", [0] * 12 + [10], at=NOW + timedelta(seconds=40))
    assert ahead.room(NOW) == 0


def test_a_clock_that_was_an_hour_ahead_does_not_shut_the_way_for_an_hour() -> None:
    wrong = counter("minute", [0] * 12 + [4], at=NOW + timedelta(hours=1))
    assert wrong.room(NOW) == 6
    assert wrong.room(NOW + timedelta(seconds=66)) == 6  # until somebody writes it down again
    assert wrong.seen_from(NOW).counts[-1] == 4


def test_a_day_of_warm_up_is_the_calendars_day() -> None:
    day = Counter(pace.WARM_UP, 20, 0, [15])
    assert day.room(NOW) == day.room(NOW + timedelta(hours=30)) == 5


@pytest.mark.parametrize(
    ("curve", "days"),
    [
        (Curve(20, 2, 0, 200), [20, 40, 80, 160]),
        (Curve(50, 1, 50, 260), [50, 100, 150, 200, 250]),
        (Curve(10, 1.5, 5, 60), [10, 20, 35, 58]),
        (Curve(500, 2, 0, 200), []),
    ],
)
def test_a_plan_grows_until_there_is_no_limit(curve: Curve, days: list[int]) -> None:
    assert curve.days(60) == days
    assert curve.on_day(len(days) + 1) is None


@given(
    st.builds(
        Curve,
        st.integers(1, 10_000),
        st.floats(1.01, 10),
        st.integers(0, 1_000),
        st.integers(1, 10_000_000),
    )
)
def test_no_plan_shrinks_and_all_end(curve: Curve) -> None:
    days = curve.days(5_000)
    assert days == sorted(days) and len(days) < 5_000
    assert all(number <= curve.until for number in days)
