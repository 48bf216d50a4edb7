"""Bring the corrected copy of the rows that could not be used into the same import.

A row of the download is found again by the number of its line, and takes the place of the row that it corrects; a row
that stood nowhere before is added at the end. So the rows of the import are still all accounted for.
"""

import hashlib
from datetime import datetime
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from contacts.models import AuditEvent, ImportBatch, ImportCorrection, ImportRow
from contacts.reading import columns, inspection, verdict
from contacts.services import import_amend, import_batch

State = ImportBatch.State


def attach(*, batch_id: int, file: File[bytes], by: Any, now: datetime) -> ImportBatch:
    """Take a corrected file. The caller starts the work (`import_work.run`).

    Raises import_batch.NotNow, decoding.Unreadable.
    """
    batch = ImportBatch.objects.get(pk=batch_id)
    _require_done(batch)
    reading = inspection.inspect(import_batch.plain(file))
    fields = fields_of(batch, reading)
    inspection.require_reachable(inspection.Reading(**{**reading.as_json(), "fields": fields}))
    file.seek(0)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
        _require_done(batch)
        made = ImportCorrection(
            batch=batch,
            number=batch.corrections.count() + 1,
            name=(file.name or "")[:255],
            sha256=digest.hexdigest(),
            size=file.size,
            reading=reading.as_json(),
            mapping={str(at): name for at, name in enumerate(fields)},
            created_at=now,
            created_by=by,
        )
        made.file.save(f"{digest.hexdigest()[:16]}.csv", file, save=False)
        made.save()
        batch.state, batch.error, batch.progress = State.RUNNING, "", {}
        batch.save(update_fields=["state", "error", "progress"])
        AuditEvent.objects.create(
            at=now,
            by=by,
            verb="import.corrected",
            object_type="import_batch",
            object_id=batch_id,
            detail={"correction": made.number},
        )
    return batch


def _require_done(batch: ImportBatch) -> None:
    if batch.state != State.DONE:
        raise import_batch.NotNow(
            _("This import is %(state)s; rows are corrected when it is done.")
            % {"state": batch.get_state_display()}
        )
    if not ImportRow.objects.filter(batch=batch, verdict__in=verdict.REJECTED).exists():
        raise import_batch.NotNow(_("No row of this import is left to correct."))


def fields_of(batch: ImportBatch, reading: inspection.Reading) -> list[str]:
    """What the columns of a corrected file are: as in the import where the titles are the same, else as suggested."""
    first = inspection.Reading(**batch.reading)
    known = {
        columns.squeeze(label): batch.mapping.get(str(at), "") for at, label in enumerate(first.labels())
    }
    found = []
    for label, suggested in zip(reading.labels(), reading.fields, strict=True):
        key = columns.squeeze(label)
        if label.strip().casefold() in (*import_amend.LINE, *import_amend.REASON):
            found.append("")
        else:
            found.append(known.get(key, suggested))
    return found
