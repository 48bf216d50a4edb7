"""The pipeline's pages: a stale page, a forged stage, a win, a recommendation."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts import clock
from sales.models import Call, Opportunity, Stage
from sales.services import outcome
from tests import cast
from tests.sales import stage


@pytest.fixture(autouse=True)
def _standing_still(now):
    with clock.at(now):
        yield


@pytest.fixture
def hot_anna(anna, now):
    stage.make_hot(anna, now)
    return anna


@pytest.fixture
def deal(anna, sam, now):
    outcome.record(contact_id=anna.pk, by=sam, outcome="meeting", now=now)
    return Opportunity.objects.get()


def page(user, address="/today/", **headers):
    answer = cast.client_of(user).get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_stale_page_overwrites_nothing_and_shows_what_is(deal, sam, tess):
    fresh = {"title": "Pilot", "currency": "SEK", "owner": tess.pk, "revision": 0}
    assert cast.client_of(tess).post(f"/pipeline/{deal.pk}/change/", fresh).status_code == 302
    answer = cast.client_of(sam).post(f"/pipeline/{deal.pk}/change/", fresh | {"title": "Mine"})
    assert answer.status_code == 409
    assert "A colleague changed this a moment ago" in answer.content.decode()
    assert 'value="Pilot"' in answer.content.decode()
    assert Opportunity.objects.get().title == "Pilot"


def test_won_and_lost_cannot_be_reached_by_a_forged_stage(deal, sam):
    won = Stage.objects.get(name="Won").pk
    answer = cast.client_of(sam).post(f"/pipeline/{deal.pk}/move/", {"stage": won, "revision": 0})
    assert answer.status_code == 409
    assert Opportunity.objects.get().closed_at is None


@pytest.mark.parametrize("value", ["-1", "many", "1" * 20])
def test_a_value_that_is_none_is_refused_in_words(value, deal, sam):
    data = {"title": "Pilot", "value": value, "currency": "SEK", "owner": sam.pk, "revision": 0}
    assert cast.client_of(sam).post(f"/pipeline/{deal.pk}/change/", data).status_code == 422


def test_questions_stand_where_a_deal_is_stuck(deal, sam, now):
    with clock.at(now + timedelta(days=20)):
        assert "Is this really a lead?" not in page(sam, "/pipeline/")
    with clock.at(now + timedelta(days=22)):
        assert "Is this really a lead?" in page(sam, "/pipeline/")


def test_three_forms_on_one_page_share_no_id_so_that_each_label_finds_its_own_field(deal, sam):
    ids = re.findall(r'\bid="([^"]+)"', page(sam, f"/pipeline/{deal.pk}/"))
    assert "won_value" in ids and "lost_until" in ids
    assert len(ids) == len(set(ids))


def test_a_win_leads_to_the_question_who_else(deal, sam):
    answer = cast.client_of(sam).post(
        f"/pipeline/{deal.pk}/won/", {"revision": 0, "currency": "SEK"}, follow=True
    )
    text = answer.content.decode()
    assert "Won. Anna Lind is a customer now." in text
    assert "Who else might need us?" in text
    assert f'action="/calls/{Call.objects.last().pk}/undo/"' in text


def test_a_person_who_is_here_already_is_linked_not_made_twice(anna, dana, sam):
    answer = cast.client_of(sam).post(f"/referrals/{anna.pk}/", {"email": dana.email})
    assert answer.status_code == 422
    assert dana.get_absolute_url() in answer.content.decode()


def test_somebody_without_a_way_to_reach_them_is_refused_in_words(anna, sam):
    answer = cast.client_of(sam).post(f"/referrals/{anna.pk}/", {"first_name": "Kari"})
    assert answer.status_code == 422
    assert "Give an address or a phone number" in answer.content.decode()


def statements(client, address):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_the_pipeline_costs_the_same_for_one_and_three(sam, now):
    client, counts = cast.client_of(sam), []
    for number in range(3):
        person = cast.contact("Anna", f"Lind {number}")
        outcome.record(contact_id=person.pk, by=sam, outcome="meeting", now=now)
        counts.append(statements(client, "/pipeline/"))
    assert counts[0] == counts[2], counts
    assert counts[2] <= 9
