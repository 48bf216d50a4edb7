"""Imports as their owners look at them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django_stubs_ext import StrOrPromise

from contacts.models import ImportBatch, ImportRow
from contacts.reading import reasons
from contacts.reading.verdict import counts_of

PAGE = 50
TONES = {
    "new": "action",
    "changed": "straw",
    "same": "line",
    "duplicate": "soft",
    "suppressed": "ice",
    "review": "ember",
    "invalid": "wrong",
}


@dataclass(frozen=True, slots=True)
class RowShown:
    """A row of the report."""

    row: ImportRow
    words: str

    @property
    def cells(self) -> list[str]:
        """The cells in which something stands."""
        return [cell for cell in self.row.raw if cell.strip()]


@dataclass(frozen=True, slots=True)
class RowPage:
    """Rows of one verdict, from a row number on; `next_after` is 0 at the end."""

    rows: Sequence[RowShown]
    next_after: int


def newest() -> QuerySet[ImportBatch]:
    """Imports, the newest first."""
    return ImportBatch.objects.select_related("created_by").order_by("-created_at", "-id")


def rows(*, batch_id: int, verdict: str, after: int = 0) -> RowPage:
    """A page of the rows with a verdict, in the file's order."""
    found = ImportRow.objects.filter(batch_id=batch_id, verdict=verdict, number__gt=after).order_by("number")
    taken = list(found.select_related("contact")[: PAGE + 1])
    shown = [RowShown(row, reasons.words(row.reason)) for row in taken[:PAGE]]
    return RowPage(shown, taken[PAGE - 1].number if len(taken) > PAGE else 0)


def verdict_label(verdict: str) -> StrOrPromise:
    """The verdict in words."""
    return ImportRow.Verdict(verdict).label


def parts(batch: ImportBatch, *, url: str) -> list[dict[str, object]]:
    """The bar of what will happen, or happened: every part leads to its rows."""
    found = counts_of(batch.counts)
    order = ("new", "changed", "same", "suppressed", "duplicate", "review", "invalid")
    return [
        {
            "label": verdict_label(word),
            "count": found[word],
            "tone": TONES[word],
            "url": url.format(verdict=word),
        }
        for word in order
        if found[word]
    ]


def people_in(batch: ImportBatch) -> int:
    """How many people a batch brings in or changes; the suppressed are stored, too."""
    found = counts_of(batch.counts)
    return found["new"] + found["changed"] + found["suppressed"]
