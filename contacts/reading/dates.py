"""Dates and times as offices write them: by year or by day first, with the name of the month in six languages, or as the number
that a spreadsheet or a computer keeps.
"""

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

from contacts.reading import values

MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "jan januari januar january tammikuu tammikuuta",
            "feb februari februar february helmikuu helmikuuta",
            "mar mars märz march mrz maaliskuu maaliskuuta marts",
            "apr april huhtikuu huhtikuuta",
            "maj mai may toukokuu toukokuuta",
            "jun juni june kesäkuu kesäkuuta",
            "jul juli july heinäkuu heinäkuuta",
            "aug augusti august elokuu elokuuta",
            "sep sept september syyskuu syyskuuta",
            "okt oktober oct october lokakuu lokakuuta",
            "nov november marraskuu marraskuuta",
            "dec december des desember dez dezember joulukuu joulukuuta",
        ),
        1,
    )
    for word in words.split()
}
_CLOCK = (
    r"(?:,? (?:kl\.? |klo |um |at )?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?: (?P<half>[AaPp])\.?[Mm]\.?)?(?: Uhr| UTC)?)?"
)
YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})[-/. ](?P<month>\d{{1,2}})[-/. ](?P<day>\d{{1,2}})(?:{_CLOCK}|T.*)"
)
SOLID = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
DAY_FIRST = re.compile(
    rf"(?P<day>\d{{1,2}})(?:\. ?|[-/ ])(?P<month>\d{{1,2}})(?:\. ?|[-/ ])(?P<year>\d{{4}}|\d{{2}}){_CLOCK}"
)
DAY_MONTH = re.compile(
    rf"(?:den )?(?P<day>\d{{1,2}})\.?(?: |-)(?P<name>[^\W\d_]+)\.?,?(?: |-)(?P<year>\d{{4}}){_CLOCK}",
    re.IGNORECASE,
)
MONTH_DAY = re.compile(
    rf"(?P<name>[^\W\d_]+)\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}}){_CLOCK}", re.IGNORECASE
)
FIRST_YEAR = 1995  # nobody gave consent to e-mail before; 1970-01-01 is a computer's word for "no date"
EXCEL_DAYS = range(34_700, 60_000)  # 1995 to 2064, as days since 1899-12-30
SECONDS = range(800_000_000, 4_000_000_000)  # since 1970


def day(shown: str) -> tuple[int, int, int] | None:
    """(year, month, day) of a date as Nordic offices write it: the day before the month, unless only the other way is a
    date. None for anything else; the numbers may still be no date.
    """
    found = _match(shown)
    return found and _day(found, shown)


def moment(cell: str, *, latest: datetime) -> datetime | None:
    """A date or time, in UTC where no zone is given; None for an empty cell. Raises Problem for one that
    cannot be right.
    """
    word = values.text(cell).removesuffix(" UTC")
    if not word or word in ("0", "0000-00-00", "0000-00-00 00:00:00"):
        return None
    found = _parsed(word)
    if found is None:
        raise values.Problem("unreadable_date", word)
    if found.year < FIRST_YEAR or found > latest:
        raise values.Problem("impossible_date", word)
    return found


def _parsed(word: str) -> datetime | None:
    for read in (datetime.fromisoformat, _written, _counted, _of_a_mail):
        try:
            found = read(word)
            if found is not None:
                return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


def _written(word: str) -> datetime | None:
    found = _match(word)
    parts = found and _day(found, word)
    if not found or not parts:
        return None
    said = found.groupdict()
    hour = int(said.get("hour") or 0)
    if half := said.get("half"):
        hour = hour % 12 + (12 if half in "Pp" else 0)
    return datetime(*parts, hour, int(said.get("minute") or 0), int(said.get("second") or 0))  # noqa: DTZ001


def _counted(word: str) -> datetime | None:
    """A number that was a date: days as Excel counts them, seconds or milliseconds as computers do."""
    if not word.isascii() or not word.isdecimal():
        return None
    number = int(word[:13])
    if number in EXCEL_DAYS:
        return datetime.combine(date(1899, 12, 30) + timedelta(days=number), datetime.min.time())
    for seconds in (number, number // 1000):
        if seconds in SECONDS and len(word) in (9, 10, 13):
            return datetime.fromtimestamp(seconds, UTC)
    return None


def _of_a_mail(word: str) -> datetime | None:
    return parsedate_to_datetime(word) if re.match(r"[A-Za-z]{3}, \d", word) else None


def _match(shown: str) -> re.Match[str] | None:
    if not shown.isascii() and any(sign.isdigit() and not sign.isascii() for sign in shown):
        return None
    for form in (YEAR_FIRST, SOLID, DAY_FIRST):
        if found := form.fullmatch(shown):
            return found
    for form in (DAY_MONTH, MONTH_DAY):
        if (found := form.fullmatch(shown)) and found["name"].casefold() in MONTHS:
            return found
    return None


def _day(found: re.Match[str], shown: str) -> tuple[int, int, int]:
    said = found.groupdict()
    year = int(said["year"])
    if len(said["year"]) == 2:
        year += 1900 if year >= 70 else 2000
    if "name" in said:
        return year, MONTHS[said["name"].casefold()], int(said["day"])
    day, month = int(said["day"]), int(said["month"])
    if month > 12 >= day and "/" in shown:
        day, month = month, day
    return year, month, day
