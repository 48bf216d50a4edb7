"""What a person may ask of us without a login: see everything, be erased. The mail to their address is the key."""

from datetime import datetime, timedelta

from django.db import transaction

from contacts.models import Contact, Erasure
from contacts.reading import addresses
from contacts.services import audit, erasure
from nurturing.models import Confirmation
from nurturing.queries import confirmation as queries
from nurturing.services import asking
from nurturing.services.joining import A_DAY, MAILS_A_DAY, NotOpen

EXPIRES = timedelta(days=2)
KINDS = (Confirmation.Kind.EXPORT.value, Confirmation.Kind.ERASE.value)


@transaction.atomic
def ask(*, email: str, kind: str, ip: str, now: datetime) -> Confirmation | None:
    """A mail with a link goes to the address, if we know it; the asker is told the same either way.

    Raises values.Problem for an address that cannot be right, ValueError for a kind that is none.
    """
    if kind not in KINDS:
        raise ValueError(kind)
    address = addresses.address(email)
    contact = Contact.objects.present().select_for_update().filter(email_key=address.lower()).first()
    if contact is None:
        return None
    asked = Confirmation.objects.filter(contact=contact, kind__in=KINDS, asked_at__gt=now - A_DAY)
    if asked.count() >= MAILS_A_DAY:
        return None
    made = Confirmation.objects.create(
        kind=kind, contact=contact, asked_at=now, expires_at=now + EXPIRES, asked_ip=ip[:45]
    )
    made.send_id = asking.plan(contact=contact, kind=kind, key=f"confirm:{made.pk}", now=now)
    made.save(update_fields=["send"])
    audit.write(verb=f"rights.{kind}_asked", now=now, contact_id=contact.pk)
    return made


@transaction.atomic
def seen(*, confirmation_id: int, ip: str, now: datetime) -> int:
    """The person looks at what we have: answers the contact's id. Within its two days the link works again.

    Raises NotOpen.
    """
    one = queries.locked(confirmation_id)
    if one.kind != Confirmation.Kind.EXPORT or now >= one.expires_at or one.contact.erased_at:
        raise NotOpen
    if one.answered_at is None:
        one.answered_at, one.answered_ip = now, ip[:45]
        one.save(update_fields=["answered_at", "answered_ip"])
    audit.write(verb="contact.given_out", now=now, contact_id=one.contact_id, to="the person")
    return one.contact_id


@transaction.atomic
def erase(*, confirmation_id: int, ip: str, now: datetime) -> None:
    """The person is erased at their own word. Raises NotOpen."""
    one = queries.locked(confirmation_id)
    if one.kind != Confirmation.Kind.ERASE or not one.is_open(now) or one.contact.erased_at:
        raise NotOpen
    one.answered_at = now
    one.save(update_fields=["answered_at"])
    erasure.erase(contact_ids=[one.contact_id], why=Erasure.Why.PERSON, now=now)
