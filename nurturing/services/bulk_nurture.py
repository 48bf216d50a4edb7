"""Bring many people into a sequence, or pause them, and take exactly that back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from contacts.bulk import Done, Params
from contacts.models import BulkRow
from nurturing.models import Enrollment, Pause
from nurturing.services import enrollment, standing
from nurturing.services.pause import BECAUSE_LENGTH

Outcome = BulkRow.Outcome
STOPPED, NOT_LIVE, OVER = "stopped", "not_live", "over"


@transaction.atomic
def enroll(
    contact_ids: Sequence[int], params: Params, *, now: datetime, by: Any, change_id: int
) -> dict[int, Done]:
    """Into the sequence, or into its waiting line. A sequence that was archived meanwhile takes nobody."""
    try:
        result = enrollment.start(
            contact_ids=contact_ids, sequence_id=params["sequence"], by=by, source="list", now=now
        )
    except enrollment.NotPublished:
        return {pk: Done(Outcome.REFUSED, {"why": NOT_LIVE}) for pk in contact_ids}
    done = {
        pk: Done(Outcome.CHANGED, {"batch": result.batch_id}) for pk in (*result.started, *result.waiting)
    }
    done |= {pk: Done(Outcome.SAME) for pk in result.already_in}
    return done | {pk: Done(Outcome.REFUSED, {"why": STOPPED}) for pk in result.stopped}


@transaction.atomic
def undo_enroll(
    before: Mapping[int, Mapping[str, Any]], params: Params, *, now: datetime, by: Any, change_id: int
) -> Iterable[int]:
    """Take out those who are still in. Who has gone through, or was taken out by somebody, stays as they are."""
    batches = {int(was["batch"]) for was in before.values() if was.get("batch") is not None}
    for batch_id in batches:
        enrollment.undo(batch_id=batch_id, now=now)
    out = Enrollment.objects.filter(
        batch_id__in=batches, contact_id__in=list(before), end_reason=Enrollment.EndReason.UNDONE
    )
    undone = set(out.values_list("contact_id", flat=True))
    return [pk for pk in before if pk not in undone]


@transaction.atomic
def pause(
    contact_ids: Sequence[int], params: Params, *, now: datetime, by: Any, change_id: int
) -> dict[int, Done]:
    """No mail before the date. A running pause that lasts as long or longer is left; a shorter one is replaced."""
    until = datetime.fromisoformat(params["until"])
    if until <= now:
        return {pk: Done(Outcome.REFUSED, {"why": OVER}) for pk in contact_ids}
    present = standing.lock(contact_ids)
    barred = enrollment.barred(present)
    running = {row.contact_id: row for row in Pause.objects.filter(contact_id__in=present, ended_at=None)}
    done: dict[int, Done] = {}
    meant = []
    for pk in present:
        if pk in barred:
            done[pk] = Done(Outcome.REFUSED, {"why": STOPPED})
        elif pk in running and running[pk].until >= until:
            done[pk] = Done(Outcome.SAME)
        else:
            meant.append(pk)
    replaced = {pk: running[pk].pk for pk in meant if pk in running}
    Pause.objects.filter(pk__in=replaced.values()).update(ended_at=now)
    because = str(params.get("because", ""))[:BECAUSE_LENGTH]
    made = Pause.objects.bulk_create(
        Pause(contact_id=pk, at=now, until=until, because=because, by=by) for pk in meant
    )
    for row in made:
        done[row.contact_id] = Done(Outcome.CHANGED, {"pause": row.pk, "ended": replaced.get(row.contact_id)})
    standing.recompute(meant, now=now)
    return done


@transaction.atomic
def undo_pause(
    before: Mapping[int, Mapping[str, Any]], params: Params, *, now: datetime, by: Any, change_id: int
) -> Iterable[int]:
    """End these pauses and let those go on that they replaced. A pause that was ended or replaced since stays so."""
    standing.lock(list(before))
    ours = {int(was["pause"]): pk for pk, was in before.items()}
    running = Pause.objects.filter(pk__in=ours, ended_at=None)
    ended = [ours[pk] for pk in running.values_list("pk", flat=True)]
    running.update(ended_at=now)
    earlier = [before[pk]["ended"] for pk in ended if before[pk].get("ended")]
    Pause.objects.filter(pk__in=earlier, until__gt=now).update(ended_at=None)
    standing.recompute(ended, now=now)
    return [pk for pk in before if pk not in set(ended)]
