"""Add a person to the silo, and change what we know about one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from contacts import hooks
from contacts.models import AuditEvent, Contact, ContactAddress, LegalGround
from contacts.reading import addresses, naming, person, phones, values
from contacts.services import company as companies
from contacts.services import new_address

# Changing one of these means that what may be sent has to be judged again.
JUDGED_AGAIN = {"email", "company_id", "country", "language", "phone", "recipient", "time_zone"}
EDITABLE = (
    "email",
    "first_name",
    "last_name",
    "title",
    "phone",
    "city",
    "country",
    "language",
    "time_zone",
    "recipient",
    "way_in",
    "way_in_note",
    "owner_id",
    "tags",
    "custom",
)


class AlreadyHere(Exception):
    """Somebody with this address, or with this phone and name, is in the silo: `contact_id` says who."""

    def __init__(self, contact_id: int) -> None:
        super().__init__("This person is in the silo already.")
        self.contact_id = contact_id


class NoWayToReach(Exception):
    """Neither an address nor a phone number."""


def find(*, email: str = "", phone: str = "", first_name: str = "", last_name: str = "") -> int | None:
    """The id of a person with this address, or else with this phone and this name."""
    present = Contact.objects.present()
    if email:
        by_address = present.filter(email_key=email.lower()).values_list("id", flat=True).first()
        if by_address is not None:
            return by_address
        return (
            ContactAddress.objects.filter(email_key=email.lower())
            .values_list("contact_id", flat=True)
            .first()
        )
    if phone:
        key = values.person_key(first_name, last_name)
        for one in present.filter(phone=phone).order_by("id").only("id", "first_name", "last_name")[:50]:
            if values.person_key(one.first_name, one.last_name) == key:
                return one.pk
    return None


@transaction.atomic
def add(
    *,
    now: datetime,
    by: Any = None,
    email: str = "",
    phone: str = "",
    first_name: str = "",
    last_name: str = "",
    title: str = "",
    company: str = "",
    city: str = "",
    country: str = "",
    language: str = "",
    recipient: str = "",
    ground: str = LegalGround.Ground.NONE,
    ground_at: datetime | None = None,
    ground_source: str = "",
    ground_wording: str = "",
    ground_ip: str = "",
    obtained: str = Contact.Obtained.SELF,
    way_in: str = Contact.WayIn.OTHER,
    way_in_note: str = "",
    tags: Iterable[str] = (),
    owner_id: int | None = None,
) -> Contact:
    """Put a person into the silo, with their ground. The database gives them their standing. Calls
    hooks.added.

    Raises AlreadyHere, NoWayToReach, and values.Problem for an address or a number
    that cannot be right.
    """
    address = addresses.address(email) if email.strip() else ""
    number = phones.phone(phone, country or "SE") if phone.strip() else ""
    if not address and not number:
        raise NoWayToReach
    first = naming.name(first_name, 120, field="first name")
    last = naming.name(last_name, 120, field="last name")
    if (known := find(email=address, phone=number, first_name=first, last_name=last)) is not None:
        raise AlreadyHere(known)
    domain = "" if not address or addresses.is_free_mail(address) else address.rpartition("@")[2]
    employer = companies.get_or_make(name=company, now=now, domain=domain, country=country, city=city)
    try:
        with transaction.atomic():
            made = Contact.objects.create(
                email=address or None,
                phone=number,
                first_name=first,
                last_name=last,
                title=values.limited(title, 200, field="title"),
                company=employer,
                city=values.limited(city, 120, field="city"),
                country=country,
                language=language,
                recipient=recipient or person.recipient_of(address, company),
                obtained=obtained,
                informed_at=now if obtained == Contact.Obtained.SELF else None,
                way_in=way_in,
                way_in_note=way_in_note[:200],
                owner_id=owner_id,
                tags=list(tags),
                created_at=now,
                updated_at=now,
            )
    except IntegrityError:  # a colleague added the same address in this moment
        known = find(email=address)
        if known is None:
            raise
        raise AlreadyHere(known) from None
    LegalGround.objects.create(
        contact=made,
        ground=ground,
        at=ground_at or now,
        source=ground_source[:200],
        wording=ground_wording,
        ip=ground_ip[:45],
    )
    AuditEvent.objects.create(
        at=now,
        by=by,
        verb="contact.added",
        contact_id=made.pk,
        detail={"ground": ground},
    )
    hooks.added([made.pk], now=now)
    return made


@transaction.atomic
def update(
    *,
    contact_id: int,
    now: datetime,
    by: Any = None,
    company: str | None = None,
    **said: Any,
) -> list[str]:
    """Change the named fields; returns those that really changed. Empty is a value here: a person cleared
    the field.

    With another address the recipient type is judged again, unless it is said here, too, and grounds that were given for the
    old one hold no longer (new_address).

    Raises AlreadyHere, NoWayToReach, values.Problem, Contact.DoesNotExist, and TypeError for a field nobody
    may set here.
    """
    if unknown := set(said) - set(EDITABLE):
        raise TypeError(f"These fields cannot be changed here: {', '.join(sorted(unknown))}")
    hooks.holding([contact_id], now=now)
    one = Contact.objects.select_for_update(no_key=True).get(pk=contact_id, erased_at=None)
    old, old_company = one.email, one.company.name if one.company else ""
    _normalise(said, country=said.get("country", one.country))
    if company is not None:
        domain = "" if not one.email or addresses.is_free_mail(one.email) else one.email.rpartition("@")[2]
        employer = companies.get_or_make(name=company, now=now, domain=domain, country=one.country)
        said["company_id"] = employer.pk if employer else None
    moved = bool(said.get("email")) and not new_address.is_same_mailbox(old, said["email"])
    if moved and said.get("recipient", one.recipient) == one.recipient:
        before, after = (old or "", old_company), (said["email"], old_company if company is None else company)
        said["recipient"] = new_address.recipient(there=one.recipient, old=before, new=after)
    changed = [name for name, value in said.items() if getattr(one, name) != value]
    if not changed:
        return []
    for name in changed:
        setattr(one, name, said[name])
    if not one.email and not one.phone:
        raise NoWayToReach
    one.updated_at = now
    try:
        with transaction.atomic():
            one.save(update_fields=[*changed, "updated_at"])
    except IntegrityError:
        known = find(email=one.email or "")
        if known is None or known == contact_id:
            raise
        raise AlreadyHere(known) from None
    AuditEvent.objects.create(
        at=now,
        by=by,
        verb="contact.changed",
        contact_id=contact_id,
        detail={"fields": sorted(changed)},
    )
    if "email" in changed:
        new_address.drop_grounds(contact_id=contact_id, old=old, new=one.email, by=by, now=now)
    if JUDGED_AGAIN & set(changed):
        hooks.changed([contact_id], now=now)
    return changed


def _normalise(said: dict[str, Any], *, country: str) -> None:
    if "email" in said:
        said["email"] = addresses.address(said["email"]) if (said["email"] or "").strip() else None
    if "phone" in said:
        said["phone"] = phones.phone(said["phone"], country or "SE")
    for name, limit in (("first_name", 120), ("last_name", 120)):
        if name in said:
            said[name] = naming.name(said[name], limit, field=name.replace("_", " "))
    for name, limit in (("title", 200), ("city", 120), ("way_in_note", 200)):
        if name in said:
            said[name] = values.limited(said[name], limit, field=name.replace("_", " "))


def mark_informed(*, contact_ids: Iterable[int], now: datetime) -> int:
    """Remember that these people were told where their data came from (GDPR 14). Those told before keep
    their date.
    """
    return Contact.objects.filter(id__in=list(contact_ids), informed_at=None).update(informed_at=now)
