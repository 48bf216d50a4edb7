"""How the lines of a text are cut into cells: delimiter, quotes, Excel's `sep=` line, preamble lines, a
header or none.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any

from contacts.reading import headers

DELIMITERS = (";", ",", "\t", "|", "^", "~", "\x1f", ":")
RULE = "-+=|: \t\r\n"  # what a database draws its boxes with
LOOK_AT = 60  # rows
AUTO, NO_HEADER = "", "none"
ADDRESS = re.compile(r"[^\s@<>\"',;|]+@[^\s@<>\"',;|]+\.[^\s@<>\"',;|]+")
SEP = re.compile(r'^\ufeff?"?sep=(.)"?\s*$', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """All that is needed to cut the file into rows."""

    delimiter: str = ","
    skip: int = (
        0  # lines (of a sheet: rows) before the header, or before the first row when there is no header
    )
    has_header: bool = True
    wrapped: bool = False  # each line is one quoted cell that holds a whole line
    spaces: bool = False  # a blank after each delimiter, before the quotes
    kind: str = "text"  # one of kinds.KINDS
    sheet: str = ""  # of a workbook
    repair: str = ""  # the codec by which text that was encoded twice is put back
    escape: str = ""  # the sign before a quote that is no end of the cell, where quotes are not doubled
    quote: str = '"'
    more: Sequence[str] = ()  # columns that only a further table in the file has
    several: bool = False  # people in each row

    def as_json(self) -> dict[str, Any]:
        """For ImportBatch.reading."""
        return asdict(self)

    @property
    def plain(self) -> bool:
        """Lines of text that csv.reader cuts as they are."""
        return self.kind == "text" and self.quote == '"' and not (self.wrapped or self.repair or self.escape)

    def csv(self) -> dict[str, Any]:
        """What csv.reader is told."""
        return {
            "delimiter": self.delimiter,
            "skipinitialspace": self.spaces,
            "escapechar": self.escape or None,
            "quotechar": self.quote,
        }


def cut(lines: Sequence[str], delimiter: str, *, spaces: bool = False, escape: str = "") -> list[list[str]]:
    """The cells of a few lines; a broken quote gives what could be cut."""
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend(
            csv.reader(lines, delimiter=delimiter, skipinitialspace=spaces, escapechar=escape or None)
        )
    return rows


def detect(text: str, *, delimiter: str = "", header: str = AUTO) -> Dialect:
    """The dialect of a file, from its first lines; `delimiter` and `header` ("none", or the number of a line) when
    its owner knows better.
    """
    lines = list(io.StringIO(text, newline=""))
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
    form = Dialect(delimiter, skip, True, wrapped, spaces, quote=_quote(lines[skip:], delimiter))
    form = replace(form, escape=_escape(lines[skip:], form))
    if header == NO_HEADER:
        return replace(form, has_header=False)
    if header.isdecimal() and header != "0":
        return replace(form, skip=min(int(header), max(len(lines), 1)) - 1)
    skip, has_header = _header(lines, form)
    return replace(form, skip=skip, has_header=has_header)


def _quote(lines: Sequence[str], delimiter: str) -> str:
    """The single quote, when every cell stands in one and none in a double one."""
    few = [line.strip() for line in islice(lines, LOOK_AT) if line.strip()]
    parted = f"'{delimiter}'"
    singles = sum(1 for line in few if line[0] == line[-1] == "'" and parted in line)
    return "'" if few and singles == len(few) else '"'


def _escape(lines: Sequence[str], form: Dialect) -> str:
    """A backslash before quotes, when the rows come out more even with it than without."""
    few = list(islice(lines, 400))
    if not any('\\"' in line for line in few) or form.quote != '"':
        return ""
    without = cut(few, form.delimiter, spaces=form.spaces)
    with_it = cut(few, form.delimiter, spaces=form.spaces, escape="\\")
    return "\\" if _consistency(with_it)[0] > _consistency(without)[0] or len(with_it) > len(without) else ""


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
    few = list(islice((line for line in lines if line.strip(RULE)), 400))
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        rows = cut(few, delimiter)[:LOOK_AT]
        share, width = _consistency(rows)
        if width < 2:
            continue
        known = max((len(headers.recognised(row)) for row in rows[:12]), default=0)
        if delimiter == ":" and known < 2:  # a time, a link, "Name: Bo"
            continue
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


def _header(lines: Sequence[str], form: Dialect) -> tuple[int, bool]:
    """How many physical lines stand before the header, and whether there is one."""
    reader = csv.reader(islice(lines, form.skip, None), **form.csv())
    rows: list[tuple[int, list[str]]] = []
    start = 0
    try:
        for row in islice(reader, LOOK_AT):
            rows.append((start, row))
            start = reader.line_num
    except csv.Error:
        pass
    at, has_header = header_of(rows)
    return form.skip + at, has_header


def header_of(rows: Sequence[tuple[int, list[str]]]) -> tuple[int, bool]:
    """Where the header stands among (place, cells), or the first row when there is no header."""
    filled = [(at, row) for at, row in rows if any(cell.strip() for cell in row)]
    if not filled:
        return 0, True
    _share, width = _consistency([row for _at, row in filled])
    for place, (at, row) in enumerate(filled[:30]):
        if (known := len(headers.recognised(row))) >= 2 or (width == 1 and known):
            return _lower_header(filled[place + 1 : place + 3], known, at), True
        if any(ADDRESS.search(cell) for cell in row) and len(row) >= 0.6 * width:
            break  # people have begun: what comes now is no header
    for at, row in filled[:15]:
        words = [cell for cell in row if cell.strip()]
        if len(row) >= 0.6 * width and len(words) >= min(2, width):
            return at, bool(headers.recognised(row)) or not _is_data(words)
    return filled[0][0], not any(ADDRESS.search(cell) for cell in filled[0][1])


def _lower_header(below: Sequence[tuple[int, list[str]]], known: int, at: int) -> int:
    """Of a header in two lines ("Contact | | Company" above the names of the columns) the line that names more."""
    for place, row in below:
        if len(headers.recognised(row)) > known:
            return place
    return at


_FIGURE = re.compile(r"[\d\s+()./:,-]*|null|none|nan|true|false", re.IGNORECASE)
_LONG_FIGURE = re.compile(r"[\d\s+()./:-]{5,}")


def _is_data(words: Sequence[str]) -> bool:
    """A line of values, not of names: an address, a phone number or a date in it, or nothing but figures."""
    return any(ADDRESS.search(cell) or _LONG_FIGURE.fullmatch(cell) for cell in words) or all(
        _FIGURE.fullmatch(cell.strip()) for cell in words
    )
