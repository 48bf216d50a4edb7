"""How a file was understood, before anything else is done with it: kept with the import and shown to its
owner.
"""

from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from contacts.reading import columns, decoding, dialect, table

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

    def as_json(self) -> dict[str, Any]:
        """For ImportBatch.reading."""
        return asdict(self)

    @property
    def codec(self) -> decoding.Encoding:
        return decoding.Encoding(self.encoding, self.because)

    @property
    def dialect(self) -> dialect.Dialect:
        return dialect.Dialect(**self.form)

    def labels(self) -> list[str]:
        """A name for each column, also for those the header does not name."""
        named = [cell.strip() for cell in self.header]
        return [
            (named[at] if at < len(named) and named[at] else _("column %(number)s") % {"number": at + 1})
            for at in range(len(self.fields))
        ]


def inspect(file: BinaryIO, *, encoding: str = "", delimiter: str = "") -> Reading:
    """Understand a file; `encoding` and `delimiter` are what its owner corrected.

    Raises decoding.Unreadable, whose message is the sentence to show.
    """
    found = decoding.detect(file)
    codec = decoding.Encoding(encoding, _("chosen by hand")) if encoding else found
    form = dialect.detect(table.head(file, codec), delimiter=delimiter)
    header, rows = table.header_and_rows(file, codec, form)
    taken = [row.cells for row in islice(rows, LOOK_AT)]
    if len(header) > table.MAX_COLUMNS or any(len(row) > table.MAX_COLUMNS for row in taken):
        raise decoding.Unreadable(
            _("The file has more than %(limit)s columns: it is no list of people.")
            % {"limit": table.MAX_COLUMNS}
        )
    if not taken:
        raise decoding.Unreadable(_("The file has a header and no rows: there is nobody in it."))
    suggestion = columns.suggest(header, taken)
    return Reading(
        encoding=codec.codec,
        because=codec.because,
        form=form.as_json(),
        header=header,
        fields=suggestion.fields,
        layout=suggestion.layout,
        country=suggestion.country,
        rows=telling(taken),
    )


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
