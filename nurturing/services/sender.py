"""Set up who the mails come from."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from contacts import keys
from contacts.models import AuditEvent
from nurturing.models import Sender

FIELDS = frozenset(
    {
        "name",
        "email",
        "reply_to",
        "language",
        "company",
        "postal_address",
        "org_number",
        "website",
        "transport",
        "transport_settings",
        "window",
    }
)


def save(
    *, sender_id: int | None, fields: Mapping[str, Any], secret: str, by: AbstractBaseUser, now: datetime
) -> Sender:
    """Make or change a sender; the first one is the default.

    An empty `secret` keeps the one that is stored, as no page ever shows it again. Another way out forgets
    it: a password must not be sent to a server that it was not meant for.
    """
    unknown = set(fields) - FIELDS
    if unknown:
        raise ValueError(f"A sender has no {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        sender = Sender.objects.select_for_update().get(pk=sender_id) if sender_id else Sender(made_at=now)
        before = {name: getattr(sender, name) for name in FIELDS}
        for name, value in fields.items():
            setattr(sender, name, value)
        if secret:
            sender.secret = keys.encrypt(secret)
        elif _leads_elsewhere(before, sender):
            sender.secret = ""
        sender.changed_at = now
        sender.is_default = sender.is_default or not Sender.objects.filter(is_default=True).exists()
        sender.save()
        changed = sorted(name for name in FIELDS if before[name] != getattr(sender, name))
        AuditEvent.objects.create(
            at=now,
            by_id=by.pk,
            verb="sender.changed" if sender_id else "sender.added",
            object_type="Sender",
            object_id=sender.pk,
            detail={"fields": [*changed, "secret"] if secret else changed},
        )
    return sender


def _leads_elsewhere(before: Mapping[str, Any], sender: Sender) -> bool:
    old, new = before["transport_settings"] or {}, sender.transport_settings or {}
    where = ("host", "port", "username", "api_url")
    return before["transport"] != sender.transport or any(old.get(name) != new.get(name) for name in where)
