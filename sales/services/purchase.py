"""Somebody bought: a customer from now on, welcomed, and asked who else might need us."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _

from contacts.models import Contact, LegalGround
from contacts.services import ground
from nurturing.models import Enrollment, Send, Sequence
from nurturing.services import enrollment as enrollments
from sales import limits
from sales.models import Call, Opportunity, Purchase, Referral

GROUND_FIELDS = ("ground", "source", "wording", "ip", "batch_id")


def make(
    *,
    contact: Contact,
    by: AbstractBaseUser,
    now: datetime,
    call: Call,
    opportunity: Opportunity | None = None,
    what: str = "",
    value: Decimal | None = None,
    currency: str = "SEK",
) -> tuple[Purchase, dict[str, Any]]:
    """Write the purchase, the better ground, the welcome sequence and the question who else might need us.

    Returns the purchase and what `take_back` needs. Inside the transaction of an outcome.
    """
    bought = Purchase.objects.create(
        contact=contact,
        company_id=contact.company_id,
        opportunity=opportunity,
        call=call,
        at=now,
        what=what[:200],
        value=value,
        currency=currency,
    )
    asked = Referral.objects.create(asked=contact, asked_at=now, by_id=by.pk, purchase=bought)
    before = {
        "purchase": bought.pk,
        "referral": asked.pk,
        "ground": _better_ground(contact, by, now),
        "onboarding": _welcome(contact, by, now),
    }
    return bought, before


def onboarding_mails_left(before: dict[str, Any]) -> bool:
    """A mail of the welcome sequence has left (or nobody can know): that is final."""
    return (
        Send.objects.filter(enrollment_id__in=before.get("onboarding", []))
        .filter(state__in=[Send.State.ATTEMPTING, Send.State.ACCEPTED, Send.State.UNKNOWN])
        .exists()
    )


def referral_answered(before: dict[str, Any]) -> bool:
    """Somebody came in through the question that the purchase opened."""
    return Referral.objects.filter(pk=before["referral"], answered_at__isnull=False).exists()


def take_back(before: dict[str, Any], *, now: datetime) -> None:
    """As if nothing had been bought: the row stays with its date of undoing, the ground is what it was."""
    Purchase.objects.filter(pk=before["purchase"]).update(undone_at=now, opportunity=None)
    Referral.objects.filter(pk=before["referral"]).delete()
    Enrollment.objects.filter(pk__in=before["onboarding"], ended_at=None).update(
        ended_at=now, end_reason=Enrollment.EndReason.UNDONE
    )
    kept = before["ground"]
    if kept is None:
        return
    rows = LegalGround.objects.filter(
        contact_id=kept["contact"],
        purpose=LegalGround.Purpose.MARKETING,
        ground=LegalGround.Ground.EXISTING_CUSTOMER,
    )
    if kept["was"] is None:
        rows.delete()
    else:
        rows.update(**kept["was"])


def _better_ground(contact: Contact, by: AbstractBaseUser, now: datetime) -> dict[str, Any] | None:
    """An existing customer may hear of similar goods. Consent is better still and stays."""
    rows = LegalGround.objects.filter(contact=contact, purpose=LegalGround.Purpose.MARKETING)
    was = rows.values(*GROUND_FIELDS, "at").first()
    changed = ground.keep(
        contact_id=contact.pk,
        ground=LegalGround.Ground.EXISTING_CUSTOMER,
        source=_("bought"),
        now=now,
        by=by,
        only_if_stronger=True,
    )
    if not changed:
        return None
    return {"contact": contact.pk, "was": was and was | {"at": was["at"].isoformat()}}


def _welcome(contact: Contact, by: AbstractBaseUser, now: datetime) -> list[int]:
    """Bring the customer into the onboarding sequence, when the company has one that is live."""
    name = limits.onboarding_sequence()
    sequence = Sequence.objects.filter(
        name__iexact=name, live_version__isnull=False, archived_at=None
    ).first()
    if not name or sequence is None:
        return []
    rows = Enrollment.objects.filter(contact=contact, sequence=sequence)
    known = set(rows.values_list("pk", flat=True))
    enrollments.start(contact_ids=[contact.pk], sequence_id=sequence.pk, by=by, source=_("purchase"), now=now)
    return sorted(set(rows.values_list("pk", flat=True)) - known)
