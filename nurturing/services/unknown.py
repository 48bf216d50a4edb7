"""What a person decides about a mail of which nobody can know whether it left."""

from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from contacts.models import AuditEvent
from nurturing.models import Send

COUNTED_AS_SENT = "counted_as_sent"
SENT_AGAIN = "sent_again"
AGAIN_WITHIN = timedelta(days=1)


class NotUnknown(Exception):
    """Somebody, or an event from outside, was faster."""


def count_as_sent(*, send_id: int, by: AbstractBaseUser, now: datetime) -> Send:
    """Leave it: the person gets nothing more of this one, also if it never left. Raises NotUnknown."""
    return _settle(send_id, by=by, now=now, verb="send.counted_as_sent", reason=COUNTED_AS_SENT)


def send_again(*, send_id: int, by: AbstractBaseUser, now: datetime) -> Send:
    """Put it back into the queue:

    the person may get it twice. Only a person may choose that. Raises NotUnknown.
    """
    return _settle(
        send_id,
        by=by,
        now=now,
        verb="send.sent_again",
        reason=SENT_AGAIN,
        state=Send.State.PLANNED,
        not_before=now,
        latest_at=now + AGAIN_WITHIN,
        finished_at=None,
    )


def _settle(send_id: int, *, by: AbstractBaseUser, now: datetime, verb: str, **change: object) -> Send:
    with transaction.atomic():
        changed = Send.objects.unknown().filter(pk=send_id).update(**change)
        if not changed:
            raise NotUnknown("This mail is no longer in the list.")
        send = Send.objects.get(pk=send_id)
        AuditEvent.objects.create(
            at=now, by_id=by.pk, verb=verb, contact_id=send.contact_id, object_type="Send", object_id=send.pk
        )
    return send
