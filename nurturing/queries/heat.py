"""Is the stored temperature what the events say?"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from nurturing.models import EngagementEvent, Standing, TemperatureRule
from nurturing.queries import temperature
from nurturing.temperature import points

CHUNK = 2_000


def drift(*, now: datetime) -> float:
    """The largest difference in degrees, at `now`, between a stored temperature and its replay from the events.

    Each is replayed by the rule under which it was stored; a few thousand people at a time.
    """
    in_force = temperature.in_force().rule
    rules = {
        row.number: points.rule_from(row.number, row.half_life_days, row.points)
        for row in TemperatureRule.objects.all()
    }
    worst = 0.0
    for stored in _chunks(in_force):
        ids = list(stored)
        silent = temperature.unscored(ids)
        for number in {number for _heat, number in stored.values()}:
            rule = rules.get(number, in_force) if number is not None else in_force
            mine = [pk for pk in ids if stored[pk][1] == number]
            events = temperature.scored_events(mine, rule)
            for pk in mine:
                replayed = (
                    None if pk in silent else points.heat(points.evaluate(events.get(pk, ()), rule), rule)
                )
                difference = rule.curve.degrees(stored[pk][0], now) - rule.curve.degrees(replayed, now)
                worst = max(worst, abs(difference))
    return worst


def _chunks(in_force: points.Rule) -> Iterator[dict[int, tuple[float | None, int | None]]]:
    """Stored heat and rule of everybody who has one, or has events that could give one."""
    with_events = EngagementEvent.objects.filter(type__in=list(in_force.points)).values("contact_id")
    everybody = Standing.objects.filter(heat__isnull=False) | Standing.objects.filter(
        contact_id__in=with_events
    )
    rows = iter(
        everybody.order_by("contact_id")
        .values_list("contact_id", "heat", "heat_rule")
        .iterator(chunk_size=CHUNK)
    )
    while chunk := {pk: (heat, number) for pk, heat, number in islice(rows, CHUNK)}:
        yield chunk
