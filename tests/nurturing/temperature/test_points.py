"""Points and caps: functions of the set of events."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurturing.temperature import points

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
quick = settings(max_examples=50, deadline=None)
RULE = points.Rule()
NOW = START + timedelta(days=30)


def event(key: int = 1, **changes: object) -> points.Event:
    standard: dict[str, object] = {"kind": "clicked", "at": START, "level": "mofu", "mail": 7, "human": 1.0}
    return points.Event(key=key, **(standard | changes))  # type: ignore[arg-type]


events = st.lists(
    st.builds(
        points.Event,
        key=st.integers(1, 10**6),
        kind=st.sampled_from(["clicked", "page", "replied", "opened"]),
        at=st.integers(0, 20 * 24).map(lambda hours: START + timedelta(hours=hours)),
        level=st.sampled_from(["", "tofu", "mofu", "bofu"]),
        mail=st.one_of(st.none(), st.integers(1, 3)),
        human=st.floats(0, 1),
    ),
    max_size=30,
    unique_by=lambda one: one.key,
)


def degrees(found: list[points.Event]) -> float:
    return RULE.curve.degrees(points.heat(points.evaluate(found, RULE), RULE), NOW)


def test_a_click_is_worth_more_the_further_along_the_funnel_it_is() -> None:
    worth = [points.raw_points(event(level=level), RULE) for level in ("tofu", "mofu", "bofu")]
    assert worth == [pytest.approx(13.2), 22.0, pytest.approx(37.4)]


def test_a_machine_gets_nothing_and_is_still_listed() -> None:
    receipts = points.evaluate([event(human=0.04)], RULE)
    assert [(one.points, one.because) for one in receipts] == [(0.0, points.MACHINE)]


@pytest.mark.parametrize("kind", ["opened", "delivered", "sent", "bounced", "unheard_of"])
def test_what_is_not_in_the_rule_is_never_heat(kind: str) -> None:
    receipts = points.evaluate([event(kind=kind)], RULE)
    assert [(one.points, one.because) for one in receipts] == [(0.0, points.NOT_SCORED)]


def test_one_mail_gives_no_more_than_its_days_share() -> None:
    receipts = points.evaluate([event(key) for key in range(5)], RULE)
    assert sum(one.points for one in receipts) == RULE.per_mail_day
    assert sorted(one.points for one in receipts) == [0.0, 0.0, 6.0, 22.0, 22.0]
    assert points.CAPPED_MAIL in {one.because for one in receipts}


def test_the_next_day_the_same_mail_counts_again() -> None:
    receipts = points.evaluate(
        [event(key, at=START + timedelta(days=day)) for key, day in enumerate((0, 0, 0, 1))], RULE
    )
    assert sum(one.points for one in receipts) == RULE.per_mail_day + 22.0


def test_a_kind_gives_no_more_than_its_weeks_share_and_monday_starts_a_week() -> None:
    busy = [event(key, mail=key, at=START + timedelta(days=key % 7)) for key in range(10)]
    assert sum(one.points for one in points.evaluate(busy, RULE)) == RULE.per_kind_week
    next_monday = event(99, mail=99, at=START + timedelta(days=7))
    assert sum(one.points for one in points.evaluate([*busy, next_monday], RULE)) == RULE.per_kind_week + 22.0


def test_a_reply_has_room_beside_a_mails_clicks() -> None:
    receipts = points.evaluate([*(event(key) for key in range(5)), event(9, kind="replied", level="")], RULE)
    assert sum(one.points for one in receipts) == RULE.per_mail_day + 40.0


@quick
@given(events.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_caps_do_not_depend_on_the_order_of_arrival(
    pair: tuple[list[points.Event], list[points.Event]],
) -> None:
    first, second = pair
    assert points.evaluate(first, RULE) == points.evaluate(second, RULE)


@quick
@given(events, events)
def test_one_more_event_never_makes_anybody_colder(
    found: list[points.Event], more: list[points.Event]
) -> None:
    known = {one.key for one in found}
    grown = found + [one for one in more if one.key not in known]
    assert degrees(grown) >= degrees(found) - 1e-9


@quick
@given(events, st.floats(0, 1))
def test_a_better_grade_never_makes_anybody_colder(found: list[points.Event], grade: float) -> None:
    better = [
        points.Event(one.key, one.kind, one.at, one.level, one.mail, max(one.human, grade)) for one in found
    ]
    assert degrees(better) >= degrees(found) - 1e-9


@quick
@given(events)
def test_no_receipt_is_negative_or_more_than_the_event_is_worth(found: list[points.Event]) -> None:
    receipts = points.evaluate(found, RULE)
    assert all(0.0 <= one.points <= one.raw for one in receipts)
    assert {one.event.key for one in receipts} == {one.key for one in found}


@quick
@given(events, events)
def test_addable_events_may_be_added_to_the_stored_heat(
    found: list[points.Event], more: list[points.Event]
) -> None:
    known = {one.key for one in found}
    added = [one for one in more if one.key not in known]
    if not points.addable(added, found, RULE):
        return
    heat = points.heat(points.evaluate(found, RULE), RULE)
    for one in added:
        heat = RULE.curve.add(heat, points.raw_points(one, RULE), one.at)
    assert RULE.curve.degrees(heat, NOW) == pytest.approx(degrees([*found, *added]), abs=1e-6)


def test_a_stored_rule_is_read_back_and_unknown_parts_are_refused() -> None:
    rule = points.rule_from(3, 14.0, {"points": {"clicked": 5.0}, "per_mail_day": 9.0})
    assert (rule.version, rule.half_life_days, rule.points["clicked"], rule.per_mail_day) == (
        3,
        14.0,
        5.0,
        9.0,
    )
    assert rule.per_kind_week == RULE.per_kind_week
    with pytest.raises(ValueError, match="per_month"):
        points.rule_from(3, 14.0, {"per_month": 1})
    with pytest.raises(ValueError, match="never negative"):
        points.rule_from(3, 14.0, {"points": {"clicked": -5.0}})
