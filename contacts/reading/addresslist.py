"""A list of addresses that is no table: what stood in the To field of a mail, or one "Bo Ek <bo@ek.se>" a line."""

import re
from collections.abc import Iterator

HEADER = ["Name", "E-mail"]
_ADDRESS = r"[^\s@<>\"',;:|()]+@[^\s@<>\"',;:|()]+\.[^\s@<>\"',;:|()]+"
_ENTRY = re.compile(
    rf"\s*(?:(?:\"(?P<quoted>[^\"]{{0,200}})\"|'(?P<single>[^'\"<>@]{{0,200}})'|(?P<name>[^<>@\";]{{0,200}}?))\s*<\s*(?P<address>{_ADDRESS})\s*>"
    rf"|<?(?P<alone>{_ADDRESS})>?)\s*(?:[;,]|$)"
)
LOOK_AT = 60  # lines


def entries(line: str) -> list[list[str]]:
    """(name, address) of everybody in a line that holds nothing else, [] for any other line."""
    found: list[list[str]] = []
    at, line = 0, line.strip().rstrip(";,")
    while at < len(line):
        entry = _ENTRY.match(line, at)
        if entry is None:
            return []
        name = next((said for key in ("quoted", "single", "name") if (said := entry[key])), "")
        found.append([name.strip(" '"), entry["address"] or entry["alone"]])
        at = entry.end()
    return found


def is_one(text: str) -> bool:
    """Whether each line is made of such entries, and some line says more than one address alone."""
    lines = [line for line in text.splitlines()[:LOOK_AT] if line.strip()]
    read = [entries(line) for line in lines]
    return bool(read) and all(read) and any(len(one) > 1 or one[0][0] for one in read)


def rows(lines: Iterator[str]) -> Iterator[tuple[int, list[str], str]]:
    """(line, cells under HEADER, "") for everybody; a line that is none comes out as it is."""
    for at, line in enumerate(lines, 1):
        for cells in entries(line) or [[line.strip(), ""]]:
            if any(cells):
                yield at, cells, ""
