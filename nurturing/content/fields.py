"""The merge fields an author may use. What is not named here does not exist for a template."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

Merge = Mapping[str, Mapping[str, str]]

KNOWN: dict[str, tuple[str, ...]] = {
    "contact": ("first_name", "last_name", "name", "title", "company", "city", "country", "email", "phone"),
    "owner": ("first_name", "name", "title", "phone", "email"),
    "sender": ("name", "company", "email", "website"),
}
CUSTOM = "custom"
ROOTS = frozenset((*KNOWN, CUSTOM))
CUSTOM_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
LONGEST_VALUE = 500

# Someone whose every field is filled: for the trial run of a template and the first preview of an empty silo.
SAMPLE: Merge = {
    "contact": {
        "first_name": "Anna",
        "last_name": "Lind",
        "name": "Anna Lind",
        "title": "Inköpschef",
        "company": "Fjordmek AS",
        "city": "Bergen",
        "country": "NO",
        "email": "anna.lind@fjordmek.example",
        "phone": "+47 55 01 02 03",
    },
    "owner": {
        "first_name": "Sam",
        "name": "Sam Berg",
        "title": "Rådgivare",
        "phone": "+46 31 00 00 01",
        "email": "sam@nordvik.example",
    },
    "sender": {
        "name": "Nordvik Underhåll",
        "company": "Nordvik Underhåll AB",
        "email": "hej@nordvik.example",
        "website": "https://nordvik.example",
    },
    "custom": {},
}


def is_known(root: str, name: str, custom: Iterable[str] | None = None) -> bool:
    """True when `root.name` may stand in a mail; `custom` names the custom fields that exist (None: any
    well-formed one).
    """
    if root == CUSTOM:
        return CUSTOM_KEY.match(name) is not None and (custom is None or name in custom)
    return name in KNOWN.get(root, ())


def clean(value: object) -> str:
    """One line of printable text: no line breaks, control, format or private-use characters, and never
    longer than 500.

    Line breaks in a name would otherwise end a header; bidirectional overrides would rewrite the sentence
    around it.
    """
    if value is None or value == "":
        return ""
    text = str(value)[: LONGEST_VALUE * 4]
    # Nearly every value: printable, so its only white space is a blank. The rest below is for the others.
    if text.isprintable() and len(text) <= LONGEST_VALUE and "  " not in text and text[0] != " " != text[-1]:
        return text
    if not text.isprintable():
        text = "".join(
            " " if unicodedata.category(char) in _BREAKS else char for char in text if _may_stay(char)
        )
    return " ".join(text.split())[:LONGEST_VALUE].rstrip()


_BREAKS = frozenset(("Cc", "Zl", "Zp"))
_JOINERS = frozenset("\u200c\u200d")


def _may_stay(char: str) -> bool:
    category = unicodedata.category(char)
    return category not in ("Cf", "Cs", "Co", "Cn") or char in _JOINERS
