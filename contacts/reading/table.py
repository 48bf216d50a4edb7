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

from contacts.reading import addresslist, decoding, dialect, kinds, markup, mojibake, records, vcard, workbook

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
    left_out: list[LeftOut] | None = None,
) -> tuple[list[str], Iterator[Row]]:
    """The header's cells (empty when there is none) and an iterator over the rows, of any kind of file.

    Lines before the header, a header that comes again and closing lines are no rows; the first few of them are
    told to `left_out`.
    """
    told = _Told(left_out)
    found = _found(file, encoding, form, told)
    header: list[str] = []
    if form.has_header:
        for _line, cells, _broken in found:
            if any(cell.strip() for cell in cells):
                header = [cell.replace("\ufeff", "") for cell in cells]
                break
    return header, _numbered(found, header, told)


class _Told:
    """Where the lines that are no rows are remembered, as long as somebody listens."""

    LIMIT = 40

    def __init__(self, told: list[LeftOut] | None) -> None:
        self.told = told
        self.above: set[str] = set()  # what stands over the header, and may come again on each page

    def __call__(self, line: int, words: str, why: str) -> None:
        if why == "before":
            self.above.add(_letters(words))
        if self.told is not None and words.strip() and len(self.told) < self.LIMIT:
            self.told.append(LeftOut(line, words.strip()[:120], why))


def _found(
    file: BinaryIO, encoding: decoding.Encoding, form: dialect.Dialect, told: _Told
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


def _tell_skipped(lines: Iterator[str], form: dialect.Dialect, told: _Told) -> Iterator[str]:
    for at, line in enumerate(lines, 1):
        if at <= form.skip and not dialect.SEP.match(line):
            told(at, " ".join(line.replace(form.delimiter, " ").replace('"', "").split()), "before")
        yield line
        if at > form.skip:
            break
    yield from lines


def _grid(
    file: BinaryIO, encoding: decoding.Encoding, form: dialect.Dialect, told: _Told
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
    elif form.kind == kinds.ADDRESSES:
        yield 0, addresslist.HEADER, ""
        yield from addresslist.rows(text_lines(file, encoding))
    else:
        yield 0, vcard.HEADER, ""
        yield from vcard.rows(text_lines(file, encoding))


def _numbered(found: Iterator[tuple[int, list[str], str]], header: list[str], told: _Told) -> Iterator[Row]:
    number = 0
    titles = [cell.strip() for cell in header]
    telling = next((at for at, title in enumerate(titles) if title), None)
    title = titles[telling] if telling is not None else ""
    width = len(header)
    held: list[tuple[int, list[str]]] = []
    for line, cells, broken in found:
        # Most rows begin with three filled cells: for them nothing more is asked than whether they are the header.
        ordinary = len(cells) > 2 and cells[0] and cells[1] and cells[2]
        if not ordinary and not broken and not any(cell.strip(EMPTY) for cell in cells if cell):
            continue  # an empty line is no row
        if not number and not held and _is_rule(cells):
            told(line, " ".join(cells), "again")
            continue  # the rule that a database draws under the names of the columns
        if telling is not None and len(cells) > telling and title in cells[telling] and _same(cells, titles):
            for at, waiting in held:  # the foot of a page, and the title of the next
                told(at, " · ".join(cell for cell in waiting if cell), "after")
            held.clear()
            told(line, " · ".join(titles), "again")
            continue
        if not ordinary and width > 1 and not broken and len(held) < MAX_FOOTER and _closes(cells, told):
            held.append((line, cells))
            continue
        if held:
            for at, waiting in held:
                number += 1
                yield Row(number, at, waiting)
            held.clear()
        number += 1
        yield Row(number, line, cells, broken)
    if len(held) <= number:
        for at, waiting in held:
            told(at, " · ".join(cell for cell in waiting if cell), "after")
    else:  # nothing but closing lines: then they are the list
        for at, waiting in held:
            number += 1
            yield Row(number, at, waiting)


def _letters(words: str) -> str:
    return "".join(sign for sign in words if sign.isalnum())


def _is_rule(cells: list[str]) -> bool:
    signs = "".join(cells).strip()
    return len(signs) > 2 and not signs.strip("-=:+_| ")


def _same(cells: list[str], titles: list[str]) -> bool:
    found = [cell.strip("\ufeff \t") for cell in cells]
    while len(found) > len(titles) and not found[-1]:
        found.pop()
    return found == titles


_CLOSING = re.compile(
    r"(?i)[-=*_#\s]*((?:grand |sub)?total|totalt|totals|summa|summe|sum|antal|antall|anzahl|gesamtanzahl|lukumäärä|count|yhteensä|"
    r"insgesamt|gesamt|i alt|rows?\b|rader\b|exported|exporter|eksporter|export date|generated|generer|genererad|skapad|opprettet|"
    r"created by|utskriv|utskrift|printed|source:|källa:|kilde:|end of|slut på|slutt på|copyright|©|page \d|sida \d|side \d|sivu \d|"
    r"seite \d|filter|report|rapport|confidential|konfidentiell|fortrolig|\(c\)|"
    r"(?:stand|per den|as of|updated|uppdaterad|oppdatert|opdateret)\b|"
    r"\(?\d+ (rows?|rader|records|poster|contacts|kontakter|personer)\b|[-=*_#]{3,}\s*$)"
)
_REACHES = re.compile(r"@|\+\d{6}|^[\d\s()+./-]{7,}$")


def _closes(cells: list[str], told: "_Told") -> bool:
    """A total or a note under the table, or a page's title: at most two cells filled, no way to reach anybody, and it speaks
    like one, stood above the table, or stands alone on a line that is too short.
    """
    filled = [cell for cell in cells if cell and not cell.isspace()]
    if _is_rule(filled):
        return True
    if len(filled) > 2 or any(_REACHES.search(cell) for cell in filled):
        return False
    if _CLOSING.match(filled[0].strip()) or (filled[0][0] == "#" and len(cells) < 3):
        return True
    if told.above and _letters("".join(filled)) in told.above:
        return True
    return len(filled) == 1 and len(cells) == 1 and len(filled[0].split()) > 3
