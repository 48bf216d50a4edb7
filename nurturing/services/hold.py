"""The one switch over all sending: a row says who turned it, when and why."""

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from contacts.models import AuditEvent
from nurturing.models import SendingHold


class NoReason(Exception):
    """Whoever stops all sending says why: the colleagues read it on every page."""


def stop(*, because: str, by: AbstractBaseUser | None, now: datetime) -> SendingHold:
    """Stop all sending at once; no worker hands over another window.

    When it is stopped already, that hold stands.

    Raises NoReason.
    """
    because = " ".join(because.split())[:300]
    if not because:
        raise NoReason("Say why sending stops.")
    with transaction.atomic():
        hold, made = SendingHold.objects.get_or_create(
            released_at=None, defaults={"at": now, "by_id": by.pk if by else None, "because": because}
        )
        if made:
            AuditEvent.objects.create(
                at=now,
                by_id=by.pk if by else None,
                verb="sending.stopped",
                object_type="SendingHold",
                object_id=hold.pk,
            )
    return hold


def release(*, by: AbstractBaseUser | None, now: datetime) -> bool:
    """Let mails go again. False when nothing was on hold."""
    with transaction.atomic():
        hold = SendingHold.objects.select_for_update(of=("self",)).filter(released_at=None).first()
        if hold is None:
            return False
        hold.released_at, hold.released_by_id = now, by.pk if by else None
        hold.save(update_fields=["released_at", "released_by"])
        AuditEvent.objects.create(
            at=now,
            by_id=by.pk if by else None,
            verb="sending.released",
            object_type="SendingHold",
            object_id=hold.pk,
        )
    return True
