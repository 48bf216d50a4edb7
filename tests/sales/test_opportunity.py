"""A deal from its first meeting to its end."""

from datetime import date, timedelta

import pytest

from nurturing.models import Reminder, SalesHold, Standing
from sales.models import Opportunity, Stage, StageMove
from sales.services import claim, opportunity, outcome


@pytest.fixture
def deal(anna, sam, now):
    outcome.record(contact_id=anna.pk, by=sam, outcome="meeting", now=now)
    return Opportunity.objects.get()


def stage_id(name):
    return Stage.objects.get(name=name).pk


def test_it_opens_with_its_first_move_and_keeps_the_silo_quiet(deal, anna, sam, now):
    assert (deal.title, deal.owner, deal.revision) == ("Fjordmek AS", sam, 0)
    assert list(deal.moves.values_list("from_stage__name", "to_stage__name", "at")) == [
        (None, "Meeting", now)
    ]
    assert SalesHold.objects.get(kind="opportunity", reference=deal.pk).ended_at is None
    assert Standing.objects.get(pk=anna.pk).state == "with_sales"


def test_each_move_is_a_row(deal, sam, tess, now):
    later = now + timedelta(days=3)
    opportunity.move(opportunity_id=deal.pk, stage_id=stage_id("Offer sent"), revision=0, by=tess, now=later)
    last = StageMove.objects.order_by("pk").last()
    assert (last.from_stage.name, last.to_stage.name, last.at, last.by) == (
        "Meeting",
        "Offer sent",
        later,
        tess,
    )


def test_moving_to_where_it_is_writes_nothing(deal, sam, now):
    opportunity.move(opportunity_id=deal.pk, stage_id=deal.stage_id, revision=0, by=sam, now=now)
    assert deal.moves.count() == 1


@pytest.mark.parametrize("name", ["Won", "Lost"])
def test_won_and_lost_are_no_stages_to_move_to(deal, sam, now, name):
    with pytest.raises(opportunity.NotAStage):
        opportunity.move(opportunity_id=deal.pk, stage_id=stage_id(name), revision=0, by=sam, now=now)


def change(deal, who, now, **said):
    told = {
        "title": deal.title, "value": None, "currency": "SEK", "next_step": "", "next_step_on": None, "owner_id": who.pk,
    } | said  # fmt: skip
    return opportunity.change(opportunity_id=deal.pk, revision=deal.revision, by=who, now=now, **told)


def test_two_people_do_not_overwrite_each_other(deal, sam, tess, now):
    change(deal, sam, now, next_step="Send the offer")
    with pytest.raises(opportunity.Stale):
        change(deal, tess, now, next_step="Wait")
    assert Opportunity.objects.get().next_step == "Send the offer"


def test_lost_is_back_in_the_silo_with_a_date(deal, anna, sam, now):
    opportunity.lose(
        opportunity_id=deal.pk, revision=0, by=sam, now=now, because="no budget", until=date(2027, 3, 2)
    )
    deal.refresh_from_db()
    reminder = Reminder.objects.get(contact=anna)
    assert (deal.stage.name, deal.closed_at, deal.close_reason) == ("Lost", now, "no budget")
    assert (reminder.kind, reminder.because, reminder.by) == ("ripe", "no budget", sam)
    assert Standing.objects.get(pk=anna.pk).state == "nurtured"


def test_opening_a_lost_one_again_forgets_the_date(deal, anna, sam, now):
    opportunity.lose(opportunity_id=deal.pk, revision=0, by=sam, now=now, until=date(2027, 3, 2))
    opportunity.reopen(opportunity_id=deal.pk, by=sam, now=now + timedelta(minutes=1))
    deal.refresh_from_db()
    assert (deal.stage.name, deal.closed_at, deal.moves.count()) == ("Meeting", None, 1)
    assert not Reminder.objects.filter(done_at=None).exists()
    assert Standing.objects.get(pk=anna.pk).state == "with_sales"


def test_a_closed_one_is_not_changed_any_more(deal, sam, now):
    opportunity.lose(opportunity_id=deal.pk, revision=0, by=sam, now=now)
    deal.refresh_from_db()
    with pytest.raises(opportunity.Closed):
        change(deal, sam, now, next_step="Try again")


def test_nobody_loses_a_deal_under_a_colleagues_call(deal, anna, sam, tess, now):
    claim.take(contact_id=anna.pk, by=tess, now=now)
    with pytest.raises(claim.Taken):
        opportunity.lose(opportunity_id=deal.pk, revision=0, by=sam, now=now)
    assert Opportunity.objects.get().closed_at is None
