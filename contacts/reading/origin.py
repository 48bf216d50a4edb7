"""The country where a file was made: for phone numbers without one, and for the law."""

import re
from collections.abc import Sequence

from contacts.reading import names

_TLD = re.compile(r"@[^\s@]+\.(se|no|dk|fi|de)\b", re.IGNORECASE)
_FORMS = (
    ("SE", re.compile(r"\b(AB|HB|KB)$")),
    ("NO", re.compile(r"\b(AS|ASA|ANS|ENK)$")),
    ("DK", re.compile(r"\b(A/S|ApS)$")),
    ("FI", re.compile(r"\b(Oy|Oyj)$")),
    ("DE", re.compile(r"\bGmbH$")),
)


def country_of(keys: Sequence[str], sample: Sequence[Sequence[str]] = ()) -> str:
    """Where the file was made, for phone numbers without a country: header language first, then addresses,
    company forms and letters.
    """
    scores = dict.fromkeys(names.LANGUAGE_SIGNS, 0.0)
    for country, signs in names.LANGUAGE_SIGNS.items():
        known = set(signs.split())
        scores[country] = 3.0 * sum(1 for key in keys if key in known)
    if not any(scores.values()):
        for row in sample[:200]:
            for cell in row:
                if found := _TLD.search(cell):
                    scores[found[1].upper()] += 1
                for country, form in _FORMS:
                    if form.search(cell.strip()):
                        scores[country] += 1
                scores["SE"] += 0.1 * sum(cell.count(letter) for letter in "äöÄÖ")
                scores["NO"] += 0.1 * sum(cell.count(letter) for letter in "æøÆØ")
    best = max(scores, key=lambda country: scores[country])
    return best if scores[best] > 0 else ""
