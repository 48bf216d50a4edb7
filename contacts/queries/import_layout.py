"""What is known about a file before it comes in: its layout, whether it was here before, what it would do."""

from django.db.models import QuerySet

from contacts.models import ImportBatch, ImportLayout
from contacts.reading import reasons

State = ImportBatch.State


def newest() -> QuerySet[ImportLayout]:
    """The layouts that are known, the one used last first."""
    return ImportLayout.objects.select_related("used_by").order_by("-used_at", "-id")


def of(batch: ImportBatch) -> ImportLayout | None:
    """The layout by which this file was understood."""
    known = batch.options.get("layout_id")
    return ImportLayout.objects.filter(pk=known).select_related("used_by").first() if known else None


def same_file(batch: ImportBatch) -> ImportBatch | None:
    """An earlier import of the very same file that is on its way or in."""
    others = ImportBatch.objects.filter(sha256=batch.sha256, size=batch.size).exclude(pk=batch.pk)
    there = others.exclude(state__in=[State.UPLOADED, State.CHECKED, State.UNDONE])
    return there.select_related("created_by").order_by("-id").first()


def reasons_of(batch: ImportBatch) -> list[tuple[str, int]]:
    """Why rows cannot be used or need a look, in words, the most frequent first."""
    counted = batch.options.get("notes", {})
    said = ((reasons.words(f"{code}|…").removesuffix(": …"), number) for code, number in counted.items())
    return sorted(said, key=lambda one: -one[1])
