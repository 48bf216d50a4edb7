"""The rows of a file, one after another, each with its line: the file is never held whole."""

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from contacts.reading import decoding, dialect

MAX_RECORD = 400_000  # characters; a record beyond this is a quote that was opened and never closed
MAX_COLUMNS = 2_000


@dataclass(slots=True)
class Row:
    """One row of the file. `number` counts rows after the header from 1, `line` is where it starts in the
    file.
    """

    number: int
    line: int
    cells: list[str]
    broken: str = ""  # "" or the code of what is wrong with its form


class _Runaway(Exception):
    pass


class _Tap:
    """Hands lines to the csv reader and remembers those of the record it is in."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines
        self.record: list[str] = []
        self.size = 0
        self.ended = False

    def __iter__(self) -> "_Tap":
        return self

    def __next__(self) -> str:
        try:
            line = next(self.lines)
        except StopIteration:
            self.ended = True
            raise
        self.record.append(line)
        self.size += len(line)
        if self.size > MAX_RECORD and len(self.record) > 1:
            raise _Runaway
        return line

    def clear(self) -> None:
        self.record.clear()
        self.size = 0


def text_lines(file: BinaryIO, encoding: decoding.Encoding) -> Iterator[str]:
    """The physical lines with their ends; NUL, which no database keeps, is dropped."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding.python_codec, errors=encoding.errors, newline="")
    try:
        for line in text:
            yield line.replace("\x00", "") if "\x00" in line else line
    finally:
        with suppress(ValueError):  # the file was closed before the last row was asked for
            text.detach()


def head(file: BinaryIO, encoding: decoding.Encoding, *, characters: int = 128 * 1024) -> str:
    """The beginning of the text, whole lines, for detecting the dialect."""
    taken: list[str] = []
    size = 0
    for line in text_lines(file, encoding):
        taken.append(line)
        size += len(line)
        if size > characters or len(taken) > 1_000:
            break
    text = "".join(taken)
    return text[1:] if text.startswith("\ufeff") else text


def records(lines: Iterator[str], form: dialect.Dialect) -> Iterator[tuple[int, list[str], str]]:
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
    pending: Iterator[str] = lines
    while True:
        tap = _Tap(pending)
        reader = csv.reader(tap, delimiter=form.delimiter, skipinitialspace=form.spaces)
        lost = False
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (_Runaway, csv.Error):
                lost = True
            if not lost and tap.ended and tap.record and _is_open(tap.record, form):
                lost = True
            if lost:
                first, rest = tap.record[0], tap.record[1:]
                yield at, first.rstrip("\r\n").split(form.delimiter)[:MAX_COLUMNS], "open_quote"
                at += 1
                pending = chain(rest, tap.lines)
                break
            yield at, cells, ""
            at += len(tap.record)
            tap.clear()


def _is_open(record: list[str], form: dialect.Dialect) -> bool:
    try:
        list(csv.reader(record, delimiter=form.delimiter, skipinitialspace=form.spaces, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _unwrapped(lines: Iterator[str]) -> Iterator[str]:
    for row in csv.reader(lines, delimiter="\x01"):
        yield (row[0] if row else "") + "\n"


def header_and_rows(
    file: BinaryIO, encoding: decoding.Encoding, form: dialect.Dialect
) -> tuple[list[str], Iterator[Row]]:
    """The header's cells (empty when there is none) and an iterator over the rows."""
    lines = text_lines(file, encoding)
    first = next(lines, "")
    lines = chain([first.removeprefix("\ufeff")], lines)
    if form.wrapped:
        lines = _unwrapped(lines)
    found = records(lines, form)
    header: list[str] = []
    if form.has_header:
        for _line, cells, _broken in found:
            if any(cell.strip() for cell in cells):
                header = cells
                break
    return header, _numbered(found, len(header))


def _numbered(found: Iterator[tuple[int, list[str], str]], width: int) -> Iterator[Row]:
    number = 0
    for line, cells, broken in found:
        if not broken and not any(cell and not cell.isspace() for cell in cells):
            continue  # an empty line is no row
        number += 1
        yield Row(number, line, cells, broken)
