"""Questions that went to an address, found by the mail that asked."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from contacts import roles
from contacts.models import Contact
from contacts.queries import gate
from nurturing.models import Confirmation, JoinForm


def locked(confirmation_id: int) -> Confirmation:
    """The question with its person and form, held until the transaction ends. Raises Confirmation.DoesNotExist."""
    rows = Confirmation.objects.select_for_update(of=("self",)).select_related("contact", "form__sequence")
    return rows.get(pk=confirmation_id)


def behind(send_id: int) -> Confirmation | None:
    """The question that this mail asked."""
    rows = Confirmation.objects.select_related("contact", "form__sender", "send__sender")
    return rows.filter(send_id=send_id).first()


def never_confirmed(before: datetime) -> QuerySet[Contact]:
    """People whom nobody knew before they were put into a form, and whose address nobody confirmed."""
    asked = Confirmation.objects.filter(made_contact=True, answered_at=None, asked_at__lt=before)
    yes = Confirmation.objects.filter(answered_at__isnull=False)
    grounds = {"grounds__ground__in": ("consent", "existing_customer", "role_address", "legitimate_interest")}
    return (
        Contact.objects.present()
        .filter(pk__in=asked.values("contact"))
        .exclude(pk__in=yes.values("contact"))
        .exclude(**grounds)
    )


def asking_panel(contact: Contact, user: Any) -> dict[str, Any] | None:
    """For the page "May we write to …?": the forms by which a marketer may ask for a consent."""
    if not roles.has(user, roles.MARKETER) or not contact.email:
        return None
    forms = list(JoinForm.objects.filter(closed_at=None).order_by("name"))
    return {"forms": forms, "verdict": gate.verdict(contact.pk)} if forms else None
