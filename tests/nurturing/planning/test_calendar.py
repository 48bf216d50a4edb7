"""The sending window: never outside it, on the nights when the clock jumps too."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurturing.planning import calendar
from nurturing.planning.calendar import Calendar, July

OSLO = Calendar(zone="Europe/Oslo", country="NO")

moments = st.integers(0, 9 * 366 * 86_400).map(
    lambda s: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)
times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    opens, closes = sorted(draw(st.lists(times, min_size=2, max_size=2, unique=True)))
    return Calendar(
        zone=draw(
            st.sampled_from(["Europe/Stockholm", "Europe/Oslo", "Europe/Helsinki", "America/New_York", "UTC"])
        ),
        country=draw(st.sampled_from(["SE", "NO", "DK", "FI", "XX"])),
        weekdays=tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1)))),
        opens=opens,
        closes=closes,
        july=draw(st.sampled_from(list(July))),
        spread_minutes=draw(st.integers(0, 300)),
    )


@given(calendars(), moments, st.integers(0, 10_000))
def test_the_next_opening_is_open_and_never_in_the_past(
    window: Calendar, moment: datetime, seed: int
) -> None:
    opening = calendar.next_open(window, moment, seed=seed)
    assert opening >= moment
    assert calendar.is_open(window, opening)
    assert opening.tzinfo is UTC


@given(calendars(), moments, st.integers(0, 10_000))
def test_asking_again_at_the_opening_changes_nothing(window: Calendar, moment: datetime, seed: int) -> None:
    opening = calendar.next_open(window, moment, seed=seed)
    assert calendar.next_open(window, opening, seed=seed) == opening


@given(calendars(), moments, st.floats(1, 200), st.integers(0, 10_000))
def test_a_touch_is_at_least_the_asked_days_later(
    window: Calendar, moment: datetime, days: float, seed: int
) -> None:
    touch = calendar.touch_at(window, moment, days, seed=seed)
    zone = ZoneInfo(window.zone)
    gap = touch.astimezone(zone).date() - moment.astimezone(zone).date()
    assert gap.days >= int(days)
    assert calendar.is_open(window, touch)


@pytest.mark.parametrize(
    ("evening", "expected"),
    [
        ("2026-11-20T18:00", "2026-11-23"),  # Friday evening → Monday
        ("2026-12-23T18:00", "2026-12-28"),  # Christmas Eve to Boxing Day, then a weekend
        ("2026-05-13T18:00", "2026-05-15"),  # Ascension Day
        ("2026-05-16T08:00", "2026-05-18"),  # Constitution Day on a Sunday
    ],
)
def test_norwegian_weekends_and_holidays_are_skipped(evening: str, expected: str) -> None:
    moment = datetime.fromisoformat(evening).replace(tzinfo=ZoneInfo("Europe/Oslo"))
    assert calendar.next_open(OSLO, moment, seed=7).date() == date.fromisoformat(expected)


def test_swedish_midsummer_eve_is_quiet_though_no_public_holiday() -> None:
    stockholm = Calendar()
    assert not calendar.is_open_day(stockholm, date(2026, 6, 19))
    assert calendar.is_open_day(OSLO, date(2026, 6, 19))


@pytest.mark.parametrize("month", [3, 10])
def test_the_same_wall_clock_time_across_a_change_of_summer_time(month: int) -> None:
    before = datetime(2026, month, 23, 9, 10, tzinfo=ZoneInfo("Europe/Oslo"))
    after = calendar.add_days(OSLO, before, 7)
    assert after.astimezone(ZoneInfo("Europe/Oslo")).isoformat()[:16] == f"2026-{month:02}-30T09:10"
    assert after - before != timedelta(days=7)


def test_a_window_that_does_not_exist_on_the_spring_night_opens_the_day_after() -> None:
    small_hours = Calendar(
        zone="Europe/Oslo", country="XX", weekdays=tuple(range(7)), opens=time(2), closes=time(3)
    )
    eve = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert calendar.next_open(small_hours, eve).astimezone(ZoneInfo("Europe/Oslo")).date() == date(
        2026, 3, 30
    )


def test_a_silent_july_sends_nothing_between_june_and_august() -> None:
    silent = Calendar(zone="Europe/Oslo", country="NO", july=July.SILENT)
    opening = calendar.next_open(silent, datetime(2026, 6, 30, 20, tzinfo=UTC))
    assert opening.date() == date(2026, 8, 3)


def test_a_calm_july_lengthens_the_gap_and_a_normal_one_does_not() -> None:
    start = datetime(2026, 6, 30, 8, tzinfo=UTC)
    calm = calendar.add_days(Calendar(july=July.CALM), start, 20)
    normal = calendar.add_days(Calendar(july=July.NORMAL), start, 20)
    assert normal.date() == date(2026, 7, 20)
    # one day in June and 31 in July at half speed are 16.5 days, 3.5 remain in August
    assert calm - start == timedelta(days=35, hours=12)


def test_not_everybody_at_the_stroke_of_half_past_eight() -> None:
    friday_night = datetime(2026, 11, 20, 20, tzinfo=UTC)
    openings = {calendar.next_open(OSLO, friday_night, seed=seed) for seed in range(200)}
    assert len(openings) > 150
    assert max(openings) - min(openings) <= timedelta(minutes=OSLO.spread_minutes)


@pytest.mark.parametrize(
    "wrong", [{"weekdays": ()}, {"weekdays": (7,)}, {"opens": time(17)}, {"spread_minutes": -1}]
)
def test_a_calendar_that_could_never_open_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Calendar(**wrong)  # type: ignore[arg-type]


def test_an_unknown_zone_is_named() -> None:
    with pytest.raises(ValueError, match="Europe/Göteborg"):
        calendar.zone_of("Europe/Göteborg")
