"""The stored temperature: adding to it, and making it again from the events.

What is stored can always be thrown away: `rebuild` gives the same figure from the rows, to the last bits
of a float.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from nurturing.models import EngagementEvent, Standing
from nurturing.queries import temperature
from nurturing.temperature import curve, points


@transaction.atomic
def record(events: Sequence[EngagementEvent], *, now: datetime) -> None:
    """Add the points of newly stored events to the heat of their contacts.

    In place where no cap binds and the same rule holds; a contact for whom one does is computed anew.
    """
    rule = temperature.in_force().rule
    added: dict[int, list[points.Event]] = defaultdict(list)
    for event in events:
        if event.type in rule.points:
            added[event.contact_id].append(temperature.as_scored(event))
    if not added:
        return
    standings = list(_locked(added))
    silent = temperature.unscored(list(added))
    neighbours = _neighbours(added, rule)
    anew, moved = [], []
    for standing in standings:
        contact_id = standing.contact_id
        fresh = added[contact_id]
        keeps = contact_id not in silent and standing.heat is not None and standing.heat_rule == rule.version
        if not keeps or not points.addable(fresh, neighbours.get(contact_id, ()), rule):
            anew.append(contact_id)
        else:
            for one in fresh:
                standing.heat = rule.curve.add(standing.heat, points.raw_points(one, rule), one.at)
            moved.append(standing)
    _write(moved)
    if anew:
        rebuild(anew, now=now)


@transaction.atomic
def rebuild(contact_ids: Collection[int], *, now: datetime) -> None:
    """Make the heat of these people again from their events; nobody who objected keeps one."""
    rule = temperature.in_force().rule
    standings = list(_locked(contact_ids))
    silent = temperature.unscored([standing.contact_id for standing in standings])
    events = temperature.scored_events(contact_ids, rule)
    changed = []
    for standing in standings:
        heat, number = None, None
        if standing.contact_id not in silent:
            receipts = points.evaluate(events.get(standing.contact_id, ()), rule)
            heat, number = points.heat(receipts, rule), rule.version
        if (heat, number) != (standing.heat, standing.heat_rule):
            standing.heat, standing.heat_rule = heat, number
            changed.append(standing)
    _write(changed)


def _write(standings: Sequence[Standing]) -> None:
    """One statement for any number: a CASE per row, as bulk_update writes it, costs more than the scoring."""
    if not standings:
        return
    columns = (
        [one.contact_id for one in standings],
        [one.heat for one in standings],
        [one.heat_rule for one in standings],
    )
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, columns)


_WRITE = """
UPDATE nurturing_standing s SET heat = v.heat, heat_rule = v.rule
FROM unnest(%s::bigint[], %s::float8[], %s::int[]) v(id, heat, rule) WHERE s.contact_id = v.id
"""


def _locked(contact_ids: Collection[int]) -> Sequence[Standing]:
    """The standings, always locked in the same order, so that two workers never wait for each other."""
    rows = (
        Standing.objects.select_for_update().filter(contact_id__in=list(contact_ids)).order_by("contact_id")
    )
    return list(rows.only("contact_id", "heat", "heat_rule"))


def _neighbours(added: dict[int, list[points.Event]], rule: points.Rule) -> dict[int, list[points.Event]]:
    """The other events of the weeks in which something was added: all that a cap could bring into play."""
    moments = [event.at for fresh in added.values() for event in fresh]
    since = _monday(min(moments))
    until = _monday(max(moments)) + timedelta(days=7)
    new = {event.key for fresh in added.values() for event in fresh}
    found = temperature.scored_events(added, rule, since=since, until=until)
    return {pk: [event for event in known if event.key not in new] for pk, known in found.items()}


def _monday(moment: datetime) -> datetime:
    day = int(curve.days(moment) // 1)
    return curve.EPOCH + timedelta(days=points.day_to_week(day) * 7 - 2)
