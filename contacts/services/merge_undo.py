"""Part two people again who were made one: both as they were, but for what happened since."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from contacts import hooks
from contacts.models import Contact, Merge, Suppression
from contacts.services import image, merge, suppression


class LaterFirst(Exception):
    """The kept person was merged again since: `merge` has to be undone first."""

    def __init__(self, merge: Merge) -> None:
        super().__init__("A later merge of this person has to be undone first.")
        self.merge = merge


class AddressTaken(Exception):
    """Somebody new has the dropped person's address: `contact_id` says who."""

    def __init__(self, contact_id: int) -> None:
        super().__init__("Somebody else has this address now.")
        self.contact_id = contact_id


class NothingToUndo(Exception):
    """Undone before, or what was kept for it is gone (an erasure)."""


@dataclass(frozen=True, slots=True)
class Parted:
    """What became of an undo: the two people, and how many values stayed because somebody changed them since."""

    kept_id: int
    dropped_id: int
    stayed: int


@transaction.atomic
def part(*, merge_id: int, by: Any, now: datetime) -> Parted:
    """Undo a merge: both people as they were, except what happened since, which stays with the kept one.

    Raises NothingToUndo, merge.NotHere (the kept person is gone), LaterFirst, AddressTaken, Merge.DoesNotExist.
    """
    made = Merge.objects.get(pk=merge_id, noun=Merge.Noun.CONTACT)
    hooks.merging([made.kept_id], now=now)
    made = Merge.objects.select_for_update().get(pk=merge_id)
    if made.undone_at is not None or not made.image:
        raise NothingToUndo
    if not Contact.objects.select_for_update(no_key=True).filter(pk=made.kept_id, erased_at=None).exists():
        if later := _later(made):
            raise LaterFirst(later)
        raise merge.NotHere
    if later := _later(made):
        raise LaterFirst(later)
    _free_the_address(made)
    stayed = image.put_back(made.image["rows"], blends={"tags": _blend_lists, "custom": _blend_fields})
    reached = _lift_carried(made, by=by, now=now)
    made.undone_at, made.undone_by, made.image = now, by, {}
    made.save(update_fields=["undone_at", "undone_by", "image"])
    Contact.objects.filter(pk__in=[made.kept_id, made.dropped_id]).update(updated_at=now)
    hooks.merging([made.kept_id, made.dropped_id], now=now)
    hooks.changed(sorted({made.kept_id, made.dropped_id, *reached}), now=now)
    for contact_id in (made.kept_id, made.dropped_id):
        merge.audit("contact.parted", contact_id, made, by, now)
    return Parted(made.kept_id, made.dropped_id, stayed)


def _lift_carried(made: Merge, *, by: Any, now: datetime) -> set[int]:
    """The stops that were there only because of the merge go, and a weaker one that they took the place of is back.

    Answers who is reached at their addresses. Nobody is judged in between: with one of two stops still there, a sequence
    that the undo has just opened again would end.
    """
    reached: set[int] = set()
    for stop in Suppression.objects.in_force().filter(pk__in=made.stops.values("suppression_id")):
        reached |= set(suppression.contacts_of(stop.address)) if stop.address else set()
        suppression.lift(suppression_id=stop.pk, by=by, now=now, judge=False)
    suppression.bring_back(made.image["weaker_stops"])
    return reached


def _later(made: Merge) -> Merge | None:
    """The newest merge after this one in which the kept person had a part."""
    since = Merge.objects.filter(noun=made.noun, undone_at=None, pk__gt=made.pk)
    return (
        since.filter(kept_id=made.kept_id)
        .union(since.filter(dropped_id=made.kept_id))
        .order_by("-id")
        .first()
    )


def _free_the_address(made: Merge) -> None:
    """Nobody new may have the dropped person's address."""
    for row in made.image["rows"].get(image.ROOT, {}).get("gone", ()):
        if not row.get("email"):
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT lower(%s)", [row["email"]])
            key = cursor.fetchone()[0]
        taken = Contact.objects.filter(email_key=key).exclude(pk=made.kept_id).values_list("pk", flat=True)
        if (other := taken.first()) is not None:
            raise AddressTaken(other)


def _blend_lists(now: Any, before: Any, after: Any) -> list[Any]:
    """Take out what the merge brought; what somebody added or removed since stays so."""
    brought = [one for one in after if one not in before]
    return [one for one in now if one not in brought]


def _blend_fields(now: Any, before: Any, after: Any) -> dict[str, Any]:
    """The same, field by field."""
    fields = dict(now)
    for key in {*before, *after}:
        if fields.get(key) == after.get(key):
            if key in before:
                fields[key] = before[key]
            else:
                fields.pop(key, None)
    return fields
