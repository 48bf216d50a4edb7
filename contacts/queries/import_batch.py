"""Imports as their owners look at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import dateparse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
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


PHASES: dict[str, str | Promise] = {
    "": "",
    "waiting": gettext_lazy("Waits until the same file has come in by another import"),
    "reading": gettext_lazy("The file is being read"),
    "judging": gettext_lazy("Every row is compared with the silo"),
    "writing": gettext_lazy("The rows come in"),
    "undoing": gettext_lazy("The rows are taken back"),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work in hand is. `of` is 0 and `seconds_left` None while nobody can know them."""

    phase: str
    done: int
    of: int
    rate: float  # rows a second
    seconds_left: int | None

    @property
    def words(self) -> str:
        """What is being done, as a sentence."""
        return str(PHASES.get(self.phase, ""))

    @property
    def percent(self) -> int:
        """Of the rows, 0 to 100."""
        return min(100, 100 * self.done // self.of) if self.of else 0


def progress(batch: ImportBatch, *, now: datetime) -> Progress:
    """The work in hand: how far, how fast, how long it will take."""
    known = batch.progress
    phase, of = known.get("phase", ""), int(known.get("of") or 0)
    since = dateparse.parse_datetime(known.get("since") or "")
    done, before = int(known.get("done") or 0), int(known.get("from") or 0)
    if phase == "writing":
        done = batch.rows_done
    elif phase == "undoing":
        done = of - batch.rows_done
    seconds = (now - since).total_seconds() if since else 0.0
    rate = (done - before) / seconds if seconds > 0 else 0.0
    left = round((of - done) / rate) if of and rate > 0 else None
    return Progress(phase, done, of, rate, left)


@dataclass(frozen=True, slots=True)
class Equation:
    """Rows in = rows accounted for. `added` rows came with a corrected file and stood nowhere in the first."""

    rows: int
    added: int
    parts: Sequence[tuple[str, StrOrPromise, int]]  # verdict, its words, rows

    @property
    def holds(self) -> bool:
        """Whether every row has a verdict."""
        return self.rows == sum(number for _word, _label, number in self.parts)


def equation(batch: ImportBatch) -> Equation:
    """The equation of a batch that was checked or has come in."""
    found = counts_of(batch.counts)
    parts = [(word, verdict_label(word), number) for word, number in found.items()]
    return Equation(batch.rows or 0, int(batch.options.get("added") or 0), parts)


@dataclass(frozen=True, slots=True)
class Effect:
    """What happens to one field of the people who are known already."""

    field: str
    filled: int
    overwritten: int
    kept: int


def effects(batch: ImportBatch) -> list[Effect]:
    """Per field what the dry run foretold, in the order of the names."""
    said = batch.options.get("effects", {})
    return [
        Effect(name, one.get("filled", 0), one.get("overwritten", 0), one.get("kept", 0))
        for name, one in sorted(said.items())
    ]


def kept(batch: ImportBatch) -> QuerySet[ImportRow]:
    """After an undo: the rows whose people stayed, because somebody was at them since."""
    stayed = ImportRow.objects.filter(
        batch=batch, before__isnull=True, after__isnull=False, contact__isnull=False
    )
    return stayed.select_related("contact").order_by("number")
