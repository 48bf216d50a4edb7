"""When the broker is away, for the page Health: several stand-ins may say so at once."""

from datetime import datetime

from silo.models import BrokerAbsence


def note(*, since: datetime, now: datetime) -> BrokerAbsence:
    """It does not answer, since when, and we looked just now."""
    absence, made = BrokerAbsence.objects.get_or_create(until=None, defaults={"since": since, "seen_at": now})
    if not made:
        absence.seen_at = now
        absence.save(update_fields=["seen_at"])
    return absence


def end(*, now: datetime) -> None:
    """It answers again."""
    BrokerAbsence.objects.filter(until=None).update(until=now)
