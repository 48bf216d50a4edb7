"""How the lines of a text are cut into cells: delimiter, quotes, Excel's `sep=` line, preamble lines, a
header or none.
"""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from contacts.reading import columns

DELIMITERS = (";", ",", "\t", "|")
LOOK_AT = 60  # rows
ADDRESS = re.compile(r"[^\s@<>\"',;|]+@[^\s@<>\"',;|]+\.[^\s@<>\"',;|]+")
SEP = re.compile(r'^\ufeff?"?sep=(.)"?\s*$', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """All that is needed to cut the file into rows."""

    delimiter: str = ","
    skip: int = 0  # physical lines before the header (or before the first row when there is no header)
    has_header: bool = True
    wrapped: bool = False  # each line is one quoted cell that holds a whole line
    spaces: bool = False  # a blank after each delimiter, before the quotes

    def as_json(self) -> dict[str, Any]:
        """For ImportBatch.reading."""
        return asdict(self)


def cut(lines: Sequence[str], delimiter: str, *, spaces: bool = False) -> list[list[str]]:
    """The cells of a few lines; a broken quote gives what could be cut."""
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend(csv.reader(lines, delimiter=delimiter, skipinitialspace=spaces))
    return rows


def detect(text: str, *, delimiter: str = "") -> Dialect:
    """The dialect of a file, from its first lines; `delimiter` when its owner knows better."""
    lines = text.splitlines(keepends=True)
    named = SEP.match(lines[0]) if lines else None
    if named:
        delimiter = delimiter or ("\t" if named[1] == "t" else named[1])
        skip = 1
        wrapped = False
    else:
        skip = 0
        wrapped = _is_wrapped(lines)
        if wrapped:
            lines = unwrap(lines)
        delimiter = delimiter or _delimiter(lines)
    spaces = _has_spaces(lines[skip:], delimiter)
    skip, has_header = _header(lines, skip, delimiter, spaces)
    return Dialect(delimiter, skip, has_header, wrapped, spaces)


def unwrap(lines: Sequence[str]) -> list[str]:
    """Take the outer quotes off lines that are one quoted cell each."""
    return [(row[0] + "\n") if row else "\n" for row in cut(lines, "\x00")]


def _is_wrapped(lines: Sequence[str]) -> bool:
    few = [line.rstrip("\r\n") for line in islice(lines, LOOK_AT) if line.strip()]
    if len(few) < 2:
        return False
    quoted = [line for line in few if len(line) > 2 and line[0] == line[-1] == '"' and '""' in line]
    if len(quoted) < 0.9 * len(few):
        return False
    inner = [row[0] for row in cut([line + "\n" for line in few], "\x00") if row]
    outer = max(_consistency(cut(few, delimiter))[1] for delimiter in DELIMITERS)
    return outer <= 1 and any(_consistency(cut(inner, delimiter))[1] > 1 for delimiter in DELIMITERS)


def _delimiter(lines: Sequence[str]) -> str:
    few = list(islice((line for line in lines if line.strip()), 400))
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        rows = cut(few, delimiter)[:LOOK_AT]
        share, width = _consistency(rows)
        if width < 2:
            continue
        known = max((len(columns.recognised(row)) for row in rows[:12]), default=0)
        addresses = sum(1 for row in rows for cell in row if ADDRESS.fullmatch(cell.strip())) / len(rows)
        score = share * (1 + 0.05 * min(width, 20)) + 0.5 * known + min(addresses, 1.0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _consistency(rows: Sequence[Sequence[str]]) -> tuple[float, int]:
    """The share of rows that have the most usual width, and that width; wider rows win a tie."""
    widths = Counter(len(row) for row in rows if row)
    if not widths:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return count / sum(widths.values()), width


def _has_spaces(lines: Sequence[str], delimiter: str) -> bool:
    return any(f'{delimiter} "' in line for line in islice(lines, LOOK_AT)) and not any(
        f'"{delimiter} "' not in line and f'{delimiter} "' in line and line.count('"') % 2
        for line in islice(lines, LOOK_AT)
    )


def _header(lines: Sequence[str], skip: int, delimiter: str, spaces: bool) -> tuple[int, bool]:
    """How many physical lines stand before the header, and whether there is one."""
    reader = csv.reader(islice(lines, skip, None), delimiter=delimiter, skipinitialspace=spaces)
    rows: list[tuple[int, list[str]]] = []
    start = 0
    try:
        for row in islice(reader, LOOK_AT):
            rows.append((start, row))
            start = reader.line_num
    except csv.Error:
        pass
    filled = [(at, row) for at, row in rows if any(cell.strip() for cell in row)]
    if not filled:
        return skip, True
    _share, width = _consistency([row for _at, row in filled])
    for at, row in filled[:15]:
        if len(columns.recognised(row)) >= 2 or (width == 1 and columns.recognised(row)):
            return skip + at, True
    for at, row in filled[:15]:
        words = [cell for cell in row if cell.strip()]
        if len(row) >= 0.6 * width and len(words) >= min(2, width):
            if columns.recognised(row):
                return skip + at, True
            is_data = any(ADDRESS.search(cell) or re.fullmatch(r"[\d\s+()./:-]{5,}", cell) for cell in words)
            return skip + at, not is_data
    return skip + filled[0][0], not any(ADDRESS.search(cell) for cell in filled[0][1])
