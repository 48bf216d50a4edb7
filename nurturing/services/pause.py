"""Silence until a date: asked for by the person, or set by a colleague."""

from datetime import datetime
from typing import Any

from django.db import transaction

from nurturing.models import Pause
from nurturing.services import standing

BECAUSE_LENGTH = 200


class NotInTheFuture(ValueError):
    """A pause has to end after now."""


@transaction.atomic
def start(*, contact_id: int, until: datetime, because: str, now: datetime, by: Any = None) -> Pause:
    """No mail to this person before `until`. A running pause is replaced. Raises NotInTheFuture."""
    if until <= now:
        raise NotInTheFuture
    standing.lock([contact_id])
    Pause.objects.filter(contact_id=contact_id, ended_at=None).update(ended_at=now)
    made = Pause.objects.create(
        contact_id=contact_id, at=now, until=until, because=because[:BECAUSE_LENGTH], by=by
    )
    standing.recompute([contact_id], now=now)
    return made


@transaction.atomic
def end(*, contact_id: int, now: datetime) -> Pause | None:
    """End the running pause before its date. Returns it, or None when there was none."""
    standing.lock([contact_id])
    running = Pause.objects.filter(contact_id=contact_id, ended_at=None).first()
    if running is None:
        return None
    running.ended_at = now
    running.save(update_fields=["ended_at"])
    standing.recompute([contact_id], now=now)
    return running


@transaction.atomic
def again(*, contact_id: int, pause_id: int, now: datetime, by: Any = None) -> Pause | None:
    """Take back that a pause was ended before its date. None when it would be over by now."""
    ended = Pause.objects.filter(pk=pause_id, contact_id=contact_id, until__gt=now).first()
    if ended is None:
        return None
    return start(contact_id=contact_id, until=ended.until, because=ended.because, by=by, now=now)
