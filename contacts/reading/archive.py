"""A workbook is a zip file: what would come out of it is measured before anything of it is kept.

What the file says about itself is not believed: every part is unpacked once, in small pieces, and counted.
"""

import re
import zipfile
from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers import expat

from django.utils.translation import gettext as _

from contacts.reading.decoding import Unreadable

UNPACKED = 200 << 20  # bytes of all parts together
RATIO = 300  # unpacked to packed; a workbook of repeated rows comes to about 60
RATIO_FROM = 20 << 20  # small files may be as dense as they like
PARTS = 2_000
CELLS = 4_000_000  # rows times columns, holes included: that is what a sheet takes in memory
PIECE = 1 << 20
OVERLAP = 64
FILLED = re.compile(rb'<(?:\w+:)?c [^>]*?r="([A-Z]{1,3})([0-9]{1,7})"')
MACROS = ("xl/vbaproject.bin", "basic/script-lc.xml")
# Pictures, printer settings and the like are never unpacked by us, nor by the reader.
READ = re.compile(r"(?i)(\.xml|\.rels|^mimetype)$")


@dataclass(slots=True)
class Archive:
    """What was seen: whether programs are inside, and that nothing is too large."""

    macros: bool = False


def measure(file: BinaryIO) -> Archive:
    """Raises Unreadable for a bomb, for a sheet whose cells no memory holds, and for a damaged file."""
    found = Archive()
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
            if len(infos) > PARTS:
                raise _too_much()
            found.macros = any(info.filename.lower() in MACROS for info in infos)
            if any(info.flag_bits & 1 for info in infos):
                raise Unreadable(
                    _("The workbook is protected by a password. Take the protection off and take that file.")
                )
            if sum(info.file_size for info in infos if READ.search(info.filename)) > UNPACKED:
                raise _too_much()
            total = 0
            for info in infos:
                if READ.search(info.filename):
                    total += _unpack(archive, info, UNPACKED - total)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        OSError,
        RuntimeError,
        ValueError,
        EOFError,
    ) as error:
        raise Unreadable(
            _(
                "This workbook is damaged and cannot be opened. Open it in Excel, save it again and take that file."
            )
        ) from error
    except Exception as error:  # zlib and lzma have errors of their own
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(
            _(
                "This workbook is damaged and cannot be opened. Open it in Excel, save it again and take that file."
            )
        ) from error
    finally:
        file.seek(0)
    return found


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, room: int) -> int:
    size = 0
    is_sheet = "worksheets/" in info.filename
    corners: _Corners | _Repeats = _Repeats() if info.filename == "content.xml" else _Corners()
    is_sheet = is_sheet or info.filename == "content.xml"
    with archive.open(info) as part:
        while piece := part.read(PIECE):
            size += len(piece)
            if size > room or (size > RATIO_FROM and size > RATIO * max(info.compress_size, 1)):
                raise _too_much()
            if is_sheet:
                corners.look(piece)
    if corners.cells > CELLS:
        raise Unreadable(
            _(
                "A sheet of this workbook stretches over %(cells)s million cells, most of them empty or far more than"
                " a list of people has. Copy the list into a new workbook, or save it as CSV, and take that file."
            )
            % {"cells": corners.cells // 1_000_000}
        )
    return size


class _Corners:
    """How far the cells of a sheet reach: a single one far out makes a sheet of millions."""

    def __init__(self) -> None:
        self.rows = self.columns = 0
        self.rest = b""

    def look(self, piece: bytes) -> None:
        looked_at = self.rest + piece
        self.rest = looked_at[-OVERLAP:]
        for letters, digits in FILLED.findall(looked_at):
            if (row := int(digits)) > self.rows:
                self.rows = row
            if len(letters) > 1 or not self.columns:
                self.columns = max(self.columns, _number(letters))
            elif (one := letters[0] - 64) > self.columns:
                self.columns = one

    @property
    def cells(self) -> int:
        return self.rows * self.columns


class _Repeats:
    """How many cells a sheet of OpenDocument comes to: one cell may stand for a million."""

    def __init__(self) -> None:
        self.cells = self.row = self.times = self.empty = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.EntityDeclHandler = self._entity

    def look(self, piece: bytes) -> None:
        self.parser.Parse(piece, False)

    def _start(self, name: str, said: dict[str, str]) -> None:
        if name == "table:table-row":
            self.times, self.row, self.empty = _times(said, "table:number-rows-repeated"), 0, 0
        elif name in ("table:table-cell", "table:covered-table-cell"):
            wide = _times(said, "table:number-columns-repeated")
            if "office:value-type" in said or "calcext:value-type" in said:
                self.row += self.empty + wide
                self.empty = 0
            else:
                self.empty += wide

    def _end(self, name: str) -> None:
        if name == "table:table-row":
            self.cells += self.row * self.times

    def _entity(self, *_said: object) -> None:
        raise ValueError("a workbook has no entities of its own")


def _times(said: dict[str, str], name: str) -> int:
    word = said.get(name, "1")
    return int(word) if word.isdecimal() and len(word) < 9 else 1


def _number(letters: bytes) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + letter - 64
    return found


def _too_much() -> Unreadable:
    return Unreadable(
        _(
            "Unpacked, this workbook would be far larger than a list of people is: it is not opened. Save the list"
            " as CSV and take that file."
        )
    )
