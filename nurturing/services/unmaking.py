"""An import that made somebody is undone: what the silo had only meant to send them goes along with them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Q

from contacts import arrays
from nurturing.models import Send

State = Send.State
# Nothing of these ever left, and a worker that claims one now finds that the row is not its own.
NEVER_LEFT = Q(state__in=(State.PLANNED, State.SKIPPED)) | (
    Q(sandbox=True) & ~Q(state__in=(State.CLAIMED, State.ATTEMPTING))
)


def written_to(contact_ids: Sequence[int]) -> set[int]:
    """Those of them to whom a mail left, or may be leaving at this moment."""
    left = Send.objects.filter(contact_id__in=contact_ids).exclude(NEVER_LEFT)
    return set(left.values_list("contact_id", flat=True))


def unmade(contact_ids: Sequence[int], *, now: datetime) -> None:
    """These people are taken out of the silo: their mails that never left go, with the decisions behind them, so that the
    equation has neither. Whatever began to leave meanwhile stays, and holds its person: the database refuses to drop them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _UNMAKE,
            {
                "ids": arrays.ids(contact_ids),
                "never_left": [State.PLANNED, State.SKIPPED],
                "in_hand": [State.CLAIMED, State.ATTEMPTING],
            },
        )


_UNMAKE = """
WITH gone AS (
    DELETE FROM nurturing_send
     WHERE contact_id = ANY(%(ids)s::bigint[]) AND (state = ANY(%(never_left)s) OR sandbox AND state <> ALL(%(in_hand)s))
    RETURNING id, contact_id, dedupe_key, sandbox
), _details AS (DELETE FROM nurturing_senddetail d USING gone WHERE d.send_id = gone.id)
, _kept AS (DELETE FROM nurturing_sandboxmail m USING gone WHERE m.send_id = gone.id)
DELETE FROM nurturing_decision d USING gone
 WHERE d.contact_id = gone.contact_id AND d.dedupe_key = gone.dedupe_key AND d.sandbox = gone.sandbox
"""
