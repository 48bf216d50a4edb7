"""Questions that went to an address, found by the mail that asked."""

from datetime import datetime

from django.db.models import QuerySet

from contacts.models import Contact
from nurturing.models import Confirmation


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
