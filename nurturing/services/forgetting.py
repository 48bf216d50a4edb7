"""What the ledger keeps of somebody who was erased or merged: that a mail was sent, never what stood in it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from nurturing.models import SandboxMail, Send, SendDetail
from nurturing.services import standing

MERGED = "merged"


@transaction.atomic
def erased(contact_ids: Sequence[int], *, now: datetime) -> None:
    """Empty addresses, merge values and server replies; mails kept in the sandbox go.

    The counts stay as they are.
    """
    sends = Send.objects.filter(contact_id__in=contact_ids)
    ids = list(sends.values_list("pk", flat=True))
    SandboxMail.objects.filter(send_id__in=ids).delete()
    SendDetail.objects.filter(send_id__in=ids).update(merge={}, response="")
    sends.update(address="")


@transaction.atomic
def merged(pairs: Sequence[tuple[int, int]], now: datetime) -> None:
    """What the dropped contact got, the kept one got; what both were to get comes once."""
    standing.lock([one for pair in pairs for one in pair])
    for dropped, kept in pairs:
        theirs = Send.objects.filter(contact_id=kept, piece__isnull=False).values("piece_id", "sandbox")
        for had in theirs:
            Send.objects.filter(
                contact_id=dropped, state__in=(Send.State.PLANNED, Send.State.CLAIMED), **had
            ).update(state=Send.State.SKIPPED, reason=MERGED, finished_at=now, lease_until=None)
        Send.objects.filter(contact_id=dropped).update(contact_id=kept)
