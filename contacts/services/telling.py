"""A colleague told somebody where we have their data from (GDPR 14): on the phone, by letter, face to face."""

from datetime import datetime
from typing import Any

from django.db import transaction

from contacts.models import AuditEvent, Contact
from contacts.services import audit

VERB, HOW = "contact.told", "by_hand"


class NothingToTakeBack(Exception):
    """Nobody noted by hand that this person was told, or the mail told them as well."""


@transaction.atomic
def note(*, contact_id: int, by: Any, now: datetime) -> bool:
    """They were told now. False when they knew before. Raises Contact.DoesNotExist."""
    one = Contact.objects.present().select_for_update().get(pk=contact_id)
    if one.informed_at is not None:
        return False
    one.informed_at = now
    one.save(update_fields=["informed_at"])
    audit.write(verb=VERB, now=now, by=by, contact_id=contact_id, how=HOW)
    return True


@transaction.atomic
def take_back(*, contact_id: int, by: Any, now: datetime) -> None:
    """It was the wrong person: they must still be told. Raises NothingToTakeBack, Contact.DoesNotExist."""
    one = Contact.objects.present().select_for_update().get(pk=contact_id)
    if one.informed_at is None:
        raise NothingToTakeBack
    noted = AuditEvent.objects.filter(contact_id=contact_id, verb=VERB, detail__how=HOW)
    if not noted.filter(at=one.informed_at).exists():
        raise NothingToTakeBack
    one.informed_at = None
    one.save(update_fields=["informed_at"])
    audit.write(verb="contact.not_told", now=now, by=by, contact_id=contact_id)
