"""The conditions on where people stand, and whether sales was asked to look."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from contacts import spoken
from contacts.segments import kinds
from contacts.segments.facts import Person
from contacts.segments.inputs import Choice, Days, Option
from contacts.segments.kinds import Kind, Members, Operator
from nurturing.conditions.rows import RowsKind, since
from nurturing.models import Handoff, Standing


class StandingKind(Kind):
    """Where a person stands."""

    name = "standing"
    label = gettext_lazy("standing")
    section = kinds.SILO

    def __init__(self) -> None:
        self.blank = Choice(label=self.label, offered=states)
        self.operators = (
            Operator("is", gettext_lazy("is"), (self.blank,)),
            Operator("is_not", gettext_lazy("is not"), (self.blank,)),
        )

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        found = Q(Exists(Standing.objects.filter(contact=OuterRef("pk"), state=value)))
        return found if operator == "is" else ~found

    def members(self, operator: str, value: Any, now: datetime) -> Members:
        """Nearly everybody is nurtured: the few who are not stand in the index."""
        if value == Standing.State.NURTURED:
            return Members(Standing.objects.exclude(state=value), inside=operator != "is", once=True)
        return Members(Standing.objects.filter(state=value), inside=operator == "is", once=True)

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        return bool(person["nurturing"].state == value) == (operator == "is")

    def own(self, person: Person, now: datetime) -> str:
        return self.blank.said(person["nurturing"].state)


def states() -> list[Option]:
    """The standings by their names."""
    return [(state, Standing.words(state)) for state in Standing.State.values]


class HandoffKind(RowsKind):
    """Whether sales was asked to look at a person."""

    name = "handoff"
    label = pgettext_lazy("segment", "hand-off")
    section = kinds.SILO
    operators = (
        Operator("open", gettext_lazy("is open"), clause=gettext_lazy("they wait in the queue of sales")),
        Operator(
            "open_not",
            gettext_lazy("is not open"),
            clause=gettext_lazy("they do not wait in the queue of sales"),
        ),
        Operator(
            "within",
            gettext_lazy("opened within the last"),
            (Days(),),
            gettext_lazy("they were handed to sales in the last %(days)s"),
        ),
        Operator(
            "within_not",
            gettext_lazy("not opened within the last"),
            (Days(),),
            gettext_lazy("they were not handed to sales in the last %(days)s"),
        ),
        Operator("ever_not", gettext_lazy("never"), clause=gettext_lazy("they were never handed to sales")),
    )

    def rows(self, operator: str, value: Any, now: datetime) -> QuerySet[Any]:
        if operator == "open":
            return Handoff.objects.open()
        rows = Handoff.objects.all()
        return rows.filter(opened_at__gte=since(value, now)) if operator == "within" else rows

    def has(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        rows: list[Handoff] = person["nurturing"].handoffs
        if operator == "open":
            return any(one.closed_at is None for one in rows)
        return any(operator == "ever" or one.opened_at >= since(value, now) for one in rows)

    def own(self, person: Person, now: datetime) -> str:
        moments = [one.opened_at for one in person["nurturing"].handoffs]
        return _("last %(day)s") % {"day": spoken.day(max(moments), now=now)} if moments else _("never")
