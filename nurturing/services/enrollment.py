"""A contact's runs through sequences: bringing in, taking out, and the order in the one lane."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from contacts.queries import gate
from nurturing.models import Enrollment, Sequence
from nurturing.queries import reach
from nurturing.services import standing

EndReason = Enrollment.EndReason
# A sequence can say that it goes on after one of these; everything else always ends it.
OPTIONAL = frozenset(Sequence.StopsWhen.values)


class NotPublished(ValueError):
    """The sequence has no live version, or was archived: there is nothing to bring anybody into."""


@dataclass(frozen=True, slots=True)
class EnrollResult:
    """What became of those who were to be brought in."""

    batch_id: int | None
    started: tuple[int, ...]
    waiting: tuple[int, ...]
    already_in: tuple[int, ...]
    stopped: tuple[int, ...]

    @property
    def brought_in(self) -> int:
        """How many are in the sequence now who were not before."""
        return len(self.started) + len(self.waiting)


@transaction.atomic
def start(
    *, contact_ids: Collection[int], sequence_id: int, by: Any, source: str, now: datetime
) -> EnrollResult:
    """Bring people into a sequence. Who is in another one waits for its end, by priority, until that expires.

    Stopped people and those who are in this sequence already are left as they are. `by` is the colleague who
    did it, or None. Raises NotPublished.
    """
    sequence = Sequence.objects.filter(pk=sequence_id, archived_at=None, live_version__isnull=False).first()
    if sequence is None:
        raise NotPublished
    present = standing.lock(contact_ids)
    stopped = barred(present)
    already = set(
        Enrollment.objects.filter(contact_id__in=present, sequence=sequence, ended_at=None).values_list(
            "contact_id", flat=True
        )
    )
    busy = set(
        Enrollment.objects.active().filter(contact_id__in=present).values_list("contact_id", flat=True)
    )
    brought = [pk for pk in present if pk not in stopped and pk not in already]
    batch_id = _next_batch() if brought else None
    made = Enrollment.objects.bulk_create(
        (
            Enrollment(
                contact_id=pk,
                sequence=sequence,
                priority=sequence.priority,
                entered_at=now,
                started_at=None if pk in busy else now,
                expires_at=now + timedelta(days=sequence.waits_at_most_days),
                by=by,
                source=source[:120],
                batch_id=batch_id,
            )
            for pk in brought
        ),
        batch_size=1000,
    )
    standing.recompute([row.contact_id for row in made], now=now)
    return EnrollResult(
        batch_id=batch_id,
        started=tuple(pk for pk in brought if pk not in busy),
        waiting=tuple(pk for pk in brought if pk in busy),
        already_in=tuple(sorted(already)),
        stopped=tuple(sorted(stopped - already)),
    )


@transaction.atomic
def stop(
    *,
    contact_ids: Collection[int],
    reason: str,
    now: datetime,
    sequence_id: int | None = None,
    recompute: bool = True,
) -> list[int]:
    """End the runs of these people, also those that wait. Returns the ids of the ended enrollments.

    A reply, a meeting, an opportunity or a purchase ends a run only where the sequence says so.
    """
    ids = standing.lock(contact_ids)
    rows = Enrollment.objects.filter(contact_id__in=ids, ended_at=None)
    if sequence_id is not None:
        rows = rows.filter(sequence_id=sequence_id)
    if reason in OPTIONAL:
        rows = rows.filter(sequence__stops_when__contains=[reason])
    return _end(list(rows.values_list("pk", "contact_id")), reason, now, recompute=recompute)


@transaction.atomic
def undo(*, batch_id: int, now: datetime) -> list[int]:
    """Take out those who were brought in together, as far as they are still in. What was sent stays sent."""
    rows = Enrollment.objects.filter(batch_id=batch_id, ended_at=None).order_by("contact_id")
    standing.lock(rows.values_list("contact_id", flat=True))
    return _end(list(rows.values_list("pk", "contact_id")), EndReason.UNDONE, now)


@transaction.atomic
def resume(*, enrollment_ids: Collection[int], now: datetime) -> list[int]:
    """Take back an ending. Back into the lane, or into the waiting line when the lane is taken meanwhile.

    Returns the enrollments that go on. One whose person entered the same sequence anew, or must not be
    written to any more, stays ended.
    """
    rows = Enrollment.objects.filter(pk__in=list(enrollment_ids), ended_at__isnull=False).order_by("pk")
    closed = barred(standing.lock(rows.values_list("contact_id", flat=True)))
    again = []
    for row in rows.exclude(contact_id__in=closed):
        others = Enrollment.objects.filter(contact_id=row.contact_id, ended_at=None)
        if others.filter(sequence_id=row.sequence_id).exists():
            continue
        if row.started_at is not None and others.filter(started_at__isnull=False).exists():
            row.started_at = None
            row.expires_at = max(row.expires_at, now + timedelta(days=row.sequence.waits_at_most_days))
        row.ended_at, row.end_reason = None, ""
        row.save(update_fields=["ended_at", "end_reason", "started_at", "expires_at"])
        again.append(row)
    standing.recompute([row.contact_id for row in again], now=now)
    return [row.pk for row in again]


@transaction.atomic
def expire(*, now: datetime, limit: int = 1000) -> list[int]:
    """End the waiting that has lost its sense. Returns the ids of the ended enrollments."""
    rows = Enrollment.objects.waiting().filter(expires_at__lte=now).order_by("contact_id")[:limit]
    ids = list(rows.values_list("pk", flat=True))
    if not ids:
        return []
    contacts = Enrollment.objects.filter(pk__in=ids)
    standing.lock(contacts.values_list("contact_id", flat=True))
    waiting = Enrollment.objects.waiting().filter(pk__in=ids, expires_at__lte=now)
    return _end(list(waiting.values_list("pk", "contact_id")), EndReason.EXPIRED, now)


def _end(rows: list[tuple[int, int]], reason: str, now: datetime, *, recompute: bool = True) -> list[int]:
    """Write the ends. The rows' standings are locked."""
    ids = [pk for pk, _ in rows]
    Enrollment.objects.filter(pk__in=ids, ended_at=None).update(ended_at=now, end_reason=reason)
    if recompute:
        standing.recompute([contact_id for _, contact_id in rows], now=now)
    return ids


def barred(contact_ids: Collection[int]) -> set[int]:
    """Those whom a stop keeps out of every sequence: mail is stopped, or no channel is left at all."""
    verdicts = gate.verdicts(contact_ids)
    stopped = {
        pk for pk, verdict in verdicts.items() if verdict.reason.startswith((reach.ERASED, reach.SUPPRESSED))
    }
    return stopped | reach.out_of_reach(contact_ids)


def _next_batch() -> int:
    """One number for all that come in together, from the ids' own sequence: no table is needed for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('nurturing_enrollment', 'id'))")
        (number,) = cursor.fetchone()
        return int(number)
