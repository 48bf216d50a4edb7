"""What a file is, told by its first bytes: the end of its name may lie."""

import io
import re
import zipfile
from typing import BinaryIO

from django.utils.translation import gettext as _

from contacts.reading import decoding
from contacts.reading.decoding import Unreadable

TEXT, VCARD, HTML, XML, XLSX, ODS, XLS = KINDS = ("text", "vcard", "html", "xml", "xlsx", "ods", "xls")
ADDRESSES, BLOCKS = (
    "addresses",
    "blocks",
)  # text that is no table: told by all of its lines, not by the first bytes
WORKBOOKS = (XLSX, ODS, XLS)
LOOK_AT = 65_536

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BIFF = (
    b"\x09\x08\x08\x00",
    b"\x09\x08\x10\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x00\x04\x00",
)
_NO_LIST = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x7fELF",
    b"MZ\x90",
    b"SQLite format 3",
    b"{\\rtf",
    b"RIFF",
    b"OggS",
    b"ID3",
)
_PACKED = (b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")


def kind_of(file: BinaryIO) -> str:
    """One of KINDS. Raises Unreadable for everything that is no list; the sentence says what it is."""
    file.seek(0)
    head = file.read(LOOK_AT)
    file.seek(0)
    if head.startswith(_ZIP):
        return _zipped(file)
    if head.startswith(_OLE) or head.startswith(_BIFF):
        return XLS
    if head.startswith(_PACKED):
        raise Unreadable(_("This file is packed. Unpack it and take the list that is inside."))
    if head.startswith(_NO_LIST):
        raise Unreadable(
            _(
                "This is no list of people but a document, a picture or a program. Save the list as CSV or"
                " Excel and take that file."
            )
        )
    return _written(head)


def _written(head: bytes) -> str:
    """The kinds that are text: a vCard, a page saved as .xls, Excel's XML of 2003, or a plain list."""
    bare = (
        head.replace(b"\x00", b"") if decoding.wide(head) or head[:2] in (b"\xff\xfe", b"\xfe\xff") else head
    )
    start = bare.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:LOOK_AT].lower()
    if start.startswith(b"begin:vcard"):
        return VCARD
    if start.startswith(b"mime-version:") and b"multipart/related" in start:
        raise Unreadable(
            _(
                "This is a web page saved as one file (MHTML). Open it in Excel, save it as .xlsx and take that."
            )
        )
    if start.startswith(b"begin:vcalendar"):
        raise Unreadable(_("This is a calendar, not a list of people."))
    if start.startswith((b"{", b"[")) and re.match(rb'[\[\s]*\{\s*"[^"]{1,200}"\s*:', start):
        raise Unreadable(
            _("This is JSON, a file for programs. Export the list as CSV or Excel and take that file.")
        )
    if start.startswith(b"id;p"):
        raise Unreadable(
            _(
                "This is SYLK, a format of old spreadsheets. Open it in Excel, save it as .xlsx and take that file."
            )
        )
    if start.startswith(b"<"):
        if b"urn:schemas-microsoft-com:office:spreadsheet" in start and b"<html" not in start:
            return XML
        if any(
            tag in start for tag in (b"<html", b"<table", b"<!doctype html", b"<meta", b"<style", b"<body")
        ):
            return HTML
        if start.startswith(b"<?xml"):
            raise Unreadable(
                _("This is XML, a file for programs. Export the list as CSV or Excel and take that file.")
            )
    return TEXT


def _zipped(file: BinaryIO) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist()[:10_000])
            mimetype = archive.read("mimetype")[:100] if "mimetype" in names and _is_small(archive) else b""
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError, ValueError, EOFError) as error:
        raise Unreadable(
            _(
                "This workbook is damaged and cannot be opened. Open it in Excel, save it again and take that file."
            )
        ) from error
    finally:
        file.seek(0, io.SEEK_SET)
    if b"opendocument.spreadsheet" in mimetype:
        return ODS
    if "xl/workbook.bin" in names:
        raise Unreadable(_("This is a binary workbook (.xlsb). Save it as .xlsx or CSV and take that file."))
    if any(name.lower() == "xl/workbook.xml" or name.startswith("xl/worksheets/") for name in names):
        return XLSX
    if any(name.startswith("Index/") or name.endswith(".iwa") for name in names):
        raise Unreadable(_("This is an Apple Numbers file. Export it as CSV or Excel and take that file."))
    if b"opendocument" in mimetype or "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise Unreadable(
            _(
                "This is a text or a presentation, not a table. Copy the table into Excel, save it and take that file."
            )
        )
    raise Unreadable(_("This file is packed. Unpack it and take the list that is inside."))


def _is_small(archive: zipfile.ZipFile) -> bool:
    return archive.getinfo("mimetype").file_size < 1000
