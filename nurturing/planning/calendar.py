"""When a mail may leave: weekdays, hours, holidays and July, in the recipient's own time zone.

Functions of plain values. Moments go in and come out in UTC; only here are they turned into somebody's
wall clock. A stored UTC moment is a wake-up: the window is asked again on waking, so a changed zone or a
new holiday is honoured.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zlib import crc32
from zoneinfo import ZoneInfo

import holidays as holiday_calendars

JULY = 7
# A window has to open within this many days, whatever the settings: July in silence, then a week of holidays.
HORIZON_DAYS = 400


class July(StrEnum):
    """What the silo does in the Nordic holiday month."""

    NORMAL = "normal"
    CALM = "calm"  # a day in July counts half, so the gaps are longer
    SILENT = "silent"  # nothing leaves


@dataclass(frozen=True, slots=True)
class Calendar:
    """The sending window of one recipient: wall-clock intent plus IANA zone."""

    zone: str = "Europe/Stockholm"
    country: str = "SE"
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    opens: time = time(8, 30)
    closes: time = time(16, 30)
    keeps_holidays: bool = True
    july: July = July.CALM
    spread_minutes: int = 150

    def __post_init__(self) -> None:
        if not self.weekdays or not set(self.weekdays) <= set(range(7)):
            raise ValueError("A sending window needs at least one weekday, 0 (Monday) to 6.")
        if self.opens >= self.closes:
            raise ValueError("A sending window must open before it closes, on the same day.")
        if self.spread_minutes < 0:
            raise ValueError("The spread cannot be negative.")

    def __hash__(self) -> int:
        """There are few, and each is looked up some times per person."""
        return hash(self.zone)


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """The time zone by its IANA name. Raises ValueError for a name nobody knows."""
    try:
        return ZoneInfo(name)
    except Exception as unknown:  # ZoneInfo raises four kinds for a bad key, none of them documented as final
        raise ValueError(f"{name!r} is not an IANA time zone.") from unknown


@lru_cache(maxsize=256)
def quiet_days(country: str, year: int) -> frozenset[date]:
    """Public holidays of a country, with the eves on which Nordic offices are empty.

    None at all for a country that the package `holidays` does not know.
    """
    try:
        days = set(holiday_calendars.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()
    if country in {"SE", "NO", "DK", "FI"}:
        days |= {date(year, 12, 24), date(year, 12, 31)}
    if country in {"SE", "FI"}:  # Midsummer Eve: the Friday from 19 to 25 June
        days.add(next(d for d in (date(year, 6, n) for n in range(19, 26)) if d.weekday() == 4))
    return frozenset(days)


@lru_cache(maxsize=4096)
def is_open_day(calendar: Calendar, day: date) -> bool:
    """May mail leave on this local day at all?"""
    if day.weekday() not in calendar.weekdays:
        return False
    if calendar.july is July.SILENT and day.month == JULY:
        return False
    return not (calendar.keeps_holidays and day in quiet_days(calendar.country, day.year))


@lru_cache(maxsize=4096)
def is_open(calendar: Calendar, moment: datetime) -> bool:
    """Does the recipient's wall clock stand inside the window at this moment?"""
    local = moment.astimezone(zone_of(calendar.zone))
    return calendar.opens <= local.time() < calendar.closes and is_open_day(calendar, local.date())


def next_open(calendar: Calendar, moment: datetime, *, seed: int = 0) -> datetime:
    """The moment itself when the window is open, else the recipient's own minute in the next window.

    UTC in, UTC out, always at or after `moment`. The own minute is a stable spread over the first part of
    the window, so that not everybody's mail leaves at the stroke of the opening hour.
    """
    if is_open(calendar, moment):
        return moment.astimezone(UTC)
    day = moment.astimezone(zone_of(calendar.zone)).date()
    for _ in range(HORIZON_DAYS):
        candidate = own_minute(calendar, day, seed=seed)
        if candidate is not None and candidate >= moment:
            return candidate
        day += timedelta(days=1)
    raise ValueError("This calendar never opens.")


def own_minute(calendar: Calendar, day: date, *, seed: int = 0) -> datetime | None:
    """The recipient's own moment on a local day, in UTC; None when the window does not open that day.

    None also on the night in spring when a window of the small hours does not exist.
    """
    window = _window(calendar, day)
    if window is None:
        return None
    start, room, is_whole = window
    own = start + timedelta(seconds=spread(f"{seed}:{day.isoformat()}", room))
    return own if is_whole or is_open(calendar, own) else start if is_open(calendar, start) else None


@lru_cache(maxsize=4096)
def _window(calendar: Calendar, day: date) -> tuple[datetime, int, bool] | None:
    """When the window opens on a local day (UTC), over how many seconds mails are spread, and whether no clock is
    moved inside it. None when it stays shut. Kept, because everybody in a country asks for the same few days.
    """
    if not is_open_day(calendar, day):
        return None
    zone = zone_of(calendar.zone)
    start, end = (datetime.combine(day, hour, zone) for hour in (calendar.opens, calendar.closes))
    room = int((end.astimezone(UTC) - start.astimezone(UTC)).total_seconds())
    is_whole = start.utcoffset() == end.utcoffset() and is_open(calendar, start)
    return start.astimezone(UTC), max(0, min(room, calendar.spread_minutes * 60)), is_whole


def add_days(calendar: Calendar, start: datetime, days: float) -> datetime:
    """`days` later by the recipient's wall clock; with a calm July each July day counts half.

    The same wall-clock time on another date, so that a change of summer time moves nobody's mail by an hour.
    """
    zone = zone_of(calendar.zone)
    local = start.astimezone(zone)
    whole = local.date()
    left = days
    if calendar.july is July.CALM and _meets_july(whole, left):
        while left >= _cost(whole):
            left -= _cost(whole)
            whole += timedelta(days=1)
        left /= _cost(whole)
    else:
        whole += timedelta(days=int(left))
        left -= int(left)
    same_time = datetime.combine(whole, local.time().replace(fold=0), zone).astimezone(UTC)
    return same_time + timedelta(seconds=round(left * 86_400))


def touch_at(calendar: Calendar, start: datetime, days: float, *, seed: int = 0) -> datetime:
    """The recipient's own minute on the first open day at least `days` local days after `start`.

    A rhythm is counted in days, not in hours: the mail comes on a day, at their minute, and never drifts
    into the evening. Less than a day means: as soon as the window is open.
    """
    return next_open(calendar, _earliest(calendar, start, days), seed=seed)


@lru_cache(maxsize=4096)
def _earliest(calendar: Calendar, start: datetime, days: float) -> datetime:
    """Kept, because all who were written to in one round of the clock ask about the same moment."""
    due = add_days(calendar, start, days)
    return due if days < 1 else local_midnight(calendar, due)


@lru_cache(maxsize=1024)
def local_midnight(calendar: Calendar, moment: datetime) -> datetime:
    """The start of the recipient's day that `moment` falls in, in UTC."""
    zone = zone_of(calendar.zone)
    return datetime.combine(moment.astimezone(zone).date(), time(0), zone).astimezone(UTC)


def spread(key: str, room: int) -> int:
    """A stable number in [0, room) from a key: the same on every machine and in every process."""
    return crc32(key.encode()) % room if room > 0 else 0


def _cost(day: date) -> float:
    return 0.5 if day.month == JULY else 1.0


def _meets_july(start: date, days: float) -> bool:
    if start.month == JULY:
        return True
    year = start.year if start.month < JULY else start.year + 1
    return start + timedelta(days=days) >= date(year, JULY, 1)
