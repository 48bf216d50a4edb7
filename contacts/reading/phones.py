"""Phone numbers as E.164, read as one dials them in a country."""

import re
from functools import lru_cache

import phonenumbers

from contacts.reading import values

SCIENTIFIC = re.compile(r"^\+?\d+([.,]\d+)?E\+?\d+$", re.IGNORECASE)
EXTENSION = re.compile(
    r"\s*(ext\.?|extension|anknytning|ankn\.?|anr\.?|linje|linje nr|lokal|lok\.?|alanumero|durchwahl|dw|x|#)\s*:?\s*\d{1,6}\s*$",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\s*:::\s*|\s*[;,|]\s*|\s+/\s+|\s+(?:eller|or|och|og|tai|oder|und|el\.?)\s+")
# Two numbers with no more than a stroke or a word between them: each is long enough to be one.
_LOOSELY = re.compile(r"/|\\|[^\W\d_]{2,}\.?:?")
_DECIMALS = re.compile(r"(?<=\d)[.,]0+$")  # a workbook's number became text
_REMARK = re.compile(r"\([^()\d+]*\)|\[[^\[\]\d+]*\]")  # "(mobil)", "(dir)"; "(0)" and "(+46)" stay
ENOUGH = 6  # digits


@lru_cache(maxsize=8192)
def phone(cell: str, country: str) -> str:
    """A number as E.164, read as one dials it in `country`; "" for an empty cell. Raises Problem."""
    shown = values.text(cell)
    if not shown or shown.casefold() in values.NO_VALUE:
        return ""
    if SCIENTIFIC.match(shown):
        raise values.Problem("phone_lost_digits", shown)
    plain = _REMARK.sub(" ", _DECIMALS.sub("", shown))
    for part in _SEVERAL.split(plain):
        if number := _number(EXTENSION.sub("", part), country):
            return number
    for part in _LOOSELY.split(EXTENSION.sub("", plain)):
        if sum(map(str.isdigit, part)) >= ENOUGH and (number := _number(part, country)):
            return number
    raise values.Problem("phone_unreadable", shown)


def _number(written: str, country: str) -> str:
    written = written.strip().removeprefix("tel:")
    digits = re.sub(r"\D", "", written)
    if len(digits) < 5:
        return ""
    local = _parsed(written, country or None)
    if local is not None and phonenumbers.is_valid_number(local):
        return phonenumbers.format_number(local, phonenumbers.PhoneNumberFormat.E164)
    if not written.startswith(("+", "00")):
        abroad = _parsed("+" + digits, None)  # "46701740605": Excel ate the plus
        if abroad is not None and phonenumbers.is_valid_number(abroad):
            return phonenumbers.format_number(abroad, phonenumbers.PhoneNumberFormat.E164)
    # numbers kept free for films and examples are possible, not "valid"
    if local is None or re.search(r"[A-Za-z]{2}", written) or not phonenumbers.is_possible_number(local):
        return ""
    return phonenumbers.format_number(local, phonenumbers.PhoneNumberFormat.E164)


def _parsed(written: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None
