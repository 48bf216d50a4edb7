"""Who opened a stop page: what the page must know to speak to them, and nothing more."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import QuerySet

from contacts import keys
from contacts.models import Contact, Objection, Suppression
from contacts.models.suppression import THEIR_OWN
from contacts.queries import merge, suppression
from nurturing.models import Send, Sender

LANGUAGE_OF = {"SE": "sv", "NO": "nb"}
ZONE_OF = {"NO": "Europe/Oslo", "DK": "Europe/Copenhagen", "FI": "Europe/Helsinki", "SE": "Europe/Stockholm"}
DEFAULT_ZONE = "Europe/Stockholm"


@dataclass(frozen=True, slots=True)
class Recipient:
    """The person behind a stop link, as far as they still are in the silo."""

    contact_id: int
    send_id: int
    address: str
    language: str
    zone: ZoneInfo
    phone: str
    sender: str
    is_present: bool
    is_stopped: bool
    """No mail goes to the address they have now."""
    has_said_no: bool
    """They said so themselves, for that address and for the one a mail went to."""
    may_resume: bool
    objections: frozenset[str] = frozenset()


def of(contact_id: int, send_id: int) -> Recipient:
    """Also for somebody erased, merged or never known: the page works for ever."""
    contact = Contact.objects.present().filter(pk=contact_id).first()
    if contact is None and (kept := merge.kept_for(contact_id)) is not None:
        contact_id, contact = kept, Contact.objects.present().filter(pk=kept).first()
    send = Send.objects.filter(pk=send_id, contact_id=contact_id).select_related("sender").first()
    sender = (
        send.sender if send is not None and send.sender else Sender.objects.filter(is_default=True).first()
    )
    in_force = stops_of(contact, send)
    reasons = set(in_force.values_list("reason", flat=True))
    now = stops_of(contact, None) if contact is not None and contact.email else in_force
    return Recipient(
        contact_id=contact_id,
        send_id=send.pk if send is not None else 0,
        address=(contact.email or "") if contact else "",
        language=language_of(contact),
        zone=_zone(contact),
        phone=contact.phone if contact else "",
        sender=(sender.company or sender.name) if sender else "",
        is_present=contact is not None,
        is_stopped=now.exists(),
        has_said_no=_has_said_no(contact, send, in_force),
        may_resume=bool(reasons)
        and reasons <= {Suppression.Reason.UNSUBSCRIBED}
        and not suppression.in_place_of_others(in_force),
        objections=frozenset(Objection.objects.filter(contact=contact_id).values_list("kind", flat=True)),
    )


def stops_of(contact: Contact | None, send: Send | None) -> QuerySet[Suppression]:
    """The stops in force on mail to this person: on the address they have, and on the one a mail went to."""
    hashes = [hashed for one in _addresses(contact, send) for hashed in keys.address_hashes(one)]
    return Suppression.objects.in_force().filter(
        address_hash__in=hashes, channel__in=(Suppression.Channel.MAIL, Suppression.Channel.ALL)
    )


def _addresses(contact: Contact | None, send: Send | None) -> set[str]:
    both = ((contact and contact.email) or "", send.address if send else "")
    return {one.strip().lower() for one in both if one.strip()}


def _has_said_no(contact: Contact | None, send: Send | None, in_force: QuerySet[Suppression]) -> bool:
    """A stop by anybody else may be lifted without them, and one that a merge brought along goes with the merge."""
    said = in_force.filter(reason__in=THEIR_OWN).exclude(pk__in=merge.carried(in_force))
    hashes = set(said.values_list("address_hash", flat=True))
    return all(hashes.intersection(keys.address_hashes(one)) for one in _addresses(contact, send))


def language_of(contact: Contact | None) -> str:
    return (contact.language or LANGUAGE_OF.get(contact.country, "en")) if contact is not None else ""


def _zone(contact: Contact | None) -> ZoneInfo:
    named = (contact.time_zone or ZONE_OF.get(contact.country, DEFAULT_ZONE)) if contact else DEFAULT_ZONE
    try:
        return ZoneInfo(named)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(DEFAULT_ZONE)
