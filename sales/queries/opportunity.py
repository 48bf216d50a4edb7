"""The pipeline: who is at which stage, since when, and what it is worth."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery

from contacts.models import Contact
from sales.models import Opportunity, Purchase, Stage, StageMove

STUCK_AFTER = timedelta(days=21)
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity with the moment since when it is where it is."""

    opportunity: Opportunity
    since: datetime
    is_stuck: bool


@dataclass(frozen=True, slots=True)
class StageOf:
    """A stage with its deals; totals per currency, for adding crowns of two countries would be a lie."""

    stage: Stage
    deals: list[Deal]
    totals: list[tuple[str, Decimal]]

    @property
    def questions(self) -> list[str]:
        return self.stage.questions.splitlines() if any(deal.is_stuck for deal in self.deals) else []


def pipeline(*, now: datetime, owner_id: int | None = None) -> list[StageOf]:
    """The open stages in order, each with its deals, the longest there first. Two statements."""
    rows = _with_since(Opportunity.objects.filter(closed_at=None))
    if owner_id is not None:
        rows = rows.filter(owner_id=owner_id)
    found: dict[int, list[Deal]] = {}
    for row in rows.select_related("contact__company", "owner").order_by("since", "pk"):
        found.setdefault(row.stage_id, []).append(_deal(row, now))
    return [
        StageOf(stage, found.get(stage.pk, []), _totals(found.get(stage.pk, [])))
        for stage in Stage.objects.filter(kind=Stage.Kind.OPEN).order_by("position")
    ]


def closed(*, kind: str) -> list[Opportunity]:
    """The last that were won, or lost."""
    rows = Opportunity.objects.filter(stage__kind=kind, closed_at__isnull=False)
    return list(
        rows.select_related("contact", "stage", "owner", "purchase").order_by("-closed_at", "-pk")[:20]
    )


def one(opportunity_id: int, *, now: datetime) -> Deal:
    """Raises Opportunity.DoesNotExist."""
    rows = _with_since(Opportunity.objects.all())
    return _deal(
        rows.select_related("contact__company", "stage", "owner", "company").get(pk=opportunity_id), now
    )


def moves(opportunity_id: int) -> list[StageMove]:
    """Every move, newest first."""
    rows = StageMove.objects.filter(opportunity_id=opportunity_id).select_related("to_stage", "by")
    return list(rows.order_by("-at", "-pk"))


def _with_since(rows: QuerySet[Opportunity]) -> Any:
    last = StageMove.objects.filter(opportunity=OuterRef("pk")).values("opportunity").annotate(last=Max("at"))
    return rows.annotate(since=Subquery(last.values("last")))


def _deal(row: Any, now: datetime) -> Deal:
    since = row.since or row.opened_at
    return Deal(row, since, is_stuck=row.closed_at is None and now - since > STUCK_AFTER)


def _totals(deals: list[Deal]) -> list[tuple[str, Decimal]]:
    totals: Counter[str] = Counter()
    for deal in deals:
        if deal.opportunity.value is not None:
            totals[deal.opportunity.currency] += deal.opportunity.value  # type: ignore[assignment]
    return [(currency, Decimal(total)) for currency, total in sorted(totals.items())]


def dealt_with(before: datetime) -> QuerySet[Contact]:
    """People with a deal, open or ended, or a purchase: no retention rule erases them."""
    deals = Opportunity.objects.values("contact")
    purchases = Purchase.objects.filter(undone_at=None).values("contact")
    return Contact.objects.filter(Q(pk__in=deals) | Q(pk__in=purchases))
