"""Taking a person in hand, letting go of them, and the clock that lets go for those who forgot."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from contacts.models import Contact
from nurturing.models import SalesHold, Standing
from nurturing.services import handoff
from nurturing.services import standing as standings
from sales import limits
from sales.models import Claim


class Taken(Exception):
    """Somebody else holds the person."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(f"{claim.contact_id} is held by {claim.by} until {claim.expires_at}")
        self.claim = claim
        self.by = claim.by
        self.until = claim.expires_at


@transaction.atomic
def take(*, contact_id: int, by: AbstractBaseUser, now: datetime) -> Claim:
    """Take a person in hand for half an hour; taking whom one holds already begins the half hour anew.

    1. The standing is locked, so that two who reach for the same person stand in line.
    2. A claim whose time ran out is let go.
    3. The first one in wins: the database allows one open claim per person.
    4. The silo hears of it, so that no mail goes out in the middle of the conversation.

    Raises Taken when a colleague holds them, Contact.DoesNotExist when there is nobody (any more).
    """
    lock(contact_id)
    if not Contact.objects.present().filter(pk=contact_id).exists():
        raise Contact.DoesNotExist
    _let_go(Claim.objects.open().filter(contact_id=contact_id, expires_at__lte=now), "expired", now)
    until = now + limits.claim_length()
    Claim.objects.bulk_create(
        [Claim(contact_id=contact_id, by_id=by.pk, at=now, expires_at=until)], ignore_conflicts=True
    )
    claim = Claim.objects.open().select_related("by").get(contact_id=contact_id)
    if claim.by_id != by.pk:
        raise Taken(claim)
    if claim.expires_at < until:
        claim.expires_at = until
        claim.save(update_fields=["expires_at"])
    SalesHold.objects.update_or_create(
        kind=SalesHold.Kind.CLAIM,
        reference=claim.pk,
        defaults={"until": claim.expires_at, "ended_at": None},
        create_defaults={"contact_id": contact_id, "by_id": by.pk, "at": now, "until": claim.expires_at},
    )
    standings.recompute([contact_id], now=now)
    return claim


@transaction.atomic
def release(
    *, contact_id: int, by: AbstractBaseUser, now: datetime, reason: str = Claim.ReleaseReason.RETURNED
) -> bool:
    """Put a person back. False when `by` does not hold them (any more)."""
    lock(contact_id)
    gone = _let_go(Claim.objects.open().filter(contact_id=contact_id, by_id=by.pk), reason, now)
    if gone and reason == Claim.ReleaseReason.RETURNED:
        handoff.open_hot(gone, now=now, recompute=False)
    standings.recompute(gone, now=now)
    return bool(gone)


@transaction.atomic
def release_all(
    contact_ids: Collection[int], *, now: datetime, reason: str = Claim.ReleaseReason.RETURNED
) -> None:
    """Let go of these people, whoever holds them: they were stopped or erased. The caller recomputes."""
    _let_go(Claim.objects.open().filter(contact_id__in=list(contact_ids)), reason, now)


@transaction.atomic
def expire(*, now: datetime) -> int:
    """Let go of everybody whose time ran out. Returns how many there were.

    The silo woke by itself at that moment (the hold names it); this ends the rows.
    """
    due = Claim.objects.open().filter(expires_at__lte=now)
    waiting = Standing.objects.filter(contact_id__in=due.values("contact_id")).order_by("contact_id")
    ids = list(waiting.select_for_update(skip_locked=True).values_list("contact_id", flat=True))
    gone = _let_go(due.filter(contact_id__in=ids), Claim.ReleaseReason.EXPIRED, now)
    handoff.open_hot(gone, now=now, recompute=False)
    standings.recompute(gone, now=now)
    return len(gone)


def hold_again(claim: Claim, *, now: datetime) -> bool:
    """Take up a claim that an undone outcome ended, unless its time is over or somebody has them."""
    if claim.expires_at <= now or Claim.objects.open().filter(contact_id=claim.contact_id).exists():
        return False
    claim.released_at, claim.release_reason = None, ""
    claim.save(update_fields=["released_at", "release_reason"])
    SalesHold.objects.filter(kind=SalesHold.Kind.CLAIM, reference=claim.pk).update(ended_at=None)
    return True


def lock(contact_id: int) -> None:
    """Stand in line for one person. Every writer of this room starts here, so that nobody waits crosswise."""
    standings.lock([contact_id])


def _let_go(claims: Iterable[Claim], reason: str, now: datetime) -> list[int]:
    held = {claim.pk: claim.contact_id for claim in claims}
    if held:
        Claim.objects.open().filter(pk__in=held).update(released_at=now, release_reason=reason)
        holds = SalesHold.objects.filter(kind=SalesHold.Kind.CLAIM, reference__in=held, ended_at=None)
        holds.update(ended_at=now)
    return sorted(set(held.values()))
