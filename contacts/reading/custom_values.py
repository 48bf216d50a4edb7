"""The typed value of a custom field, read from what a person or a file wrote; and back into words.

Pure: no database, no clock. A value that can be read in two ways is refused rather than guessed: a wrong number is worse than
none.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.reading import dates, values

Value = str | int | float | bool

LONGEST_TEXT = 1_000
MOST_DIGITS = 15  # more than that a float does not hold
EARLIEST, LATEST = 1800, 2199

WORDS: dict[str, str | Promise] = {
    "not_a_number": gettext_lazy("“%(text)s” is not a number."),
    "number_in_two_ways": gettext_lazy(
        "“%(text)s” can be read in two ways. Write it without a sign between thousands, or with two decimals."
    ),
    "number_too_long": gettext_lazy("“%(text)s” has more than 15 digits. Keep it in a text field."),
    "number_lost_digits": gettext_lazy("A spreadsheet has cut digits off “%(text)s”."),
    "not_a_date": gettext_lazy("“%(text)s” is not a date. Write it like 2026-11-21 or 21.11.2026."),
    "date_far_away": gettext_lazy("The year of “%(text)s” cannot be right."),
    "not_a_choice": gettext_lazy("“%(text)s” is not among the choices: %(choices)s."),
    "neither_yes_nor_no": gettext_lazy("“%(text)s” is neither yes nor no."),
    "text_too_long": gettext_lazy("The text is longer than 1,000 letters."),
}


class NotThat(Exception):
    """The text does not fit the kind of field: `code` is one of WORDS, `words` the sentence in the reader's language."""

    def __init__(self, code: str, text: str = "", choices: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.text = text[:80]
        self.choices = tuple(choices)

    @property
    def words(self) -> str:
        shown = ", ".join(self.choices[:12]) + (" …" if len(self.choices) > 12 else "")
        return str(WORDS[self.code]) % {"text": self.text, "choices": shown}


def typed(kind: str, text: str, choices: Sequence[str] = ()) -> Value | None:
    """The value as `Contact.custom` keeps it; None for an empty text (then the key is left out).

    `kind` is one of CustomField.Kind. Raises NotThat.
    """
    shown = values.text(text)
    if not shown:
        return None
    return READERS[kind](shown, choices)


def _text(shown: str, choices: Sequence[str]) -> str:
    if len(shown) > LONGEST_TEXT:
        raise NotThat("text_too_long")
    return shown


# --- numbers

CURRENCY = r"(?:kr\.?|:-|,-|sek|nok|dkk|eur|usd|gbp|isk|€|\$|£|%|st\.?|stk\.?|pcs\.?)"
DRESSED = re.compile(rf"^(?:{CURRENCY}\s*)?(?P<number>.*?)(?:\s*{CURRENCY})?$", re.IGNORECASE)
SPACED = re.compile(r"(?<=\d)[ '’](?=\d{3}(?!\d))")
SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?e[+-]?\d+", re.IGNORECASE)


def _number(shown: str, choices: Sequence[str]) -> int | float:
    dressed = DRESSED.match(shown)
    bare = (dressed["number"] if dressed else shown).replace("\u2212", "-").strip()
    if bare.startswith("(") and bare.endswith(")"):  # a bookkeeper's minus
        bare = "-" + bare[1:-1].strip()
    if not bare.isascii():
        bare = bare.replace("\u2019", "'")
    if SCIENTIFIC.fullmatch(bare):
        raise NotThat("number_lost_digits", shown)
    bare = SPACED.sub("", bare)
    if bare[:1] in "+-" and bare[1:2] == " ":
        bare = bare[0] + bare[2:]
    if not bare.isascii() or not re.fullmatch(r"[+-]?[\d.,]*\d[\d.,]*", bare):
        raise NotThat("not_a_number", shown)
    try:
        exact = Decimal(_with_a_point(bare, shown))
    except InvalidOperation:
        raise NotThat("not_a_number", shown) from None
    if len(exact.as_tuple().digits) > MOST_DIGITS or len(bare) > 40:
        raise NotThat("number_too_long", shown)
    whole = exact == exact.to_integral_value()
    return int(exact) if whole else float(exact)


def _with_a_point(bare: str, shown: str) -> str:
    """The number with a point before its decimals and nothing between its thousands."""
    sign, digits = (bare[0], bare[1:]) if bare[0] in "+-" else ("", bare)
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return sign + digits
    mark = digits[last]
    other = "," if mark == "." else "."
    before, after = digits[:last], digits[last + 1 :]
    if mark in before:  # 1.234.567: the sign stands more than once, so it parts thousands
        if other in before or not _in_threes(digits, mark):
            raise NotThat("not_a_number", shown)
        return sign + digits.replace(mark, "")
    if other in before:  # 1.234,50
        if not _in_threes(before, other):
            raise NotThat("not_a_number", shown)
        return f"{sign}{before.replace(other, '')}.{after or '0'}"
    if len(after) == 3 and 1 <= len(before) <= 3 and before[0] != "0":  # 1.234: thousand or one and a bit?
        raise NotThat("number_in_two_ways", shown)
    return f"{sign}{before or '0'}.{after or '0'}"


def _in_threes(digits: str, mark: str) -> bool:
    first, *rest = digits.split(mark)
    return 1 <= len(first) <= 3 and all(len(part) == 3 for part in rest)


# --- dates


def _date(shown: str, choices: Sequence[str]) -> str:
    found = dates.day(shown)
    if found is None:
        raise NotThat("not_a_date", shown)
    try:
        day = date(*found)
    except ValueError:
        raise NotThat("not_a_date", shown) from None
    if not EARLIEST <= day.year <= LATEST:
        raise NotThat("date_far_away", shown)
    return day.isoformat()


# --- choices, yes and no


def _choice(shown: str, choices: Sequence[str]) -> str:
    """The choice in the field's own spelling; case does not count."""
    folded = shown.casefold()
    for one in choices:
        if one.casefold() == folded:
            return one
    raise NotThat("not_a_choice", shown, choices)


def _yes_no(shown: str, choices: Sequence[str]) -> bool:
    found = values.yes(shown)
    if found is None:
        raise NotThat("neither_yes_nor_no", shown)
    return found


READERS = {"text": _text, "number": _number, "date": _date, "choice": _choice, "yes_no": _yes_no}


# --- and back


def written(value: object) -> str:
    """The text of a stored value that `typed` reads again as the same value: for a form's field and for an export."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        exact = format(Decimal(repr(value)), "f")
        return exact + "0" if len(exact.partition(".")[2]) == 3 else exact
    return str(value)


def shown(kind: str, value: object) -> str:
    """The stored value as a page shows it. A value of another kind (the field is newer than the value) is shown as it is."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if kind == "number" and isinstance(value, int | float):
        return format(Decimal(repr(value)), "f")
    return str(value)


def fits(kind: str, value: object, choices: Sequence[str] = ()) -> bool:
    """Whether a stored value is of the field's kind."""
    if kind == "yes_no":
        return isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if not isinstance(value, str):
        return False
    if kind == "date":
        try:
            return date.fromisoformat(value).isoformat() == value
        except ValueError:
            return False
    return kind == "text" or value in choices
