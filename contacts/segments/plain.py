"""Texts as conditions compare them: å and a, É and e, ß and ss are the same, capitals do not count.

The database compares with `silo_plain` (its unaccent dictionary, then lower case). `plain` is the same in Python for every letter
that is written with Latin letters; the test over all of them holds the two together.
"""

import unicodedata
from functools import lru_cache

from django.db.models import F, Func, TextField, Value
from django.db.models.expressions import Combinable

# Letters that are no base letter with a mark, as the database's dictionary writes them.
LETTERS = str.maketrans(
    {
        "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "ß": "ss", "ẞ": "SS", "Đ": "D", "đ": "d", "Ð": "D", "ð": "d", "Þ": "TH", "þ": "th",
        "Ł": "L", "ł": "l", "Œ": "OE", "œ": "oe", "Ħ": "H", "ħ": "h", "ı": "i", "ĸ": "q", "Ŋ": "N", "ŋ": "n", "Ŧ": "T", "ŧ": "t",
        "’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...",
    }
)  # fmt: skip


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The form in which texts are compared."""
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", text.translate(LETTERS))
    return "".join(_lower(sign) for sign in bare if not unicodedata.combining(sign))


def _lower(sign: str) -> str:
    """One sign at a time, as the database does it: no final sigma, no letter that becomes two."""
    small = sign.lower()
    return small if len(small) == 1 else small[0]


def of(field: str | Combinable) -> Func:
    """The same of a column, by the database."""
    expression = F(field) if isinstance(field, str) else field
    return Func(expression, function="silo_plain", output_field=TextField())


def value(text: str) -> Value:
    """The text to compare it with."""
    return Value(plain(text), output_field=TextField())
