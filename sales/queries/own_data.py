"""What this room knows about one person, for that person: calls, deals, purchases, recommendations."""

from collections.abc import Iterator

from contacts.giving_out import Row
from sales.models import Call, Opportunity, Purchase, Referral


def calls(contact_id: int) -> Iterator[Row]:
    """What was said on the phone, as we wrote it down."""
    for call in Call.objects.filter(contact=contact_id).order_by("at"):
        yield {
            "at": call.at,
            "outcome": call.get_outcome_display(),
            "note": call.note,
            "because": call.because,
            "until": call.until,
        }


def deals(contact_id: int) -> Iterator[Row]:
    """What we hoped to sell, what they bought, and whom they recommended."""
    for deal in Opportunity.objects.filter(contact=contact_id).select_related("stage").order_by("opened_at"):
        value = f"{deal.value} {deal.currency}" if deal.value is not None else ""
        yield {
            "at": deal.opened_at,
            "what": deal.title,
            "stage": deal.stage.name,
            "value": value,
            "ended": deal.closed_at,
        }
    for bought in Purchase.objects.filter(contact=contact_id).order_by("at"):
        value = f"{bought.value} {bought.currency}" if bought.value is not None else ""
        yield {"at": bought.at, "what": bought.what, "value": value, "ended": bought.undone_at}
    for referral in Referral.objects.filter(asked=contact_id).order_by("asked_at"):
        yield {"at": referral.asked_at, "note": referral.note}
