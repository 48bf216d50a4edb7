"""A list that is no table: one line for each thing that is said, "E-post: bo@ek.se", and a blank line between two people."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from contacts.reading import headers

_LINE = re.compile(
    r"\s*(?P<label>[^\W\d][^:=;\t]{0,40}?)\s*(?P<sign>[:=;\t]+)\s*(?P<said>.*?)[\s;]*$", re.DOTALL
)
REACH = frozenset({"email", "phone", "mobile"})
MOST_LABELS = 60
AGAIN = ("objectclass", "mail", "note", "notes", "kommentar", "anteckning")  # may be said twice of one person


def is_one(text: str) -> bool:
    """Whether most lines begin with the name of a field, and the same names come again for the next person."""
    if text.startswith("dn:"):
        return True  # LDIF
    lines = [line for line in text.splitlines()[:400] if line.strip()]
    found = [field for line in lines if (field := _field(line))]
    return (
        len(lines) > 3
        and len(found) >= 0.6 * len(lines)
        and bool(REACH.intersection(found))
        and len(set(found)) > 1
        and max(map(found.count, found)) > 1
    )


def _field(line: str) -> str:
    found = _LINE.match(line)
    return (headers.field_of(found["label"]) or headers.loosely(found["label"]) or "") if found else ""


def _said(found: re.Match[str]) -> str:
    if found["sign"] == "::":  # LDIF, where there are other letters than English ones
        with suppress(binascii.Error, UnicodeDecodeError):
            return base64.b64decode(found["said"]).decode()
    return found["said"]


def labels(lines: Iterable[str]) -> list[str]:
    """The names of what is said, in the order in which they come; at most so many."""
    known: dict[str, str] = {}
    for line in lines:
        if (found := _LINE.match(line)) and len(known) < MOST_LABELS:
            known.setdefault(headers.squeeze(found["label"]), found["label"])
    return list(known.values())


def rows(lines: Iterable[str], titles: list[str]) -> Iterator[tuple[int, list[str], str]]:
    """(line, cells under `titles`, "") for each person: a blank line, or a name that was said already, begins the next one."""
    place = {headers.squeeze(title): at for at, title in enumerate(titles)}
    begun, cells, last = 0, [""] * len(titles), -1
    for at, line in enumerate(lines, 1):
        found = _LINE.match(line)
        where = place.get(headers.squeeze(found["label"]), -1) if found else -1
        if any(cells) and (
            not line.strip() or (where >= 0 and cells[where] and headers.squeeze(titles[where]) not in AGAIN)
        ):
            yield begun, cells, ""
            cells, last = [""] * len(titles), -1
        if not line.strip():
            continue
        begun = begun if any(cells) else at
        if where >= 0 and found:
            cells[where] = f"{cells[where]} {_said(found)}".strip()
            last = where
        elif last >= 0:  # the line before goes on
            cells[last] = f"{cells[last]} {line.strip()}"
    if any(cells):
        yield begun, cells, ""
