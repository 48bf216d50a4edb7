"""Lines of text cut into records, one after another; a quote that nobody closed costs its own line and no other."""

import csv
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from contacts.reading import dialect

MAX_RECORD = 400_000  # characters; a record beyond this is a quote that was opened and never closed
MOST_CELLS = 500  # kept of a line that could not be cut


class _Runaway(Exception):
    pass


class _Lines:
    """The lines of a file, of which some may be given back to be read again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines
        self.again: deque[str] = deque()

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        return self.again.popleft() if self.again else next(self.lines)


class _Tap:
    """Hands the lines of one record to the csv reader and remembers them. `first` is the line that begins it."""

    def __init__(self, lines: _Lines) -> None:
        self.lines = lines
        self.first: str | None = None
        self.record: list[str] = []
        self.size = 0
        self.ended = False

    def __iter__(self) -> "_Tap":
        return self

    def __next__(self) -> str:
        line = self.first
        if line is not None:
            self.first = None
            self.record = [line]
            self.size = len(line)
            return line
        try:
            line = next(self.lines)
        except StopIteration:
            self.ended = True
            raise
        self.record.append(line)
        self.size += len(line)
        if self.size > MAX_RECORD:
            raise _Runaway
        return line


def cut(lines: Iterator[str], form: dialect.Dialect) -> Iterator[tuple[int, list[str], str]]:
    """(line number, cells, broken) for every record after the skipped lines, header included.

    A quote that is never closed would swallow the rest of the file: then its first line alone is given up,
    and reading goes on with the next.
    """
    csv.field_size_limit(MAX_RECORD * 2)
    at = 1
    for _skipped in range(form.skip):
        if next(lines, None) is None:
            return
        at += 1
    simple = not (form.escape or form.spaces)
    delimiter, quote, width = form.delimiter, form.quote, 0
    source = _Lines(lines)
    tap = _Tap(source)
    reader = csv.reader(tap, **form.csv())
    for line in source:
        if simple and quote not in line:  # the csv reader would do no more, and take twice as long
            bare = line.rstrip("\r\n")
            cells = bare.split(delimiter) if bare else []
            width = width or len(cells)
            yield at, cells, ""
            at += 1
            continue
        tap.first, found = line, None
        with suppress(_Runaway, csv.Error, StopIteration):
            found = next(reader)
        if found is None or _swallowed(tap, found, form, width):
            yield at, line.rstrip("\r\n").split(delimiter)[:MOST_CELLS], "open_quote"
            at += 1
            source.again.extendleft(reversed(tap.record[1:]))
            tap = _Tap(source)
            reader = csv.reader(tap, **form.csv())
            continue
        width = width or len(found)
        yield at, found, ""
        at += len(tap.record)


def _swallowed(tap: _Tap, cells: list[str], form: dialect.Dialect, width: int) -> bool:
    """A quote that nobody closed took the lines after it: up to the end of the file, or up to the next lone quote, and
    then each of those lines is a whole row by itself.
    """
    if tap.ended and _is_open(tap.record, form):
        return True
    return (
        len(tap.record) > 1
        and width > 2
        and len(cells) <= width
        and all(line.count(form.delimiter) == width - 1 for line in tap.record)
    )


def _is_open(record: list[str], form: dialect.Dialect) -> bool:
    try:
        list(csv.reader(record, strict=True, **form.csv()))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False
