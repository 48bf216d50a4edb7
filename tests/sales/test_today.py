"""Today as a salesperson meets it: what the page says, asks, refuses and costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts import clock
from nurturing.models import Handoff, Standing
from sales.models import Call, Opportunity
from sales.services import claim, outcome
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


def test_the_card_says_who_why_and_how_to_reach_them(hot_anna, sam):
    text = page(sam)
    for words in ("Anna Lind", "Innkjøpssjef", "Fjordmek AS", "tel:+4755010203", "Piece 0", "In line"):
        assert words in text


def test_a_marketer_sees_the_queue_and_no_button(hot_anna, mira):
    text = page(mira)
    assert "Anna Lind" in text
    assert "/outcome/" not in text
    assert "/claim/" not in text


def test_tess_sees_with_whom_anna_is_and_cannot_act(hot_anna, sam, tess, now):
    claim.take(contact_id=hot_anna.pk, by=sam, now=now)
    text = page(tess, f"/today/?who={hot_anna.pk}")
    assert "with Sam until" in text
    assert "/outcome/" not in text


def test_tess_gets_the_next_one_while_sam_has_anna(hot_anna, sam, tess, now):
    per = cast.contact("Per", "Lie")
    stage.make_hot(per, now, clicks=5)
    claim.take(contact_id=hot_anna.pk, by=sam, now=now)
    assert '<h1 id="who">Per Lie</h1>' in page(tess)
    assert '<h1 id="who">Anna Lind</h1>' in page(sam)


def test_an_empty_queue_says_the_one_thing_to_do(sam):
    text = page(sam)
    assert "Nobody waits for a call." in text
    assert 'href="/pipeline/"' in text


@pytest.mark.parametrize("address", ["/today/?who=0", "/today/?who=99999999999999999999"])
def test_nobody_by_that_number_is_not_found(address, sam):
    assert cast.client_of(sam).get(address).status_code == 404


@pytest.mark.parametrize("address", ["/today/?who=x&lane=y&after=z", "/today/?after=9", "/today/?lane=%00"])
def test_a_mangled_address_shows_the_queue(address, hot_anna, sam):
    assert "Anna Lind" in page(sam, address)


def test_the_line_under_the_card_says_when_we_call_again_and_offers_undo(hot_anna, sam):
    client = cast.client_of(sam)
    data = {"outcome": "not_now", "until": "2027-03-02", "handoff": Handoff.objects.get().pk}
    answer = client.post(f"/today/{hot_anna.pk}/outcome/", data, follow=True)
    text = " ".join(answer.content.decode().split())
    assert "<b>Anna Lind</b> is back in the silo. We call again Tuesday 2 March." in text
    assert f"/calls/{Call.objects.get().pk}/undo/" in text
    text = client.post(f"/calls/{Call.objects.get().pk}/undo/", follow=True).content.decode()
    assert "Taken back. Anna Lind is where they were before." in text
    assert '<h1 id="who">Anna Lind</h1>' in text


def test_nobody_sees_the_undo_of_a_colleagues_call(anna, sam, tess, now):
    call = outcome.record(contact_id=anna.pk, by=sam, outcome="no_answer", now=now)
    assert "did not answer" not in page(tess, f"/today/?after={call.pk}")
    answer = cast.client_of(tess).post(f"/calls/{call.pk}/undo/")
    assert answer.status_code == 409
    assert "Sam wrote this. Only they or an admin can take it back." in answer.content.decode()


def test_an_admin_takes_back_for_anybody(anna, sam, ada, now):
    call = outcome.record(contact_id=anna.pk, by=sam, outcome="no_answer", now=now)
    assert cast.client_of(ada).post(f"/calls/{call.pk}/undo/").status_code == 302


@pytest.mark.parametrize(
    ("pressed", "offered"),
    [
        ("not_now", "After summer"),
        ("follow_up", "Next week"),
        ("not_hot", "Only curious"),
        ("more", "Bought"),
    ],
)
def test_an_outcome_that_needs_more_asks_for_it_and_keeps_the_note(pressed, offered, hot_anna, sam):
    answer = cast.client_of(sam).post(
        f"/today/{hot_anna.pk}/outcome/", {"outcome": pressed, "note": "said <b>later</b>"}
    )
    text = answer.content.decode()
    assert answer.status_code == 200
    assert offered in text
    assert "said &lt;b&gt;later&lt;/b&gt;" in text
    assert not Call.objects.exists()


@pytest.mark.parametrize("day", ["1970-01-01", "2026-11-17", "2099-01-01", "soon"])
def test_a_day_on_which_nobody_can_be_called_is_refused_in_words(day, hot_anna, sam):
    answer = cast.client_of(sam).post(f"/today/{hot_anna.pk}/outcome/", {"outcome": "not_now", "day": day})
    assert answer.status_code == 422
    assert "Choose a day" in answer.content.decode() or "Enter a valid date" in answer.content.decode()
    assert not Call.objects.exists()


@pytest.mark.parametrize("data", [{}, {"outcome": "fired"}, {"outcome": "meeting", "handoff": "x"}])
def test_a_forged_outcome_is_refused(data, hot_anna, sam):
    assert cast.client_of(sam).post(f"/today/{hot_anna.pk}/outcome/", data).status_code == 422
    assert not Call.objects.exists()


def test_a_note_of_ten_thousand_and_one_characters_is_refused_and_kept_on_the_page(hot_anna, sam):
    note = "å" * 10_001
    answer = cast.client_of(sam).post(f"/today/{hot_anna.pk}/outcome/", {"outcome": "meeting", "note": note})
    assert answer.status_code == 422
    assert note in answer.content.decode()
    assert "10000" in answer.content.decode()
    assert not Call.objects.exists()


def test_html_in_a_note_is_words_wherever_it_comes_back(hot_anna, sam, now):
    note = "<script>alert(1)</script>" + "x" * 9_000
    client = cast.client_of(sam)
    client.post(f"/today/{hot_anna.pk}/outcome/", {"outcome": "no_answer", "note": note})
    text = page(sam, f"/today/?who={hot_anna.pk}")
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_the_second_press_of_the_same_button_writes_nothing_twice(hot_anna, sam):
    client, data = cast.client_of(sam), {"outcome": "no_answer", "handoff": Handoff.objects.get().pk}
    client.post(f"/today/{hot_anna.pk}/outcome/", data)
    answer = client.post(f"/today/{hot_anna.pk}/outcome/", data)
    assert answer.status_code == 409
    assert "Nothing was written twice" in answer.content.decode()
    assert Call.objects.count() == 1


def test_htmx_gets_the_work_without_the_frame_and_the_address_to_show(hot_anna, sam):
    answer = cast.client_of(sam).get("/today/", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert text.lstrip().startswith('<div id="today"')
    assert "<html" not in text
    assert answer["HX-Replace-Url"] == f"/today/?who={hot_anna.pk}"


def test_has_left_the_company_is_one_press(hot_anna, sam):
    cast.client_of(sam).post(f"/today/{hot_anna.pk}/outcome/", {"outcome": "left"})
    call = Call.objects.get()
    assert (call.outcome, call.because) == ("wrong_person", "left")
    assert Standing.objects.get(pk=hot_anna.pk).state == "stopped"


def statements(client, address):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_the_queue_costs_the_same_for_one_and_three(sam, now):
    client, counts = cast.client_of(sam), []
    for number in range(3):
        person = cast.contact("Anna", f"Lind {number}", phone=f"+475501020{number}")
        stage.make_hot(person, now)
        stage.make_waiting(person, now, "replied", "and what does it cost?")
        outcome_of = cast.contact("Olav", f"Dahl {number}")
        outcome.record(contact_id=outcome_of.pk, by=sam, outcome="no_answer", now=now)
        timezone.now()
        counts.append(statements(client, "/today/"))
    assert counts[0] == counts[2], counts
    assert counts[2] <= 32


def test_looking_again_brings_who_came_and_takes_no_message_away(hot_anna, sam, tess, now):
    waiting = page(sam, "/today/")
    assert f'hx-get="/today/?who={hot_anna.pk}&amp;live=1"' in waiting
    stage.make_hot(cast.contact("Per", "Lie"), now, clicks=5)
    claim.take(contact_id=hot_anna.pk, by=tess, now=now)
    answer = cast.client_of(sam).get(f"/today/?who={hot_anna.pk}&live=1", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert "Per Lie" in text
    assert "with Tess until" in text
    assert 'id="messages"' not in text
    assert "HX-Replace-Url" not in answer.headers, "the address stays the one of what was done last"
