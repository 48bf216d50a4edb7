"""What the ledger keeps of somebody who was erased or merged: that a mail was sent, never what stood in it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q

from contacts.models import Contact
from nurturing.models import Confirmation, Decision, ProviderEvent, SandboxMail, Send, SendDetail
from nurturing.services import standing

MERGED = "merged"


def holding(contact_ids: Sequence[int], *, now: datetime) -> None:
    """Their standings are locked before they are, as everybody else does it: two who work on one person wait for each other."""
    standing.lock(contact_ids)


@transaction.atomic
def is_erased(contact_id: int | None) -> bool:
    """Whether this person was erased, asked behind whoever erases them at this moment. What comes back about them afterwards is
    kept without a word of it. Inside a transaction it stays so until the end.
    """
    if contact_id is None:
        return False
    standing.lock([contact_id])
    return Contact.objects.filter(pk=contact_id).exclude(erased_at=None).exists()


@transaction.atomic
def erased(contact_ids: Sequence[int], *, now: datetime) -> None:
    """Take mails out of the workers' hands, and empty addresses, merge values and server replies. Mails kept in the sandbox go, and
    so do test mails: nothing says whose values they were filled in with.

    The counts stay as they are. What a worker has begun to hand over may leave; it writes down no words about it (`send.move`).
    """
    standing.lock(contact_ids)
    sends = Send.objects.filter(contact_id__in=contact_ids)
    # first: waits for whoever claims or writes about them now, and keeps the others away
    sends.update(address="")
    _take_back(contact_ids)
    sends.filter(reason__contains="@").update(reason="erased")
    ids = list(sends.values_list("pk", flat=True))
    SandboxMail.objects.filter(Q(send_id__in=ids) | Q(send_id=None)).delete()
    SendDetail.objects.filter(send_id__in=ids).update(merge={}, response="")
    Confirmation.objects.filter(contact_id__in=contact_ids).update(asked_ip="", answered_ip="")


@transaction.atomic
def merging(contact_ids: Sequence[int], *, now: datetime) -> None:
    """Hold these people still: their standings are locked, and what a worker has claimed and not begun to hand over is taken
    out of its hand. Its token is no longer the row's, so it sends nothing; the mail is judged again for whoever gets it now.
    """
    standing.lock(contact_ids)
    _take_back(contact_ids)


def _take_back(contact_ids: Sequence[int]) -> None:
    Send.objects.filter(contact_id__in=contact_ids, state=Send.State.CLAIMED).update(
        state=Send.State.PLANNED, attempt=F("attempt") + 1, lease_until=None
    )


@transaction.atomic
def merged(pairs: Sequence[tuple[int, int]], now: datetime) -> None:
    """What the dropped contact got, the kept one got; what either had, or both were to get, comes no second time."""
    standing.lock([one for pair in pairs for one in pair])
    for dropped, kept in pairs:
        with connection.cursor() as cursor:
            cursor.execute(
                _SKIP_DOUBLES, {"both": [dropped, kept], "kept": kept, "now": now, "reason": MERGED}
            )
        Send.objects.filter(contact_id=dropped).update(contact_id=kept)
        Decision.objects.filter(contact_id=dropped).update(contact_id=kept)
        ProviderEvent.objects.filter(contact_id=dropped).update(contact_id=kept)
        Confirmation.objects.filter(contact_id=dropped).update(contact_id=kept)


# Of the mails of the two that say the same (one piece, one version of a text, one step of one sequence), one may come: the one that
# is on its way or has been, else the kept person's, else the first.
_SKIP_DOUBLES = """
WITH theirs AS (
    SELECT s.id, s.state, s.sandbox, s.contact_id, s.piece_id, s.mail_id, e.sequence_id, s.step_key
    FROM nurturing_send s LEFT JOIN nurturing_enrollment e ON e.id = s.enrollment_id
    WHERE s.contact_id = ANY(%(both)s) AND s.kind IN ('step', 'piece') AND s.state <> 'skipped'
)
UPDATE nurturing_send s SET state = 'skipped', reason = %(reason)s, finished_at = %(now)s, lease_until = NULL
FROM theirs a
WHERE s.id = a.id AND a.state = 'planned' AND EXISTS (
    SELECT 1 FROM theirs b
    WHERE b.id <> a.id AND b.sandbox = a.sandbox
      AND (b.piece_id = a.piece_id OR b.mail_id = a.mail_id OR (b.sequence_id = a.sequence_id AND b.step_key = a.step_key))
      AND (b.state <> 'planned' OR ((b.contact_id = %(kept)s)::int, -b.id) > ((a.contact_id = %(kept)s)::int, -a.id))
)
"""
