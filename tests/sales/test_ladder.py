"""The ladder of every address that writes: works · other role 403 · stranger · a colleague's claim · bad id 404 · GET 405."""

import pytest

from contacts import clock
from nurturing.models import Reminder
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
