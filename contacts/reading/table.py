"""The rows of a file, one after another, each with its line: the file is never held whole."""

import csv
import io
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from django.utils.translation import gettext as _

from contacts.reading import (
    addresslist,
    blocks,
    closing,
    decoding,
    dialect,
    further,
    kinds,
    markup,
    mojibake,
    records,
    repeats,
    vcard,
    workbook,
)

MAX_COLUMNS = 500
MAX_FOOTER = 6  # lines; more of them are rows
LINE_ENDS = re.compile("[\x85\u2028\u2029\x1e]")
EMPTY = " \t\xa0\x1a"  # the last is the end of a file under DOS


@dataclass(slots=True)
class Row:
    """One row of the file. `number` counts rows after the header from 1, `line` is where it starts in the
    file.
    """

    number: int
    line: int
    cells: list[str]
    broken: str = ""  # "" or the code of what is wrong with its form


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A line that is no row: shown to the file's owner. `why` is "before", "again" or "after"."""

    line: int
    words: str
    why: str


class Told:
    """What a reader of rows has to say besides them."""

    LIMIT = 40

    def __init__(self) -> None:
        self.lines: list[LeftOut] = []  # the first of those that are no rows
        self.more: list[str] = []  # titles of further tables that the first one does not have
        self.above: set[str] = set()  # what stands over the header, and may come again on each page

    def __call__(self, line: int, words: str, why: str) -> None:
        if why == "before":
            self.above.add(closing.letters(words))
        if words.strip() and len(self.lines) < self.LIMIT:
            self.lines.append(LeftOut(line, words.strip()[:120], why))


def text_lines(file: BinaryIO, encoding: decoding.Encoding, repair: str = "") -> Iterator[str]:
    """The physical lines with their ends; NUL, which no database keeps, is dropped.

    Raises Unreadable when somebody writes into the file meanwhile.
    """
    file.seek(0)
    before = _stamp(file)
    text = io.TextIOWrapper(file, encoding=encoding.python_codec, errors=encoding.errors, newline="")
    try:
        first = next(text, "")
        # no line end that we know, in the whole file: then it is one of those that hardly anybody uses
        begun = (
            [first]
            if first.endswith(("\n", "\r"))
            else [f"{line}\n" for line in LINE_ENDS.split(first) if line]
        )
        for line in chain(begun, text):
            if "\x00" in line:
                line = line.replace("\x00", "")
            if line[-1:] == "\ufffd":  # half a letter, where the file was cut off
                line = line[:-1]
            yield mojibake.repaired(line, repair) if repair else line
        _require_unchanged(file, before)
    finally:
        with suppress(ValueError):  # the file was closed before the last row was asked for
            text.detach()


def _stamp(file: BinaryIO) -> tuple[int, int] | None:
    try:
        found = os.fstat(file.fileno())
    except (OSError, AttributeError):
        return None  # it lies in memory
    return found.st_size, found.st_mtime_ns


def _require_unchanged(file: BinaryIO, before: tuple[int, int] | None) -> None:
    if _stamp(file) != before:
        raise decoding.Unreadable(
            _("The file was changed while it was read. Wait until it is saved, and take it again.")
        )


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


def _unwrapped(lines: Iterator[str]) -> Iterator[str]:
    for row in csv.reader(lines, delimiter="\x01"):
        yield (row[0] if row else "") + "\n"


def header_and_rows(
    file: BinaryIO,
    encoding: decoding.Encoding,
    form: dialect.Dialect,
    told: Told | None = None,
) -> tuple[list[str], Iterator[Row]]:
    """The header's cells (empty when there is none) and an iterator over the rows, of any kind of file.

    Lines before the header, a header that comes again and closing lines are no rows; the first few of them are
    told to `told`.
    """
    told = told or Told()
    found = _found(file, encoding, form, told)
    header: list[str] = []
    if form.has_header:
        for _line, cells, _broken in found:
            if any(cell.strip() for cell in cells):
                header = [cell.replace("\ufeff", "") for cell in cells]
                break
        header += [title for title in form.more if title not in header]
    rows = _numbered(found, header, told)
    if form.several and (people := repeats.people(header)):
        return people.header, _each(rows, people)
    return header, rows


def _each(rows: Iterator[Row], people: repeats.People) -> Iterator[Row]:
    number = 0
    for row in rows:
        for cells in people.split(row.cells):
            number += 1
            yield Row(number, row.line, cells, row.broken)


def _found(
    file: BinaryIO, encoding: decoding.Encoding, form: dialect.Dialect, told: Told
) -> Iterator[tuple[int, list[str], str]]:
    """(line, cells, broken) of every record from the header on."""
    if form.kind == kinds.TEXT:
        lines = text_lines(file, encoding, form.repair)
        first = next(lines, "")
        lines = chain([first.removeprefix("\ufeff")], lines)
        if form.wrapped:
            lines = _unwrapped(lines)
        return records.cut(_tell_skipped(lines, form, told), form)
    return _grid(file, encoding, form, told)


def _tell_skipped(lines: Iterator[str], form: dialect.Dialect, told: Told) -> Iterator[str]:
    for at, line in enumerate(lines, 1):
        if at <= form.skip and not dialect.SEP.match(line):
            told(at, " ".join(line.replace(form.delimiter, " ").replace('"', "").split()), "before")
        yield line
        if at > form.skip:
            break
    yield from lines


def _grid(
    file: BinaryIO, encoding: decoding.Encoding, form: dialect.Dialect, told: Told
) -> Iterator[tuple[int, list[str], str]]:
    rows = raw_grid(file, encoding, form)
    for _skipped in range(form.skip):
        before = next(rows, None)
        if before is None:
            return
        told(before[0], " · ".join(cell for cell in before[1] if cell), "before")
    for line, cells, broken in rows:
        yield line, [mojibake.repaired(cell, form.repair) for cell in cells] if form.repair else cells, broken


def raw_grid(
    file: BinaryIO, encoding: decoding.Encoding, form: dialect.Dialect
) -> Iterator[tuple[int, list[str], str]]:
    """(line, cells, broken) of everything but lines of plain text, from the very top."""
    if form.kind in kinds.WORKBOOKS:
        before = _stamp(file)
        for line, cells in workbook.rows(workbook.open_(file), form.sheet):
            yield line, cells, ""
        _require_unchanged(file, before)
    elif form.kind == kinds.XML:
        yield from markup.sheet_rows(file, form.sheet)
    elif form.kind == kinds.HTML:
        yield from markup.page_rows(text_lines(file, encoding))
    elif form.kind == kinds.BLOCKS:
        titles = blocks.labels(text_lines(file, encoding))
        yield 0, titles, ""
        yield from blocks.rows(text_lines(file, encoding), titles)
    elif form.kind == kinds.ADDRESSES:
        yield 0, addresslist.HEADER, ""
        yield from addresslist.rows(text_lines(file, encoding))
    else:
        yield 0, vcard.HEADER, ""
        yield from vcard.rows(text_lines(file, encoding))


def _numbered(found: Iterator[tuple[int, list[str], str]], header: list[str], told: Told) -> Iterator[Row]:
    number = 0
    titles = [cell.strip() for cell in header]
    telling = next((at for at, title in enumerate(titles) if title), None)
    title = titles[telling] if telling is not None else ""
    width = len(header)
    held: list[_Held] = []
    gap = False  # nothing stands above the line
    places: list[int] | None = None  # where the cells of a further table belong in the first
    for line, cells, broken in found:
        # Most rows begin with three filled cells: for them nothing more is asked than whether they are a header.
        ordinary = len(cells) > 2 and cells[0] and cells[1] and cells[2]
        if not ordinary and not broken and not any(cell.strip(EMPTY) for cell in cells if cell):
            gap = True
            continue  # an empty line is no row
        if not number and not held and closing.is_rule(cells):
            told(line, " ".join(cells), "again")
            continue  # the rule that a database draws under the names of the columns
        again = (
            telling is not None
            and len(cells) > telling
            and title in cells[telling]
            and closing.same(cells, titles)
        )
        if again or ((gap or held) and width > 1 and further.is_header(cells)):
            places = None if again else _places(cells, titles, told)
            for waiting in held:  # the foot of a page, and the title of the next
                told(waiting.line, waiting.words, "after")
            held.clear()
            told(line, " · ".join(cell for cell in cells if cell), "again")
            continue
        if not ordinary and width > 1 and not broken and len(held) < MAX_FOOTER:
            closes, alone = closing.closes(cells, told.above), closing.is_a_word(cells)
            if closes or alone:
                held.append(_Held(line, cells, closes or gap))
                continue
        for waiting in held:
            number += 1
            yield Row(number, waiting.line, waiting.cells)
        held.clear()
        gap = False
        number += 1
        yield Row(number, line, further.moved(cells, places, width) if places else cells, broken)
    closed = (
        any(one.closes for one in held) and number > 0
    )  # nothing but closing lines: then they are the list
    for waiting in held:
        if closed:
            told(waiting.line, waiting.words, "after")
        else:
            number += 1
            yield Row(number, waiting.line, waiting.cells)


@dataclass(frozen=True, slots=True)
class _Held:
    """A line that may be no row: that shows when the next one is read."""

    line: int
    cells: list[str]
    closes: bool

    @property
    def words(self) -> str:
        return " · ".join(cell for cell in self.cells if cell)


def _places(cells: list[str], titles: list[str], told: Told) -> list[int]:
    found, more = further.places(cells, titles)
    told.more += [title for title in more if title not in told.more]
    return found
