"""Pages for people without a login: join, confirm, see, be erased. Nobody learns from them whom we know."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from contacts import clock
from contacts.models import Contact, LegalGround, Objection
from contacts.queries import gate
from nurturing.models import Confirmation, JoinForm, SandboxMail, Send, Standing
from nurturing.sending import tokens
from nurturing.services import delivery, joining, notice, rights
from silo.models import User
from tests import cast
from tests.nurturing import mailing

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(mira: User, now: datetime) -> JoinForm:
    mailing.sender()
    made = JoinForm(name="Site", heading="Häng med", wording="Ja, mejla mig.", language="sv")
    return joining.save_form(form=made, topics=[], by=mira, now=now)


@pytest.fixture
def at(now: datetime) -> Any:
    with clock.at(now):
        yield now


def join(form: JoinForm, email: str, **more: str) -> Any:
    return Client().post(f"/join/{form.slug}/", {"email": email, "agrees": "on", **more})


def mail_to(address: str, now: datetime) -> str:
    delivery.deliver_due(now=now, worker="tests")
    raw = bytes(SandboxMail.objects.filter(to=address).latest("pk").raw).decode()
    return raw.replace("=\r\n", "").replace("=3D", "=")


def link_in(raw: str) -> str:
    found = re.search(r"/confirm/[A-Za-z0-9_-]+/", raw)
    assert found
    return found[0]


def test_known_unknown_and_stopped_see_the_same(form: JoinForm, at: datetime) -> None:
    anna, chen = cast.make_anna(), cast.make_chen()
    answers = [join(form, email) for email in ("new@firma.example", anna.email, chen.email)]
    assert {(one.status_code, one.content) for one in answers} == {(200, answers[0].content)}


def test_the_form_speaks_its_language_and_ticks_no_box(form: JoinForm) -> None:
    said = Client().get(f"/join/{form.slug}/").content.decode()
    assert "Ja, mejla mig." in said and 'lang="sv"' in said
    assert not re.search(r'name="agrees"[^>]*checked', said)


def test_without_the_box_nothing_happens(form: JoinForm) -> None:
    answer = Client().post(f"/join/{form.slug}/", {"email": "new@firma.example"})
    assert answer.status_code == 422
    assert not Contact.objects.exists()


def test_a_machine_that_fills_in_the_trap_is_thanked_and_forgotten(form: JoinForm, at: datetime) -> None:
    assert join(form, "bot@firma.example", website="https://x.example").status_code == 200
    assert not Contact.objects.exists()


def test_one_network_may_ask_only_so_often(form: JoinForm, at: datetime) -> None:
    codes = [join(form, f"p{number}@firma.example").status_code for number in range(22)]
    assert codes[:20] == [200] * 20 and codes[20:] == [429] * 2


def test_a_closed_form_is_gone(form: JoinForm, mira: User, at: datetime) -> None:
    joining.set_open(form=form, is_open=False, by=mira, now=at)
    assert Client().get(f"/join/{form.slug}/").status_code == 404


def test_looking_at_the_link_confirms_nothing_and_pressing_does_once(form: JoinForm, at: datetime) -> None:
    join(form, "ny@firma.example")
    address = link_in(mail_to("ny@firma.example", at))
    person = Contact.objects.get(email="ny@firma.example")
    for _scanner in range(3):
        Client().get(address)
        Client().head(address)
    assert not gate.verdict(person.pk).allowed
    assert Client().post(address).status_code == 200
    assert gate.verdict(person.pk).allowed
    assert LegalGround.objects.get(contact=person, purpose="marketing").ip == "127.0.0.1"
    assert Client().post(address).status_code == 409


@pytest.mark.parametrize("token", ["nothing", "å", "x" * 3000])
def test_a_made_up_link_is_broken(token: str) -> None:
    assert Client().get(f"/confirm/{token}/").status_code == 404
    assert Client().post(f"/confirm/{token}/").status_code == 404


def test_a_token_of_another_kind_opens_nothing(form: JoinForm, at: datetime) -> None:
    join(form, "ny@firma.example")
    send = Send.objects.get()
    assert Client().get(f"/confirm/{tokens.stop_token(send.contact_id, send.pk)}/").status_code == 404


def ask_rights(email: str, kind: str) -> Any:
    return Client().post("/your-data/", {"email": email, "kind": kind})


def test_who_asks_for_their_data_hears_the_same_whether_known_or_not(at: datetime) -> None:
    mailing.sender()
    anna = cast.make_anna()
    known, unknown = ask_rights(str(anna.email), "export"), ask_rights("nobody@firma.example", "export")
    assert (
        (known.status_code, known.content) == (unknown.status_code, unknown.content) == (200, known.content)
    )
    assert Contact.objects.count() == 1
    assert Confirmation.objects.get().contact_id == anna.pk


def test_a_person_sees_everything_by_the_link_in_their_mail(at: datetime) -> None:
    mailing.sender()
    anna = cast.make_anna()
    ask_rights(str(anna.email).upper(), "export")
    address = link_in(mail_to(str(anna.email), at))
    assert "Lind" not in Client().get(address).content.decode()
    assert "Lind" in Client().post(address).content.decode()
    said = json.loads(Client().post(address, {"as": "json"}).content)
    assert said["person"][0]["email"] == anna.email


def test_a_person_erases_themselves_by_the_link_in_their_mail(at: datetime) -> None:
    mailing.sender()
    anna = cast.make_anna()
    ask_rights(str(anna.email), "erase")
    address = link_in(mail_to(str(anna.email), at))
    Client().get(address)
    assert Contact.objects.present().filter(pk=anna.pk).exists()
    assert Client().post(address).status_code == 200
    assert Contact.objects.get(pk=anna.pk).erased_at
    assert Client().post(address).status_code == 409
    assert not Confirmation.objects.exclude(asked_ip="").exists()


def test_a_stopped_person_still_gets_the_answer_to_their_own_request(at: datetime) -> None:
    mailing.sender()
    chen = cast.make_chen()
    ask_rights(str(chen.email), "erase")
    assert "/confirm/" in mail_to(str(chen.email), at)


def test_a_question_twice_a_day_is_enough(now: datetime) -> None:
    anna = cast.make_anna()
    asked = [rights.ask(email=str(anna.email), kind="export", ip="", now=now) for _again in range(3)]
    assert [one is not None for one in asked] == [True, True, False]


# --- Objections, from the recipient's own page


def press(person: Contact, choice: str) -> Any:
    return Client().post(f"/u/{tokens.stop_token(person.pk)}", {"choice": choice})


def test_who_refuses_the_temperature_loses_it_at_once_and_gets_it_back(at: datetime) -> None:
    from nurturing.services import heat

    anna = cast.make_anna()
    cast.click(anna, at=at)
    heat.rebuild([anna.pk], now=at)
    assert Standing.objects.get(pk=anna.pk).heat is not None
    assert press(anna, "no_score").status_code == 200
    assert Standing.objects.get(pk=anna.pk).heat is None
    assert gate.verdict(anna.pk).allowed, "mail goes on"
    press(anna, "score")
    assert Standing.objects.get(pk=anna.pk).heat is not None
    assert not Objection.objects.exists()


@pytest.mark.parametrize("how", ["person", "silo"])
def test_links_lead_straight_for_whoever_does_not_want_to_be_tracked(
    at: datetime, settings: Any, how: str
) -> None:
    from nurturing.queries import clearance
    from nurturing.sending import links

    anna = cast.make_anna()
    assert clearance.people([anna.pk])[anna.pk].tracked
    if how == "person":
        press(anna, "no_tracking")
    else:
        settings.SILO_TRACKING = False
    person = clearance.people([anna.pk])[anna.pk]
    assert not person.tracked
    assert links.of(7, "piece", tracked=person.tracked)(1, "https://x.example/a") == "https://x.example/a"
    assert links.trap(7, "piece", tracked=person.tracked) == ""


# --- GDPR 14


def test_the_overdue_are_told_by_a_mail_or_erased(ada: User, at: datetime, settings: Any) -> None:
    settings.SILO_DEMO = True  # a sandbox that counts as real, so that the notice marks them as told
    mailing.sender()
    sven = cast.contact(
        "Sven", "Ek", email="sven@ek.example", country="SE", ground="legitimate_interest", informed_at=None
    )
    LegalGround.objects.filter(contact=sven).update(source="Mässan i Älvsjö")
    silent = cast.contact("No", "Ground", email="no@ground.example", ground="none", informed_at=None)
    client = cast.client_of(ada)
    said = client.get("/privacy/told/").content.decode()
    assert "Sven Ek" in said and "No legal ground for writing is stored." in said
    client.post("/privacy/told/send/", {"contact": [sven.pk, silent.pk]})
    raw = mail_to("sven@ek.example", at)
    assert "/your-data/" in raw and "lvsj" in raw
    sven.refresh_from_db()
    assert sven.informed_at is not None
    assert not Send.objects.filter(contact=silent).exists()
    client.post("/privacy/told/erase/", {"contact": [silent.pk, sven.pk]})
    assert [one.pk for one in Contact.objects.present()] == [sven.pk], "who was told is not erased from there"


def test_a_notice_is_planned_once_a_day(ada: User, now: datetime) -> None:
    mailing.sender()
    sven = cast.contact("Sven", "Ek", email="sven@ek.example", country="SE", informed_at=None)
    assert notice.send(contact_ids=[sven.pk], by=ada, now=now).planned == 1
    assert notice.send(contact_ids=[sven.pk], by=ada, now=now).planned == 0


def test_whose_month_ends_within_a_week_stands_there_too_and_hears_in_time(ada: User, settings: Any) -> None:
    settings.SILO_DEMO = True
    mailing.sender()
    now = clock.now()
    for name, days in (("Lena", 31), ("Soon", 24), ("Fresh", 20)):
        cast.contact(
            name, "Ek", at=now - timedelta(days=days), email=f"{name}@ek.example", company=None, country="SE",
            ground="legitimate_interest", informed_at=None,
        )  # fmt: skip
    client = cast.client_of(ada)
    page = client.get("/privacy/told/").content.decode()
    assert "1 overdue, 1 within a week" in page
    assert "Lena Ek" in page and "Soon Ek" in page and "Fresh Ek" not in page
    soon = Contact.objects.get(first_name="Soon")
    client.post("/privacy/told/send/", {"contact": [soon.pk]})
    assert Send.objects.filter(contact=soon).exists()
