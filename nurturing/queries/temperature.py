"""The temperature rule that holds, the events that it is about, and who must not be scored."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from contacts import keys
from contacts.models import Contact, Objection, Suppression
from contacts.queries import gate
from nurturing.models import EngagementEvent, TemperatureRule
from nurturing.temperature import points

# What a person said no with. A bounced address is no objection.
OBJECTIONS = (
    Suppression.Reason.UNSUBSCRIBED,
    Suppression.Reason.COMPLAINED,
    Suppression.Reason.OPTED_OUT_IN_LIST,
    Suppression.Reason.NOT_INTERESTED,
    Suppression.Reason.ERASED,
)


@dataclass(frozen=True, slots=True)
class Temperature:
    """The rule in force, with the degrees at which a hand-off opens and closes."""

    rule: points.Rule
    open_at: float
    close_at: float


def in_force() -> Temperature:
    """The newest rule."""
    newest = next(iter(TemperatureRule.objects.raw(_NEWEST)), None)
    if newest is None:
        return Temperature(points.Rule(), open_at=70.0, close_at=50.0)
    rule = points.rule_from(newest.number, newest.half_life_days, newest.points)
    return Temperature(rule, newest.open_at, newest.close_at)


_NEWEST = "SELECT * FROM nurturing_temperaturerule ORDER BY number DESC LIMIT 1"


def scored_events(
    contact_ids: Collection[int],
    rule: points.Rule,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> dict[int, list[points.Event]]:
    """All events of these people that the rule knows, machine clicks included."""
    rows = EngagementEvent.objects.filter(contact_id__in=contact_ids, type__in=list(rule.points))
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    found: dict[int, list[points.Event]] = defaultdict(list)
    fields = ("contact_id", "id", "type", "at", "level", "send_id", "human")
    for contact_id, key, kind, at, level, send_id, human in rows.values_list(*fields):
        found[contact_id].append(points.Event(key, kind, at, level, send_id, human))
    return found


def as_scored(event: EngagementEvent) -> points.Event:
    """One stored event as scoring sees it."""
    return points.Event(event.pk, event.type, event.at, event.level, event.send_id, event.human)


def unscored(contact_ids: Sequence[int]) -> set[int]:
    """Those of them who objected (GDPR 21(3)) or are erased: no temperature, no queue. Three statements
    for any number.
    """
    silent = set(Objection.objects.filter(contact_id__in=contact_ids).values_list("contact_id", flat=True))
    channels = (Suppression.Channel.MAIL, Suppression.Channel.ALL)
    return silent | _stopped(contact_ids, Q(channel__in=channels, reason__in=OBJECTIONS))


def unreachable(contact_ids: Sequence[int]) -> set[int]:
    """Those of them who want to hear from us on no channel, or are erased."""
    return _stopped(contact_ids, Q(channel=Suppression.Channel.ALL))


def _stopped(contact_ids: Sequence[int], about: Q) -> set[int]:
    people = Contact.objects.filter(pk__in=contact_ids).values_list("pk", "email", "phone", "erased_at")
    gone = {pk for pk, _, _, erased_at in people if erased_at is not None}
    hashes: dict[str, set[int]] = defaultdict(set)
    for pk, address, phone, _ in people:
        for spelling in gate.spellings(address, phone) if pk not in gone else ():
            for one in keys.address_hashes(spelling):
                hashes[one].add(pk)
    rows = Suppression.objects.in_force().filter(about, address_hash__in=list(hashes))
    return gone.union(*(hashes[one] for one in rows.values_list("address_hash", flat=True)))
