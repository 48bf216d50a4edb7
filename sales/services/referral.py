"""Who else might need us: the person whom somebody named comes in with a way in."""

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from contacts.models import AuditEvent, Contact
from contacts.services import contact as contacts
from sales.models import Referral


@transaction.atomic
def bring(
    *,
    asked_id: int,
    by: AbstractBaseUser,
    now: datetime,
    first_name: str = "",
    last_name: str = "",
    email: str = "",
    phone: str = "",
    title: str = "",
    company: str = "",
    colleague: bool = False,
    note: str = "",
) -> Referral:
    """Bring in the person whom `asked` named; a colleague of theirs comes into the same company.

    The oldest question that is still open is answered by it; without one a new row is written. Nobody gets
    mail on somebody else's word: the new person has no ground until they give one.
    Raises contacts.AlreadyHere, contacts.NoWayToReach, values.Problem, Contact.DoesNotExist.
    """
    asked = Contact.objects.present().select_related("company").get(pk=asked_id)
    employer = asked.company.name if colleague and asked.company else company
    brought = contacts.add(
        now=now,
        by=by,
        first_name=first_name,
        last_name=last_name,
        email=email,
        phone=phone,
        title=title,
        company=employer,
        country=asked.country,
        language=asked.language,
        obtained=Contact.Obtained.COLLEAGUE,
        way_in=Contact.WayIn.REFERRAL_INTERNAL if colleague else Contact.WayIn.REFERRAL_EXTERNAL,
        way_in_note=_("recommended by %(name)s") % {"name": asked.name},
        owner_id=by.pk,
    )
    question = (
        Referral.objects.select_for_update()
        .filter(asked=asked, answered_at=None)
        .order_by("asked_at", "pk")
        .first()
    )
    answer = question or Referral(asked=asked, asked_at=now)
    answer.by_id = by.pk
    answer.answered_at = now
    answer.brought = brought
    answer.note = note[:300]
    answer.save()
    AuditEvent.objects.create(
        at=now,
        by_id=by.pk,
        verb="referral.brought",
        contact_id=brought.pk,
        object_type="referral",
        object_id=answer.pk,
    )
    return answer


@transaction.atomic
def nobody(*, referral_id: int, by: AbstractBaseUser, now: datetime) -> Referral:
    """They were asked and named nobody: the question is closed.

    Raises Referral.DoesNotExist.
    """
    answer = Referral.objects.select_for_update().get(pk=referral_id, answered_at=None)
    answer.answered_at = now
    answer.by_id = by.pk
    answer.save(update_fields=["answered_at", "by"])
    return answer
