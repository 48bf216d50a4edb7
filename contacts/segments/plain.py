"""Texts as conditions compare them: å and a, É and e, ß and ss are the same, capitals do not count.

The database compares with `silo_plain` (its unaccent dictionary, then small letters); `plain` is the same in Python, with the
dictionary in letters.txt. A test over every letter holds the two together.
"""

from functools import lru_cache
from pathlib import Path

from django.db.models import F, Func, TextField, Value
from django.db.models.expressions import Combinable


def _dictionary() -> dict[int, str]:
    """What stands in letters.txt: for each letter how it is written without its marks."""
    found: dict[int, str] = {}
    for line in (Path(__file__).parent / "letters.txt").read_text(encoding="ascii").splitlines()[1:]:
        bare, *letters = line.split()
        written = "" if bare == "-" else "".join(chr(int(sign, 16)) for sign in bare.split("."))
        found |= {int(letter, 16): written for letter in letters}
    return found


LETTERS = _dictionary()


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The form in which texts are compared."""
    return lower(text if text.isascii() else text.translate(LETTERS))


def lower(text: str) -> str:
    """Small letters sign by sign, as the database makes them: no final sigma, no letter that becomes two."""
    return text.lower() if text.isascii() else "".join(sign.lower()[0] for sign in text)


def of(field: str | Combinable) -> Func:
    """The same of a column, by the database."""
    expression = F(field) if isinstance(field, str) else field
    return Func(expression, function="silo_plain", output_field=TextField())


def value(text: str) -> Value:
    """The text to compare it with."""
    return Value(plain(text), output_field=TextField())
