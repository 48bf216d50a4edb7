"""Throw away a file that was uploaded and of which nothing came in."""

from datetime import datetime
from typing import Any

from django.db import transaction

from contacts.models import AuditEvent, ImportBatch

State = ImportBatch.State


@transaction.atomic
def discard(*, batch_id: int, by: Any, now: datetime) -> bool:
    """The file and what was said about it are gone; False when it has begun to come in meanwhile."""
    open_ = ImportBatch.objects.select_for_update().filter(
        pk=batch_id, state__in=[State.UPLOADED, State.CHECKED], started_at=None
    )
    batch = open_.first()
    if batch is None:
        return False
    name, storage = str(batch.file.name), batch.file.storage
    batch.delete()
    AuditEvent.objects.create(
        at=now, by=by, verb="import.discarded", object_type="import_batch", object_id=batch_id
    )
    transaction.on_commit(lambda: storage.delete(name))
    return True
