"""A copy of a silo must not write to everybody a second time: it notices that it is a copy, and waits for a person."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from contacts.models import AuditEvent
from nurturing.services import hold
from silo.models import Instance


def recognise(*, now: datetime) -> bool:
    """Is this the database that the silo remembers? Otherwise all sending stops until a person lets it go on.

    Asked when a worker starts and after a restore. A new silo only writes down where it lives. Returns False once for each
    new place: from then on that is where it lives.
    """
    here = _place()
    with transaction.atomic():
        known, made = Instance.objects.select_for_update().get_or_create(
            only=True, defaults={"place": here, "since": now}
        )
        if made or known.place == here:
            return True
        known.place, known.since = here, now
        known.save(update_fields=["place", "since"])
        AuditEvent.objects.create(at=now, verb="instance.moved", object_type="Instance")
        hold.stop(
            because=_(
                "This silo is a copy, or was moved to another database. Let mails go again only when the other one is switched off."
            ),
            by=None,
            now=now,
        )
    return False


def _place() -> str:
    """The cluster's and the database's own numbers: a dump that is loaded elsewhere, or beside, gets others."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT system_identifier FROM pg_control_system()), (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        cluster, database = cursor.fetchone()
    return f"{cluster}:{database}"
