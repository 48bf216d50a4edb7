"""What the files and settings of imports hold of somebody who is erased. Their rows are the engine's (see erasing)."""

from datetime import datetime
from typing import Any

from contacts import erasing
from contacts.models import ImportBatch, ImportRow

S = ImportBatch.State
AT_REST = (S.DONE, S.CANCELLED, S.UNDONE, S.FAILED)


def empty(who: erasing.Who, *, now: datetime) -> None:
    """Remove the uploaded files that brought these people, and the sample rows that show them.

    A file is a document of many people and cannot lose one line: it goes whole, and the import's rows stay. The file
    of an import that nobody started yet stays until it was; its people are stopped before it runs.
    """
    needles = [one.lower() for one in (*who.addresses, *who.phones)]
    brought = set(
        ImportRow.objects.filter(contact_id__in=who.contact_ids).values_list("batch_id", flat=True).distinct()
    )
    for batch in ImportBatch.objects.order_by("pk").iterator(chunk_size=100):
        shown = {"options": without(batch.options, needles), "reading": without(batch.reading, needles)}
        if batch.pk in brought or shown != {"options": batch.options, "reading": batch.reading}:
            # a name stands beside the address in these cells, and nobody can tell whose it is
            shown["options"] = {**shown["options"], "samples": {}}
            shown["reading"] = {**shown["reading"], "rows": [], "left_out": []}
            shown["reading"]["examples"] = [[] for _column in batch.reading.get("examples", [])]
            ImportBatch.objects.filter(pk=batch.pk).update(**shown, error=without(batch.error, needles))
        if batch.pk in brought and batch.state in AT_REST:
            let_go_of_file(batch)


def let_go_of_file(batch: ImportBatch) -> None:
    """The uploaded file goes from the disk; the import and its rows stay."""
    if batch.file:
        batch.file.delete(save=False)
        ImportBatch.objects.filter(pk=batch.pk).update(file="")


def without(said: Any, needles: list[str]) -> Any:
    """JSON in which a row (a list or object of texts) that mentions one of the needles is emptied whole."""
    if isinstance(said, dict):
        if _mentions(said.values(), needles):
            return {
                name: "" if isinstance(value, str) else without(value, needles)
                for name, value in said.items()
            }
        return {name: without(value, needles) for name, value in said.items()}
    if isinstance(said, list):
        if _mentions(said, needles):
            return ["" if isinstance(value, str) else without(value, needles) for value in said]
        return [without(value, needles) for value in said]
    if isinstance(said, str) and _mentions([said], needles):
        return ""
    return said


def _mentions(values: Any, needles: list[str]) -> bool:
    return any(
        needle in value.lower() for value in values if isinstance(value, str) for needle in needles if needle
    )
