"""People whose data came from a list and who were not told yet where from (GDPR 14): a month, or the first mail."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from contacts.models import Contact
from contacts.queries import gate

WITHIN = timedelta(days=30)
SOON = timedelta(days=7)
PAGE = 50


@dataclass(frozen=True, slots=True)
class Counts:
    """How many are overdue, and how many will be within a week."""

    overdue: int
    soon: int


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody who is due, and whether the notice may go to them."""

    contact: Contact
    due: datetime
    is_late: bool
    verdict: gate.Verdict


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the list by number; `next` is the number after which the next one begins."""

    rows: list[Row]
    next: str
    total: int


def untold() -> QuerySet[Contact]:
    """Everybody whom nobody told yet."""
    return Contact.objects.present().filter(obtained=Contact.Obtained.LIST, informed_at=None)


def overdue(*, now: datetime) -> QuerySet[Contact]:
    """Those whose month is over."""
    return untold().filter(created_at__lt=now - WITHIN)


def due(*, now: datetime) -> QuerySet[Contact]:
    """Those whose month is over, or ends within a week: still in time."""
    return untold().filter(created_at__lt=now - WITHIN + SOON)


def counts(*, now: datetime) -> Counts:
    """For the privacy page."""
    late = overdue(now=now).count()
    return Counts(overdue=late, soon=due(now=now).count() - late)


def page(*, now: datetime, after: int = 0, size: int = PAGE) -> Page:
    """The overdue and those of the coming week, with the gate's answer to a notice."""
    all_due = due(now=now)
    rows = list(all_due.filter(pk__gt=after).select_related("company").order_by("pk")[: size + 1])
    shown = rows[:size]
    verdicts = gate.verdicts([one.pk for one in shown], purpose=gate.NOTICE)
    ends = [(one, one.created_at + WITHIN) for one in shown]
    return Page(
        rows=[Row(one, end, end < now, verdicts[one.pk]) for one, end in ends],
        next=str(shown[-1].pk) if len(rows) > size else "",
        total=all_due.count(),
    )
