"""Who is in a segment: everybody whom its rule means, how many they are, some of them, and why one is in or out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from contacts.models import Contact, Segment
from contacts.segments import compiling, facts, judging, rule
from contacts.segments.judging import Reason
from contacts.segments.rule import Group

Rule = Group | Mapping[str, Any]


def matching(asked: Rule, *, now: datetime) -> QuerySet[Contact]:
    """The people whom a rule means at this moment. Raises rule.Malformed."""
    return Contact.objects.present().filter(compiling.q(rule.parse(asked), now=now))


def count(asked: Rule, *, now: datetime) -> int:
    """How many they are, exactly."""
    return matching(asked, now=now).order_by().count()


def sample(asked: Rule, *, now: datetime, size: int = 10) -> Sequence[Contact]:
    """The newest of them."""
    return list(matching(asked, now=now).select_related("company").order_by("-created_at", "-id")[:size])


def why(asked: Rule, contact_id: int, *, now: datetime) -> Reason | None:
    """The rule as a tree of answers for one person; None when nobody of this id is in the silo."""
    person = facts.of([contact_id], now=now).get(contact_id)
    return judging.why(rule.parse(asked), person, now=now) if person else None


def of(segment_id: int) -> Segment | None:
    """The segment of an id, one in the archive too: what names it still means it."""
    return Segment.objects.filter(pk=segment_id).first()
