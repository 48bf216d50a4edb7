"""What sales does when the silo says that people were stopped, erased or merged."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from contacts import erasing
from contacts.models import Contact
from contacts.queries import gate
from nurturing.models import SalesHold
from sales.models import Call, Claim, Opportunity, Purchase, Referral
from sales.services import claim


@transaction.atomic
def let_go_of_stopped(contact_ids: Sequence[int], *, now: datetime) -> None:
    """Nobody holds a person whom we may not call. A stop of mail alone does not end a conversation."""
    verdicts = gate.verdicts(contact_ids, channel=gate.PHONE)
    stopped = [pk for pk, verdict in verdicts.items() if verdict.reason.startswith(("suppressed", "erased"))]
    claim.release_all(stopped, now=now)


@transaction.atomic
def forget(contact_ids: Sequence[int], *, now: datetime) -> None:
    """Empty all that tells of an erased person; that a call or a purchase took place stays in the figures."""
    ids = list(contact_ids)
    claim.release_all(ids, now=now)
    Call.objects.filter(contact_id__in=ids).update(note="", because="", before={})
    deals = Opportunity.objects.filter(contact_id__in=ids)
    SalesHold.objects.filter(
        kind=SalesHold.Kind.OPPORTUNITY, reference__in=deals.values("pk"), ended_at=None
    ).update(ended_at=now)
    deals.update(title="", next_step="", close_reason="")
    deals.filter(closed_at=None).update(closed_at=now)
    Purchase.objects.filter(contact_id__in=ids).update(what="")
    Referral.objects.filter(asked_id__in=ids).update(note="")
    Referral.objects.filter(brought_id__in=ids).update(note="")


def mentions(who: erasing.Who, *, now: datetime) -> None:
    """Whoever an erased person recommended keeps their way in, and loses the name of who it was."""
    brought = Referral.objects.filter(asked_id__in=who.contact_ids, brought__isnull=False)
    Contact.objects.filter(pk__in=brought.values("brought")).update(way_in_note="")


@transaction.atomic
def merge(pairs: Sequence[tuple[int, int]], now: datetime) -> None:
    """Move the rows of the dropped contact to the one that is kept. Of two claims the kept one's stays."""
    for dropped, kept in pairs:
        if Claim.objects.open().filter(contact_id=kept).exists():
            claim.release_all([dropped], now=now)
        Claim.objects.filter(contact_id=dropped).update(contact_id=kept)
        Call.objects.filter(contact_id=dropped).update(contact_id=kept)
        Opportunity.objects.filter(contact_id=dropped).update(contact_id=kept)
        Purchase.objects.filter(contact_id=dropped).update(contact_id=kept)
        Referral.objects.filter(asked_id=dropped).update(asked_id=kept)
        Referral.objects.filter(brought_id=dropped).update(brought_id=kept)
