"""What stands behind the merge fields, for many people at once."""

from collections.abc import Mapping

from contacts.models import Contact
from nurturing.content import fields
from nurturing.models import Sender


def of(senders: Mapping[int, Sender | None]) -> dict[int, fields.Merge]:
    """The merge values of contacts, each with the sender who writes to them. One statement for any number
    of people.
    """
    rows = Contact.objects.filter(pk__in=senders).select_related("company", "owner")
    return {contact.pk: _values(contact, senders[contact.pk]) for contact in rows}


def sender(who: Sender | None) -> dict[str, str]:
    """The fields that speak of us."""
    if who is None:
        return {}
    return {"name": who.name, "company": who.company or who.name, "email": who.email, "website": who.website}


def _values(contact: Contact, who: Sender | None) -> fields.Merge:
    return {
        "contact": {
            "first_name": contact.first_name,
            "last_name": contact.last_name,
            "name": f"{contact.first_name} {contact.last_name}".strip(),
            "title": contact.title,
            "company": contact.company.name if contact.company else "",
            "city": contact.city,
            "country": contact.country,
            "email": contact.email or "",
            "phone": contact.phone,
        },
        "owner": _owner(contact, who),
        "sender": sender(who),
        "custom": {str(name): str(value) for name, value in contact.custom.items() if value is not None},
    }


def _owner(contact: Contact, who: Sender | None) -> dict[str, str]:
    """Their salesperson; where they have none, we who write: better than a mail that never leaves."""
    owner = contact.owner
    if owner is None:
        return {"name": who.name, "email": who.reply_to or who.email} if who else {}
    return {
        "first_name": owner.get_short_name(),
        "name": owner.get_full_name(),
        "phone": owner.phone,
        "email": owner.email,
    }
