"""Write people into a file: any number, with the memory of a few thousand.

The ids of everybody who is meant come from one statement through a cursor of the server, so the file is the silo at one moment; the
people are read a few thousand at a time and written at once.
"""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import xlsxwriter
from django.core.files import File
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from contacts import alone, lenses, spreadsheet
from contacts.erasing import Who
from contacts.models import AuditEvent, BulkChange, Contact, Erasure, Export
from contacts.queries import columns as columns_
from contacts.queries.selection import Selection

CHUNK = 2_000
KEPT = timedelta(days=7)
TRIES = 5
LOCK = 0x51_10_1C
SHEET = 1_048_575  # rows of a worksheet under its header

State, Kind = Export.State, Export.Kind


@transaction.atomic
def begin(
    *, kind: str, columns: Sequence[str], selection: Selection, language: str, by: Any, now: datetime
) -> Export:
    """Note who takes whom out, with one line in the audit log. The file is written by `write`."""
    made = Export.objects.create(
        kind=kind,
        columns=list(columns),
        selection=selection.as_json(),
        meant=selection.words(),
        language=language,
        total=selection.people(now=now).order_by().count(),
        created_at=now,
        created_by=by,
        delete_at=now + KEPT,
    )
    filters = sorted(name for name, value in selection.asked.items() if value)
    AuditEvent.objects.create(
        at=now,
        by=by,
        verb="contacts.exported",
        object_type="export",
        object_id=made.pk,
        detail={
            "people": made.total,
            "kind": kind,
            "columns": list(columns),
            "filters": filters,
            "everybody": selection.is_the_whole_silo,
        },
    )
    return made


def write(*, export_id: int, clock: Callable[[], datetime]) -> Export:
    """Write the file; one that was begun by a worker that died is written anew. A second worker goes away at once."""
    with alone.at(LOCK, export_id) as is_alone:
        export = Export.objects.get(pk=export_id)
        if is_alone and export.state == State.RUNNING:
            with translation.override(export.language or None):
                _write(export, clock)
    return Export.objects.get(pk=export_id)


def _write(export: Export, clock: Callable[[], datetime]) -> None:
    """Whoever is erased while it is written would stay in the file: then it is written anew, a few times."""
    for _time in range(TRIES):
        erased, export.rows = Erasure.objects.count(), 0
        _fill(export, clock())
        if _finish(export, erased, clock()):
            return
    fail(export_id=export.pk, sentence=_too_late())


@transaction.atomic
def _finish(export: Export, erased: int, now: datetime) -> bool:
    """Let the file be fetched, unless somebody was erased since there were so many; `forget` holds the row until that is committed.
    True, too, when it is not wanted any more.
    """
    state = Export.objects.select_for_update().values_list("state", flat=True).get(pk=export.pk)
    if state == State.RUNNING and Erasure.objects.count() == erased:
        export.state, export.finished_at = State.DONE, now
        export.save(update_fields=["file", "state", "rows", "finished_at"])
        return True
    export.file.delete(save=False)
    return bool(state != State.RUNNING)


def _too_late() -> str:
    return _("Somebody was erased before this file was ready. Begin it again.")


def _fill(export: Export, now: datetime) -> None:
    wanted = columns_.in_file(export.columns)
    suffix = ".xlsx" if export.kind == Kind.XLSX else ".csv"
    with tempfile.NamedTemporaryFile(suffix=suffix) as part:
        rows = _rows(export, wanted, now)
        header = [str(one.label) for one in wanted]
        if export.kind == Kind.XLSX:
            written = _workbook(part.name, header, rows)
        else:
            delimiter = ";" if export.kind == Kind.EXCEL_CSV else ","
            written = _csv(part, header, rows, delimiter)
        with Path(part.name).open("rb") as whole:
            export.file.save(f"people-{export.pk}{suffix}", File(whole), save=False)
    export.rows = written


def _rows(export: Export, wanted: Sequence[lenses.Column], now: datetime) -> Iterator[list[Any]]:
    """Row by row; the bar moves on with every few thousand."""
    for chunk in _thousands(Selection.of(export.selection), wanted, now):
        yield from chunk
        export.rows += len(chunk)
        export.save(update_fields=["rows"])


def _thousands(
    selection: Selection, wanted: Sequence[lenses.Column], now: datetime
) -> Iterator[list[list[Any]]]:
    kinds = [one.kind for one in wanted]

    def row(_one: Contact, values: Sequence[Any]) -> list[Any]:
        return [_plain(kind, value) for kind, value in zip(kinds, values, strict=True)]

    ids = selection.people(now=now).order_by("pk").values_list("pk", flat=True)
    for chunk in _chunks(ids.iterator(chunk_size=CHUNK)):
        here = Contact.objects.in_bulk(chunk)
        people = [here[pk] for pk in chunk if pk in here]
        yield columns_.rows(people, wanted, row, now=now)


def _chunks(ids: Iterable[int]) -> Iterator[tuple[int, ...]]:
    source = iter(ids)
    while chunk := tuple(islice(source, CHUNK)):
        yield chunk


def _plain(kind: str, value: Any) -> Any:
    """What a spreadsheet gets: figures as figures, everything else as text."""
    if value is None or value == "":
        return ""
    match kind:
        case "heat":
            return round(value)
        case "number":
            return value
        case "verdict":
            return _("yes") if value.allowed else value.words
        case "yes_no":
            return _("yes") if value else _("no")
        case "day":
            return value.date().isoformat()
        case "moment":
            return value.isoformat(sep=" ", timespec="minutes")
        case "tags":
            return ", ".join(value)
        case _:
            return str(value)


def _csv(part: Any, header: list[str], rows: Iterable[list[Any]], delimiter: str) -> int:
    written = 0
    out = io.TextIOWrapper(part, encoding="utf-8", newline="", write_through=False)
    out.write("\ufeff")
    sheet = csv.writer(out, delimiter=delimiter)
    sheet.writerow([spreadsheet.harmless(cell) for cell in header])
    for row in rows:
        written += 1
        sheet.writerow([spreadsheet.harmless(cell) if isinstance(cell, str) else cell for cell in row])
    out.flush()
    out.detach()
    return written


def _workbook(path: str, header: list[str], rows: Iterable[list[Any]]) -> int:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    written = 0
    with xlsxwriter.Workbook(path, options) as book:
        bold = book.add_format({"bold": True})
        for number, sheet_rows in enumerate(_sheets(rows), start=1):
            sheet = book.add_worksheet(_("People") if number == 1 else f"{_('People')} {number}")
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, header, bold)
            for at, row in enumerate(sheet_rows, start=1):
                sheet.write_row(at, 0, row)
                written += 1
    return written


def _sheets(rows: Iterable[list[Any]]) -> Iterator[Iterator[list[Any]]]:
    """As many worksheets as are needed; one also when there is nobody."""
    source = iter(rows)
    first: list[list[Any]] = []

    def sheet() -> Iterator[list[Any]]:
        yield from first
        first.clear()
        for _number, row in zip(range(SHEET - 1), source, strict=False):
            yield row

    yield sheet()
    for row in source:
        first.append(row)
        yield sheet()


@transaction.atomic
def fail(*, export_id: int, sentence: str) -> None:
    """Keep why a file could not be written."""
    Export.objects.filter(pk=export_id, state=State.RUNNING).update(state=State.FAILED, error=sentence)


def unfinished() -> list[int]:
    """Exports that should be under way."""
    return list(Export.objects.filter(state=State.RUNNING).order_by("pk").values_list("pk", flat=True))


def delete_old(*, now: datetime) -> int:
    """Delete the files whose time is over. Who took whom out stays on record."""
    return _delete(Export.objects.filter(delete_at__lte=now, state__in=(State.DONE, State.FAILED)))


def _delete(exports: Iterable[Export]) -> int:
    number = 0
    for export in exports:
        if export.file:
            export.file.delete(save=False)
        export.file, export.state = "", State.DELETED
        export.save(update_fields=["file", "state"])
        number += 1
    return number


def forget(who: Who, *, now: datetime) -> None:
    """An erased person may stand in any file that waits to be fetched: those go. What was searched for may be their name.

    Without it, a file that is still to be written would hold other people than were meant: that one has to be begun again.
    """
    running = Export.objects.filter(state=State.RUNNING).select_for_update()
    searched = [export.pk for export in running if export.selection.get("asked", {}).get("q")]
    for export_id in searched:
        fail(export_id=export_id, sentence=_too_late())
    done = Export.objects.filter(state__in=(State.DONE, State.FAILED), created_at__lte=now)
    _delete(done.exclude(pk__in=searched))
    for model in (Export, BulkChange):
        for row in model._default_manager.filter(selection__asked__has_key="q"):
            row.selection["asked"].pop("q")
            row.meant = Selection.of(row.selection).words()
            row.save(update_fields=["selection", "meant"])
