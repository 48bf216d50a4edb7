"""What `manage.py import_contacts` says about an import, in words and as JSON."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.models import ImportBatch, ImportRow
from contacts.reading import inspection, kinds, reasons, verdict
from contacts.services import import_check

SHOWN = 20  # rejected rows of each kind that are printed


def as_json(batch: ImportBatch, found: import_check.Found, seconds: float) -> dict[str, Any]:
    """One object: the number of the import (none, where nothing is kept), the rows, how the file was read."""
    reading = inspection.Reading(**batch.reading)
    return {
        "import": batch.pk,
        "rows": found.rows,
        **verdict.counts_of(found.counts),
        "seconds": round(seconds, 3),
        "reading": {
            "kind": reading.dialect.kind,
            "encoding": reading.encoding,
            "delimiter": reading.dialect.delimiter,
            "sheet": reading.dialect.sheet,
            "encoded_twice": 0 if reading.dialect.repair else reading.garbled,
            "in_capitals": reading.capitals,
            "lines_left_out": len(reading.left_out),
            "layout": reading.layout,
            "known_layout": batch.options.get("layout_id"),
            "columns": [[label, field] for label, field in _columns(batch, reading)],
        },
    }


def how_read(batch: ImportBatch) -> Iterator[str]:
    """Lines about the letters and the columns, and what to add to the command where they look wrong."""
    reading = inspection.Reading(**batch.reading)
    if reading.dialect.kind in (kinds.TEXT, kinds.HTML, kinds.VCARD, kinds.ADDRESSES):
        said = {"encoding": reading.encoding, "because": reading.because}
        yield _("Letters: %(encoding)s, because %(because)s.") % said
    if reading.dialect.kind == kinds.TEXT:
        yield _("Columns are parted by %(sign)s.") % {"sign": reading.delimiter_words}
    if reading.dialect.sheet:
        yield _("Sheet “%(sheet)s”.") % {"sheet": reading.dialect.sheet}
    if not reading.dialect.has_header:
        yield _("The file does not name its columns.")
    if reading.garbled and not reading.dialect.repair:
        yield (
            ngettext(
                "In %(shown)s cell the letters were encoded twice (“Ã¥” for “å”).",
                "In %(shown)s cells the letters were encoded twice (“Ã¥” for “å”).",
                reading.garbled,
            )
            % {"shown": reading.garbled}
            + " "
            + _("--repair puts them back.")
        )
    if reading.capitals and not batch.options.get("capitals"):
        yield (
            ngettext(
                "In %(shown)s row the name stands in capitals.",
                "In %(shown)s rows the name stands in capitals.",
                reading.capitals,
            )
            % {"shown": reading.capitals}
            + " "
            + _("--capitals write writes them as names.")
        )
    if batch.options.get("layout_id"):
        yield _("The columns are those of an earlier file with this header.")
    for label, field in _columns(batch, reading):
        yield f"  {label[:60]} = {field or _('left out')}"


def verdicts(found: import_check.Found) -> Iterator[str]:
    """A line for each verdict, and the first rows that were rejected."""
    labels = dict(ImportRow.Verdict.choices)
    for word, count in verdict.counts_of(found.counts).items():
        if count:
            yield f"  {count:>8}  {labels[word]}"
    for word in verdict.REJECTED:
        for row in found.samples.get(word, [])[:SHOWN]:
            words = row.get("words") or reasons.words(row["reason"])
            yield _("  line %(line)s: %(words)s") % {"line": row["line"], "words": words}


def _columns(batch: ImportBatch, reading: inspection.Reading) -> Iterator[tuple[str, str]]:
    for at, label in enumerate(reading.labels()):
        yield label, batch.mapping.get(str(at), "")
