"""CSV as a spreadsheet opens it: nothing in it is worked out as a formula, and it reads back as it was."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

PLAIN = re.compile(r"[+-]?[\d\s()./,-]*")  # phone numbers and figures keep their sign


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs: a formula gets a mark in front, which our own import takes off again."""
    start = cell.lstrip()[:1]
    if start and start in "=+-@\uff1d\uff0b\uff0d\uff20" and not PLAIN.fullmatch(cell):
        return "'" + cell
    return "'" + cell if cell[:1] in ("\t", "\r", "\n") else cell


def lines(rows: Iterable[Sequence[str]], *, delimiter: str) -> Iterator[str]:
    """The rows as text, one by one, with the mark by which Excel knows UTF-8."""
    yield "\ufeff"
    for row in rows:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter).writerow([harmless(cell) for cell in row])
        yield out.getvalue()
