"""A company's page: its people, how warm they are together and why, its deals, and what happened lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from contacts.models import Company, Contact, LegalGround, Merge
from contacts.queries import company as companies
from contacts.queries import gate, merge
from nurturing.models import EngagementEvent
from nurturing.queries import receipts, warmth
from sales.models import Call, Opportunity, Purchase

PEOPLE = 50
LATEST = 20


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works there: how warm, and whether we may write."""

    contact: Contact
    degrees: float | None
    gate: gate.Verdict
    ground: LegalGround | None


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that one of its people did, or that was said with them."""

    at: datetime
    contact: Contact
    what: str
    kind: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A receipt with whose it is."""

    contact: Contact
    receipt: receipts.Receipt


@dataclass(frozen=True, slots=True)
class Whole:
    """The company as its page shows it."""

    warmth: warmth.Warmth | None
    reasons: Sequence[Reason]
    people: Sequence[Member]
    total: int
    next_page: int | None
    opportunities: Sequence[Opportunity]
    purchases: Sequence[Purchase]
    latest: Sequence[Happening]
    alike: Sequence[Company]
    merged: Merge | None


def of(company: Company, *, page: int, now: datetime) -> Whole:
    """Everything, in a fixed number of questions whatever the number of people."""
    rows = Contact.objects.present().filter(company=company)
    ordered = rows.select_related("standing").order_by(
        F("standing__heat").desc(nulls_last=True), "last_name", "pk"
    )
    found = list(ordered[page * PEOPLE : (page + 1) * PEOPLE + 1])
    shown, ids = found[:PEOPLE], [one.pk for one in found[:PEOPLE]]
    mail, _phone = gate.mail_and_phone(ids)
    grounds = {
        row.contact_id: row for row in LegalGround.objects.filter(contact_id__in=ids, purpose="marketing")
    }
    degrees = receipts.degrees_of(ids, now=now)
    by_id = {one.pk: one for one in shown}
    deals = Opportunity.objects.filter(contact__company=company).select_related("contact", "stage", "owner")
    bought = Purchase.objects.filter(contact__company=company, undone_at=None).select_related("contact")
    return Whole(
        warmth=warmth.of([company.pk], now=now).get(company.pk),
        reasons=[Reason(by_id[pk], line) for pk, line in warmth.why(ids, now=now)],
        people=[
            Member(
                one,
                degrees[one.pk] if one.standing.heat is not None else None,
                mail[one.pk],
                grounds.get(one.pk),
            )
            for one in shown
        ],
        total=rows.count(),
        next_page=page + 1 if len(found) > PEOPLE else None,
        opportunities=list(deals.filter(closed_at=None).order_by("-opened_at")[:20]),
        purchases=list(bought.order_by("-at")[:10]),
        latest=_latest(by_id),
        alike=companies.alike(company),
        merged=merge.undoable(company.pk, Merge.Noun.COMPANY),
    )


def _latest(people: dict[int, Contact]) -> list[Happening]:
    """What people did and what was said with them, newest first, over the people on the page."""
    events = EngagementEvent.objects.filter(contact_id__in=people, human__gte=0.5).exclude(type="delivered")
    calls = Call.objects.filter(contact_id__in=people, undone_at=None)
    found = [
        *(
            Happening(event.at, people[event.contact_id], receipts.words(event), "human")
            for event in events.order_by("-at")[:LATEST]
        ),
        *(
            Happening(call.at, people[call.contact_id], call.get_outcome_display(), "sales")
            for call in calls.order_by("-at")[:LATEST]
        ),
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)[:LATEST]


@dataclass(frozen=True, slots=True)
class Line:
    """A company in the list."""

    company: Company
    people: int
    warmth: warmth.Warmth | None


def lines(found: Sequence[Company], *, now: datetime) -> list[Line]:
    """The companies of one page with their people and their warmth: two questions for any number."""
    ids = [one.pk for one in found]
    counted, warm = companies.people_count(ids), warmth.of(ids, now=now)
    return [Line(one, counted.get(one.pk, 0), warm.get(one.pk)) for one in found]


def warmest(*, now: datetime) -> list[Company]:
    """The fifty warmest, the warmest first."""
    ids = warmth.warmest(now=now, most=companies.PAGE)
    found = Company.objects.in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]
