"""Set up who the mails come from."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import DateTimeField, Value
from django.db.models.functions import Coalesce

from contacts import keys
from contacts.models import AuditEvent
from nurturing.models import Sender
from nurturing.sending.masking import masked
from nurturing.sending.outcome import Outcome

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
        "answers_to_owner",
        "bounces_to",
        "plus_addresses",
        "inside_allowed",
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
            sender.secret, sender.secret_at = keys.encrypt(secret), now
        elif _leads_elsewhere(before, sender):
            sender.secret, sender.secret_at = "", None
        sender.trouble, sender.trouble_reply, sender.trouble_since = "", "", None
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


def note(*, sender_id: int, shut: Outcome | None, now: datetime) -> None:
    """Remember that a sender's way out is shut, and since when, for its page; or, with None, that it is open."""
    row = Sender.objects.filter(pk=sender_id)
    if shut is None:
        row.exclude(trouble="").update(trouble="", trouble_reply="", trouble_since=None)
        return
    own = row.values_list("email", flat=True).first() or ""
    row.update(
        trouble=shut.reason[:20],
        trouble_reply=masked(shut.reply, keep=own)[:500],
        trouble_since=Coalesce("trouble_since", Value(now, DateTimeField())),
    )


def _leads_elsewhere(before: Mapping[str, Any], sender: Sender) -> bool:
    old, new = before["transport_settings"] or {}, sender.transport_settings or {}
    where = ("host", "port", "username", "api_url")
    return before["transport"] != sender.transport or any(old.get(name) != new.get(name) for name in where)
