"""The rhythm moves in bounded steps, and says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurturing.planning import rhythm
from nurturing.planning.rhythm import Rule

RULE = Rule()
days = st.floats(1, 400)


@given(days, st.floats(-1, 3))
def test_interest_never_lengthens_and_never_passes_the_floor(interval: float, strength: float) -> None:
    change = rhythm.after_interest(RULE, interval, strength)
    assert change.days <= max(interval, RULE.floor)
    assert RULE.floor <= change.days <= RULE.ceiling


@given(days)
def test_silence_never_shortens_and_never_passes_the_ceiling(interval: float) -> None:
    change = rhythm.after_ignored(RULE, interval)
    assert change.days >= min(interval, RULE.ceiling)
    assert RULE.floor <= change.days <= RULE.ceiling


def test_a_strong_sign_shortens_more_than_a_weak_one() -> None:
    strong, weak = rhythm.after_interest(RULE, 45, 1.0), rhythm.after_interest(RULE, 45, 0.3)
    assert strong.days == pytest.approx(36)
    assert strong.days < weak.days < 45
    assert strong.because == weak.because == "interest"


def test_the_bounds_are_named_when_they_hold() -> None:
    assert rhythm.after_interest(RULE, RULE.floor, 1.0) == rhythm.Change(RULE.floor, "interest_at_floor")
    assert rhythm.after_ignored(RULE, RULE.ceiling) == rhythm.Change(RULE.ceiling, "ignored_at_ceiling")


@pytest.mark.parametrize("wished", [30.0, 91.0])
def test_the_recipients_own_wish_outranks_what_was_learned(wished: float) -> None:
    assert rhythm.interval(RULE, 10, wished) == wished
    assert rhythm.interval(RULE, 100, wished, calm=True) == wished


def test_who_has_no_interval_of_their_own_has_the_resting_one() -> None:
    assert rhythm.interval(RULE, None) == RULE.resting


def test_calm_is_rarer_but_within_the_ceiling() -> None:
    assert rhythm.interval(RULE, 40, calm=True) == 60
    assert rhythm.interval(RULE, 110, calm=True) == RULE.ceiling


@pytest.mark.parametrize(
    "wrong",
    [{"floor": 0}, {"ceiling": 20}, {"interest_factor": 1.2}, {"ignored_factor": 0.9}, {"daily_cap": 0}],
)
def test_a_rule_that_contradicts_itself_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        Rule(**wrong)  # type: ignore[arg-type]
