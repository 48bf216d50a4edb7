"""Tables in markup: a web page saved as .xls, as many programs "export to Excel", and Excel's own XML of 2003."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import BinaryIO
from xml.parsers import expat

from django.utils.translation import gettext as _

from contacts.reading.decoding import Unreadable

PIECE = 1 << 16
ROW_CELLS = 20_000
_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet "
_SILENT = ("script", "style", "head", "title")


class _Page(HTMLParser):
    """Collects finished rows of the tables of a page; a table inside a cell belongs to that cell."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.done: list[tuple[int, list[str]]] = []
        self.row: list[str] | None = None
        self.line = 0
        self.cell: list[str] | None = None
        self.tables = 0
        self.silent = 0
        self.wide = 1
        self.mailto = ""
        self.tall: dict[
            int, tuple[int, str]
        ] = {}  # column → how many rows more its cell covers, and what it says
        self.rows = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += tag in ("script", "style")
        elif tag == "table":
            if self.cell is not None and not self.row and not "".join(self.cell).strip():
                self.row = self.cell = None  # a table within a frame of layout: that one is the list
                self.tables = 0
            self.tables += 1
            self.tall.clear()
        elif self.tables > 1 and self.cell is not None:
            return
        elif tag == "tr":
            self._end_row()
            self.row, self.line = [], self.getpos()[0]
        elif tag in ("td", "th"):
            self._end_cell()
            if self.row is None:
                self.row, self.line = [], self.getpos()[0]
            self._covered()
            self.cell, self.mailto = [], ""
            said = dict(attrs)
            self.wide, self.rows = min(_span(said.get("colspan")), 100), _span(said.get("rowspan"))
        elif tag == "a" and self.cell is not None:
            target = dict(attrs).get("href") or ""
            self.mailto = target if target[:7].lower() == "mailto:" else self.mailto
        elif tag in ("br", "p", "div") and self.cell:
            self.cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self.silent = max(self.silent - 1, 0)
        elif tag == "table":
            self.tables = max(self.tables - 1, 0)
            if not self.tables:
                self._end_row()
        elif self.tables > 1 and self.cell is not None:
            return
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag == "tr":
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self.cell is not None and not self.silent:
            self.cell.append(data)

    def _end_cell(self) -> None:
        if self.cell is not None and self.row is not None and len(self.row) < ROW_CELLS:
            words = "".join(self.cell)
            if self.mailto and "@" not in words:
                words = self.mailto
            said = "\n".join(" ".join(part.split()) for part in words.split("\n")).strip()
            if self.rows > 1:
                self.tall[len(self.row)] = (self.rows - 1, said)
            self.row.append(said)
            self.row.extend([""] * (self.wide - 1))
        self.cell = None

    def _covered(self) -> None:
        """Put in what cells of rows above say for this place, too."""
        while self.row is not None and (over := self.tall.get(len(self.row))):
            left, said = over
            if left > 1:
                self.tall[len(self.row)] = (left - 1, said)
            else:
                del self.tall[len(self.row)]
            self.row.append(said)

    def _end_row(self) -> None:
        self._end_cell()
        if self.row:
            self._covered()
        if self.row:
            self.done.append((self.line, self.row))
        self.row = None


def _span(said: str | None) -> int:
    return int(said) if said and said.isdecimal() and 0 < len(said) < 4 else 1


def page_rows(lines: Iterator[str]) -> Iterator[tuple[int, list[str], str]]:
    """(line, cells, "") for each row of each table of the page."""
    page = _Page()
    for line in lines:
        page.feed(line)
        if page.done:
            yield from ((at, cells, "") for at, cells in page.done)
            page.done = []
    page.close()
    page._end_row()
    yield from ((at, cells, "") for at, cells in page.done)


class _Workbook:
    """Collects finished rows of the first filled sheet of SpreadsheetML; other sheets are named, not read."""

    def __init__(self, sheet: str) -> None:
        self.wanted, self.sheet, self.names = sheet, "", [""][:0]
        self.done: list[tuple[int, list[str]]] = []
        self.row: list[str] = []
        self.number = 0
        self.data: list[str] | None = None
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._entity

    def _start(self, name: str, said: dict[str, str]) -> None:
        tag = name.removeprefix(_SPREADSHEET)
        index = said.get(_SPREADSHEET + "Index", "")
        if tag == "Worksheet":
            self.sheet, self.number = said.get(_SPREADSHEET + "Name", ""), 0
            self.names.append(self.sheet)
        elif tag == "Row":
            self.number = int(index) if index.isdecimal() and len(index) < 8 else self.number + 1
            self.row = []
        elif tag == "Cell":
            if index.isdecimal() and len(index) < 6:
                self.row += [""] * min(int(index) - 1 - len(self.row), ROW_CELLS)
            self.row.append("")
        elif tag == "Data":
            self.data = []

    def _end(self, name: str) -> None:
        tag = name.removeprefix(_SPREADSHEET)
        if tag == "Data" and self.data is not None:
            if self.row:
                self.row[-1] = _tidied("".join(self.data))
            self.data = None
        elif tag == "Row" and any(self.row) and self.sheet == (self.wanted or self.sheet):
            self.wanted = self.sheet
            self.done.append((self.number, self.row))

    def _text(self, data: str) -> None:
        if self.data is not None:
            self.data.append(data)

    @staticmethod
    def _entity(*_said: object) -> None:
        raise ValueError("a workbook has no entities of its own")


def _tidied(words: str) -> str:
    return words.removesuffix("T00:00:00.000") if words.endswith("T00:00:00.000") else words


def sheet_rows(file: BinaryIO, sheet: str = "") -> Iterator[tuple[int, list[str], str]]:
    """(row number, cells, "") of one sheet of SpreadsheetML, the first filled one unless `sheet` names it."""
    file.seek(0)
    book = _Workbook(sheet)
    try:
        while piece := file.read(PIECE):
            book.parser.Parse(piece, False)
            yield from ((at, cells, "") for at, cells in book.done)
            book.done = []
        book.parser.Parse(b"", True)
    except (expat.ExpatError, ValueError) as error:
        raise Unreadable(
            _(
                "This workbook is damaged and cannot be opened. Open it in Excel, save it again and take that file."
            )
        ) from error
    yield from ((at, cells, "") for at, cells in book.done)
