"""The one door to sales: opening a hand-off with its evidence, closing it, taking the closing back."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nurturing.models import Handoff, SalesHold, Standing
from nurturing.queries import reach, receipts, temperature
from nurturing.services import standing as standings
from nurturing.temperature import curve, points

# What a salesperson can take in at a glance; everything else is on the contact's page.
KEPT_RECEIPTS = 20
BECAUSE_LENGTH = 300


@transaction.atomic
def open_hot(contact_ids: Collection[int], *, now: datetime, recompute: bool = True) -> list[int]:
    """Open a hand-off for each of these people who runs too hot. Returns the contacts it opened for.

    Not for those who have one already, whom sales has in hand, who are stopped or objected; and after an
    outcome only when a person (not a machine, not the passing of time) gave points since.
    """
    now_holds = temperature.in_force()
    threshold = now_holds.rule.curve.heat_at(now_holds.open_at, now)
    rows = (
        Standing.objects.select_for_update()
        .filter(contact_id__in=list(contact_ids), heat__gte=threshold, heat_rule=now_holds.rule.version)
        .order_by("contact_id")
    )
    heats = {row.contact_id: row.heat for row in rows if row.heat is not None}
    hot = (
        set(heats) - _taken(heats, now) - temperature.unscored(list(heats)) - reach.out_of_reach(list(heats))
    )
    if not hot:
        return []
    newest = _newest_human_points(hot, now_holds.rule)
    outcomes = _last_outcomes(hot)
    fresh = [pk for pk in sorted(hot) if pk not in outcomes or newest.get(pk, _NEVER) > outcomes[pk]]
    lines = receipts.by_contact(fresh, now=now)
    Handoff.objects.bulk_create(
        Handoff(
            contact_id=pk,
            kind=Handoff.Kind.HOT,
            opened_at=now,
            because=_because(lines.get(pk, [])),
            degrees=now_holds.rule.curve.degrees(heats[pk], now),
            evidence=_frozen(lines.get(pk, [])),
            cools_at=now_holds.rule.curve.cools_below(heats[pk], now_holds.close_at),
        )
        for pk in fresh
    )
    if fresh and recompute:
        standings.recompute(fresh, now=now)
    return fresh


@transaction.atomic
def open(
    *,
    contact_id: int,
    kind: str,
    because: str,
    now: datetime,
    evidence: Sequence[Mapping[str, Any]] | None = None,
    recompute: bool = True,
) -> Handoff:
    """Open a hand-off of a kind that needs no threshold (replied, call_me, form, ripe, call_back).

    At most one per contact and kind is open: a second reason is written on the one that waits already,
    which keeps its place in the queue.
    """
    standings.lock([contact_id])
    frozen = list(evidence) if evidence is not None else _frozen(receipts.of(contact_id, now=now))
    waiting = Handoff.objects.open().filter(contact_id=contact_id, kind=kind).first()
    if waiting is not None:
        waiting.because = because[:BECAUSE_LENGTH]
        waiting.evidence = frozen
        waiting.save(update_fields=["because", "evidence"])
        return waiting
    opened = Handoff.objects.create(
        contact_id=contact_id,
        kind=kind,
        opened_at=now,
        because=because[:BECAUSE_LENGTH],
        degrees=receipts.degrees(contact_id, now=now),
        evidence=frozen,
        cools_at=(_cools_at(contact_id) or now) if kind == Handoff.Kind.HOT else None,
    )
    if recompute:
        standings.recompute([contact_id], now=now)
    return opened


@transaction.atomic
def close(
    *,
    contact_ids: Collection[int],
    reason: str,
    now: datetime,
    call_id: int | None = None,
    kinds: Collection[str] | None = None,
    recompute: bool = True,
) -> int:
    """Close the open hand-offs of these people. Returns how many there were."""
    rows = Handoff.objects.open().filter(contact_id__in=list(contact_ids))
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    closed = rows.update(closed_at=now, close_reason=reason, call_id=call_id)
    if closed and recompute:
        standings.recompute(list(contact_ids), now=now)
    return closed


@transaction.atomic
def cool(contact_ids: Collection[int], *, now: datetime, recompute: bool = True) -> list[int]:
    """Close the hot hand-offs of those who have cooled; for those who have not, say anew when they will have.

    Returns the contacts whose hand-off closed. A person whom sales holds is left alone.
    """
    now_holds = temperature.in_force()
    rows = Handoff.objects.open().filter(contact_id__in=list(contact_ids), kind=Handoff.Kind.HOT)
    waiting = list(rows.select_for_update().order_by("contact_id"))
    ids = [handoff.contact_id for handoff in waiting]
    heats = dict(Standing.objects.filter(contact_id__in=ids).values_list("contact_id", "heat"))
    held = _held(ids, now)
    cooled = []
    for handoff in waiting:
        cools_at = now_holds.rule.curve.cools_below(heats.get(handoff.contact_id), now_holds.close_at) or now
        if cools_at <= now and handoff.contact_id not in held:
            cooled.append(handoff.contact_id)
        elif cools_at != handoff.cools_at:
            handoff.cools_at = cools_at
            handoff.save(update_fields=["cools_at"])
    if cooled:
        close(
            contact_ids=cooled,
            reason=Handoff.CloseReason.COOLED,
            now=now,
            kinds=[Handoff.Kind.HOT],
            recompute=False,
        )
    if waiting and recompute:
        standings.recompute(ids, now=now)
    return cooled


@transaction.atomic
def reopen(*, call_id: int, now: datetime) -> list[int]:
    """Take back the closing by a call whose outcome was undone. Returns the contacts concerned.

    A hand-off stays closed when another of its kind was opened meanwhile.
    """
    closed = list(Handoff.objects.select_for_update().filter(call_id=call_id, closed_at__isnull=False))
    ids = sorted({handoff.contact_id for handoff in closed})
    again = set(Handoff.objects.open().filter(contact_id__in=ids).values_list("contact_id", "kind"))
    for handoff in closed:
        if (handoff.contact_id, handoff.kind) in again:
            continue
        handoff.closed_at, handoff.close_reason, handoff.call_id = None, "", None
        handoff.save(update_fields=["closed_at", "close_reason", "call_id"])
    if ids:
        standings.recompute(ids, now=now)
    return ids


_NEVER = datetime.min.replace(tzinfo=curve.EPOCH.tzinfo)


def _taken(contact_ids: Collection[int], now: datetime) -> set[int]:
    """Those who wait in the queue as hot already, or whom sales has in hand."""
    rows = Handoff.objects.open().filter(contact_id__in=list(contact_ids), kind=Handoff.Kind.HOT)
    return set(rows.values_list("contact_id", flat=True)) | _held(contact_ids, now)


def _held(contact_ids: Collection[int], now: datetime) -> set[int]:
    rows = SalesHold.objects.filter(contact_id__in=list(contact_ids), ended_at=None)
    return {pk for pk, until in rows.values_list("contact_id", "until") if until is None or until > now}


def _last_outcomes(contact_ids: Collection[int]) -> dict[int, datetime]:
    rows = Handoff.objects.filter(contact_id__in=list(contact_ids), close_reason=Handoff.CloseReason.OUTCOME)
    return dict(rows.values_list("contact_id").annotate(last=Max("closed_at")))


def _newest_human_points(contact_ids: Collection[int], rule: points.Rule) -> dict[int, datetime]:
    found = temperature.scored_events(contact_ids, rule)
    return {
        pk: max((one.at for one in events if points.raw_points(one, rule) > 0), default=_NEVER)
        for pk, events in found.items()
    }


def _cools_at(contact_id: int) -> datetime | None:
    now_holds = temperature.in_force()
    heat = Standing.objects.filter(contact_id=contact_id).values_list("heat", flat=True).first()
    return now_holds.rule.curve.cools_below(heat, now_holds.close_at)


def _frozen(lines: Sequence[receipts.Receipt]) -> list[dict[str, Any]]:
    """The receipts as they were at this moment, the warmest first."""
    warmest = sorted(lines, key=lambda line: (-line.now, -line.at.timestamp()))[:KEPT_RECEIPTS]
    return [
        {
            "what": line.what,
            "at": line.at.isoformat(),
            "points": line.points,
            "now": line.now,
            "because": line.because,
            "event": line.event_id,
        }
        for line in warmest
    ]


def _because(lines: Sequence[receipts.Receipt]) -> str:
    """One sentence: what weighs most, and how much more there is."""
    human = sorted(
        (line for line in lines if line.now > 0), key=lambda line: (-line.now, -line.at.timestamp())
    )
    if not human:
        return _("Runs hot.")
    said, more = human[0].what, len(human) - 1
    if not more:
        return said[:BECAUSE_LENGTH]
    rest = ngettext("and %(number)d more sign", "and %(number)d more signs", more) % {"number": more}
    return f"{said[: BECAUSE_LENGTH - len(rest) - 2]}, {rest}"
