"""Is somebody doing the broker's part?"""

from datetime import datetime, timedelta

from silo.models import BrokerAbsence

LOOKS_WITHIN = timedelta(minutes=1)


def stood_in_for(*, now: datetime) -> BrokerAbsence | None:
    """The absence during which a stand-in works just now; None when none is heard."""
    return BrokerAbsence.objects.filter(until=None, seen_at__gt=now - LOOKS_WITHIN).first()
