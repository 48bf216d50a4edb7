"""Today as a salesperson meets it: the ladder of every write, what is said, and what is never asked of the database twice."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts import clock
from nurturing.models import Handoff, Reminder, Standing
from sales.models import Call, Claim, Opportunity, Purchase, Referral, Stage
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


# The ladder: for each address that writes, what to send there and what has then happened


def _purchase(anna, sam, now):
    outcome.record(contact_id=anna.pk, by=sam, outcome="bought", now=now)


WRITES = {
    "claim": (lambda w: f"/today/{w.anna.pk}/claim/", {}, lambda w: Claim.objects.open().get().by == w.sam),
    "release": (
        lambda w: (claim.take(contact_id=w.anna.pk, by=w.sam, now=w.now), f"/today/{w.anna.pk}/release/")[1],
        {},
        lambda w: not Claim.objects.open().exists(),
    ),
    "outcome": (
        lambda w: f"/today/{w.anna.pk}/outcome/",
        {"outcome": "not_now", "until": "2027-03-02", "note": "Budget"},
        lambda w: Reminder.objects.get().because == "Budget",
    ),
    "undo": (
        lambda w: f"/calls/{w.call().pk}/undo/",
        {},
        lambda w: Call.objects.get().undone_by == w.sam,
    ),
    "move": (
        lambda w: f"/pipeline/{w.deal().pk}/move/",
        lambda w: {"stage": Stage.objects.get(name="Offer sent").pk, "revision": 0},
        lambda w: Opportunity.objects.get().stage.name == "Offer sent",
    ),
    "change": (
        lambda w: f"/pipeline/{w.deal().pk}/change/",
        lambda w: {"title": "Pilot", "value": "9000", "currency": "NOK", "owner": w.sam.pk, "revision": 0},
        lambda w: Opportunity.objects.get().title == "Pilot",
    ),
    "won": (
        lambda w: f"/pipeline/{w.deal().pk}/won/",
        {"what": "Pilot", "value": "9000", "currency": "NOK", "revision": 0},
        lambda w: Purchase.objects.get().what == "Pilot",
    ),
    "lost": (
        lambda w: f"/pipeline/{w.deal().pk}/lost/",
        {"because": "no budget", "until": "2027-03-02", "revision": 0},
        lambda w: Opportunity.objects.get().close_reason == "no budget",
    ),
    "reopen": (
        lambda w: f"/pipeline/{w.lost_deal().pk}/reopen/",
        {},
        lambda w: Opportunity.objects.get().closed_at is None,
    ),
    "refer": (
        lambda w: f"/referrals/{w.anna.pk}/",
        {"first_name": "Kari", "email": "kari@nordvik.example"},
        lambda w: Referral.objects.get().brought.first_name == "Kari",
    ),
    "nobody": (
        lambda w: f"/referrals/{w.question().pk}/nobody/",
        {},
        lambda w: Referral.objects.get().answered_at == w.now,
    ),
}
BAD = {
    "claim": "/today/0/claim/",
    "release": "/today/0/release/",
    "outcome": "/today/0/outcome/",
    "undo": "/calls/0/undo/",
    "move": "/pipeline/0/move/",
    "change": "/pipeline/0/change/",
    "won": "/pipeline/0/won/",
    "lost": "/pipeline/0/lost/",
    "reopen": "/pipeline/0/reopen/",
    "refer": "/referrals/0/",
    "nobody": "/referrals/0/nobody/",
}


class World:
    """The scene of a write: Anna, Sam, and what has to be there before."""

    def __init__(self, anna, sam, now):
        self.anna, self.sam, self.now = anna, sam, now

    def call(self):
        return outcome.record(contact_id=self.anna.pk, by=self.sam, outcome="no_answer", now=self.now)

    def deal(self):
        outcome.record(contact_id=self.anna.pk, by=self.sam, outcome="meeting", now=self.now)
        return Opportunity.objects.get()

    def lost_deal(self):
        from sales.services import opportunity

        deal = self.deal()
        return opportunity.lose(opportunity_id=deal.pk, revision=0, by=self.sam, now=self.now)

    def question(self):
        _purchase(self.anna, self.sam, self.now)
        return Referral.objects.get()


@pytest.fixture
def world(anna, sam, now):
    return World(anna, sam, now)


def told(name, world):
    path, data, happened = WRITES[name]
    address = path(world)
    return address, data(world) if callable(data) else data, happened


@pytest.mark.parametrize("name", WRITES)
def test_a_salesperson_may_and_it_happens(name, world):
    address, data, happened = told(name, world)
    answer = cast.client_of(world.sam).post(address, data)
    assert answer.status_code == 302, answer.content[:300]
    assert happened(world)


@pytest.mark.parametrize("name", WRITES)
def test_a_marketer_may_not_and_nothing_happens(name, world, mira):
    address, data, _ = told(name, world)
    before = stage.picture(world.anna)
    answer = cast.client_of(mira).post(address, data)
    assert answer.status_code == 403
    assert stage.picture(world.anna) == before


@pytest.mark.parametrize("name", WRITES)
def test_nobody_writes_without_logging_in(name, world):
    address, data, _ = told(name, world)
    before = stage.picture(world.anna)
    answer = cast.client_of(None).post(address, data)
    assert answer.status_code == 302
    assert answer.url.startswith("/account/login/")
    assert stage.picture(world.anna) == before


@pytest.mark.parametrize("name", ["claim", "release", "outcome", "won", "lost"])
def test_what_tess_holds_sam_leaves_alone(name, world, tess):
    address, data, _ = told(name, world)
    claim.release(contact_id=world.anna.pk, by=world.sam, now=world.now)
    claim.take(contact_id=world.anna.pk, by=tess, now=world.now)
    before = stage.picture(world.anna)
    answer = cast.client_of(world.sam).post(address, data)
    assert stage.picture(world.anna) == before
    if name != "release":
        assert answer.status_code == 409
        assert "Tess has them in hand" in answer.content.decode()


@pytest.mark.parametrize("name", BAD)
def test_whoever_is_not_there_is_not_found(name, sam):
    data = WRITES[name][1] if not callable(WRITES[name][1]) else {"stage": 1, "revision": 0}
    assert cast.client_of(sam).post(BAD[name], data).status_code == 404


@pytest.mark.parametrize("name", [name for name in WRITES if name != "refer"])
def test_looking_at_an_address_that_writes_is_refused_and_changes_nothing(name, world):
    address, _data, _ = told(name, world)
    before = stage.picture(world.anna)
    assert cast.client_of(world.sam).get(address).status_code == 405
    assert stage.picture(world.anna) == before


@pytest.mark.parametrize("role", ["sam", "mira", "ada"])
@pytest.mark.parametrize("path", ["/today/", "/pipeline/", "/pipeline/?show=won", "/pipeline/?show=mine"])
def test_all_three_roles_may_look_and_looking_changes_nothing(path, role, hot_anna, request):
    before = stage.picture(hot_anna)
    answer = cast.client_of(request.getfixturevalue(role)).get(path)
    assert answer.status_code == 200
    assert stage.picture(hot_anna) == before


@pytest.mark.parametrize("path", ["/today/", "/pipeline/", "/pipeline/1/", "/purchases/1/"])
def test_strangers_are_sent_to_the_login(path, db):
    assert cast.client_of(None).get(path).url.startswith("/account/login/")


# What the page says


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
    assert "<b>Anna Lind</b> is back in the silo. We call again on Tuesday 2 March." in text
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


# The pipeline


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


# What it costs


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


def test_the_pipeline_costs_the_same_for_one_and_three(sam, now):
    client, counts = cast.client_of(sam), []
    for number in range(3):
        person = cast.contact("Anna", f"Lind {number}")
        outcome.record(contact_id=person.pk, by=sam, outcome="meeting", now=now)
        counts.append(statements(client, "/pipeline/"))
    assert counts[0] == counts[2], counts
    assert counts[2] <= 8
