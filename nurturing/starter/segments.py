"""Questions that every silo asks, as segments to begin with."""

from datetime import datetime
from typing import Any

from contacts.models import Segment
from contacts.services import segment

FIRST: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "Warm, and not written to for 30 days",
        {
            "all": [
                {"if": "temperature", "op": "at_least", "value": 20},
                {"if": "written", "op": "within_not", "value": 30},
                {"none": [{"if": "stop", "op": "mail"}]},
            ]
        },
    ),
    (
        "Clicked in the last 30 days, never called",
        {
            "all": [
                {"if": "click", "op": "within", "value": 30},
                {"if": "call", "op": "ever_not"},
                {"if": "phone", "op": "there"},
            ]
        },
    ),
    (
        "Customers whom nobody has called for 90 days",
        {"all": [{"if": "customer", "op": "bought"}, {"if": "call", "op": "within_not", "value": 90}]},
    ),
)


def make(*, by: Any, now: datetime) -> None:
    """Make those that are not there by name."""
    known = set(Segment.objects.values_list("name", flat=True))
    for name, asked in FIRST:
        if name not in known:
            segment.make(name=name, asked=asked, by=by, now=now)
