"""Days on which somebody is called again: pure functions of values, in the silo's own time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from nurturing.planning import calendar

MORNING = time(8)
FURTHEST = timedelta(days=5 * 366)
AFTER_SUMMER = (8, 17)
"""The day in August when offices are full again."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A day and what people call it."""

    name: str
    day: date


def today(now: datetime) -> date:
    """The date on the silo's wall at this moment."""
    return now.astimezone(timezone.get_default_timezone()).date()


def midnight(now: datetime) -> datetime:
    """When today began."""
    return _at(today(now), time(0))


def morning(day: date) -> datetime:
    """The moment at which somebody is called again on a day: when the salesperson sits down."""
    return _at(day, MORNING)


def working(day: date, country: str = "") -> date:
    """The day itself or the first one after it that is no weekend and no holiday in the country."""
    while day.weekday() >= 5 or day in calendar.quiet_days(country or "SE", day.year):
        day += timedelta(days=1)
    return day


def next_working_day(now: datetime, country: str = "") -> date:
    """The working day after today."""
    return working(today(now) + timedelta(days=1), country)


def is_sensible(day: date, now: datetime) -> bool:
    """A day on which somebody can be called again: after today, and within five years."""
    return today(now) < day <= today(now) + FURTHEST


def soon(now: datetime, country: str = "") -> list[Suggestion]:
    """Days for "we spoke, I call again": within a month."""
    start = today(now)
    monday = start + timedelta(days=7 - start.weekday())
    return _distinct(
        [
            Suggestion(_("Next working day"), next_working_day(now, country)),
            Suggestion(_("Next week"), working(monday + timedelta(days=1), country)),
            Suggestion(_("2 weeks"), working(start + timedelta(days=14), country)),
            Suggestion(_("A month"), working(start + timedelta(days=30), country)),
        ]
    )


def later(now: datetime, country: str = "") -> list[Suggestion]:
    """Days for "not now": when budgets and holidays turn."""
    start = today(now)
    month = start.month - (start.month - 1) % 3 + 3
    quarter = date(start.year + 1, 1, 1) if month > 12 else date(start.year, month, 1)
    summer = date(start.year, *AFTER_SUMMER)
    if summer <= start + timedelta(days=14):
        summer = date(start.year + 1, *AFTER_SUMMER)
    return _distinct(
        [
            Suggestion(_("2 weeks"), working(start + timedelta(days=14), country)),
            Suggestion(_("Next quarter"), working(quarter + timedelta(days=7), country)),
            Suggestion(_("Half a year"), working(start + timedelta(days=182), country)),
            Suggestion(_("After summer"), working(summer, country)),
        ]
    )


def _distinct(suggestions: list[Suggestion]) -> list[Suggestion]:
    first: dict[date, Suggestion] = {}
    for suggestion in suggestions:
        first.setdefault(suggestion.day, suggestion)
    return sorted(first.values(), key=lambda suggestion: suggestion.day)


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=timezone.get_default_timezone()).astimezone(UTC)
