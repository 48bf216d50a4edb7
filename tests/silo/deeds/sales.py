"""What salespeople do: calls and their outcomes, claims, deals."""

from collections.abc import Callable
from datetime import date, timedelta

from contacts.services import suppression
from nurturing.services import standing, tick
from sales.models import Opportunity
from sales.services import claim, opportunity, outcome, referral
from tests.sales import stage
from tests.silo.deeds.scene import Scene, assert_well


def call(result: str, who: str = "anna", **more: object) -> Callable[[Scene], None]:
    def act(s: Scene) -> None:
        outcome.record(contact_id=getattr(s, who).pk, by=s.sam, outcome=result, now=s.now, **more)  # type: ignore[arg-type]

    act.__name__ = f"{who}_call_{result}"
    return act


def call_undone(result: str, who: str = "anna", **more: object) -> Callable[[Scene], None]:
    def act(s: Scene) -> None:
        person = getattr(s, who)
        standing.recompute([person.pk], now=s.now)
        before = stage.picture(person)
        made = outcome.record(contact_id=person.pk, by=s.sam, outcome=result, now=s.now, **more)  # type: ignore[arg-type]
        assert_well(s.now)
        outcome.undo(call_id=made.pk, by=s.sam, now=s.now)
        assert stage.picture(person) == before

    act.__name__ = f"{who}_call_{result}_undone"
    return act


def claimed(s: Scene) -> None:
    claim.take(contact_id=s.anna.pk, by=s.sam, now=s.now)


def claimed_and_back(s: Scene) -> None:
    claim.take(contact_id=s.anna.pk, by=s.sam, now=s.now)
    claim.release(contact_id=s.anna.pk, by=s.sam, now=s.now)


def claim_ran_out_before_the_sales_clock(s: Scene) -> None:
    """Between the tick and the round of claims the doctor does not cry."""
    claim.take(contact_id=s.anna.pk, by=s.sam, now=s.now - timedelta(minutes=31))
    tick.tick(now=s.now)


def claimed_and_stopped(s: Scene) -> None:
    claim.take(contact_id=s.anna.pk, by=s.sam, now=s.now)
    suppression.stop_person(contact_id=s.anna.pk, channel="phone", source="test", by=s.sam, now=s.now)


def deal(s: Scene) -> Opportunity:
    outcome.record(contact_id=s.anna.pk, by=s.sam, outcome="meeting", now=s.now)
    return Opportunity.objects.get(contact=s.anna)


def deal_moved(s: Scene) -> None:
    made = deal(s)
    other = type(made.stage).objects.filter(kind="open").exclude(pk=made.stage_id)[0]
    opportunity.move(opportunity_id=made.pk, stage_id=other.pk, revision=made.revision, by=s.sam, now=s.now)


def deal_lost_and_reopened(s: Scene) -> None:
    made = deal(s)
    lost = opportunity.lose(
        opportunity_id=made.pk,
        revision=made.revision,
        by=s.sam,
        now=s.now,
        because="price",
        until=date(2027, 3, 1),
    )
    assert_well(s.now)
    opportunity.reopen(opportunity_id=lost.pk, by=s.sam, now=s.now)


def deal_of_somebody_who_stops(s: Scene) -> None:
    deal(s)
    suppression.stop_person(contact_id=s.anna.pk, channel="all", source="test", by=s.sam, now=s.now)


def recommended(s: Scene) -> None:
    outcome.record(contact_id=s.anna.pk, by=s.sam, outcome="bought", now=s.now)
    referral.bring(
        asked_id=s.anna.pk, by=s.sam, now=s.now, first_name="Ny", phone="+4755010277", colleague=True
    )
