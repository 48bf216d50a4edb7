"""The one place that writes a standing's state, next moment and reason: the planner's answer to the rows.

Whoever writes a row that matters (a pause, a reminder, a claim, a hand-off, a stop) calls `recompute` in
the same transaction. Standings are locked before the other rows of a person and in the order of their ids, so
that two writers wait for each other and never in a circle.
"""

import traceback
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction

from contacts import arrays
from nurturing.models import SetAside, Standing
from nurturing.queries import gap, position
from nurturing.queries import standing as standings
from nurturing.queries.standing import SET_ASIDE, Verdict

log = structlog.get_logger(__name__)

BATCH = 1000
SET_ASIDE_FOR = timedelta(days=1)


def lock(contact_ids: Collection[int]) -> list[int]:
    """Hold these people's standings until the transaction ends. Returns the ids that are there."""
    ids = list(contact_ids)
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [arrays.ids(ids)])
        return [contact_id for (contact_id,) in cursor.fetchall()]


_LOCK = "SELECT contact_id FROM nurturing_standing WHERE contact_id = ANY(%s::bigint[]) ORDER BY contact_id FOR UPDATE"


def recompute(contact_ids: Collection[int], *, now: datetime) -> int:
    """Derive state, next moment and reason of these people from their rows. Returns how many there were.

    Somebody whose rows make no sense is set aside with the traceback, and looked at again tomorrow.
    """
    ids = sorted(set(contact_ids))
    return sum(_recompute(ids[start : start + BATCH], now) for start in range(0, len(ids), BATCH))


def recompute_everybody(*, now: datetime) -> int:
    """The same for the whole silo, batch by batch: after a new rhythm rule or a new window."""
    return recompute_where(now=now)


def recompute_where(*, now: datetime, **conditions: object) -> int:
    """The same for the standings that meet these conditions, one transaction per batch.

    After pieces were published: `because__code="no_piece_left"`. After a sequence was published or archived:
    `contact__enrollments__sequence_id=…, contact__enrollments__ended_at=None`.
    """
    rows = Standing.objects.filter(**conditions)
    count, last = 0, 0
    while True:
        ids = list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True).distinct()[:BATCH])
        if not ids:
            return count
        count += _recompute(ids, now)
        last = ids[-1]


@transaction.atomic
def _recompute(ids: Sequence[int], now: datetime) -> int:
    locked = lock(ids)
    snapshot = position.load(locked)
    verdicts, troubles = [], {}
    for contact_id in locked:
        try:
            person, place = snapshot.of(contact_id)
            verdicts.append(standings.judge(person, place, snapshot, now))
        except Exception:  # one person's rows must not stop the others'
            log.exception("person_set_aside", person=contact_id)
            troubles[contact_id] = traceback.format_exc()
    write(verdicts, now=now)
    set_aside(troubles, now=now)
    return len(locked)


def write(verdicts: Sequence[Verdict], *, now: datetime) -> None:
    """Store what the standings say, evaluated at `now`; who was set aside and could be judged again no longer is."""
    if not verdicts:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            {
                "now": now,
                "ids": arrays.numbers(one.contact_id for one in verdicts),
                "states": arrays.texts(one.state for one in verdicts),
                "moments": arrays.moments(one.next_at for one in verdicts),
                "whats": arrays.texts(one.next_what for one in verdicts),
                "codes": arrays.texts(one.because["code"] for one in verdicts),
                "stops": arrays.texts(one.stop_reason for one in verdicts),
            },
        )
        judged = (one.contact_id for one in verdicts if one.because["code"] != SET_ASIDE)
        cursor.execute(_RESOLVE, [now, arrays.numbers(judged)])


# Whoever is late after a gap and waits for a colleague's answer stays late, whatever else happens to them meanwhile.
_WRITE = f"""
UPDATE nurturing_standing s
SET state = v.state,
    next_at = CASE WHEN v.next_what IN ('step', 'piece')
                        AND (v.next_at <= %(now)s OR v.code IN ('window_closed', 'enough_for_now'))
                        AND {gap.WAITS} THEN s.next_at ELSE v.next_at END,
    next_what = v.next_what, because = jsonb_build_object('code', v.code), stop_reason = v.stop_reason,
    changed_at = %(now)s
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(moments)s::timestamptz[], %(whats)s::text[], %(codes)s::text[],
            %(stops)s::text[]) v(contact_id, state, next_at, next_what, code, stop_reason)
WHERE s.contact_id = v.contact_id
"""  # noqa: S608 - words of our own


_RESOLVE = """
UPDATE nurturing_setaside SET resolved_at = %s WHERE resolved_at IS NULL AND contact_id = ANY(%s::bigint[])
"""


def set_aside(troubles: dict[int, str], *, now: datetime) -> None:
    """Keep people whose planning raised out of the way for a day, with the traceback for whoever looks."""
    for contact_id, error in troubles.items():
        SetAside.objects.update_or_create(
            contact_id=contact_id, resolved_at=None, defaults={"at": now, "error": error}
        )
    states = dict(Standing.objects.filter(pk__in=troubles).values_list("pk", "state"))
    write(
        [
            Verdict(
                contact_id=contact_id,
                state=state if state != Standing.State.STOPPED else Standing.State.NURTURED,
                next_at=now + SET_ASIDE_FOR,
                next_what=Standing.What.REVIEW,
                because={"code": SET_ASIDE},
            )
            for contact_id, state in states.items()
        ],
        now=now,
    )
