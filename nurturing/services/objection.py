"""What a stop and an erasure mean for temperature and queue (GDPR 17 and 21): called by the hooks of the
silo below us.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower

from contacts import erasing
from nurturing.models import EngagementEvent, Handoff, Hit, ProviderEvent, Reply, Send
from nurturing.queries import reach, temperature
from nurturing.services import handoff, heat

# What we would call them for. Who asked for a call or wrote to us and stops the mail still waits for our answer.
OURS = (Handoff.Kind.HOT, Handoff.Kind.RIPE)
# A call that was agreed on needs a phone that we may call.
CALLS = (*OURS, Handoff.Kind.CALL_BACK)


@transaction.atomic
def stopped(contact_ids: Sequence[int], *, now: datetime) -> None:
    """Whoever said no has no temperature any more, and nobody calls them on our own account; who said no to all contact
    waits in no queue at all.
    """
    _leave_alone(contact_ids, now=now)
    _close(temperature.unreachable(contact_ids), Handoff.Kind.values, now=now)


def _leave_alone(contact_ids: Sequence[int], *, now: datetime) -> None:
    """Whom no channel reaches any more (a bounced address, and no phone) is not called, nor who said no."""
    silent = temperature.unscored(contact_ids)
    heat.rebuild(sorted(silent), now=now)
    _close(silent, OURS, now=now)
    _close(reach.out_of_reach(contact_ids), CALLS, now=now)


def _close(people: Collection[int], kinds: Collection[str], *, now: datetime) -> None:
    reason = Handoff.CloseReason.STOPPED
    handoff.close(contact_ids=people, reason=reason, now=now, kinds=kinds, recompute=False)


@transaction.atomic
def changed(contact_ids: Sequence[int], *, now: datetime) -> None:
    """Another address, or a lifted stop: whether they said no is asked again, and their temperature follows.

    Who wrote to us after a no to all contact still waits for our answer.
    """
    heat.rebuild(contact_ids, now=now)
    _leave_alone(contact_ids, now=now)
    handoff.open_hot(contact_ids, now=now, recompute=False)
    handoff.cool(contact_ids, now=now, recompute=False)


@transaction.atomic
def erased(contact_ids: Sequence[int], *, now: datetime) -> None:
    """Empty what people wrote and did; that something happened stays as a bare number."""
    stopped(contact_ids, now=now)
    sends = list(Send.objects.filter(contact_id__in=contact_ids).values_list("pk", flat=True))
    Hit.objects.filter(send_id__in=sends).update(agent="", network="", url="", headers={})
    EngagementEvent.objects.filter(contact_id__in=contact_ids).update(what="", url="", signs=[], detail={})
    _empty_replies(Reply.objects.filter(contact_id__in=contact_ids))
    ProviderEvent.objects.filter(contact_id__in=contact_ids).update(recipient="", payload={})
    ProviderEvent.objects.filter(send_id__in=sends).update(recipient="", payload={})
    Handoff.objects.filter(contact_id__in=contact_ids).update(evidence=[], because="")


def mentions(who: erasing.Who, *, now: datetime) -> None:
    """Empty what tells of an erased address without knowing whose it was: replies and bounces that fitted nobody."""
    addresses = [one.lower() for one in who.addresses]
    if not addresses:
        return
    _empty_replies(Reply.objects.annotate(key=Lower("from_address")).filter(contact=None, key__in=addresses))
    named = ProviderEvent.objects.exclude(recipient="").annotate(key=Lower("recipient"))
    named.filter(key__in=addresses).update(recipient="", payload={})


def _empty_replies(replies: QuerySet[Reply]) -> None:
    """The identity of a mail is a digest of its words, and goes with them; its own number keeps it one."""
    for reply in replies.only("pk"):
        Reply.objects.filter(pk=reply.pk).update(
            from_address="", subject="", text="", whole="", message_id=f"erased:{reply.pk}"
        )


@transaction.atomic
def merged(pairs: Sequence[tuple[int, int]], now: datetime) -> None:
    """What the dropped contact did, the kept one did; their temperature is made again from both."""
    for dropped, kept in pairs:
        EngagementEvent.objects.filter(contact_id=dropped).update(contact_id=kept)
        Reply.objects.filter(contact_id=dropped).update(contact_id=kept)
        taken = Handoff.objects.open().filter(contact_id=kept).values_list("kind", flat=True)
        waiting = Handoff.objects.open().filter(contact_id=dropped)
        waiting.filter(kind__in=list(taken)).update(closed_at=now, close_reason=Handoff.CloseReason.UNDONE)
        Handoff.objects.filter(contact_id=dropped).update(contact_id=kept)
    heat.rebuild([one for pair in pairs for one in pair], now=now)
    handoff.open_hot([kept for _, kept in pairs], now=now, recompute=False)
