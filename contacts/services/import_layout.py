"""Remember how a header line was understood, know it again, forget it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from contacts.models import AuditEvent, CustomField, ImportBatch, ImportLayout
from contacts.reading import columns, inspection

KEPT = ("country", "policy", "policy_default", "capitals")


def recall(*, batch: ImportBatch) -> ImportLayout | None:
    """Give a batch, or the draft of one, the columns and choices with which the last file of its layout came in."""
    reading = inspection.Reading(**batch.reading)
    mark = columns.fingerprint(reading.header)
    known = ImportLayout.objects.filter(fingerprint=mark).first() if mark else None
    if known is None:
        return None
    offered = _offered()
    for at in range(len(reading.fields)):
        field = known.mapping.get(str(at), "")
        batch.mapping[str(at)] = field if not field.startswith(columns.OWN) or field in offered else ""
    batch.options |= {"layout_id": known.pk, **known.options}
    if batch.pk:
        batch.save(update_fields=["mapping", "options"])
    return known


@transaction.atomic
def remember(*, batch: ImportBatch, by: Any, now: datetime) -> ImportLayout | None:
    """Keep what was confirmed for a batch, for the next file with this header."""
    reading = inspection.Reading(**batch.reading)
    mark = columns.fingerprint(reading.header)
    if not mark or any("@" in cell for cell in reading.header):  # a person taken for a header is not kept
        return None
    options = {key: batch.options[key] for key in KEPT if key in batch.options} | {"ground": batch.ground}
    said = {
        "name": batch.name,
        "header": reading.labels(),
        "mapping": batch.mapping,
        "options": options,
        "used_at": now,
        "used_by": by,
    }
    layout, made = ImportLayout.objects.update_or_create(fingerprint=mark, defaults=said)
    if not made:
        ImportLayout.objects.filter(pk=layout.pk).update(times=F("times") + 1)
    return layout


@transaction.atomic
def forget(*, layout_id: int, by: Any, now: datetime) -> None:
    """The next file with this header is read as if it were the first."""
    gone, _counted = ImportLayout.objects.filter(pk=layout_id).delete()
    if gone:
        AuditEvent.objects.create(
            at=now, by=by, verb="import_layout.forgotten", object_type="import_layout", object_id=layout_id
        )


def _offered() -> set[str]:
    keys = CustomField.objects.filter(retired_at=None).values_list("key", flat=True)
    return {columns.OWN + key for key in keys}
