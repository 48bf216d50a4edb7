"""An absence note: until when, or for ever. Swedish, Norwegian, Danish, Finnish, English, German.

Only notes are read that a machine sent or that read like one: a person who writes "I am on holiday until Monday, call me
then" is a person, and goes to a salesperson.
"""

import re
from datetime import date, timedelta

from nurturing.inbound import days
from nurturing.inbound.words import away as words

READ_LENGTH = 4_000

_LEFT = re.compile(rf"(?i)(?:{words.LEFT})")
# "I have left the office", "leaves on Friday" is no farewell.
_ONLY_OUT = re.compile(
    r"(?i)left (?:the|our|my) (?:office|desk|building)\b(?! for good)|lämnat kontoret|forlatt kontoret"
)

# A point in them is no end of a sentence.
_SHORT = (
    (re.compile(r"(?i)\bt\.?\s?o\.?\s?m\b\.?"), "till och med"),
    (re.compile(r"(?i)\bfr?\.?\s?o\.?\s?m\b\.?"), "från och med"),
    (re.compile(r"(?i)\bd\.\s?(?=\d)"), "den "),
)
# The day named after one of these is the first day back…
_BACK = (
    r"tillbaka(?:\s+(?:på|i|den|igen|till)){0,3}|åter(?:\s+(?:på plats|i tjänst|på kontoret|i arbete))?|är åter|återkommer"
    r"|börjar (?:arbeta|jobba) igen|på plats igen|öppnar|öppet|åpent|åbent|åpner|åbner|avaamme|re-?opens?|öffnen|geöffnet"
    r"|förrän|(?:ikke|inte|not|nicht)\b[^.!?\n]{0,30}\b(?:før|före|before|vor)|kontoret igen"
    r"|tilbake|tilbage|attende|retur|på kontoret igjen|igen (?:på kontoret|at træffe)|på plass igjen|kontoret igjen|at træffe igen"
    r"|palaan|palaa|takaisin|tavoitettavissa(?: jälleen)?|paikalla jälleen|töissä jälleen|työpaikalla|palattuani"
    r"|svarar|besvarar|svarer|vastaan|antworte|melde mich|respond|reply"
    r"|back|return(?:ing|s)?|available again|again from|resume"
    r"|zurück|wieder(?: ab| am| erreichbar| im büro| da)*|erreichbar ab|ab dem|rückkehr"
)
# …and after one of these the last day away.
_UNTIL = (
    r"till? och med|t\.?\s?o\.?\s?m\.?|fram till|till|til og med|t\.?o\.?m\.?|frem til|fram til|til|indtil|ind til"
    r"|saakka|asti|until(?: and including)?|till|through|thru|to|up to|bis(?: einschließlich| einschl\.?| inkl\.?| zum| zu"
    r"| einschliesslich)*"
    r"|[-–—]|og til"
)
# "Week 48", of which the Monday was read.
_WHOLE_WEEK = re.compile(
    r"(?i)(?:v\.?|u\.|uke|veke|uge|veckan?|viik\w*|vko|kw|week|kalenderwoche|woche)\s?\d"
)
_TO_SUNDAY = timedelta(days=6)
_INCLUSIVE_AFTER = re.compile(r"(?i)^\W{0,3}(?:saakka|asti)")
_BACK_BEFORE = re.compile(rf"(?i)(?:{_BACK})\b[^.!?\n]{{0,45}}$")
_UNTIL_BEFORE = re.compile(
    rf"(?i)(?:\b|(?<=[\s\d.]))(?:{_UNTIL})(?!\w)\s*(?:(?:den|the|dem|og med|on|and including|including|to|mit|um|der|am"
    rf"|zum)\s+)*(?:(?:{days.A_WEEKDAY})\.?,?\s+)?(?:den\s+|the\s+|dem\s+|d\.\s*)?$"
)
_FROM_BEFORE = re.compile(
    r"(?i)\b(?:from|från|fr\.?\s?o\.?\s?m\.?|fra(?: og med)?|f\.?o\.?m\.?|alkaen|vom|since|sedan|siden)\s+(?:den\s+|the\s+"
    rf"|dem\s+|og med\s+)?(?:(?:{days.A_WEEKDAY})\.?,?\s+)?(?:den\s+)?$"
)
_BACK_AFTER = re.compile(
    r"(?i)^[^.!?\n]{0,30}?(?:tillbaka|åter|igen|igjen|tilbake|tilbage|attende|back|zurück|wieder|takaisin|palaan|alkaen)\b"
)

_AWAY = re.compile(rf"(?i)\b(?:{words.AWAY})\b")
_TONE = re.compile(rf"(?i)(?:{words.TONE})")
_BUSINESS = re.compile(rf"(?i)\b(?:{words.BUSINESS})\b")


def reads_like_a_note(text: str) -> bool:
    """A machine's note without any header that says so: absence, in the tone that only notes have.

    A word of absence in the tone that only notes have; and no question and no business, which only people have.
    """
    said = text[:READ_LENGTH]
    if "?" in said or _BUSINESS.search(said) or not (_AWAY.search(said) or has_left(said)):
        return False
    return _TONE.search(said) is not None and len(said) < 1500


def is_away(text: str) -> bool:
    """The words tell of an absence."""
    return _AWAY.search(text[:READ_LENGTH]) is not None


def has_left(text: str) -> bool:
    """The words tell that this person does not work there any more."""
    said = " ".join(text[:READ_LENGTH].split())
    return _LEFT.search(_ONLY_OUT.sub(" ", said)) is not None


def back_on(text: str, *, today: date) -> date | None:
    """The first day on which they are back; None where the note names none that lies ahead.

    The latest day counts that stands with "back" or "until": "away 10–28 November, back on 1 December".
    """
    said = text[:READ_LENGTH]
    for short, long in _SHORT:
        said = short.sub(long, said)
    backs: list[date] = []
    lasts: list[date] = []
    others: list[date] = []
    named = sorted(days.named(said, today=today))
    nexts = [start for start, _end, _day in named[1:]] + [len(said)]
    for (start, end, day), following in zip(named, nexts, strict=False):
        # Up to the next day that is named: "off on Monday, back on Tuesday".
        before, after = said[max(0, start - 80) : start], said[end : min(end + 40, following)]
        is_back = _BACK_BEFORE.search(before) or (
            _BACK_AFTER.match(after) and not (following < len(said) and _BACK_BEFORE.search(after))
        )
        if _INCLUSIVE_AFTER.match(after):
            lasts.append(day)
        elif _FROM_BEFORE.search(before) and not is_back:
            others.append(day)
        elif _UNTIL_BEFORE.search(before):
            lasts.append(day)
        elif is_back:
            backs.append(day)
        else:
            others.append(day + _TO_SUNDAY if _WHOLE_WEEK.match(said[start:end]) else day)
    lasts = [day for day in lasts if day <= today + days.FARTHEST]
    if lasts:  # "until 6 December and back on Monday": the Monday after that
        backs = [_after(max(lasts), day) for day in backs]
    ahead = [day for day in backs if today < day <= today + days.FARTHEST]
    ahead = ahead or [day + timedelta(days=1) for day in lasts if today <= day <= today + days.FARTHEST]
    if not ahead and not backs and not lasts and is_away(said):
        # "On holiday week 29–31", "away 3–5 December": the last day that is named.
        ahead = [day + timedelta(days=1) for day in others[-1:] if today <= day <= today + days.FARTHEST]
    return max(ahead, default=None)


def _after(last: date, day: date) -> date:
    """The first day on the same weekday after the last day away; a day that lies after it anyhow stays."""
    return day if day > last else last + timedelta(days=(day - last).days % 7 or 7)
