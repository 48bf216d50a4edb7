"""A person's own interval: shortened by signs of interest, lengthened by silence, set by their own wish.

Every change is a row with its reason; a wish in force leaves what was learned as it is.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from nurturing.models import Decision, EngagementEvent, RhythmChange, RhythmWish, Standing
from nurturing.planning import rhythm as planning
from nurturing.planning.rhythm import Change, Rule
from nurturing.queries import rhythm
from nurturing.services import standing
from nurturing.temperature.points import HUMAN

Reason = RhythmChange.Reason
IGNORED_BATCH = 1000
ONE_JUDGE = 5_104_002  # any number of our own for pg_advisory_xact_lock
SHORTEST_WISH, LONGEST_WISH = 7.0, 366.0


class OutOfBounds(ValueError):
    """An interval outside what the silo allows; says what it does allow."""


@transaction.atomic
def interest(*, events: Sequence[EngagementEvent], now: datetime, recompute: bool = True) -> list[int]:
    """Shorten the interval of those who showed interest, by the evidence that it was a person.

    One step per person and call, for their strongest sign. Returns the contacts whose interval changed.
    """
    strongest: dict[int, EngagementEvent] = {}
    for event in events:
        known = strongest.get(event.contact_id)
        if known is None or event.human > known.human:
            strongest[event.contact_id] = event
    return _change(
        strongest,
        lambda rule, pk, days: planning.after_interest(rule, days, strongest[pk].human),
        Reason.INTEREST,
        now,
        recompute=recompute,
        event_ids={pk: event.pk for pk, event in strongest.items()},
    )


@transaction.atomic
def judge_ignored(*, since: datetime | None, now: datetime) -> list[int]:
    """Lengthen the interval of those who left a mail alone for so long as the rule says.

    Looks at the mails that were decided on between `since` (None: ever) and `now`, both less that time; each
    mail is judged once. Returns the contacts whose interval changed.
    """
    wait = timedelta(days=rhythm.in_force().rule.ignored_after_days)
    begin, end = since - wait if since else None, now - wait
    if not _anything_decided(begin, end):
        return []
    _stand_in_line()
    changed: list[int] = []
    while True:
        ignored = _ignored(begin, end)
        if not ignored:
            return changed
        sends: dict[int, list[int]] = defaultdict(list)
        for contact_id, send_id in ignored:
            sends[contact_id].append(send_id)
        standing.lock(sends)
        first = {pk: ids[0] for pk, ids in sends.items()}
        changed += _change(
            first,
            lambda rule, pk, days: planning.after_ignored(rule, days),
            Reason.IGNORED,
            now,
            send_ids=first,
            keep_unchanged=True,
        )


def _stand_in_line() -> None:
    """Two ticks at once would both judge the same mails: the second waits, and finds them judged."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_JUDGE])


def _anything_decided(since: datetime | None, until: datetime) -> bool:
    """Nearly every round of the clock looks at half a minute in which nothing was decided: an index says so at once, and
    no plan of the question below can go over a million standings for it.
    """
    decided = Decision.objects.filter(at__lte=until)
    return (decided.filter(at__gt=since) if since else decided).exists()


def _ignored(since: datetime | None, until: datetime) -> list[tuple[int, int]]:
    """(contact, send) of accepted mails of that time after which nobody stirred, and not judged yet."""
    with connection.cursor() as cursor:
        cursor.execute(_IGNORED, [since, since, until, HUMAN, IGNORED_BATCH])
        return [(contact_id, send_id) for contact_id, send_id in cursor.fetchall()]


# By the decisions, because theirs is the index by time: decision_newest_first.
_IGNORED = """
SELECT s.contact_id, s.id
FROM nurturing_decision d
JOIN nurturing_send s ON s.dedupe_key = d.dedupe_key AND s.sandbox = d.sandbox
JOIN nurturing_standing t ON t.contact_id = s.contact_id AND t.state <> 'stopped'
WHERE (%s::timestamptz IS NULL OR d.at > %s) AND d.at <= %s
  AND s.state = 'accepted' AND s.bounced_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM nurturing_engagementevent e
                  WHERE e.contact_id = s.contact_id AND e.at >= s.planned_at AND e.human >= %s
                  AND e.type IN ('clicked', 'replied', 'call_me', 'form', 'rhythm'))
  AND NOT EXISTS (SELECT 1 FROM nurturing_rhythmchange r
                  WHERE r.contact_id = s.contact_id AND r.send_id = s.id AND r.reason = 'ignored')
ORDER BY d.at, s.id LIMIT %s
"""


@transaction.atomic
def wish(*, contact_id: int, days: float | None, now: datetime) -> None:
    """The interval this person chose themselves; None takes the wish back. Raises OutOfBounds."""
    if days is not None and not SHORTEST_WISH <= days <= LONGEST_WISH:
        raise OutOfBounds(_("A wish is a week to a year."))
    standing.lock([contact_id])
    before = _days(contact_id)
    RhythmWish.objects.filter(contact_id=contact_id, withdrawn_at=None).update(withdrawn_at=now)
    if days is not None:
        RhythmWish.objects.create(contact_id=contact_id, days=days, at=now)
    _remember(contact_id, before, _days(contact_id), Reason.WISH, now)
    standing.recompute([contact_id], now=now)


@transaction.atomic
def set_by_hand(*, contact_id: int, days: float, by: Any, now: datetime) -> None:
    """A colleague sets the learned interval; it goes on learning from there. Raises OutOfBounds."""
    rule = rhythm.in_force().rule
    if not rule.floor <= days <= rule.ceiling:
        raise OutOfBounds(
            _("The interval is %(floor)d to %(ceiling)d days.")
            % {"floor": rule.floor, "ceiling": rule.ceiling}
        )
    standing.lock([contact_id])
    before = _days(contact_id)
    Standing.objects.filter(pk=contact_id).update(rhythm_days=days)
    _remember(contact_id, before, days, Reason.BY_HAND, now, by=by)
    standing.recompute([contact_id], now=now)


@transaction.atomic
def undo_by_hand(*, contact_id: int, by: Any, now: datetime) -> float | None:
    """Go back to the interval before the last change by hand. Returns it; None when there was no such change."""
    standing.lock([contact_id])
    last = (
        RhythmChange.objects.filter(contact_id=contact_id, reason=Reason.BY_HAND)
        .order_by("-at", "-pk")
        .first()
    )
    if last is None:
        return None
    before = _days(contact_id)
    Standing.objects.filter(pk=contact_id).update(rhythm_days=last.from_days)
    _remember(contact_id, before, last.from_days, Reason.BY_HAND, now, by=by)
    standing.recompute([contact_id], now=now)
    return last.from_days


def _change(
    contact_ids: Collection[int],
    step: Callable[[Rule, int, float], Change],
    reason: str,
    now: datetime,
    *,
    recompute: bool = True,
    event_ids: dict[int, int] | None = None,
    send_ids: dict[int, int] | None = None,
    keep_unchanged: bool = False,
) -> list[int]:
    """One step of the interval for each, in bulk. `keep_unchanged`: a row also where a bound held it."""
    ids = standing.lock(contact_ids)
    rule = rhythm.in_force().rule
    wished = set(
        RhythmWish.objects.filter(contact_id__in=ids, withdrawn_at=None).values_list("contact_id", flat=True)
    )
    changes, moved = [], []
    for row in Standing.objects.filter(pk__in=ids).only("contact_id", "rhythm_days"):
        before = rule.resting if row.rhythm_days is None else row.rhythm_days
        days = before if row.pk in wished else step(rule, row.pk, before).days
        if days == before and not keep_unchanged:
            continue
        changes.append(
            RhythmChange(
                contact_id=row.pk,
                at=now,
                from_days=before,
                to_days=days,
                reason=reason,
                event_id=(event_ids or {}).get(row.pk),
                send_id=(send_ids or {}).get(row.pk),
            )
        )
        if days != before:
            row.rhythm_days = days
            moved.append(row)
    RhythmChange.objects.bulk_create(changes, batch_size=1000)
    if moved:
        with connection.cursor() as cursor:
            cursor.execute(_MOVED, [[row.pk for row in moved], [row.rhythm_days for row in moved]])
    if recompute:
        standing.recompute([row.pk for row in moved], now=now)
    return [row.pk for row in moved]


_MOVED = """
UPDATE nurturing_standing s SET rhythm_days = v.days
FROM unnest(%s::bigint[], %s::float8[]) v(id, days) WHERE s.contact_id = v.id
"""


def _days(contact_id: int) -> float:
    """The interval that holds for somebody now."""
    wished = RhythmWish.objects.filter(contact_id=contact_id, withdrawn_at=None).values_list(
        "days", flat=True
    )
    learned = Standing.objects.filter(pk=contact_id).values_list("rhythm_days", flat=True).first()
    return planning.interval(rhythm.in_force().rule, learned, wished.first())


def _remember(
    contact_id: int, before: float, after: float, reason: str, now: datetime, *, by: Any = None
) -> None:
    RhythmChange.objects.create(
        contact_id=contact_id, at=now, from_days=before, to_days=after, reason=reason, by=by
    )
