"""Where a person went, and what can be parted again."""

from django.db.models import QuerySet

from contacts.models import CarriedStop, Merge, Suppression


def kept_for(dropped_id: int, noun: str = Merge.Noun.CONTACT) -> int | None:
    """Who stands for a person (or company) that was merged, through any number of merges; None for one that was not."""
    found, seen = None, {dropped_id}
    while True:
        wanted = found if found is not None else dropped_id
        row = (
            Merge.objects.filter(noun=noun, dropped_id=wanted, undone_at=None)
            .values_list("kept_id", flat=True)
            .first()
        )
        if row is None or row in seen:
            return found
        seen.add(row)
        found = row


def undoable(kept_id: int, noun: str = Merge.Noun.CONTACT) -> Merge | None:
    """The newest merge into this person that can be undone now."""
    rows = Merge.objects.filter(noun=noun, kept_id=kept_id, undone_at=None).exclude(image={})
    return rows.select_related("by").order_by("-pk").first()


def carried(stops: QuerySet[Suppression]) -> QuerySet[CarriedStop, int]:
    """Which of these stops hold only because somebody was merged: a person's own word is still worth writing down."""
    return CarriedStop.objects.filter(suppression__in=stops).values_list("suppression_id", flat=True)


def is_overtaken(made: Merge) -> bool:
    """Whether the kept one had a part in a later merge, which has to be undone first."""
    later = Merge.objects.filter(noun=made.noun, undone_at=None, pk__gt=made.pk)
    return later.filter(kept_id=made.kept_id).exists() or later.filter(dropped_id=made.kept_id).exists()
