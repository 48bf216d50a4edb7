"""Waking a contact at a moment: "not now, until March", "call back on Thursday"."""

from datetime import datetime
from typing import Any

from django.db import transaction

from nurturing.models import Reminder
from nurturing.services import standing

BECAUSE_LENGTH = 300


@transaction.atomic
def remind(
    *, contact_id: int, at: datetime, kind: str, because: str, by: Any = None, now: datetime
) -> Reminder:
    """At `at` a hand-off of this kind (`ripe`, `call_back`) opens, with `because` as its reason.

    A moment in the past is allowed: the clock comes at once.
    """
    standing.lock([contact_id])
    made = Reminder.objects.create(
        contact_id=contact_id, at=at, kind=kind, because=because[:BECAUSE_LENGTH], by=by, made_at=now
    )
    standing.recompute([contact_id], now=now)
    return made


@transaction.atomic
def take_back(*, reminder_id: int, now: datetime) -> Reminder | None:
    """Forget a reminder that has not been due yet. Returns it, or None when it was done already."""
    contact_ids = Reminder.objects.filter(pk=reminder_id).values_list("contact_id", flat=True)
    standing.lock(contact_ids)
    row = Reminder.objects.filter(pk=reminder_id, done_at=None).first()
    if row is None:
        return None
    row.done_at = now
    row.save(update_fields=["done_at"])
    standing.recompute([row.contact_id], now=now)
    return row
