"""Keep the proposals of duplicates fresh, remember who is not the same person, and merge many at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from contacts.models import AuditEvent, Contact, DuplicatePair, Merge, MergeRun
from contacts.queries import duplicate
from contacts.services import merge, merge_undo

CHUNK = 20
State = MergeRun.State


class NothingToMerge(Exception):
    """No safe pair is left."""


@transaction.atomic
def refresh(*, now: datetime) -> tuple[int, int]:
    """Look once over the whole silo. Returns how many proposals are new, and how many are no longer any."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('contacts duplicates'))")
    found = duplicate.find()
    columns = (
        [one.first_id for one in found],
        [one.second_id for one in found],
        ["{" + ",".join(one.signs) + "}" for one in found],
    )
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [now, *columns])
        new = cursor.fetchone()[0]
        cursor.execute(_FORGET, list(columns[:2]))
        gone = cursor.rowcount
        cursor.execute(duplicate.SAFE, {"ids": None})
    return new, gone


_STORE = """
WITH stored AS (
    INSERT INTO contacts_duplicatepair (first_id, second_id, signs, found_at)
    SELECT v.first_id, v.second_id, v.signs::varchar[], %s
    FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) v(first_id, second_id, signs)
    JOIN contacts_contact a ON a.id = v.first_id JOIN contacts_contact b ON b.id = v.second_id
    ON CONFLICT (first_id, second_id) DO UPDATE SET signs = EXCLUDED.signs
        WHERE contacts_duplicatepair.dismissed_at IS NULL AND contacts_duplicatepair.signs <> EXCLUDED.signs
    RETURNING xmax = 0 AS new
)
SELECT count(*) FILTER (WHERE new) FROM stored
"""
_FORGET = """
DELETE FROM contacts_duplicatepair d
WHERE d.dismissed_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM unnest(%s::bigint[], %s::bigint[]) v(first_id, second_id)
    WHERE v.first_id = d.first_id AND v.second_id = d.second_id
)
"""


@transaction.atomic
def dismiss(*, pair_id: int, by: Any, now: datetime) -> DuplicatePair:
    """These are two people: nobody is asked again. Raises DuplicatePair.DoesNotExist."""
    pair = DuplicatePair.objects.select_for_update().get(pk=pair_id)
    if pair.dismissed_at is None:
        pair.dismissed_at, pair.dismissed_by = now, by
        pair.save(update_fields=["dismissed_at", "dismissed_by"])
        _audit("duplicate.dismissed", pair, by, now)
    return pair


@transaction.atomic
def ask_again(*, pair_id: int, by: Any, now: datetime) -> DuplicatePair:
    """Undo of `dismiss`."""
    pair = DuplicatePair.objects.select_for_update().get(pk=pair_id)
    if pair.dismissed_at is not None:
        pair.dismissed_at = pair.dismissed_by = None
        pair.save(update_fields=["dismissed_at", "dismissed_by"])
        _audit("duplicate.asked_again", pair, by, now)
    return pair


def _audit(verb: str, pair: DuplicatePair, by: Any, now: datetime) -> None:
    AuditEvent.objects.bulk_create(
        AuditEvent(at=now, by=by, verb=verb, contact_id=contact_id, detail={"other": other})
        for contact_id, other in ((pair.first_id, pair.second_id), (pair.second_id, pair.first_id))
    )


# --- many at once


@transaction.atomic
def begin(*, by: Any, now: datetime) -> MergeRun:
    """Merge every safe pair there is now, in the background (`run`). Raises NothingToMerge."""
    safe = DuplicatePair.objects.open().filter(safe=True).order_by("id")
    pairs = [list(ids) for ids in safe.values_list("first_id", "second_id")]
    if not pairs:
        raise NothingToMerge
    made = MergeRun.objects.create(at=now, by=by, pairs=pairs)
    AuditEvent.objects.create(
        at=now,
        by=by,
        verb="contacts.merged",
        object_type="merge_run",
        object_id=made.pk,
        detail={"pairs": len(pairs)},
    )
    return made


@transaction.atomic
def begin_undo(*, run_id: int, by: Any, now: datetime) -> MergeRun:
    """Part all pairs of a run again, in the background. Raises merge_undo.NothingToUndo, MergeRun.DoesNotExist."""
    found = MergeRun.objects.select_for_update().get(pk=run_id)
    if found.state not in (State.RUNNING, State.DONE) or not found.merges.filter(undone_at=None).exists():
        raise merge_undo.NothingToUndo
    found.state, found.finished_at = State.UNDOING, None
    found.save(update_fields=["state", "finished_at"])
    AuditEvent.objects.create(
        at=now, by=by, verb="contacts.parted", object_type="merge_run", object_id=found.pk
    )
    return found


def run(*, run_id: int, now: datetime) -> MergeRun:
    """Go on with a run, forwards or back; where it stands is in the database, so a killed worker loses nothing."""
    while _chunk(run_id, now):
        pass
    return MergeRun.objects.get(pk=run_id)


@transaction.atomic
def _chunk(run_id: int, now: datetime) -> bool:
    found = MergeRun.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=run_id).first()
    if found is None or found.state not in (State.RUNNING, State.UNDOING):
        return False
    if found.state == State.RUNNING:
        pairs = found.pairs[found.done : found.done + CHUNK]
        for first_id, second_id in pairs:
            if _merge_if_safe(first_id, second_id, found, now):
                found.merged += 1
            else:
                found.left += 1
        found.done += len(pairs)
        if found.done >= len(found.pairs):
            found.state, found.finished_at = State.DONE, now
    else:
        rows = list(found.merges.filter(undone_at=None).exclude(image={}).order_by("-pk")[:CHUNK])
        parted = sum(_part(row, found.by, now) for row in rows)
        found.parted += parted
        if not parted:
            found.state, found.finished_at = State.UNDONE, now
    found.save(update_fields=["merged", "left", "done", "parted", "state", "finished_at"])
    return found.state in (State.RUNNING, State.UNDOING)


def _merge_if_safe(first_id: int, second_id: int, found: MergeRun, now: datetime) -> bool:
    """Judged once more: a colleague may have changed one of the two since."""
    pair = DuplicatePair.objects.open().filter(first_id=first_id, second_id=second_id).first()
    if pair is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(duplicate.SAFE, {"ids": [pair.pk]})
    pair.refresh_from_db(fields=["safe"])
    if not pair.safe:
        return False
    try:
        with transaction.atomic():
            merge.merge(kept_id=first_id, dropped_id=second_id, by=found.by, now=now, run_id=found.pk)
    except (merge.NotHere, Contact.DoesNotExist):
        return False
    return True


def _part(row: Merge, by: Any, now: datetime) -> int:
    """1 when it could be parted; one that came between and cannot be undone stays merged."""
    try:
        with transaction.atomic():
            merge_undo.part(merge_id=row.pk, by=by, now=now)
    except (merge_undo.LaterFirst, merge_undo.AddressTaken, merge_undo.NothingToUndo, merge.NotHere):
        return 0
    return 1


def unfinished() -> Sequence[int]:
    """The runs that are under way or whose worker died."""
    return list(
        MergeRun.objects.filter(state__in=(State.RUNNING, State.UNDOING)).values_list("pk", flat=True)
    )
