"""The page behind the stop link: for ever, for everybody, without a login; looking changes nothing."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from contacts import keys
from contacts.models import Contact, Suppression
from contacts.services import suppression
from nurturing.models import EngagementEvent, Handoff, Hit, Pause, RhythmWish, Standing
from nurturing.sending import tokens
from nurturing.services import preference
from tests.cast import NOW
from tests.nurturing import mailing

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def _this_tuesday() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def stops(person: Contact) -> list[tuple[str, str]]:
    rows = Suppression.objects.in_force().filter(address_hash=keys.address_hash(str(person.email).lower()))
    return list(rows.values_list("channel", "reason"))


# One click (RFC 8058)


@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
def test_one_click_stops_at_once_without_cookie_login_or_redirect(anna: Contact, form: str) -> None:
    address = mailing.stop_link(anna, mailing.sent(anna, at=NOW - timedelta(days=1)))
    client = Client(enforce_csrf_checks=True)
    if form == "multipart":
        answer = client.post(address, ONE_CLICK)
    else:
        answer = client.post(
            address, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
        )
    assert (answer.status_code, answer.content) == (200, b"No more mail goes to this address.\n")
    assert not answer.cookies
    assert stops(anna) == [("mail", "unsubscribed")]
    assert Suppression.objects.get().source == "one-click"


def test_one_click_a_second_time_says_the_same_and_changes_nothing(anna: Contact) -> None:
    for _time in range(3):
        assert Client().post(mailing.stop_link(anna), ONE_CLICK).status_code == 200
    assert Suppression.objects.count() == 1
    assert EngagementEvent.objects.filter(type="unsubscribed").count() == 1


def test_the_address_the_mail_went_to_is_stopped_as_well_as_the_one_they_have_now(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(days=100), address="Anna.Old@fjordmek.example")
    Client().post(mailing.stop_link(anna, mail), ONE_CLICK)
    assert sorted(Suppression.objects.values_list("address", flat=True)) == [
        "anna.lind@fjordmek.example",
        "anna.old@fjordmek.example",
    ]


def test_a_stop_link_of_a_key_long_out_of_use_still_works(anna: Contact, settings: object) -> None:
    address = mailing.stop_link(anna)
    rings = settings.KEY_RINGS  # type: ignore[attr-defined]
    settings.KEY_RINGS = rings | {"links": ["a new key of the year 2040", *rings["links"]]}  # type: ignore[attr-defined]
    assert mailing.stop_link(anna) != address
    assert Client().post(address, ONE_CLICK).status_code == 200
    assert stops(anna) == [("mail", "unsubscribed")]


def test_people_who_are_erased_or_forgotten_hear_the_same(anna: Contact) -> None:
    address = mailing.stop_link(anna)
    Contact.objects.filter(pk=anna.pk).update(erased_at=NOW, email=None)
    assert Client().post(address, ONE_CLICK).status_code == 200
    assert b"You get no mail from us" in Client().get(address).content
    assert Client().post(f"/u/{tokens.stop_token(987654321)}", ONE_CLICK).status_code == 200
    assert Client().post(f"/u/{tokens.stop_token(987654321)}", {"choice": "monthly"}).status_code == 200
    assert not Suppression.objects.exists()


def test_the_stop_survives_in_the_standing(anna: Contact) -> None:
    Client().post(mailing.stop_link(anna), ONE_CLICK)
    standing = Standing.objects.get(contact=anna)
    # She has a telephone, so she is not gone; but no mail is planned.
    assert standing.next_what not in ("step", "piece")


# Looking


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(anna: Contact, method: str) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(days=1))
    before = Standing.objects.values().get(contact=anna)
    for agent in (mailing.CHROME, "Example-LinkScanner/2.0", ""):
        answer = getattr(mailing.browser(agent=agent), method)(mailing.stop_link(anna, mail) + "?choice=stop")
        assert answer.status_code == 200
        assert not answer.cookies
    assert not Suppression.objects.exists()
    assert not EngagementEvent.objects.exists()
    assert Standing.objects.values().get(contact=anna) == before
    assert set(Hit.objects.values_list("kind", flat=True)) == {"stop_page"}


def test_the_page_speaks_the_language_of_the_contact_and_names_who_writes(
    anna: Contact, dana: Contact
) -> None:
    mailing.sender()
    norwegian = Client(headers={"accept-language": "en"}).get(mailing.stop_link(anna))
    assert norwegian["Content-Language"] == "nb"
    assert Client().get(mailing.stop_link(dana))["Content-Language"] == "sv"
    assert "Vårt Bolag AB" in norwegian.content.decode()
    assert "anna.lind@fjordmek.example" in norwegian.content.decode()


def test_a_hostile_name_and_address_are_shown_as_text(anna: Contact) -> None:
    Contact.objects.filter(pk=anna.pk).update(email='"><script>alert(1)</script>@x.example')
    body = Client().get(mailing.stop_link(anna)).content.decode()
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert" in body


# Deciding


def test_the_button_stops_all_mail_and_says_so(anna: Contact) -> None:
    answer = Client(enforce_csrf_checks=True).post(mailing.stop_link(anna), {"choice": "stop"})
    assert answer.status_code == 200
    assert "anna.lind@fjordmek.example" in answer.content.decode()
    assert stops(anna) == [("mail", "unsubscribed")]
    assert Suppression.objects.get().source == "stop page"


def test_their_own_stop_can_be_taken_back(anna: Contact) -> None:
    address = mailing.stop_link(anna)
    Client().post(address, {"choice": "stop"})
    assert Client().post(address, {"choice": "resume"}).status_code == 200
    assert stops(anna) == []
    Client().post(address, ONE_CLICK)
    assert stops(anna) == [("mail", "unsubscribed")]


def test_a_bounce_is_not_theirs_to_take_back(boris: Contact) -> None:
    answer = Client().post(mailing.stop_link(boris), {"choice": "resume"})
    assert answer.status_code == 409
    assert stops(boris) == [("mail", "bounced")]


@pytest.mark.parametrize("reason", ["by_hand", "bounced", "opted_out_in_list"])
def test_their_own_no_is_written_down_though_somebody_else_stopped_them_before(
    anna: Contact, reason: str
) -> None:
    suppression.stop(address=str(anna.email), channel="mail", reason=reason, source="x", now=NOW)
    address = mailing.stop_link(anna)
    assert Client().post(address, ONE_CLICK).status_code == 200
    assert stops(anna) == [("mail", "unsubscribed")]
    # and does not hide what was there: with it gone, we would write to a dead address, or against a colleague's word
    assert Client().post(address, {"choice": "resume"}).status_code == 409


def test_their_no_holds_for_the_address_they_have_now_though_the_old_one_was_stopped_before(
    anna: Contact,
) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(days=100), address="anna.old@fjordmek.example")
    suppression.stop(
        address="anna.old@fjordmek.example", channel="mail", reason="unsubscribed", source="x", now=NOW
    )
    address = mailing.stop_link(anna, mail)
    assert b"You get no mail from us" not in Client(headers={"accept-language": "en"}).get(address).content
    assert b"anna.lind@fjordmek.example" in Client().get(address).content
    Client().post(address, ONE_CLICK)
    assert stops(anna) == [("mail", "unsubscribed")]


@pytest.mark.parametrize(("choice", "days"), [("monthly", 30), ("quarterly", 91)])
def test_less_often_holds_from_now_on(anna: Contact, choice: str, days: int) -> None:
    assert Client().post(mailing.stop_link(anna), {"choice": choice}).status_code == 200
    assert RhythmWish.objects.get(withdrawn_at=None).days == days
    assert EngagementEvent.objects.get().type == "rhythm"
    assert stops(anna) == []


def test_again_in_september_is_silence_until_then(anna: Contact) -> None:
    assert Client().post(mailing.stop_link(anna), {"choice": "september"}).status_code == 200
    assert Pause.objects.get().until == datetime(2027, 9, 1, 6, 0, tzinfo=UTC)
    standing = Standing.objects.get(contact=anna)
    assert standing.state == "paused"
    assert standing.next_at is not None
    assert standing.next_at <= datetime(2027, 9, 1, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "year"),
    [
        (datetime(2026, 8, 31, 12, tzinfo=UTC), 2026),
        (datetime(2026, 9, 1, 5, 59, tzinfo=UTC), 2026),
        (datetime(2026, 9, 1, 6, 0, tzinfo=UTC), 2027),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), 2027),
    ],
)
def test_september_is_the_next_one(now: datetime, year: int) -> None:
    assert preference.next_september(now, ZoneInfo("Europe/Oslo")) == datetime(year, 9, 1, 6, 0, tzinfo=UTC)


def test_call_me_reaches_a_salesperson_at_once(anna: Contact) -> None:
    data = {"choice": "call_me", "phone": "070-123 45 67", "note": "etter lunsj"}
    assert Client().post(mailing.stop_link(anna), data).status_code == 200
    Client().post(mailing.stop_link(anna), data)
    waiting = Handoff.objects.get()
    assert (waiting.kind, waiting.opened_at) == ("call_me", NOW)
    assert "etter lunsj, 070-123 45 67" in waiting.because
    assert Standing.objects.get(contact=anna).state == "hot"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"choice": "delete"},
        {"choice": "call_me", "phone": "0" * 41},
        {"choice": "call_me", "note": "x" * 201},
        {"List-Unsubscribe": "Two-Click"},
    ],
)
def test_what_the_page_does_not_offer_changes_nothing(anna: Contact, data: dict[str, str]) -> None:
    answer = Client().post(mailing.stop_link(anna), data)
    assert answer.status_code == 400
    assert not EngagementEvent.objects.exists()
    assert not Suppression.objects.exists()
    assert not Handoff.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_refused(anna: Contact, method: str) -> None:
    assert getattr(Client(), method)(mailing.stop_link(anna)).status_code == 405


def test_a_broken_body_is_answered_with_400(anna: Contact) -> None:
    answer = Client().post(
        mailing.stop_link(anna), b"\x00garbage", content_type="multipart/form-data; boundary=\xff"
    )
    assert answer.status_code == 400
    assert not Suppression.objects.exists()
