"""The condition on sequences."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.segments import kinds
from contacts.segments.facts import Person
from contacts.segments.inputs import Choice, Option
from contacts.segments.kinds import Operator
from nurturing.conditions.rows import RowsKind
from nurturing.models import Enrollment, Sequence


def sequences() -> list[Option]:
    """All sequences, those in the archive too: people went through them."""
    return [(str(pk), name) for pk, name in Sequence.objects.order_by("name").values_list("pk", "name")]


class SequenceKind(RowsKind):
    """The sequences of a person, now and before."""

    name = "sequence"
    label = gettext_lazy("sequence")
    section = kinds.SILO

    def __init__(self) -> None:
        blank = Choice(
            name="sequence",
            label=self.label,
            offered=sequences,
            lost=gettext_lazy("This sequence is no longer there."),
        )
        self.operators = (
            Operator(
                "in", gettext_lazy("is in"), (blank,), gettext_lazy("they are in the sequence %(sequence)s")
            ),
            Operator(
                "in_not",
                gettext_lazy("is not in"),
                (blank,),
                gettext_lazy("they are not in the sequence %(sequence)s"),
            ),
            Operator(
                "through",
                gettext_lazy("went through"),
                (blank,),
                gettext_lazy("they went through the sequence %(sequence)s"),
            ),
            Operator(
                "been",
                gettext_lazy("has been in"),
                (blank,),
                gettext_lazy("they have been in the sequence %(sequence)s"),
            ),
            Operator(
                "been_not",
                gettext_lazy("has never been in"),
                (blank,),
                gettext_lazy("they have never been in the sequence %(sequence)s"),
            ),
            Operator(
                "any", gettext_lazy("is in some sequence"), clause=gettext_lazy("they are in a sequence")
            ),
            Operator("any_not", gettext_lazy("is in none"), clause=gettext_lazy("they are in no sequence")),
        )

    def rows(self, operator: str, value: Any, now: datetime) -> QuerySet[Any]:
        if operator == "any":
            return Enrollment.objects.filter(ended_at=None)
        runs = Enrollment.objects.filter(sequence_id=int(value))
        if operator == "in":
            return runs.filter(ended_at=None)
        return runs.filter(end_reason=Enrollment.EndReason.COMPLETED) if operator == "through" else runs

    def has(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        runs: list[Enrollment] = person["nurturing"].runs
        if operator == "any":
            return any(run.ended_at is None for run in runs)
        mine = [run for run in runs if run.sequence_id == int(value)]
        if operator == "in":
            return any(run.ended_at is None for run in mine)
        if operator == "through":
            return any(run.end_reason == Enrollment.EndReason.COMPLETED for run in mine)
        return bool(mine)

    def own(self, person: Person, now: datetime) -> str:
        runs = sorted(person["nurturing"].runs, key=lambda run: run.entered_at)
        if not runs:
            return _("in no sequence so far")
        names = dict(sequences())
        said = [
            _("%(name)s: in it") % {"name": names[str(run.sequence_id)]}
            if run.ended_at is None
            else f"{names[str(run.sequence_id)]}: {run.get_end_reason_display()}"
            for run in runs
        ]
        return ", ".join(said)
