"""Do something to many people, chunk by chunk, and take it back.

Who is meant is written down when a colleague confirms: whoever comes into the silo afterwards is not touched, whoever has left it is
counted as gone. A chunk of people and what became of each are one transaction, so a worker that is killed leaves nothing half done, and
the next one goes on with whoever still waits.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from contacts import alone, bulk
from contacts.models import AuditEvent, BulkChange, BulkRow, Contact
from contacts.queries.selection import Selection

CHUNK = 1_000
LOCK = 0x51_10_1B  # first half of the advisory lock: one worker per change
UNDO_WITHIN = timedelta(days=30)

State, Outcome = BulkChange.State, BulkRow.Outcome


class NotNow(Exception):
    """The change is not in a state for that; the text says so."""


@transaction.atomic
def begin(
    *, action: bulk.Change, params: Mapping[str, Any], selection: Selection, by: Any, now: datetime
) -> BulkChange:
    """Write down what is done, by whom, and to whom: everybody who is meant at this moment. Raises NotNow when that is nobody."""
    made = BulkChange.objects.create(
        action=action.name,
        params=dict(params),
        selection=selection.as_json(),
        meant=selection.words(),
        what=action.say(params)[:300],
        created_at=now,
        created_by=by,
    )
    made.total = _write_down(made.pk, selection, now)
    if not made.total:
        raise NotNow(_("Nobody is meant: nobody fits any more."))
    made.save(update_fields=["total"])
    _audit(made, f"bulk.{action.name}", by, now)
    return made


def _write_down(change_id: int, selection: Selection, now: datetime) -> int:
    """The rows of everybody who is meant, by one statement."""
    people = selection.people(now=now).order_by().values_list("pk")
    sql, params = people.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO contacts_bulkrow (change_id, contact_id, outcome)"  # noqa: S608 - the query is Django's own
            f" SELECT %s, meant.id, '' FROM ({sql}) meant(id) ON CONFLICT DO NOTHING",
            [change_id, *params],
        )
        return int(cursor.rowcount)


def run(*, change_id: int, clock: Callable[[], datetime]) -> BulkChange:
    """Go on with a change, or with taking it back, until it is through. A second worker goes away at once."""
    with alone.at(LOCK, change_id) as is_alone:
        while is_alone and _chunk(change_id, now=clock()):
            pass
    return BulkChange.objects.get(pk=change_id)


@transaction.atomic
def _chunk(change_id: int, *, now: datetime) -> bool:
    """The next people; False when there are none or the change does not run any more."""
    change = BulkChange.objects.select_for_update().get(pk=change_id)
    action = bulk.change(change.action)
    if not change.is_moving or action is None:
        return False
    step = _forth if change.state == State.RUNNING else _back
    if step(change, action, now=now):
        return True
    if change.state == State.RUNNING:
        change.state, change.finished_at = State.DONE, now
    else:
        change.state, change.undone_at = State.UNDONE, now
    change.save(update_fields=["state", "finished_at", "undone_at"])
    return False


def _forth(change: BulkChange, action: bulk.Change, *, now: datetime) -> bool:
    rows = BulkRow.objects.filter(change=change, outcome=Outcome.WAITING).order_by("contact_id")
    ids = list(rows.values_list("contact_id", flat=True)[:CHUNK])
    if not ids:
        return False
    here = list(Contact.objects.present().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    done = (
        action.apply(here, change.params, now=now, by=change.created_by, change_id=change.pk) if here else {}
    )
    outcomes = {pk: done.get(pk, bulk.Done(Outcome.SAME)) for pk in here}
    outcomes |= {pk: bulk.Done(Outcome.GONE) for pk in ids if pk not in outcomes}
    _note(change.pk, outcomes)
    change.counts = dict(Counter(change.counts) + Counter(one.outcome for one in outcomes.values()))
    change.save(update_fields=["counts"])
    return True


def _back(change: BulkChange, action: bulk.Change, *, now: datetime) -> bool:
    rows = BulkRow.objects.filter(change=change, outcome=Outcome.CHANGED).order_by("contact_id")
    before = {pk: was or {} for pk, was in rows.values_list("contact_id", "before")[:CHUNK]}
    if not before:
        return False
    here = set(Contact.objects.present().filter(pk__in=before).values_list("pk", flat=True))
    meant = {pk: was for pk, was in before.items() if pk in here}
    kept = set(action.undo(meant, change.params, now=now, by=change.undone_by, change_id=change.pk))
    outcomes = {
        pk: Outcome.GONE if pk not in here else Outcome.KEPT if pk in kept else Outcome.UNDONE
        for pk in before
    }
    for outcome in set(outcomes.values()):
        ids = [pk for pk, became in outcomes.items() if became == outcome]
        BulkRow.objects.filter(change=change, contact_id__in=ids).update(outcome=outcome)
    change.undo_counts = dict(Counter(change.undo_counts) + Counter(str(one) for one in outcomes.values()))
    change.save(update_fields=["undo_counts"])
    return True


def _note(change_id: int, outcomes: Mapping[int, bulk.Done]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            [
                list(outcomes),
                [str(one.outcome) for one in outcomes.values()],
                [None if one.before is None else json.dumps(one.before) for one in outcomes.values()],
                change_id,
            ],
        )


_NOTE = """
UPDATE contacts_bulkrow r SET outcome = v.outcome, before = v.before::jsonb
FROM unnest(%s::bigint[], %s::text[], %s::text[]) v(contact_id, outcome, before)
WHERE r.change_id = %s AND r.contact_id = v.contact_id
"""


@transaction.atomic
def cancel(*, change_id: int, by: Any, now: datetime) -> BulkChange:
    """Stop a change where it is. What is done stays, and can be taken back. Raises NotNow."""
    change = BulkChange.objects.select_for_update().get(pk=change_id)
    if change.state != State.RUNNING:
        raise NotNow(
            _("There is nothing to stop: this change is %(state)s.") % {"state": change.get_state_display()}
        )
    change.state, change.finished_at = State.CANCELLED, now
    change.save(update_fields=["state", "finished_at"])
    _audit(change, "bulk.cancelled", by, now)
    return change


def can_undo(change: BulkChange, *, now: datetime) -> bool:
    """Whether it has done something that can be taken back: within 30 days."""
    if change.state not in (State.DONE, State.CANCELLED, State.FAILED) or not change.changed:
        return False
    return bulk.change(change.action) is not None and now < change.created_at + UNDO_WITHIN


@transaction.atomic
def begin_undo(*, change_id: int, by: Any, now: datetime) -> BulkChange:
    """Start to take a change back from everybody to whom it did something. Raises NotNow."""
    change = BulkChange.objects.select_for_update().get(pk=change_id)
    if not can_undo(change, now=now):
        raise NotNow(
            _("This change cannot be taken back: it is %(state)s.") % {"state": change.get_state_display()}
        )
    change.state, change.undone_by, change.undo_counts, change.undo_began_at = State.UNDOING, by, {}, now
    change.save(update_fields=["state", "undone_by", "undo_counts", "undo_began_at"])
    _audit(change, "bulk.undone", by, now)
    return change


@transaction.atomic
def fail(*, change_id: int, sentence: str) -> None:
    """Keep why a change stopped. What is done stays, and can be taken back."""
    BulkChange.objects.filter(pk=change_id, state=State.RUNNING).update(state=State.FAILED, error=sentence)
    BulkChange.objects.filter(pk=change_id, state=State.UNDOING).update(error=sentence)


def unfinished() -> list[int]:
    """Changes that should be moving; whoever starts them again does no harm to those that are."""
    moving = BulkChange.objects.filter(state__in=[State.RUNNING, State.UNDOING])
    return list(moving.order_by("pk").values_list("pk", flat=True))


def _audit(change: BulkChange, verb: str, by: Any, now: datetime) -> None:
    AuditEvent.objects.create(
        at=now,
        by=by,
        verb=verb,
        object_type="bulk_change",
        object_id=change.pk,
        detail={"people": change.total},
    )
