"""How far a bulk change has come, and what became of the people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.db.models.fields.json import KT
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from contacts import bulk, spoken
from contacts.models import BulkChange, BulkRow, Contact

NAMED = 50
TONES = {
    "changed": "done",
    "same": "soft",
    "refused": "straw",
    "gone": "line",
    "": "line",
    "undone": "action",
    "kept": "ember",
}
Outcome = BulkRow.Outcome


@dataclass(frozen=True, slots=True)
class Progress:
    """People come past, of how many, and the time left in words."""

    done: int
    of: int
    words: str


@dataclass(frozen=True, slots=True)
class Part:
    """People of one outcome; a part of the bar, and a way to their names."""

    outcome: str
    label: StrOrPromise
    count: int
    tone: str
    url: str = ""


def newest() -> QuerySet[BulkChange]:
    """The changes, newest first."""
    return BulkChange.objects.select_related("created_by").order_by("-created_at", "-pk")


def progress(change: BulkChange, *, now: datetime) -> Progress:
    """How far it is, how fast it goes, and how long it still takes."""
    done, of = change.done, change.to_come_past
    began = (
        change.undo_began_at
        if change.state == change.State.UNDOING and change.undo_began_at
        else change.created_at
    )
    seconds = max((now - began).total_seconds(), 1)
    rate = done / seconds
    if not done or not change.is_moving:
        return Progress(done, of, "")
    words = _("%(rate)s a second, %(left)s left") % {
        "rate": round(rate),
        "left": spoken.span(timedelta(seconds=max((of - done) / rate, 1))),
    }
    return Progress(done, of, words)


def parts(change: BulkChange, *, url: str) -> list[Part]:
    """What became of everybody who was meant: the parts add up to the total."""
    counts = dict(BulkRow.objects.filter(change=change).values_list("outcome").annotate(Count("contact_id")))
    return [
        Part(
            outcome,
            Outcome(outcome).label,
            counts[outcome],
            TONES[outcome],
            f"{url}?outcome={outcome or 'waiting'}#people",
        )
        for outcome in Outcome.values
        if counts.get(outcome)
    ]


def reasons(change: BulkChange) -> list[tuple[StrOrPromise, int]]:
    """Why people were left out, in words, and how many each."""
    action = bulk.change(change.action)
    words = action.why if action else {}
    rows = BulkRow.objects.filter(change=change, outcome=Outcome.REFUSED)
    counted = rows.values_list(KT("before__why")).annotate(number=Count("contact_id")).order_by("-number")
    return [(words.get(code, code or _("left out")), number) for code, number in counted]


def people(change: BulkChange, outcome: str) -> Sequence[Contact]:
    """The first fifty people of one outcome."""
    wanted = "" if outcome == "waiting" else outcome
    rows = BulkRow.objects.filter(change=change, outcome=wanted).order_by("contact_id")
    ids = list(rows.values_list("contact_id", flat=True)[:NAMED])
    return list(Contact.objects.present().filter(pk__in=ids).select_related("company").order_by("pk"))
