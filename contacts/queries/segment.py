"""Who is in a segment: everybody whom its rule means, how many they are, some of them, and why one is in or out."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from contacts.models import BulkChange, Contact, Export, SavedView, Segment
from contacts.queries import search
from contacts.segments import compiling, counting, facts, judging, rule, words
from contacts.segments.judging import Reason
from contacts.segments.rule import Group

Rule = Group | Mapping[str, Any]


def matching(asked: Rule, *, now: datetime) -> QuerySet[Contact]:
    """The people whom a rule means at this moment. Raises rule.Malformed."""
    return Contact.objects.present().filter(compiling.q(rule.parse(asked), now=now))


def count(asked: Rule, *, now: datetime) -> int:
    """How many they are, exactly."""
    return counting.count(rule.parse(asked), now=now)


def sample(asked: Rule, *, now: datetime, size: int = 10) -> Sequence[Contact]:
    """The newest of them."""
    return list(matching(asked, now=now).select_related("company").order_by("-pk")[:size])


def why(asked: Rule, contact_id: int, *, now: datetime) -> Reason | None:
    """The rule as a tree of answers for one person; None when nobody of this id is in the silo."""
    person = facts.of([contact_id], now=now).get(contact_id)
    return judging.why(rule.parse(asked), person, now=now) if person else None


@dataclass(frozen=True, slots=True)
class Asked:
    """One person asked about, with the answer."""

    contact: Contact
    reason: Reason


def why_of(asked: Rule, contact_id: str, *, now: datetime) -> Asked | None:
    """`why` for an id as a page carries it; None for what is no person."""
    if not contact_id.isdecimal() or len(contact_id) > 18:
        return None
    contact = Contact.objects.present().select_related("company").filter(pk=int(contact_id)).first()
    reason = why(asked, contact.pk, now=now) if contact else None
    return Asked(contact, reason) if contact and reason else None


def of(segment_id: int) -> Segment | None:
    """The segment of an id, one in the archive too: what names it still means it."""
    return Segment.objects.filter(pk=segment_id).first()


@dataclass(frozen=True, slots=True)
class Listed:
    """A segment in the list: its sentence, and how many it means; None when counting them all would keep the page waiting."""

    segment: Segment
    sentence: str
    count: int | None


def listed(segments: Iterable[Segment], *, now: datetime, patience: float = 0.5) -> list[Listed]:
    """Segments with their counts, as many as can be counted in so many seconds."""
    found, until = [], time.monotonic() + patience
    for one in segments:
        number = counted(one, now=now) if time.monotonic() < until else None
        found.append(Listed(one, sentence(one), number))
    return found


def counted(segment: Segment, *, now: datetime) -> int:
    """How many a stored segment means; a rule that cannot be read means nobody."""
    try:
        return count(segment.rule, now=now)
    except rule.Malformed:
        return 0


def sentence(segment: Segment) -> str:
    """A stored segment in words."""
    try:
        return words.sentence(rule.parse(segment.rule))
    except rule.Malformed as malformed:
        return str(malformed)


def looked_up(said: str, *, most: int = 8) -> Sequence[Contact]:
    """The people whose name, address, company or phone holds these words, to ask about one of them."""
    if not said.strip():
        return []
    found = (
        Contact.objects.present().filter(search.condition(said, path="search__")).select_related("company")
    )
    return list(found.order_by("-pk")[:most])


@dataclass(frozen=True, slots=True)
class Use:
    """A place that means the people of a segment."""

    label: str
    url: str
    at: datetime | None = None


def uses(segment: Segment) -> list[Use]:
    """Views of the list, changes of many people at once, and exports that were made with it, newest first."""
    key = str(segment.pk)
    views = SavedView.objects.filter(asked__segment=key, deleted_at=None)
    made = Q(selection__asked__segment=key)
    found = [Use(one.name, reverse("contacts:people") + f"?view={one.pk}") for one in views]
    found += [
        Use(one.what, reverse("contacts:change", args=[one.pk]), one.created_at)
        for one in BulkChange.objects.filter(made).order_by("-created_at")[:20]
    ]
    found += [
        Use(str(one), reverse("contacts:export_file", args=[one.pk]), one.created_at)
        for one in Export.objects.filter(made).order_by("-created_at")[:20]
    ]
    return found
