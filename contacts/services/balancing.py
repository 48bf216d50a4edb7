"""The balancing text: why our interest in writing weighs more than the reader's in being left alone."""

from datetime import datetime
from typing import Any

from django.db import transaction

from contacts.models import BalancingText
from contacts.queries import ground
from contacts.services import audit


@transaction.atomic
def write(*, text: str, by: Any, now: datetime) -> BalancingText:
    """A new version; the earlier ones stay, for the grounds that were stored under them. The same text is no version."""
    known = ground.balancing_in_force()
    words = text.strip().replace("\r\n", "\n")
    if known and known.text == words:
        return known
    made = BalancingText.objects.create(text=words, at=now, by=by)
    audit.write(verb="balancing.written", now=now, by=by, object_type="balancing_text", object_id=made.pk)
    return made
