"""Save what a colleague changed about somebody: fields, ground and topics together, or nothing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from contacts import hooks
from contacts.models import AuditEvent, Contact, LegalGround
from contacts.services import contact as contacts
from contacts.services import ground

FIELDS = (
    "email",
    "first_name",
    "last_name",
    "title",
    "phone",
    "city",
    "country",
    "language",
    "recipient",
    "way_in",
    "way_in_note",
    "tags",
)
GROUND_DROPPED = "ground dropped"  # among what changed: it was given for the address before, see new_address


class ChangedMeanwhile(Exception):
    """Somebody else saved since this colleague looked."""


@transaction.atomic
def save(*, contact_id: int, seen: str, said: Mapping[str, Any], by: Any, now: datetime) -> list[str]:
    """Write the changed fields and answer their names; `seen` is the `updated_at` (ISO 8601) that was looked at.

    Raises ChangedMeanwhile, contacts.AlreadyHere, contacts.NoWayToReach, values.Problem, Contact.DoesNotExist.
    """
    hooks.holding([contact_id], now=now)
    one = Contact.objects.select_for_update(no_key=True).get(pk=contact_id, erased_at=None)
    if seen != one.updated_at.isoformat():
        raise ChangedMeanwhile
    owner = said.get("owner")
    mine = LegalGround.objects.filter(contact_id=contact_id, purpose=LegalGround.Purpose.MARKETING)
    seen_ground = mine.values("ground", "source").first()
    fields = {name: said[name] for name in FIELDS if name in said}
    if not fields.get("recipient"):
        fields.pop("recipient", None)  # "see from the address": what was seen at the beginning stays
    changed = contacts.update(
        contact_id=contact_id,
        now=now,
        by=by,
        company=said.get("company", ""),
        owner_id=owner.pk if owner else None,
        **fields,
    )
    said_ground = {"ground": said["ground"], "source": said.get("ground_source", "")}
    if (
        "email" in changed and said_ground == seen_ground
    ):  # shown by the form, not said anew for the new address
        if mine.values("ground", "source").first() != seen_ground:
            changed.append(GROUND_DROPPED)
    elif ground.keep(contact_id=contact_id, by=by, now=now, **said_ground):
        changed.append("ground")
    before = set(one.topics.values_list("pk", flat=True))
    chosen = {topic.pk for topic in said.get("topics", ())}
    if chosen != before:
        one.topics.set(chosen)
        AuditEvent.objects.create(
            at=now, by=by, verb="contact.changed", contact_id=contact_id, detail={"fields": ["topics"]}
        )
        changed.append("topics")
    return changed
