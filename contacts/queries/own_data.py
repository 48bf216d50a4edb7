"""What this room knows about one person, for that person."""

from collections.abc import Iterator

from contacts import keys, spelling
from contacts.giving_out import Row
from contacts.models import Contact, FormerGround, ImportRow, LegalGround, Objection, Suppression


def person(contact_id: int) -> Iterator[Row]:
    """Who they are."""
    one = Contact.objects.select_related("company", "owner").get(pk=contact_id)
    yield {
        "first_name": one.first_name,
        "last_name": one.last_name,
        "email": one.email,
        "further_emails": list(one.addresses.order_by("email").values_list("email", flat=True)),
        "phone": one.phone,
        "title": one.title,
        "company": one.company.name if one.company else "",
        "city": one.city,
        "country": one.country,
        "language": one.language,
        "recipient": one.get_recipient_display(),
        "tags": one.tags,
        "topics": list(one.topics.values_list("name", flat=True)),
        "custom": one.custom,
        "owner": str(one.owner or ""),
        "way_in": " · ".join(part for part in (one.get_way_in_display(), one.way_in_note) if part),
        "obtained": one.get_obtained_display(),
        "informed_at": one.informed_at,
        "in_the_silo_since": one.created_at,
    }


def grounds(contact_id: int) -> Iterator[Row]:
    """On what ground we write, and wrote."""
    for row in LegalGround.objects.filter(contact=contact_id).order_by("purpose"):
        yield _ground(row)
    for former in FormerGround.objects.filter(contact=contact_id).order_by("-until"):
        yield _ground(former) | {"until": former.until}


def _ground(row: LegalGround | FormerGround) -> dict[str, object]:
    return {
        "purpose": row.get_purpose_display(),
        "ground": row.get_ground_display(),
        "at": row.at,
        "source": row.source,
        "wording": row.wording,
        "ip": row.ip,
    }


def stops(contact_id: int) -> Iterator[Row]:
    """What they, or we, stopped."""
    one = Contact.objects.get(pk=contact_id)
    known = [spelling.normal(one.email)] if one.email else []
    known += [one.phone] if one.phone else []
    hashes = [digest for address in known for digest in keys.address_hashes(address)]
    for row in Suppression.objects.filter(address_hash__in=hashes).order_by("at"):
        yield {
            "address": row.address,
            "channel": row.get_channel_display(),
            "reason": row.get_reason_display(),
            "source": row.source,
            "at": row.at,
            "until": row.lifted_at,
        }
    for objection in Objection.objects.filter(contact=contact_id):
        yield {"what": objection.get_kind_display(), "at": objection.at, "source": objection.source}


def import_rows(contact_id: int) -> Iterator[Row]:
    """The rows of lists in which they came."""
    for row in ImportRow.objects.filter(contact=contact_id).select_related("batch").order_by("pk"):
        yield {
            "at": row.batch.created_at,
            "source": row.batch.name,
            "raw": row.raw,
            "state": row.get_verdict_display(),
        }
