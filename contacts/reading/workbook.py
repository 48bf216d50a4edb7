"""The sheets of a workbook (XLSX, XLS, ODS) as rows of text, as a person sees them in Excel.

A formula is never worked out: the value that was saved with it is read. Programs (macros) are never run and never kept.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, BinaryIO

import python_calamine
from django.utils.translation import gettext as _

from contacts.reading import archive, kinds
from contacts.reading.decoding import Unreadable

SHEETS = 100
XLS_LIMIT = 80 << 20
TALL, TALL_ROWS = 20_000, 500  # merged cells that are looked at, and rows that one of them covers


Numbered = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet in which something stands."""

    name: str
    rows: int
    columns: int
    hidden: bool


def measure(file: BinaryIO, kind: str) -> archive.Archive:
    """What is in it, seen before it is opened. Raises Unreadable for what is too large, protected or damaged."""
    file.seek(0)
    if kind != kinds.XLS:
        return archive.measure(file)
    _measure_old(file)
    return archive.Archive()


def open_(file: BinaryIO) -> python_calamine.CalamineWorkbook:
    """The workbook, which was measured when it came in. Raises Unreadable."""
    file.seek(0)
    try:
        return python_calamine.load_workbook(file)
    except python_calamine.PasswordError as error:
        raise _protected() from error
    except BaseException as error:  # a panic of the reader is no Exception
        raise _damaged(error) from error


def _measure_old(file: BinaryIO) -> None:
    size = file.seek(0, io.SEEK_END)
    if size > XLS_LIMIT:
        raise Unreadable(
            _("This old workbook is too large to be opened. Save the list as CSV and take that file.")
        )
    file.seek(0)
    head = file.read(1 << 20)
    if "EncryptedPackage".encode("utf-16-le") in head or _is_locked(head):
        raise _protected()
    if "WordDocument".encode("utf-16-le") in head or "__substg1.0".encode("utf-16-le") in head:
        raise Unreadable(
            _("This is a document or a mail, not a list. Save the list as CSV or Excel and take that file.")
        )


def _is_locked(head: bytes) -> bool:
    """A FILEPASS record among the first of the book: all that follows is scrambled."""
    at = head.find(b"\x09\x08\x10\x00")
    for _record in range(30):
        if at < 0 or at + 4 > len(head):
            return False
        if head[at : at + 2] == b"\x2f\x00":
            return True
        at += 4 + int.from_bytes(head[at + 2 : at + 4], "little")
    return False


def sheets(workbook: python_calamine.CalamineWorkbook, head: int) -> Iterator[tuple[Sheet, list[Numbered]]]:
    """The sheets in which something stands, each with its first rows, in the workbook's order."""
    for meta in workbook.sheets_metadata[:SHEETS]:
        if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = _sheet(workbook, meta.name)
        if sheet.start is not None and sheet.height and sheet.width:
            hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
            yield Sheet(meta.name, sheet.height, sheet.width, hidden), list(islice(_rows(sheet), head))


def rows(workbook: python_calamine.CalamineWorkbook, name: str) -> Iterator[Numbered]:
    """(row number as Excel shows it, cells as text); empty rows are passed over, empty cells at a row's end cut off."""
    return _rows(_sheet(workbook, name))


def _rows(sheet: python_calamine.CalamineSheet) -> Iterator[Numbered]:
    first = sheet.start[0] + 1 if sheet.start else 1
    tall = _tall(sheet)
    above: list[Any] = []
    for at, row in enumerate(sheet.iter_rows(), first):
        for place in tall.get(at - 1, ()):
            if place < len(row) and place < len(above):
                row[place] = above[place]
        above = row.copy() if tall else above
        while row and row[-1] == "":
            row.pop()
        if row:
            yield at, [one if type(one) is str else said(one) for one in row]


def _tall(sheet: python_calamine.CalamineSheet) -> dict[int, list[int]]:
    """Row → the places in it that belong to a cell begun above: one company beside its three people."""
    found: dict[int, list[int]] = {}
    left = sheet.start[1] if sheet.start else 0
    for (top, column), (bottom, _right) in (sheet.merged_cell_ranges or [])[:TALL]:
        for row in range(top + 1, min(bottom, top + TALL_ROWS) + 1):
            found.setdefault(row, []).append(column - left)
    return found


def _sheet(workbook: python_calamine.CalamineWorkbook, name: str) -> python_calamine.CalamineSheet:
    try:
        return workbook.get_sheet_by_name(name)
    except python_calamine.WorksheetNotFound as error:
        raise Unreadable(_("The workbook has no sheet “%(name)s” any more.") % {"name": name[:80]}) from error
    except BaseException as error:
        raise _damaged(error) from error


def said(value: object) -> str:
    """A cell's value as text: whole numbers without a point, dates as 2026-11-21, yes and no as words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M:%S}"
    if isinstance(value, timedelta):
        return str(value)
    return str(value).replace("\x00", "")


def _protected() -> Unreadable:
    return Unreadable(
        _("The workbook is protected by a password. Take the protection off and take that file.")
    )


def _damaged(error: BaseException) -> BaseException:
    if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError, Unreadable)):
        return error
    return Unreadable(
        _(
            "This workbook is damaged and cannot be opened. Open it in Excel, save it again and take that file."
        )
    )
