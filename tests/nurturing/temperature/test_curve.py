"""The cooling curve: what may not depend on order, on the moment of asking or on how the figure was
reached.
"""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurturing.temperature import curve

START = datetime(2025, 11, 21, tzinfo=UTC)
quick = settings(max_examples=50, deadline=None)
LINE = curve.Curve(half_life_days=30.0)

moments = st.floats(min_value=0, max_value=400).map(lambda days: START + timedelta(days=days))
worths = st.one_of(st.just(0.0), st.floats(min_value=0.01, max_value=200))
entries = st.lists(st.tuples(worths, moments), max_size=40)
Entries = list[tuple[float, datetime]]


def plain_sum(given_entries: Entries, now: datetime) -> float:
    return math.fsum(
        points * 2.0 ** (-(curve.days(now) - curve.days(at)) / 30.0) for points, at in given_entries
    )


def test_points_halve_with_every_half_life() -> None:
    heat = LINE.heat(80.0, START)
    assert LINE.degrees(heat, START) == pytest.approx(80.0, abs=1e-9)
    assert LINE.degrees(heat, START + timedelta(days=30)) == pytest.approx(40.0, abs=1e-9)
    assert LINE.degrees(heat, START + timedelta(days=90)) == pytest.approx(10.0, abs=1e-9)


@quick
@given(entries)
def test_adding_one_by_one_gives_what_replaying_all_gives(one_by_one: Entries) -> None:
    heat = None
    for points, at in one_by_one:
        heat = LINE.add(heat, points, at)
    now = START + timedelta(days=401)
    assert LINE.degrees(heat, now) == pytest.approx(LINE.degrees(LINE.total(one_by_one), now), abs=1e-6)
    assert LINE.degrees(heat, now) == pytest.approx(plain_sum(one_by_one, now), abs=1e-6)


@quick
@given(entries.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_order_of_arrival_changes_nothing(pair: tuple[Entries, Entries]) -> None:
    first, second = pair
    assert LINE.total(first) == LINE.total(second)


@quick
@given(entries, entries, st.floats(min_value=0, max_value=4000))
def test_time_alone_never_changes_who_is_hotter(one: Entries, other: Entries, later: float) -> None:
    ours, theirs = LINE.total(one), LINE.total(other)
    if ours is None or theirs is None or ours <= theirs:
        return
    now = START + timedelta(days=401)
    assert LINE.degrees(ours, now) >= LINE.degrees(theirs, now)
    assert LINE.degrees(ours, now + timedelta(days=later)) >= LINE.degrees(
        theirs, now + timedelta(days=later)
    )


@quick
@given(entries, st.floats(min_value=0.01, max_value=200), moments)
def test_more_points_never_make_it_colder(found: Entries, points: float, at: datetime) -> None:
    before, after = LINE.total(found), LINE.total([*found, (points, at)])
    now = START + timedelta(days=401)
    assert 0.0 <= LINE.degrees(before, now) <= LINE.degrees(after, now)


@quick
@given(st.floats(min_value=1, max_value=500), st.floats(min_value=1, max_value=100))
def test_the_moment_it_has_cooled_is_the_moment_it_has_cooled(points: float, threshold: float) -> None:
    heat = LINE.heat(points, START)
    moment = LINE.cools_below(heat, threshold)
    assert moment is not None
    assert LINE.degrees(heat, moment) <= threshold
    assert LINE.degrees(heat, moment - timedelta(seconds=2)) >= threshold


@quick
@given(st.floats(min_value=0.1, max_value=500), moments, st.floats(min_value=1, max_value=100))
def test_the_range_condition_says_the_same_as_the_degrees(
    points: float, now: datetime, threshold: float
) -> None:
    heat = LINE.heat(points, START)
    assert heat is not None
    degrees = LINE.degrees(heat, now)
    if abs(degrees - threshold) > 1e-6:
        assert (heat >= LINE.heat_at(threshold, now)) == (degrees >= threshold)


def test_nothing_is_cold_and_has_no_moment_of_cooling() -> None:
    assert LINE.total([]) is None
    assert LINE.total([(0.0, START)]) is None
    assert LINE.degrees(None, START) == 0.0
    assert LINE.cools_below(None, 50.0) is None


@pytest.mark.parametrize("points", [-1.0, math.nan, math.inf])
def test_points_that_are_no_points_are_refused(points: float) -> None:
    with pytest.raises(ValueError, match="never negative"):
        LINE.heat(points, START)


@pytest.mark.parametrize("half_life", [0.0, -3.0, math.nan, math.inf])
def test_a_half_life_is_positive(half_life: float) -> None:
    with pytest.raises(ValueError, match="half-life"):
        curve.Curve(half_life)


def test_times_from_1970_and_2090_are_pulled_to_what_can_be() -> None:
    sent, received = START, START + timedelta(hours=3)
    inside = START + timedelta(hours=1)
    assert curve.clamp(datetime(1970, 1, 1, tzinfo=UTC), earliest=sent, latest=received) == sent
    assert curve.clamp(datetime(2090, 1, 1, tzinfo=UTC), earliest=sent, latest=received) == received
    assert curve.clamp(inside, earliest=sent, latest=received) == inside


def test_only_the_shown_sum_is_rounded() -> None:
    assert [curve.shown(degrees) for degrees in (0.0, 0.49, 0.5, 81.5, 82.49)] == [0, 0, 1, 82, 82]
