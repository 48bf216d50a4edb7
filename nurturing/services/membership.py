"""What it means for the clock when the silo below it changes: people are changed, stopped, erased or merged.

Registered on contacts.hooks in NurturingConfig.ready(), after what it means for temperature and queue
(services.objection). Everything happens inside the transaction of the change.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from nurturing.models import (
    Enrollment,
    Pause,
    Reminder,
    RhythmChange,
    RhythmWish,
    SalesHold,
    Send,
    SetAside,
)
from nurturing.services import enrollment, standing


@transaction.atomic
def judge_again(contact_ids: Sequence[int], *, now: datetime) -> None:
    """A stop, an address, a ground, a language or a country changed: what may be sent, and when, is judged again.

    Who must not be written to any more leaves their sequence; the standing says what is left.
    """
    standing.lock(contact_ids)
    closed = enrollment.barred(contact_ids)
    enrollment.stop(contact_ids=closed, reason=Enrollment.EndReason.STOPPED, now=now, recompute=False)
    standing.recompute(contact_ids, now=now)


@transaction.atomic
def erased(contact_ids: Sequence[int], *, now: datetime) -> None:
    """Nothing is planned for the erased any more, and what colleagues wrote about them is emptied."""
    standing.lock(contact_ids)
    enrollment.stop(contact_ids=contact_ids, reason=Enrollment.EndReason.STOPPED, now=now, recompute=False)
    people = {"contact_id__in": list(contact_ids)}
    Pause.objects.filter(**people, ended_at=None).update(ended_at=now)
    Pause.objects.filter(**people).update(because="")
    Reminder.objects.filter(**people, done_at=None).update(done_at=now)
    Reminder.objects.filter(**people).update(because="")
    SetAside.objects.filter(**people).delete()
    standing.recompute(contact_ids, now=now)


@transaction.atomic
def merged(pairs: Sequence[tuple[int, int]], now: datetime) -> None:
    """What was planned and agreed for the dropped contact holds for the kept one.

    Where both have one of a kind that there can only be one of, the kept contact's own holds.
    """
    standing.lock([one for pair in pairs for one in pair])
    for dropped, kept in pairs:
        _merge_enrollments(dropped, kept, now)
        for model, ended in ((Pause, "ended_at"), (RhythmWish, "withdrawn_at")):
            if model.objects.filter(contact_id=kept, **{ended: None}).exists():
                model.objects.filter(contact_id=dropped, **{ended: None}).update(**{ended: now})
        for each in (Pause, RhythmWish, RhythmChange, Reminder, SalesHold):
            each.objects.filter(contact_id=dropped).update(contact_id=kept)
        SetAside.objects.filter(contact_id=dropped).delete()
    standing.recompute([kept for _, kept in pairs], now=now)


def _merge_enrollments(dropped: int, kept: int, now: datetime) -> None:
    """An open run moves along, into the waiting line when the kept contact is in the lane already.

    Runs through the same sequence become one: what either got of it counts as got in the one that goes on.
    """
    own = Enrollment.objects.filter(contact_id=kept, ended_at=None)
    theirs = Enrollment.objects.filter(contact_id=dropped, ended_at=None)
    for run in Enrollment.objects.filter(contact_id__in=(dropped, kept), ended_at=None).order_by("pk"):
        if run.contact_id == kept or not own.filter(sequence_id=run.sequence_id).exists():
            _take_over(run, other=dropped if run.contact_id == kept else kept)
    theirs.filter(sequence_id__in=list(own.values_list("sequence_id", flat=True))).update(
        ended_at=now, end_reason=Enrollment.EndReason.UNDONE
    )
    if own.filter(started_at__isnull=False).exists():
        theirs.update(started_at=None)
    Enrollment.objects.filter(contact_id=dropped).update(contact_id=kept)


def _take_over(run: Enrollment, *, other: int) -> None:
    """What the other person got of the same sequence, this run has sent; it goes on after the later step of the two."""
    runs = Enrollment.objects.filter(contact_id=other, sequence_id=run.sequence_id)
    Send.objects.filter(enrollment__in=runs, kind=Send.Kind.STEP).update(enrollment=run)
    further = runs.exclude(last_step_at=None).order_by("-last_step_at").first()
    if further and further.last_step_at and (not run.last_step_at or further.last_step_at > run.last_step_at):
        run.last_step_key, run.last_step_at = further.last_step_key, further.last_step_at
        run.save(update_fields=["last_step_key", "last_step_at"])
