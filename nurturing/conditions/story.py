"""What this room knows about a person: what plain Python judges by, and the rows behind it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from nurturing.models import EngagementEvent, Enrollment, Handoff, Send, Standing
from nurturing.queries import live
from nurturing.temperature.points import HUMAN

SENT = (Send.State.ACCEPTED, Send.State.UNKNOWN)  # what may have left has to count as having left


@dataclass(slots=True)
class Story:
    """What this room knows about one person."""

    heat: float | None = None
    state: str = Standing.State.NURTURED
    written: list[datetime] = field(default_factory=list)
    events: list[EngagementEvent] = field(default_factory=list)
    runs: list[Enrollment] = field(default_factory=list)
    handoffs: list[Handoff] = field(default_factory=list)


def load(contact_ids: Collection[int], now: datetime) -> dict[int, Story]:
    """The stories of a few people, in five statements."""
    found: dict[int, Story] = defaultdict(Story)
    for pk, heat, state in Standing.objects.filter(pk__in=contact_ids).values_list("pk", "heat", "state"):
        found[pk].heat, found[pk].state = heat, state
    for pk, at in written().filter(contact__in=contact_ids).values_list("contact_id", "finished_at"):
        found[pk].written += [at] if at else []
    for event in human().filter(contact__in=contact_ids):
        found[event.contact_id].events.append(event)
    for run in Enrollment.objects.filter(contact__in=contact_ids):
        found[run.contact_id].runs.append(run)
    for handoff in Handoff.objects.filter(contact__in=contact_ids):
        found[handoff.contact_id].handoffs.append(handoff)
    return {pk: found[pk] for pk in contact_ids}


def written() -> QuerySet[Send]:
    """The mails of the lane that left (or may have), in the mode in which the silo is."""
    return Send.objects.lane().filter(state__in=SENT, sandbox=not live.is_live())


def human(*types: str) -> QuerySet[EngagementEvent]:
    """What a person did, and no machine."""
    rows = EngagementEvent.objects.filter(human__gte=HUMAN)
    return rows.filter(type__in=types) if types else rows
