"""Links out of mails: recorded before the answer, never bent, never a reason to fail."""

import base64
import json
from datetime import timedelta

import pytest
import redis
import time_machine
from django.db import connection
from django.test import Client

from contacts import keys
from contacts.models import Contact
from nurturing.models import EngagementEvent, Hit, Standing
from nurturing.sending import tokens
from nurturing.services import hit
from nurturing.tasks import hit as tasks
from tests.cast import NOW
from tests.nurturing import mailing

pytestmark = pytest.mark.django_db
TARGET = "https://ours.example/priser?a=1&b=två#del"


def test_a_click_is_written_down_and_led_on(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=1))
    with time_machine.travel(NOW, tick=False):
        answer = mailing.browser().get(mailing.link(mail, 3, TARGET))
    assert answer.status_code == 302
    assert answer["Location"] == "https://ours.example/priser?a=1&b=tv%C3%A5#del"
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert not answer.cookies
    kept = Hit.objects.get()
    assert (kept.kind, kept.send_id, kept.link_no, kept.url, kept.method) == (
        "click",
        mail.pk,
        3,
        TARGET,
        "GET",
    )
    assert (kept.at, kept.human, kept.agent) == (NOW, None, mailing.CHROME)
    assert kept.headers == {"Accept-Language": "sv-SE"}


def test_the_address_of_the_reader_is_not_kept(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW)
    mailing.browser("192.0.2.17").get(mailing.link(mail))
    mailing.browser("192.0.2.99").get(mailing.link(mail))
    mailing.browser("198.51.100.1").get(mailing.link(mail))
    networks = list(Hit.objects.order_by("id").values_list("network", flat=True))
    assert networks[0] == networks[1] != networks[2]
    assert len(networks[0]) == 21
    assert "192" not in "".join(networks)


def test_a_proxy_in_front_is_believed_only_when_it_is_ours(
    anna: Contact, settings: pytest.FixtureRequest
) -> None:
    mail = mailing.sent(anna, at=NOW)
    client = mailing.browser("10.0.0.1", **{"x-forwarded-for": "6.6.6.6, 192.0.2.17"})
    client.get(mailing.link(mail))
    settings.TRUSTED_PROXIES = 1  # type: ignore[attr-defined]
    client.get(mailing.link(mail))
    networks = list(Hit.objects.order_by("id").values_list("network", flat=True))
    assert networks == [hit.network_hash("10.0.0.1"), hit.network_hash("192.0.2.17")]


def test_head_is_written_down_and_counts_for_nothing(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=1))
    with time_machine.travel(NOW, tick=False):
        assert mailing.browser().head(mailing.link(mail)).status_code == 302
    assert Hit.objects.get().method == "HEAD"
    mailing.judge(NOW)
    event = EngagementEvent.objects.get()
    assert (event.human, event.signs[0]["code"]) == (0.0, "not_a_get")
    assert Standing.objects.get(contact=anna).heat is None


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_other_methods_are_refused_and_not_written_down(anna: Contact, method: str) -> None:
    mail = mailing.sent(anna, at=NOW)
    assert getattr(mailing.browser(), method)(mailing.link(mail)).status_code == 405
    assert not Hit.objects.exists()


def test_the_trap_link_answers_nothing_and_marks_a_machine(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=1))
    with time_machine.travel(NOW, tick=False):
        mailing.browser().get(mailing.link(mail))
        answer = mailing.browser().get(f"/t/{tokens.trap_token(mail.pk)}")
    assert (answer.status_code, answer.content) == (204, b"")
    mailing.judge(NOW)
    assert EngagementEvent.objects.get().human == 0.0
    assert Standing.objects.get(contact=anna).heat is None


def forged(anna: Contact) -> list[str]:
    good = tokens.click_token(7, 1, TARGET)
    raw = bytearray(base64.urlsafe_b64decode(good + "=" * (-len(good) % 4)))
    raw[-1] ^= 1
    bent = base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()
    return [
        bent,
        good[:-3],
        good + "AA",
        "x",
        "%00",
        "ÅÄÖ",
        "A" * 300,
        tokens.stop_token(anna.pk, 7),
        tokens.trap_token(7),
        "https:%2F%2Fevil.example",
        base64.urlsafe_b64encode(b"0" * 16 + b"\x07\x01https://evil.example").rstrip(b"=").decode(),
        keys.sign("confirm", b"\x07\x01https://evil.example"),
    ]


def test_a_forged_token_leads_nowhere_and_says_so(anna: Contact) -> None:
    for token in forged(anna):
        answer = Client().get(f"/c/{token}")
        assert answer.status_code == 404, token
        assert "Location" not in answer
        assert b"This link is broken" in answer.content
        assert b"evil.example" not in answer.content
        assert not answer.cookies
    assert not Hit.objects.exists()


def test_a_forged_trap_or_stop_link_says_so_too(anna: Contact) -> None:
    assert Client().get(f"/t/{tokens.stop_token(anna.pk)}").status_code == 404
    assert Client().get(f"/u/{tokens.trap_token(7)}").status_code == 404
    assert Client().post(f"/u/{tokens.trap_token(7)}", {"List-Unsubscribe": "One-Click"}).status_code == 404
    assert not Hit.objects.exists()


def test_the_broken_page_speaks_the_readers_language() -> None:
    answer = Client(headers={"accept-language": "sv"}).get("/c/x")
    assert answer["Content-Language"] == "sv"
    assert b'lang="sv"' in answer.content


def test_the_link_of_an_erased_person_still_leads_on_and_nothing_of_it_is_kept(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=1))
    Contact.objects.filter(pk=anna.pk).update(erased_at=NOW - timedelta(minutes=30), email=None)
    with time_machine.travel(NOW, tick=False):
        assert mailing.browser().get(mailing.link(mail)).status_code == 302
    mailing.judge(NOW)
    kept = Hit.objects.get()
    assert (kept.human, kept.agent, kept.network, kept.url, kept.headers) == (0.0, "", "", "", {})
    assert not EngagementEvent.objects.exists()


def test_the_link_of_a_mail_nobody_remembers_still_leads_on() -> None:
    answer = mailing.browser().get(f"/c/{tokens.click_token(987654321, 0, TARGET)}")
    assert answer.status_code == 302


def test_the_links_of_a_test_mail_lead_on_and_are_nobodys() -> None:
    assert mailing.browser().get(f"/c/{tokens.click_token(0, 0, TARGET)}").status_code == 302
    assert not Hit.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_hit_that_cannot_be_written_still_leads_on() -> None:
    """The reader is not to suffer from our database: a link number beyond its range stands for any failure of it."""
    answer = mailing.browser().get(f"/c/{tokens.click_token(7, 2**40, TARGET)}")
    assert answer.status_code == 302
    assert not Hit.objects.exists()


def test_hostile_headers_are_kept_as_text(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW)
    agent = "<script>alert(1)</script>\x00" + "Å" * 5000
    mailing.browser(agent=agent, **{"accept-language": "x" * 4000}).get(mailing.link(mail))
    kept = Hit.objects.get()
    assert len(kept.agent) == 400
    assert "\x00" not in kept.agent
    assert len(kept.headers["Accept-Language"]) == 100


@pytest.mark.django_db(transaction=True)
def test_a_click_while_the_database_is_away_waits_in_the_broker(anna: Contact, valkey: redis.Redis) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=1))
    _rename("nurturing_hit", "away")
    try:
        with time_machine.travel(NOW, tick=False):
            answer = mailing.browser().get(mailing.link(mail, 3, TARGET))
    finally:
        _rename("away", "nurturing_hit")
    assert answer.status_code == 302
    assert not Hit.objects.exists()
    message = valkey.lpop("silo")
    assert isinstance(message, bytes)
    body = base64.b64decode(json.loads(message)["body"])
    assert mailing.AT_DESK.encode() not in body
    tasks.record(**json.loads(body)[1])
    kept = Hit.objects.get()
    assert (kept.at, kept.send_id, kept.link_no, kept.url) == (NOW, mail.pk, 3, TARGET)
    assert kept.network == hit.network_hash(mailing.AT_DESK)


def _rename(table: str, to: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{table}" RENAME TO "{to}"')
