"""Store the ground on which we may write to a person."""

from datetime import datetime
from typing import Any

from django.db import transaction

from contacts import hooks
from contacts.models import AuditEvent, LegalGround

G = LegalGround.Ground
# A list never weakens what a person has given us: a ground is only replaced by a stronger one.
STRENGTH = {G.NONE: 0, G.LEGITIMATE_INTEREST: 1, G.ROLE_ADDRESS: 2, G.EXISTING_CUSTOMER: 3, G.CONSENT: 4}


def is_stronger(ground: str, than: str) -> bool:
    """True when `ground` carries more than the one that is stored."""
    return STRENGTH[G(ground)] > STRENGTH[G(than)]


@transaction.atomic
def keep(
    *,
    contact_id: int,
    ground: str,
    now: datetime,
    at: datetime | None = None,
    source: str = "",
    wording: str = "",
    ip: str = "",
    by: Any = None,
    only_if_stronger: bool = False,
    purpose: str = LegalGround.Purpose.MARKETING,
) -> bool:
    """Store the ground for a purpose; `at` is when it arose. False when nothing was changed. Calls hooks.changed.

    What stood there before stays in FormerGround.
    """
    known = LegalGround.objects.select_for_update().filter(contact_id=contact_id, purpose=purpose).first()
    if known and only_if_stronger and not is_stronger(ground, known.ground):
        return False
    said = {"ground": ground, "at": at or now, "source": source[:200], "wording": wording, "ip": ip[:45]}
    if known and all(getattr(known, name) == value for name, value in said.items() if name != "at"):
        return False
    LegalGround.objects.update_or_create(
        contact_id=contact_id, purpose=purpose, defaults={**said, "batch_id": None, "by": by}
    )
    AuditEvent.objects.create(
        at=now,
        by=by,
        verb="ground.kept",
        contact_id=contact_id,
        detail={"purpose": purpose, "ground": ground, "before": known.ground if known else ""},
    )
    hooks.changed([contact_id], now=now)
    return True
