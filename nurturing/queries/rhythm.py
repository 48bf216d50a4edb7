"""The rhythm rule that holds, as the planner takes it, and the sending window of a place."""

from dataclasses import dataclass
from datetime import time, timedelta
from functools import lru_cache

from nurturing.models import RhythmRule
from nurturing.planning.calendar import Calendar, July, zone_of
from nurturing.planning.rhythm import Rule

# Where somebody's wall clock hangs when nothing but the country is known.
ZONES = {
    "SE": "Europe/Stockholm",
    "NO": "Europe/Oslo",
    "DK": "Europe/Copenhagen",
    "FI": "Europe/Helsinki",
    "IS": "Atlantic/Reykjavik",
    "EE": "Europe/Tallinn",
    "LV": "Europe/Riga",
    "LT": "Europe/Vilnius",
    "DE": "Europe/Berlin",
    "NL": "Europe/Amsterdam",
    "PL": "Europe/Warsaw",
    "GB": "Europe/London",
    "IE": "Europe/Dublin",
}
LANGUAGES = {"SE": "sv", "NO": "nb", "DK": "da", "FI": "fi"}
HOME = "SE"
LINGUA_FRANCA = "en"


@dataclass(frozen=True, slots=True)
class Window:
    """When mail leaves, before we know for whom."""

    weekdays: tuple[int, ...]
    opens: time
    closes: time
    july: July


@dataclass(frozen=True, slots=True)
class InForce:
    """The newest rule: the planner's numbers, the window, and after how long a mail comes too late."""

    rule: Rule
    window: Window
    late_after: timedelta


def in_force() -> InForce:
    """The rule that holds now."""
    row = RhythmRule.objects.order_by("-number").first() or RhythmRule(number=0)
    rule = Rule(
        resting=row.resting_days,
        floor=row.floor_days,
        ceiling=row.ceiling_days,
        interest_factor=row.shorten,
        ignored_factor=row.lengthen,
        ignored_after_days=row.ignored_after_days,
        weekly_cap=max(row.mails_per_week, 1),
    )
    window = _window(
        tuple(sorted(day - 1 for day in row.weekdays)) or (0, 1, 2, 3, 4),
        _as_time(row.opens),
        _as_time(row.closes),
        July.CALM if row.calm_july else July.NORMAL,
    )
    return InForce(rule, window, timedelta(days=row.late_after_days))


@lru_cache(maxsize=8)
def _window(weekdays: tuple[int, ...], opens: time, closes: time, july: July) -> Window:
    """One and the same as long as the rule says the same: `calendar_of` finds it without comparing."""
    return Window(weekdays, opens, closes, july)


@lru_cache(maxsize=512)
def calendar_of(window: Window, country: str, zone: str) -> Calendar:
    """The sending window in a country and a zone. Raises ValueError for a zone that nobody knows."""
    name = zone or ZONES.get(country, ZONES[HOME])
    zone_of(name)
    return Calendar(
        zone=name,
        country=country or HOME,
        weekdays=window.weekdays,
        opens=window.opens,
        closes=window.closes,
        july=window.july,
    )


@lru_cache(maxsize=512)
def languages_of(language: str, country: str) -> tuple[str, ...]:
    """What somebody reads, best first: their own language, then English. Nothing known: anything."""
    own = language.split("-")[0] or LANGUAGES.get(country, "")
    own = "nb" if own == "no" else own
    if not own:
        return ()
    return (own,) if own == LINGUA_FRANCA else (own, LINGUA_FRANCA)


def _as_time(value: time | str) -> time:
    """A rule that was not read from the database has its default as text."""
    return time.fromisoformat(value) if isinstance(value, str) else value
