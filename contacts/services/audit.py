"""Write a line of the audit log, in the transaction of what it tells of."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from contacts.models import AuditEvent


def write(
    *,
    verb: str,
    now: datetime,
    by: Any = None,
    contact_id: int | None = None,
    object_type: str = "",
    object_id: int | None = None,
    **detail: Any,
) -> AuditEvent:
    """One line: ids, codes and field names only, never what stood in a field. `by` is a colleague or nobody."""
    return AuditEvent.objects.create(
        at=now,
        by=by,
        verb=verb,
        contact_id=contact_id,
        object_type=object_type,
        object_id=object_id,
        detail=detail,
    )


def write_for(*, verb: str, contact_ids: Iterable[int], now: datetime, by: Any = None, **detail: Any) -> None:
    """The same line for each of some people."""
    AuditEvent.objects.bulk_create(
        (
            AuditEvent(at=now, by=by, verb=verb, contact_id=contact_id, detail=detail)
            for contact_id in contact_ids
        ),
        batch_size=1_000,
    )
