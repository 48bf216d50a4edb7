"""Dates and spans as people say them: "today 08:04", "Tue 24 Nov 09:10", "1 h 12 min".

Plain functions of values in the active language and the current zone, without Django's format letters: a list says a hundred
dates. Templates reach them through `{% load face %}`, sentences built in Python call them directly. `now` is handed in, as
everywhere.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils import dates, timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

A_DAY = timedelta(days=1)
FAR = timedelta(days=183)
"""Beyond half a year in either direction a date needs its year."""


def moment(value: datetime, *, now: datetime) -> str:
    """A moment with its time of day: "today 08:04", "Tue 24 Nov 09:10", "24 Nov 2024 09:10"."""
    return f"{day(value, now=now)} {time(value)}"


def time(value: datetime) -> str:
    """The time of day alone: "08:04"."""
    return f"{timezone.localtime(value):%H:%M}"


def day(value: date, *, now: datetime) -> str:
    """A day: "yesterday", "today", "tomorrow", "Tue 24 Nov", "24 Nov 2024"."""
    return _short(*_days(value, now), get_language())


def long_day(value: date, *, now: datetime) -> str:
    """A day inside a sentence: "today", "Tuesday 2 March", "2 March 2024"."""
    return _long(*_days(value, now), get_language())


# A list says the same days over and over, and each asks the catalogue of its language for three words: once is enough.
@lru_cache(maxsize=4096)
def _short(local: date, today: date, language: str | None) -> str:
    if abs(local - today) <= A_DAY:
        return _near(local, today)
    if abs(local - today) > FAR:
        return f"{local.day} {_short_month(local)} {local.year}"
    return f"{dates.WEEKDAYS_ABBR[local.weekday()]} {local.day} {_short_month(local)}"


@lru_cache(maxsize=4096)
def _long(local: date, today: date, language: str | None) -> str:
    if abs(local - today) <= A_DAY:
        return _near(local, today)
    said = f"{local.day} {dates.MONTHS[local.month]}"
    return f"{said} {local.year}" if abs(local - today) > FAR else f"{dates.WEEKDAYS[local.weekday()]} {said}"


@lru_cache(maxsize=4096)
def _whole(local: date, language: str | None) -> str:
    return f"{dates.WEEKDAYS[local.weekday()]} {local.day} {dates.MONTHS[local.month]} {local.year}"


def exact(value: date) -> str:
    """The whole truth, for the title of a date: "Tuesday 24 November 2026 09:10 CET"."""
    if not isinstance(value, datetime):
        return _whole(value, get_language())
    local = timezone.localtime(value)
    return f"{_whole(local.date(), get_language())} {local:%H:%M %Z}"


def span(length: timedelta) -> str:
    """How long: "under a minute", "12 min", "1 h 12 min", "3 days"."""
    minutes = int(abs(length).total_seconds() // 60)
    if minutes < 1:
        return _("under a minute")
    if minutes < 60:
        return _("%(minutes)s min") % {"minutes": minutes}
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        if not rest:
            return _("%(hours)s h") % {"hours": hours}
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
    days = minutes // (24 * 60)
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def _short_month(local: date) -> str:
    """ "Nov" in English; Swedish and Norwegian write their months small: "nov"."""
    month = str(dates.MONTHS_3[local.month])
    return month.title() if (get_language() or "en").startswith("en") else month


def _days(value: date, now: datetime) -> tuple[date, date]:
    """The day meant and today, both where the reader is."""
    zone = timezone.get_current_timezone()
    return value.astimezone(zone).date() if isinstance(value, datetime) else value, now.astimezone(
        zone
    ).date()


def _near(local: date, today: date) -> str:
    return (_("today"), _("tomorrow"), _("yesterday"))[(local - today).days]
