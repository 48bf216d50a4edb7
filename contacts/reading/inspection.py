"""How a file was understood, before anything else is done with it: kept with the import and shown to its
owner.
"""

from dataclasses import asdict, dataclass, field, replace
from itertools import chain, islice
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from contacts.reading import (
    addresslist,
    blocks,
    capitals,
    columns,
    decoding,
    dialect,
    grounding,
    headers,
    kinds,
    mojibake,
    repeats,
    table,
    workbook,
)

LOOK_AT = 2_000
SHOWN = 5


@dataclass(slots=True)
class Reading:
    """Encoding, dialect, header, suggested fields, and a few rows to look at."""

    encoding: str
    because: str
    form: dict[str, Any]
    header: list[str]
    fields: list[str]
    layout: str = ""
    country: str = ""
    rows: list[list[str]] = field(default_factory=list)  # five, those with å ä ö æ ø before others
    sheets: list[dict[str, Any]] = field(default_factory=list)  # of a workbook: name, rows, hidden
    left_out: list[dict[str, Any]] = field(default_factory=list)  # lines that are no rows: line, words, why
    garbled: int = 0  # cells that were encoded twice, among those looked at
    garbled_codec: str = ""
    macros: bool = False
    empty: list[int] = field(default_factory=list)  # columns in which nothing stood
    examples: list[list[str]] = field(default_factory=list)  # per column, up to three different cells
    ground: str = ""  # suggested, and the code of the reason: see grounding
    ground_because: str = ""
    capitals: int = 0  # rows whose names stand in capitals, among those looked at

    def as_json(self) -> dict[str, Any]:
        """For ImportBatch.reading."""
        return asdict(self)

    @property
    def codec(self) -> decoding.Encoding:
        return decoding.Encoding(self.encoding, self.because)

    @property
    def dialect(self) -> dialect.Dialect:
        return dialect.Dialect(**self.form)

    @property
    def delimiter_words(self) -> str:
        """The sign between the columns, as one says it."""
        sign = str(self.form.get("delimiter", ""))
        named = {"\t": _("tabs"), ";": _("semicolons"), ",": _("commas"), "|": _("bars (|)")}
        return named.get(sign, f"“{sign}”")

    def labels(self) -> list[str]:
        """A name for each column, also for those the header does not name."""
        named = [" ".join(cell.split()) for cell in self.header]
        return [
            (named[at] if at < len(named) and named[at] else _("column %(number)s") % {"number": at + 1})
            for at in range(len(self.fields))
        ]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the file's owner corrected; "" is "as found"."""

    encoding: str = ""
    delimiter: str = ""
    header: str = ""  # "none", or the number of the line
    sheet: str = ""
    repair: bool = False


def inspect(
    file: BinaryIO,
    *,
    encoding: str = "",
    delimiter: str = "",
    header: str = "",
    sheet: str = "",
    repair: bool = False,
) -> Reading:
    """Understand a file; the other arguments are what its owner corrected.

    Raises decoding.Unreadable, whose message is the sentence to show.
    """
    chosen = Choices(encoding, delimiter, header, sheet, repair)
    codec, form, sheets, macros = _form(file, kinds.kind_of(file), chosen)
    if repair:
        form = replace(form, repair=_garbled_by(file, codec, form))
    form, titles, taken, left_out = _read(file, codec, form)
    _require_people(titles, taken)
    suggestion = columns.suggest(titles, taken)
    garbled_codec, garbled = _garbled(codec, titles, taken)
    ground, because = grounding.suggest(
        titles, suggestion.fields, taken, layout=suggestion.layout, country=suggestion.country
    )
    return Reading(
        encoding=codec.codec,
        because=codec.because,
        form=form.as_json(),
        header=titles,
        fields=suggestion.fields,
        layout=suggestion.layout,
        country=suggestion.country,
        rows=telling(taken),
        sheets=sheets,
        left_out=[asdict(one) for one in left_out],
        garbled=garbled,
        garbled_codec=form.repair or garbled_codec,
        macros=macros,
        empty=[at for at in range(len(suggestion.fields)) if not any(_filled(row, at) for row in taken)],
        examples=[_examples(taken, at) for at in range(len(suggestion.fields))],
        ground=ground,
        ground_because=because,
        capitals=capitals.rows(suggestion.fields, taken),
    )


def _read(
    file: BinaryIO, codec: decoding.Encoding, form: dialect.Dialect
) -> tuple[dialect.Dialect, list[str], list[list[str]], list[table.LeftOut]]:
    """The header and the first rows, and how to read them: a further table has columns of its own, a row several people."""
    while True:
        told = table.Told()
        titles, rows = table.header_and_rows(file, codec, form, told)
        taken = [row.cells for row in islice(rows, LOOK_AT)]
        better = replace(
            form,
            more=form.more or tuple(told.more),
            several=form.several or repeats.people(titles) is not None,
        )
        if better == form:
            return form, titles, taken, told.lines
        form = better


def _form(
    file: BinaryIO, kind: str, chosen: Choices
) -> tuple[decoding.Encoding, dialect.Dialect, list[dict[str, Any]], bool]:
    if kind in kinds.WORKBOOKS:
        return _of_workbook(file, kind, chosen)
    if kind == kinds.XML:
        codec = decoding.Encoding("utf-8", _("a workbook names its letters itself"))
        return codec, _with_header(file, codec, dialect.Dialect(";", kind=kind), chosen), [], False
    codec = decoding.detect(file)
    if chosen.encoding:
        codec = decoding.Encoding(chosen.encoding, _("chosen by hand"))
    if kind == kinds.TEXT:
        text = table.head(file, codec)
        if not (chosen.delimiter or chosen.header):
            for kind, is_one in ((kinds.ADDRESSES, addresslist.is_one), (kinds.BLOCKS, blocks.is_one)):
                if is_one(text):
                    return codec, dialect.Dialect(";", kind=kind), [], False
        return codec, dialect.detect(text, delimiter=chosen.delimiter, header=chosen.header), [], False
    form = dialect.Dialect(";", kind=kind)
    return codec, form if kind == kinds.VCARD else _with_header(file, codec, form, chosen), [], False


def _with_header(
    file: BinaryIO, codec: decoding.Encoding, form: dialect.Dialect, chosen: Choices
) -> dialect.Dialect:
    first = islice(table.raw_grid(file, codec, form), dialect.LOOK_AT)
    return _header(form, [(line, cells) for line, cells, _broken in first], chosen.header)


def _header(form: dialect.Dialect, first: list[workbook.Numbered], chosen: str) -> dialect.Dialect:
    """Find the header among the first rows of a sheet or a page; the owner names it by the row's number."""
    if chosen == dialect.NO_HEADER:
        return replace(form, has_header=False)
    if chosen.isdecimal():
        before = sum(1 for line, _cells in first if line < int(chosen))
        return replace(form, skip=min(before, max(len(first) - 1, 0)))
    skip, has_header = dialect.header_of([(at, cells) for at, (_line, cells) in enumerate(first)])
    return replace(form, skip=skip, has_header=has_header)


def _of_workbook(
    file: BinaryIO, kind: str, chosen: Choices
) -> tuple[decoding.Encoding, dialect.Dialect, list[dict[str, Any]], bool]:
    measured = workbook.measure(file, kind)
    found = list(workbook.sheets(workbook.open_(file), dialect.LOOK_AT))
    if not found:
        raise decoding.Unreadable(_("The workbook is empty: nothing stands in any of its sheets."))
    named = [one for one in found if one[0].name == chosen.sheet]
    sheet, first = named[0] if named else max(found, key=lambda one: _promise(*one))
    form = _header(dialect.Dialect(";", kind=kind, sheet=sheet.name), first, chosen.header)
    codec = decoding.Encoding("utf-8", _("a workbook names its letters itself"))
    return codec, form, [asdict(one) for one, _first in found], measured.macros


def _promise(sheet: workbook.Sheet, first: list[workbook.Numbered]) -> tuple[int, int]:
    """How much a sheet looks like a list of people; the first of equals wins, a hidden one only when it must."""
    heads = [cells for _at, cells in first]
    known = max((headers.recognised(row) for row in heads), key=len, default=set())
    addresses = any(dialect.ADDRESS.search(cell) for row in heads for cell in row)
    reach = 3 if known & {"email", "phone", "mobile"} or addresses else 0
    return (-1 if sheet.hidden else 0, len(known) + reach)


def _garbled_by(file: BinaryIO, codec: decoding.Encoding, form: dialect.Dialect) -> str:
    titles, rows = table.header_and_rows(file, codec, form)
    return _garbled(codec, titles, [row.cells for row in islice(rows, LOOK_AT)])[0]


def _garbled(codec: decoding.Encoding, titles: list[str], taken: list[list[str]]) -> tuple[str, int]:
    """Only Unicode can hold what was encoded twice; elsewhere such signs are what was meant."""
    if not codec.codec.startswith("utf"):
        return "", 0
    return mojibake.recognised(chain(titles, *taken))


def _require_people(titles: list[str], taken: list[list[str]]) -> None:
    widest = max(len(titles), max((len(row) for row in taken), default=0))
    if widest > table.MAX_COLUMNS:
        raise decoding.Unreadable(
            _(
                "The file has %(columns)s columns, more than the %(limit)s that are read: it is no list of people."
            )
            % {"columns": widest, "limit": table.MAX_COLUMNS}
        )
    if not taken:
        raise decoding.Unreadable(_("The file has a header and no rows: there is nobody in it."))


def _filled(row: list[str], at: int) -> bool:
    return at < len(row) and bool(row[at].strip())


def _examples(rows: list[list[str]], at: int) -> list[str]:
    found: list[str] = []
    for row in rows:
        if _filled(row, at) and (cell := " ".join(row[at].split())[:60]) not in found:
            found.append(cell)
            if len(found) == 3:
                break
    return found


def telling(rows: list[list[str]]) -> list[list[str]]:
    """A few rows in which wrong letters would be seen."""
    nordic = [row for row in rows if any(letter in cell for cell in row for letter in decoding.NORDIC)]
    others = [row for row in rows if row not in nordic[:SHOWN]] if len(nordic) < SHOWN else []
    return [[cell[:200] for cell in row] for row in (nordic + others)[:SHOWN]]


def reachable(fields: list[str]) -> bool:
    """True when some column says how to reach a person."""
    return any(name in ("email", "email_further", "phone", "mobile", "phone_other") for name in fields)


def require_reachable(reading: Reading) -> None:
    """Raises decoding.Unreadable when no column holds an address or a phone number."""
    if not reachable(reading.fields):
        named = ", ".join(label[:40] for label in reading.labels()[:8])
        raise decoding.Unreadable(
            _("No column holds an e-mail address or a phone number. The columns are: %(columns)s.")
            % {"columns": named}
        )
