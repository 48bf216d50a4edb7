"""What a person does not want done with them: no temperature (GDPR 21), no tracked links."""

from datetime import datetime
from typing import Any

from django.db import transaction

from contacts import hooks
from contacts.models import Contact, Objection
from contacts.services import audit

Kind = Objection.Kind


class TheirOwn(Exception):
    """They said so themselves, and no colleague takes it back."""


@transaction.atomic
def object_to(*, contact_id: int, kind: str, source: str, now: datetime, by: Any = None) -> bool:
    """From now on; what was scored is forgotten at once. False when they had said so before. Calls hooks.stopped.

    Raises Contact.DoesNotExist, ValueError.
    """
    hooks.holding([contact_id], now=now)
    one = Contact.objects.present().select_for_update(no_key=True).get(pk=contact_id)
    _row, made = Objection.objects.get_or_create(
        contact=one, kind=Kind(kind), defaults={"at": now, "source": source[:120]}
    )
    if made:
        audit.write(verb="objection.made", now=now, by=by, contact_id=contact_id, kind=kind)
        hooks.stopped([contact_id], now=now)
    return made


@transaction.atomic
def withdraw(*, contact_id: int, kind: str, now: datetime, by: Any = None) -> bool:
    """They changed their mind. Calls hooks.changed, so that they are judged again."""
    gone, _detail = Objection.objects.filter(contact_id=contact_id, kind=Kind(kind)).delete()
    if gone:
        audit.write(verb="objection.withdrawn", now=now, by=by, contact_id=contact_id, kind=kind)
        hooks.changed([contact_id], now=now)
    return bool(gone)


@transaction.atomic
def allow(*, contact_id: int, kind: str, now: datetime, by: Any) -> bool:
    """A colleague takes back what a colleague noted. Raises TheirOwn, Contact.DoesNotExist."""
    hooks.holding([contact_id], now=now)
    one = Contact.objects.present().select_for_update(no_key=True).get(pk=contact_id)
    said = Objection.objects.filter(contact=one, kind=Kind(kind)).first()
    if said is not None and said.is_their_own:
        raise TheirOwn
    return withdraw(contact_id=contact_id, kind=kind, now=now, by=by)
