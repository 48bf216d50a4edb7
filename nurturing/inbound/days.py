"""Dates as people write them in an absence note, in six languages: "till och med 28 november", "tilbake mandag uke 48"."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

FARTHEST = timedelta(days=400)
# A day without its year that is further away is last year's: notes that nobody switched off are commoner than leaves of
# eight months, and who is mistaken here loses one mail, not a person for most of a year.
LOOKS_AHEAD = timedelta(days=180)

_MONTHS = {
    1: "januari januar tammikuu tammikuun tammikuuta january jan jänner",
    2: "februari februar helmikuu helmikuun helmikuuta february feb",
    3: "mars marts maaliskuu maaliskuun maaliskuuta march märz mar mrz maerz",
    4: "april huhtikuu huhtikuun huhtikuuta apr",
    5: "maj mai toukokuu toukokuun toukokuuta may",
    6: "juni kesäkuu kesäkuun kesäkuuta june jun",
    7: "juli heinäkuu heinäkuun heinäkuuta july jul",
    8: "augusti august elokuu elokuun elokuuta aug",
    9: "september syyskuu syyskuun syyskuuta sept sep",
    10: "oktober lokakuu lokakuun lokakuuta october okt oct",
    11: "november marraskuu marraskuun marraskuuta nov",
    12: "december desember joulukuu joulukuun joulukuuta dezember dec des dez",
}
MONTH = {name: number for number, names in _MONTHS.items() for name in names.split()}
_WEEKDAYS = (
    "måndag måndagen mandag mandagen maanantai maanantaina maanantaihin monday montag mon",
    "tisdag tisdagen tirsdag tirsdagen tiistai tiistaina tiistaihin tuesday dienstag tue tues",
    "onsdag onsdagen keskiviikko keskiviikkona keskiviikkoon wednesday mittwoch wed",
    "torsdag torsdagen torstai torstaina torstaihin thursday donnerstag thu thurs",
    "fredag fredagen perjantai perjantaina perjantaihin friday freitag fri",
    "lördag lördagen lørdag lørdagen lauantai lauantaina lauantaihin saturday samstag sonnabend sat",
    "söndag söndagen søndag søndagen sunnuntai sunnuntaina sunnuntaihin sunday sonntag sun",
)
WEEKDAY = {name: number for number, names in enumerate(_WEEKDAYS) for name in names.split()}

_PERIODS = {
    "week": "veckan uken uka ugen viikon week woche",
    "month": "månaden måneden måned kuun kuukauden month monats",
    "year": "året år vuoden year jahres årsskiftet nyttår nytår",
}
_PERIOD = {name: period for period, names in _PERIODS.items() for name in names.split()}


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


A_WEEKDAY = _any(WEEKDAY)
_YEAR = r"(?:[\s,.]{1,3}(?P<year>20\d\d))?"
_OF = r"(?:\s(?:of|av|af|i|på))?"
_START = "(?:beginning|start|early|first week|början|första veckan|första|begynnelsen|starten|første uken?|primo|anfang)"
_MIDDLE = "(?:middle|mid|mitten|midten|medio|mitte)"
_END = (
    r"(?:end|last day|whole of|hela|hele|koko|slutet|utgången|sista?e?(?:\sdag(?:en)?)?|slutten|utgangen|ut|slutningen|udgangen|ultimo|ende"
    r"|letzte[rn]?)"
)
_FORMS = tuple(
    (name, re.compile(rf"(?i)(?<![\w.])(?:{words})(?!\w)"))
    for name, words in (
        ("iso", r"(?P<year>20\d\d)(?P<bar>[-/.])(?P<month>\d\d)(?P=bar)(?P<day>\d\d)"),
        # 28 november 2026, 28. november, the 28th of November, 28:e november
        (
            "day_month",
            rf"(?P<day>[0-3]?\d)(?:\.|st|nd|rd|th|:?e|:?a|:an?|:en|\.\s?päivä)?\s{{0,2}}(?:of\s|de\s)?(?P<name>{_any(MONTH)})\b\.?{_YEAR}",
        ),
        # November 28th, 2026
        (
            "month_day",
            rf"(?P<name>{_any(MONTH)})\.?\s{{1,2}}(?:[0-3]?\d\s?[-–]\s?)?(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?!\d|:\d|\.\d)(?:,?\s{{1,2}}(?P<year>20\d\d))?",
        ),
        # 28.11.2026, 28.11., 28/11-2026, 28/11
        (
            "numbers",
            r"(?P<day>[0-3]?\d)[./](?P<month>[01]?\d)(?:[./-]\s?(?P<year>(?:20)?\d\d))?\.?(?!\d|\s?(?:kl|%|kr|€))",
        ),
        # måndag vecka 48, mandag uke 48, Monday week 48, KW 48, viikolla 48, v. 48
        (
            "week",
            (
                rf"(?:(?P<weekday>{_any(WEEKDAY)})\s{{1,2}}(?:i\s|in\s|der\s|den\s)?)?(?:vecka|veckan|uke|veke|uge|week|kalenderwoche|kw"
                rf"|woche|viikko|viikolla|viikon|viikot|vko|v\.?|u\.)\s?(?:[0-5]?\d\s?(?:[-–—+]|och|og|und|and|ja)\s?)?(?P<week>[0-5]?\d)"
            ),
        ),
        ("weekday", rf"(?P<weekday>{_any(WEEKDAY)})"),
        ("tomorrow", r"(?P<tomorrow>i\s?morgon|imorgen|i\s?morgen|huomenna|tomorrow|morgen)"),
        (
            "next_week",
            r"(?P<next_week>nästa vecka|neste uke|næste uge|ensi viikolla|next week|nächste[rn]? woche)",
        ),
        # i januari, till slutet av januari, Mitte Januar, till den siste augusti
        (
            "month",
            (
                r"(?P<at>(?:i|in|im|on|from|fra|från|till|til|until|bis|to|by|seit|ab)\s)?"
                rf"(?P<part>(?:(?:the|den|der)\s)?(?:(?P<start>{_START}{_OF})|(?P<middle>{_MIDDLE}{_OF})|(?P<end>{_END}{_OF}))[\s-])?"
                r"(?(at)|(?(part)|(?!)))"
                rf"(?P<name>{_any(MONTH)})\b{_YEAR}"
            ),
        ),
        # the rest of the week, ut året, bis Ende des Monats, loppuvuoden
        (
            "rest",
            (
                r"(?:rest(?:en)? (?:of|av|af|der|des)|end of|ende|slutet (?:av|på)|slutten av|utg[aå]ngen av|slutningen af"
                r"|udgangen af|loppu|ut|hela|hele|koko)\s?(?:(?:the|this|denne|denna|dieser|dieses|der|des)\s)?"
                rf"(?P<rest>{_any(_PERIOD)})\b|(?P<rest_of>{_any(_PERIOD)})\s(?:ut|ud|loppuun)\b|(?P<ende>jahres|monats)ende\b|(?P<turn>årsskiftet|nyttår|nytår)\b"
            ),
        ),
        # tammikuussa, tammikuun alussa, tammikuun loppuun
        (
            "month_fi",
            (
                rf"(?P<name>{'|'.join(one for one in MONTH if one.endswith('kuu'))})"
                r"(?:ssa|n\s(?:(?P<start>alu\w+|alku\w+)|(?P<middle>puoliväli\w*)|(?P<end>lopu\w+|loppu\w*)))\b"
                rf"{_YEAR}"
            ),
        ),
    )
)


# Where one date of a note can only be read with its month first, the others are meant so, too.
_ONLY_AMERICAN = re.compile(r"(?<![\d/])[01]?\d/(?:1[3-9]|2\d|3[01])(?:/(?:20)?\d\d)?(?![\d/])")
_AMERICAN = (
    "american",
    re.compile(r"(?<![\w.])(?P<month>[01]?\d)/(?P<day>[0-3]?\d)(?:/(?P<year>(?:20)?\d\d))?(?![\d/])"),
)


def named(text: str, *, today: date) -> Iterator[tuple[int, int, date]]:
    """Each date that a text names: where it begins and ends, and which day it is, seen from `today`."""
    taken: list[tuple[int, int]] = []
    for name, form in (_AMERICAN, *_FORMS) if _ONLY_AMERICAN.search(text) else _FORMS:
        for match in form.finditer(text):
            start, end = match.span()
            if any(start < stop and end > begin for begin, stop in taken):
                continue
            if name == "weekday" and any(0 < begin - end < 8 for begin, _stop in taken):
                continue  # "Thursday 26 November" is one day
            day = _day(name, {key: value for key, value in match.groupdict().items() if value}, today)
            if day is not None:
                taken.append((start, end))
                # What leads to a month says whether it is the last one away: it stays outside.
                yield match.end("at") if name == "month" and match["at"] else start, end, day


def _day(name: str, said: dict[str, str], today: date) -> date | None:
    try:
        if name == "week":
            return _week(said, today)
        if name == "weekday":
            ahead = (WEEKDAY[said["weekday"].lower()] - today.weekday()) % 7
            return today + timedelta(days=ahead or 7)
        if name == "tomorrow":
            return today + timedelta(days=1)
        if name == "rest":
            return _last_day(_PERIOD[next(iter(said.values())).lower()], today)
        if name == "next_week":
            return today + timedelta(days=7 - today.weekday())
        month = int(said["month"]) if "month" in said else MONTH[said["name"].lower()]
        day = int(said.get("day", "1"))
        if "end" in said:
            first = _day(name, {key: said[key] for key in said if key != "end"}, today)
            return first and _last_of_month(first)
        if "middle" in said:
            day = 15
        if "year" in said:
            year = int(said["year"])
            return date(year + 2000 if year < 100 else year, month, day)
        return _nearest(month, day, today)
    except (ValueError, KeyError, OverflowError):
        return None


def _last_day(period: str, today: date) -> date:
    if period == "week":
        return today + timedelta(days=6 - today.weekday())
    if period == "year":
        return date(today.year, 12, 31)
    return _last_of_month(today)


def _last_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _nearest(month: int, day: int, today: date) -> date | None:
    """A day without its year: the next one, or the last one where the next is too far away to be meant."""
    this_year = date(today.year, month, day)
    next_one = this_year if this_year >= today else date(today.year + 1, month, day)
    return next_one if next_one - today <= LOOKS_AHEAD else date(next_one.year - 1, month, day)


def _week(said: dict[str, str], today: date) -> date | None:
    week = int(said["week"])
    weekday = WEEKDAY[said["weekday"].lower()] if "weekday" in said else 0
    year = today.isocalendar().year
    found = date.fromisocalendar(year, week, weekday + 1)
    if (
        found < today - timedelta(days=7)
        and date.fromisocalendar(year + 1, week, weekday + 1) - today <= LOOKS_AHEAD
    ):
        return date.fromisocalendar(year + 1, week, weekday + 1)
    return found
