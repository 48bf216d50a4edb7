"""The conditions that this room adds to segments: opportunities, calls, purchases."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import spoken
from contacts.segments import kinds
from contacts.segments.facts import Person
from contacts.segments.inputs import Choice, Days, Option
from contacts.segments.kinds import Kind, Operator
from nurturing.conditions.rows import RowsKind
from sales.models import Call, Opportunity, Purchase, Stage


@dataclass(slots=True)
class Dealings:
    """What sales knows about one person."""

    opportunities: list[Opportunity] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    purchases: list[Purchase] = field(default_factory=list)


def load(contact_ids: Collection[int], now: datetime) -> dict[int, Dealings]:
    """The dealings with a few people, in three statements."""
    found: dict[int, Dealings] = defaultdict(Dealings)
    for deal in Opportunity.objects.select_related("stage").filter(contact__in=contact_ids):
        found[deal.contact_id].opportunities.append(deal)
    for call in Call.objects.standing().filter(contact__in=contact_ids).order_by("at", "pk"):
        found[call.contact_id].calls.append(call)
    for purchase in bought().filter(contact__in=contact_ids):
        found[purchase.contact_id].purchases.append(purchase)
    return {pk: found[pk] for pk in contact_ids}


def bought() -> QuerySet[Purchase]:
    """Purchases that were not taken back."""
    return Purchase.objects.filter(undone_at=None)


def stages() -> list[Option]:
    """The stages of the pipeline."""
    return [(str(pk), name) for pk, name in Stage.objects.values_list("pk", "name")]


class OpportunityKind(RowsKind):
    """What may be sold to a person."""

    name = "opportunity"
    label = gettext_lazy("opportunity")
    section = kinds.SALES

    def __init__(self) -> None:
        blank = Choice(
            name="stage",
            label=gettext_lazy("stage"),
            offered=stages,
            lost=gettext_lazy("This stage is no longer there."),
        )
        self.operators = (
            Operator("open", gettext_lazy("is open"), clause=gettext_lazy("they have an open opportunity")),
            Operator(
                "open_not", gettext_lazy("is not open"), clause=gettext_lazy("they have no open opportunity")
            ),
            Operator(
                "stage",
                gettext_lazy("stands at"),
                (blank,),
                gettext_lazy("they have an opportunity at the stage %(stage)s"),
            ),
            Operator(
                "stage_not",
                gettext_lazy("does not stand at"),
                (blank,),
                gettext_lazy("they have no opportunity at the stage %(stage)s"),
            ),
            Operator(
                "ever_not",
                gettext_lazy("was never there"),
                clause=gettext_lazy("they never had an opportunity"),
            ),
        )

    def rows(self, operator: str, value: Any, now: datetime) -> QuerySet[Any]:
        if operator == "open":
            return Opportunity.objects.filter(closed_at=None)
        return (
            Opportunity.objects.filter(stage_id=int(value))
            if operator == "stage"
            else Opportunity.objects.all()
        )

    def has(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        deals: list[Opportunity] = person["sales"].opportunities
        if operator == "open":
            return any(deal.closed_at is None for deal in deals)
        return any(operator == "ever" or deal.stage_id == int(value) for deal in deals)

    def own(self, person: Person, now: datetime) -> str:
        return ", ".join(str(deal.stage) for deal in person["sales"].opportunities) or _("no opportunity")


class CallKind(RowsKind):
    """The calls with a person; one that was taken back is none."""

    name = "call"
    label = gettext_lazy("call")
    section = kinds.SALES

    def __init__(self) -> None:
        blank = Choice(name="outcome", label=gettext_lazy("outcome"), offered=lambda: Call.Outcome.choices)
        self.operators = (
            Operator(
                "last",
                gettext_lazy("the last one ended with"),
                (blank,),
                gettext_lazy("their last call ended with “%(outcome)s”"),
            ),
            Operator(
                "last_not",
                gettext_lazy("the last one did not end with"),
                (blank,),
                gettext_lazy("their last call did not end with “%(outcome)s”"),
            ),
            Operator(
                "within",
                gettext_lazy("within the last"),
                (Days(),),
                gettext_lazy("they were called in the last %(days)s"),
            ),
            Operator(
                "within_not",
                gettext_lazy("not within the last"),
                (Days(),),
                gettext_lazy("they were not called in the last %(days)s"),
            ),
            Operator("ever_not", gettext_lazy("never"), clause=gettext_lazy("they were never called")),
        )

    def rows(self, operator: str, value: Any, now: datetime) -> QuerySet[Any]:
        calls = Call.objects.standing()
        if operator == "last":
            later = calls.filter(contact=OuterRef("contact")).filter(
                Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk"))
            )
            return calls.filter(~Exists(later), outcome=value)
        return calls.filter(at__gte=now - timedelta(days=value)) if operator == "within" else calls

    def has(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        calls: list[Call] = person["sales"].calls
        if operator == "last":
            return bool(calls) and calls[-1].outcome == value
        return any(operator == "ever" or call.at >= now - timedelta(days=value) for call in calls)

    def own(self, person: Person, now: datetime) -> str:
        calls = person["sales"].calls
        if not calls:
            return _("no call yet")
        return f"{calls[-1].get_outcome_display()}, {spoken.day(calls[-1].at, now=now)}"


class CustomerKind(RowsKind):
    """Whether a person has bought."""

    name = "customer"
    label = gettext_lazy("customer")
    section = kinds.SALES
    operators = (
        Operator("bought", gettext_lazy("has bought"), clause=gettext_lazy("they are customers")),
        Operator("bought_not", gettext_lazy("has not bought"), clause=gettext_lazy("they are no customers")),
        Operator(
            "within",
            gettext_lazy("bought within the last"),
            (Days(),),
            gettext_lazy("they bought in the last %(days)s"),
        ),
        Operator(
            "within_not",
            gettext_lazy("did not buy within the last"),
            (Days(),),
            gettext_lazy("they bought nothing in the last %(days)s"),
        ),
    )

    def rows(self, operator: str, value: Any, now: datetime) -> QuerySet[Any]:
        return bought().filter(at__gte=now - timedelta(days=value)) if operator == "within" else bought()

    def has(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        return any(
            operator == "bought" or one.at >= now - timedelta(days=value) for one in person["sales"].purchases
        )

    def own(self, person: Person, now: datetime) -> str:
        moments = [one.at for one in person["sales"].purchases]
        return (
            _("bought %(day)s") % {"day": spoken.day(max(moments), now=now)}
            if moments
            else _("has not bought")
        )


def all_of_them() -> list[Kind]:
    """What this room adds."""
    return [OpportunityKind(), CallKind(), CustomerKind()]
