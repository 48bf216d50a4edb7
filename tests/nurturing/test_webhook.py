"""Providers' reports and the mails they hand on: checked, kept once, read; nothing they send makes a 500."""

import base64
import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.test import Client

from bench import recorded as replaying
from contacts.models import Contact, Suppression
from nurturing.inbound import bounce, provider
from nurturing.models import EngagementEvent, Handoff, Hit, ProviderEvent, Reply, Send, Standing
from nurturing.sending import tokens
from nurturing.services import arrival, standing, webhook
from nurturing.services import bounce as bounces
from tests.cast import NOW
from tests.nurturing import mailing

pytestmark = pytest.mark.django_db
KEY, WORD = "the signing key of these tests", "silo:a word for webhooks"
AUTH = "Basic " + base64.b64encode(WORD.encode()).decode()


@pytest.fixture(autouse=True)
def _configured(settings: Any) -> Any:
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": KEY, "WEBHOOK_SECRET": WORD}
    with time_machine.travel(NOW, tick=False):
        yield


def signature(token: str = "t" * 50, timestamp: str = "1479372600", key: str = KEY) -> dict[str, str]:
    made = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {"token": token, "timestamp": timestamp, "signature": made}


def mailgun(kind: str, mail: Send | None = None, *, signed: Any = None, **data: Any) -> Any:
    """Mailgun's JSON form."""
    event: dict[str, Any] = {"event": kind, "timestamp": (NOW - timedelta(hours=1)).timestamp()} | data
    if mail is not None:
        number = tokens.message_id(mail.pk, "ours.example")
        event |= {"message": {"headers": {"message-id": number}}, "recipient": mail.address}
    body = json.dumps({"event-data": event, "signature": signed or signature()})
    return Client().post(
        "/webhooks/mailgun/tracking/", body, content_type="application/json", headers={"authorization": AUTH}
    )


def postmark(data: Any, *, kind: str = "tracking", authorization: str = AUTH) -> Any:
    """Postmark's JSON form."""
    body = data if isinstance(data, bytes) else json.dumps(data)
    return Client().post(
        f"/webhooks/postmark/{kind}/",
        body,
        content_type="application/json",
        headers={"authorization": authorization},
    )


# Who may come in


def test_a_bad_signature_is_refused_and_nothing_is_kept(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    bad: Any
    for bad in (signature(key="another"), signature() | {"token": "x"}, {"token": "x"}, {}, [], "x", 7):
        answer = mailgun("complained", mail, signed=bad or {"signature": ""})
        assert answer.status_code == 400, bad
        assert b"not right" in answer.content or b"not in the form" in answer.content
    assert not ProviderEvent.objects.exists()
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("word", ["", "Basic", "Basic eDp5", "Bearer x", "Basic ÅÄÖ", "Basic " + "A" * 5000])
def test_a_wrong_password_is_refused_and_nothing_is_kept(word: str) -> None:
    answer = postmark(
        {"RecordType": "SpamComplaint", "Email": "anna.lind@fjordmek.example"}, authorization=word
    )
    assert answer.status_code == 400
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize(
    "configured",
    [{}, {"MAILGUN_WEBHOOK_SIGNING_KEY": "", "WEBHOOK_SECRET": ""}, {"WEBHOOK_SECRET": []}],
)
def test_a_provider_without_its_secret_has_no_address(settings: Any, configured: dict[str, Any]) -> None:
    settings.ANYMAIL = configured
    assert mailgun("complained", signed=signature(key="")).status_code == 404
    answer = postmark({"RecordType": "Delivery"})
    assert answer.status_code == 404
    assert b"secret" in answer.content
    assert not ProviderEvent.objects.exists()


def test_an_unheard_of_provider_has_no_address() -> None:
    assert Client().post("/webhooks/nobody/tracking/").status_code == 404


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_other_methods_are_refused(method: str) -> None:
    assert getattr(Client(), method)("/webhooks/postmark/tracking/").status_code == 405


def test_the_check_of_an_address_by_head_is_answered() -> None:
    assert Client().head("/webhooks/postmark/tracking/").status_code == 200


# What they say


def test_a_delivery_settles_what_nobody_could_know(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3), state="unknown")
    assert mailgun("delivered", mail).status_code == 200
    mail.refresh_from_db()
    assert (mail.state, mail.delivered_at) == ("accepted", NOW - timedelta(hours=1))
    kept = ProviderEvent.objects.get()
    assert (kept.provider, kept.type, kept.send_id, kept.contact_id) == (
        "mailgun",
        "delivered",
        mail.pk,
        anna.pk,
    )
    assert kept.payload["event-data"]["event"] == "delivered"


@pytest.mark.parametrize("kind", arrival.TYPES)
@pytest.mark.parametrize("state", ["accepted", "unknown"])
def test_an_arrival_in_one_statement_is_what_the_long_way_writes(
    anna: Contact, dana: Contact, kind: str, state: str
) -> None:
    def written(person: Contact) -> tuple[Any, ...]:
        mail = mailing.sent(person, at=NOW - timedelta(hours=3), state=state)
        standing.recompute([person.pk], now=NOW)
        before = Standing.objects.filter(contact=person).values().get()
        assert mailgun(kind, mail, **{"delivery-status": {"message": "250 Queued"}}).status_code == 200
        assert Standing.objects.filter(contact=person).values().get() == before
        own = ("id", "contact_id", "send_id", "dedup_hash")
        rows = EngagementEvent.objects.filter(send=mail, contact=person).values().get()
        mail.refresh_from_db()
        left = (mail.state, mail.reason, mail.finished_at, mail.delivered_at)
        return {name: value for name, value in rows.items() if name not in own}, left

    short = written(anna)
    with patch.object(arrival, "TYPES", ()):
        assert written(dana) == short


def test_an_arrival_for_somebody_erased_is_no_event(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    Contact.objects.filter(pk=anna.pk).update(erased_at=NOW)
    assert mailgun("delivered", mail).status_code == 200
    assert ProviderEvent.objects.count() == 1 and not EngagementEvent.objects.exists()


def test_the_same_report_signed_anew_is_one(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    for number in range(5):
        assert mailgun("delivered", mail, signed=signature(token=f"{number}" * 50)).status_code == 200
    assert ProviderEvent.objects.count() == 1
    assert EngagementEvent.objects.count() == 1


def test_the_same_postmark_report_a_hundred_times_is_one(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3), provider_id="883953f4-6105-42a2-a16a-77a8eac79483")
    told = {
        "RecordType": "Delivery",
        "MessageID": mail.provider_id,
        "Recipient": mail.address,
        "DeliveredAt": "2026-11-17T06:30:00Z",
    }
    for _time in range(100):
        assert postmark(told).status_code == 200
    assert ProviderEvent.objects.count() == EngagementEvent.objects.count() == 1


def test_a_hard_bounce_stops_the_address(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    status = {"code": 550, "message": "5.1.1 The email account does not exist", "description": ""}
    mailgun("failed", mail, severity="permanent", reason="bounce", **{"delivery-status": status})
    mail.refresh_from_db()
    assert mail.bounced_at == NOW - timedelta(hours=1)
    assert Suppression.objects.get().reason == "bounced"


@pytest.mark.parametrize(
    "data",
    [
        {"severity": "temporary", "delivery-status": {"code": 452, "message": "4.2.2 over quota"}},
        {"severity": "permanent", "delivery-status": {"code": 550, "message": "5.7.1 blocked by policy"}},
        {"severity": "permanent", "delivery-status": None},
    ],
)
def test_a_soft_bounce_stops_nobody(anna: Contact, data: dict[str, Any]) -> None:
    hard = data["delivery-status"] is None
    assert mailgun("failed", mailing.sent(anna, at=NOW - timedelta(hours=3)), **data).status_code == 200
    assert Suppression.objects.exists() is hard


def test_a_postmark_soft_bounce_stops_nobody_and_a_hard_one_does(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3), provider_id="abc")
    told = {
        "RecordType": "Bounce",
        "MessageID": "abc",
        "Email": mail.address,
        "BouncedAt": "2026-11-17T07:00:00Z",
    }
    postmark(told | {"ID": 1, "Type": "SoftBounce", "Details": "smtp;450 4.2.0 busy"})
    assert not Suppression.objects.exists()
    postmark(
        told
        | {
            "ID": 2,
            "Type": "HardBounce",
            "Details": "smtp;550 5.1.1 user unknown",
            "BouncedAt": "2026-11-17T07:01:00Z",
        }
    )
    assert Suppression.objects.get().reason == "bounced"


@pytest.mark.parametrize(("kind", "reason"), [("complained", "complained"), ("unsubscribed", "unsubscribed")])
def test_a_complaint_about_a_mail_we_do_not_know_still_stops_the_address(
    anna: Contact, kind: str, reason: str
) -> None:
    answer = mailgun(kind, recipient="Anna.Lind@fjordmek.example", message={"headers": {"message-id": "x@y"}})
    assert answer.status_code == 200
    assert Suppression.objects.get().reason == reason


def test_a_report_about_no_mail_of_ours_is_kept_and_changes_nothing(anna: Contact) -> None:
    for kind in ("delivered", "opened", "clicked", "rejected"):
        told: dict[str, Any] = {
            "recipient": anna.email,
            "message": {"headers": {"message-id": "someone@elses.example"}},
        }
        assert mailgun(kind, url="https://x.example", **told).status_code == 200
    assert ProviderEvent.objects.filter(send_id=None, contact_id=None).count() == 4
    assert not EngagementEvent.objects.exists()
    assert not Hit.objects.exists()


def test_a_made_up_message_id_of_ours_is_nobodys(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3), state="unknown")
    forged = tokens.message_id(mail.pk, "ours.example").replace("@", "A@", 1)
    assert mailgun("delivered", message={"headers": {"message-id": forged}}).status_code == 200
    mail.refresh_from_db()
    assert mail.state == "unknown"


def test_opens_are_kept_and_never_heat(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    mailgun("opened", mail, **{"client-info": {"bot": "apple"}})
    mailgun("opened", mail, timestamp=(NOW - timedelta(minutes=7)).timestamp())
    assert list(EngagementEvent.objects.values_list("type", "human")) == [("opened", 0.0), ("opened", 0.0)]
    assert Standing.objects.get(contact=anna).heat is None


@pytest.mark.parametrize(
    ("info", "warm"),
    [({"user-agent": mailing.CHROME}, True), ({"user-agent": mailing.CHROME, "bot": "generic"}, False)],
)
def test_a_click_that_the_provider_counted_is_judged_like_any_other(
    anna: Contact, info: dict[str, str], warm: bool
) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    for _twice in range(2):
        mailgun("clicked", mail, url="https://ours.example/priser", ip="192.0.2.8", **{"client-info": info})
    assert Hit.objects.count() == 1
    mailing.judge(NOW)
    assert (Standing.objects.get(contact=anna).heat is not None) is warm


def test_a_click_on_our_own_redirect_is_not_counted_twice(anna: Contact, settings: Any) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    mailgun("clicked", mail, url=f"{settings.PUBLIC_URL}{mailing.link(mail)}")
    assert ProviderEvent.objects.count() == 1
    assert not Hit.objects.exists()


@pytest.mark.parametrize("stamp", [0.0, -1e9, datetime(2090, 1, 1, tzinfo=UTC).timestamp()])
def test_a_date_in_1970_or_2090_is_pulled_to_what_can_be(anna: Contact, stamp: float) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    assert mailgun("delivered", mail, timestamp=stamp).status_code == 200
    event = EngagementEvent.objects.get()
    assert event.at == (NOW if stamp > 0 else mail.planned_at)


@pytest.mark.parametrize("stamp", [1e300, float("inf"), float("nan"), "never", None, [], {}])
def test_a_date_that_is_none_is_answered_with_a_sentence_and_kept(anna: Contact, stamp: Any) -> None:
    answer = mailgun("delivered", timestamp=stamp)
    assert answer.status_code == 400
    assert b"kept" in answer.content
    assert ProviderEvent.objects.get().type == "unread"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\x01\xff",
        b"[]",
        b"null",
        b"7",
        b'"x"',
        b"{",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        "å".encode("latin-1"),
    ],
)
def test_a_body_that_is_no_report_is_answered_with_400(body: bytes) -> None:
    assert postmark(body).status_code in (200, 400)
    for address in ("/webhooks/mailgun/tracking/", "/webhooks/mailgun/inbound/"):
        for content_type in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
            answer = Client().post(address, body, content_type=content_type, headers={"authorization": AUTH})
            assert answer.status_code == 400, (address, content_type, body[:20])
    assert not EngagementEvent.objects.exists()


def test_one_event_of_a_batch_that_cannot_be_read_leaves_the_others() -> None:
    good = {"event": "delivered", "email": "a@x.example", "timestamp": "1479372600", "sg_event_id": "1"}
    body = json.dumps([good, {"event": "open", "timestamp": {}}, "nonsense"])
    answer = Client().post(
        "/webhooks/sendgrid/tracking/", body, content_type="application/json", headers={"authorization": AUTH}
    )
    assert answer.status_code == 200
    assert sorted(ProviderEvent.objects.values_list("type", flat=True)) == ["delivered", "unread", "unread"]


def test_hostile_values_are_kept_as_text(anna: Contact) -> None:
    told = {
        "RecordType": "Delivery",
        "MessageID": "'; DROP TABLE contacts_contact; --\x00" + "x" * 5000,
        "Recipient": "a\x00b\r\nBcc: x@y" + "å" * 3000,
        "Metadata": {"\ud800": "\ud800", "nan": float("nan")},
        "DeliveredAt": "2026-11-17T06:30:00Z",
    }
    assert postmark(told).status_code == 200
    kept = ProviderEvent.objects.get()
    assert (len(kept.message_id), len(kept.recipient)) == (300, 254)
    assert "\x00" not in kept.message_id + kept.recipient
    assert Contact.objects.count() == 1


def test_the_wrong_kind_of_report_at_an_address_is_named(anna: Contact) -> None:
    answer = postmark({"FromFull": {"Email": "a@b.example"}, "Subject": "Hej"})
    assert answer.status_code == 400
    assert b"inbound" in answer.content
    assert ProviderEvent.objects.get().type == "unread"


# Mails that come back


def inbound(mail: Send | None = None, text: str = "Vad kostar det?", **more: Any) -> Any:
    headers = [{"Name": "Message-ID", "Value": "<1@fjordmek.example>"}]
    if mail is not None:
        number = tokens.message_id(mail.pk, "ours.example")
        headers.append({"Name": "In-Reply-To", "Value": f"<{number}>"})
    headers += more.pop("headers", [])
    told = {
        "MessageID": more.pop("number", "73e6d360-66eb-11e1-8e72-a8904824019b"),
        "FromFull": {"Email": more.pop("sender", "anna.lind@fjordmek.example"), "Name": "Anna"},
        "ToFull": [{"Email": more.pop("to", "mira@ours.example"), "Name": ""}],
        "Subject": "Sv: Priser 2027",
        "TextBody": text,
        "Headers": headers,
    }
    return postmark(told | more, kind="inbound")


def test_a_reply_reaches_a_salesperson_at_once(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    text = "Vad kostar tio?\n\nDen tis 17 nov. 2026 kl 09:30 skrev Mira <mira@ours.example>:\n> Hej Anna\n> Priser\n"
    assert inbound(mail, text).status_code == 200
    reply = Reply.objects.get()
    assert (reply.kind, reply.contact_id, reply.send_id, reply.text) == (
        "human",
        anna.pk,
        mail.pk,
        "Vad kostar tio?",
    )
    assert "> Priser" in reply.whole
    waiting = Handoff.objects.get()
    assert (waiting.kind, waiting.because) == ("replied", "Replied: “Vad kostar tio?”")
    assert Standing.objects.get(contact=anna).state == "hot"


def test_the_same_reply_twice_is_one(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    inbound(mail)
    inbound(mail)
    inbound(mail, number="another delivery of the same mail")
    assert Reply.objects.count() == EngagementEvent.objects.count() == Handoff.objects.count() == 1


def test_an_automatic_answer_is_kept_and_changes_nothing(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    before = Standing.objects.values("state", "heat", "rhythm_days").get(contact=anna)
    said = [{"Name": "Auto-Submitted", "Value": "auto-replied"}]
    assert (
        inbound(mail, "Jag är på semester.", headers=said, Subject="Autosvar: Priser 2027").status_code == 200
    )
    assert Reply.objects.get().kind == "out_of_office"
    assert EngagementEvent.objects.get().type == "autoresponded"
    assert not Handoff.objects.exists()
    assert Standing.objects.values("state", "heat", "rhythm_days").get(contact=anna) == before


def test_a_colleague_who_answers_is_matched_by_the_mail_and_not_by_the_address(
    anna: Contact, dana: Contact
) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    inbound(mail, sender=str(dana.email))
    assert Reply.objects.get().contact_id == anna.pk


def test_a_forged_reference_falls_back_to_the_address(anna: Contact, dana: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    forged = tokens.message_id(mail.pk, "ours.example").replace("@", "A@", 1)
    inbound(sender=str(dana.email), headers=[{"Name": "In-Reply-To", "Value": f"<{forged}>"}])
    assert Reply.objects.get().contact_id == dana.pk


def test_a_plus_address_names_the_mail(anna: Contact, dana: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    token = tokens.message_id(mail.pk, "x").partition("@")[0]
    inbound(sender="lars@private.example", to=f"reply+{token}@svar.ours.example")
    assert (Reply.objects.get().contact_id, Reply.objects.get().send_id) == (anna.pk, mail.pk)


def test_a_mail_from_nobody_we_know_is_kept_without_a_contact() -> None:
    assert inbound(sender="stranger@elsewhere.example").status_code == 200
    assert Reply.objects.get().contact_id is None
    assert not Handoff.objects.exists()


def test_stop_written_as_a_reply_is_a_stop_and_no_lead(anna: Contact) -> None:
    inbound(mailing.sent(anna, at=NOW - timedelta(hours=3)), "Avregistrera mig tack.")
    assert Suppression.objects.get().reason == "unsubscribed"
    assert not Handoff.objects.exists()


def test_the_mailto_of_list_unsubscribe_stops_also_from_a_mail_program_without_words(anna: Contact) -> None:
    token = tokens.stop_token(anna.pk)
    said = [{"Name": "Auto-Submitted", "Value": "auto-generated"}]
    inbound(sender="noreply@fjordmek.example", text="", Subject=f"stop {token}", headers=said)
    assert Suppression.objects.get().address == "anna.lind@fjordmek.example"


def test_a_hostile_mail_is_text(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    said = [{"Name": "References", "Value": "<a\x00b@c>"}]
    answer = inbound(mail, "\x00<script>alert(1)</script>", Subject="x\x00" + "å" * 5000, headers=said)
    assert answer.status_code == 200
    assert Reply.objects.get().text.startswith("<script>alert(1)</script>")
    assert len(Reply.objects.get().subject) == 1000


def test_a_line_break_in_a_header_is_refused_and_kept(anna: Contact) -> None:
    answer = inbound(mailing.sent(anna, at=NOW - timedelta(hours=3)), Subject="x\r\nBcc: y@z.example")
    assert answer.status_code == 400
    assert "Bcc" in ProviderEvent.objects.get(type="unread").payload["body"]
    assert not Reply.objects.exists()


def test_a_report_nested_as_deep_as_can_be_is_no_500() -> None:
    for depth in (100, 400, 700, 850, 900, 950, 1000, 2000):
        deep = '{"RecordType": "Delivery", "Metadata": ' + '{"a":' * depth + "1" + "}" * depth + "}"
        assert postmark(deep.encode()).status_code in (200, 400)


def test_a_mail_of_ten_megabytes_is_taken(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    assert inbound(mail, "Hej!\n" + "x" * 10_000_000).status_code == 200
    assert len(Reply.objects.get().whole) == 200_000


# As the providers really send it (recorded requests beside the checkout)


def recorded(folder: Path, pattern: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) | {"name": path.name} for path in sorted(folder.glob(pattern))]


def replay(case: dict[str, Any]) -> Any:
    request = case["request"]
    body = base64.b64decode(request["body_base64"]) if "body_base64" in request else request["body"].encode()
    return Client().generic(
        request["method"],
        request["path"].replace("/anymail/", "/webhooks/", 1),
        body,
        content_type=request["content_type"],
        headers={name.lower(): value for name, value in request["headers"].items()},
    )


def sign_anew(case: dict[str, Any], key: str) -> None:
    """Where a recorded request was signed with a key that nobody kept."""
    request = case["request"]
    if "body_json" in request:
        found = request["body_json"]["signature"]
        found["signature"] = signature(found["token"], found["timestamp"], key)["signature"]
        request["body"] = json.dumps(request["body_json"])


RECORDED_KEYS = {
    "WEBHOOK_SECRET": ["username:password", "cred1:pass1"],
    "MAILGUN_WEBHOOK_SIGNING_KEY": "TEST_WEBHOOK_SIGNING_KEY",
}


def test_recorded_requests_of_both_providers_are_taken_and_kept(shared_data: Path, settings: Any) -> None:
    settings.ANYMAIL = RECORDED_KEYS
    cases = recorded(shared_data / "webhooks", "mailgun__*.json") + recorded(
        shared_data / "webhooks", "postmark__*.json"
    )
    assert len(cases) >= 20
    for case in cases:
        if "defaults_webhook_signing_to_api_key" in case["name"]:
            sign_anew(case, "TEST_WEBHOOK_SIGNING_KEY")
        before = set(ProviderEvent.objects.values_list("pk", flat=True))
        answer = replay(case)
        assert answer.status_code == 200, (case["name"], answer.content)
        (expected,) = case["expected_events"]
        kept = ProviderEvent.objects.exclude(pk__in=before).first()
        if kept is None:
            # The same bare report under another signature: known already.
            assert expected.get("message_id") is None, case["name"]
            continue
        assert kept.type == expected["event_type"], case["name"]
        assert kept.provider == case["esp"]
        if expected["event_type"] != "inbound":
            assert (kept.message_id, kept.recipient) == (
                expected["message_id"] or "",
                expected["recipient"] or "",
            )
    assert not EngagementEvent.objects.exists()
    replies = Reply.objects.count()
    assert replies >= 4
    for case in cases:
        assert replay(case).status_code == 200
    assert Reply.objects.count() == replies


def test_recorded_requests_do_what_they_say_to_people_we_know(
    shared_data: Path, settings: Any, anna: Contact
) -> None:
    settings.ANYMAIL = RECORDED_KEYS
    cases = {case["name"]: case for case in recorded(shared_data / "webhooks", "*.json")}
    complaint = next(case for name, case in cases.items() if re.match("mailgun.*complained", name))
    Contact.objects.filter(pk=anna.pk).update(email=complaint["expected_events"][0]["recipient"])
    assert replay(complaint).status_code == 200
    assert Suppression.objects.get().reason == "complained"
    delivered = next(case for name, case in cases.items() if re.match("postmark.*delivered", name))
    mail = mailing.sent(
        anna, at=NOW, state="unknown", provider_id=delivered["expected_events"][0]["message_id"]
    )
    assert replay(delivered).status_code == 200
    mail.refresh_from_db()
    assert mail.state == "accepted"


def test_recorded_requests_of_every_provider_are_let_in_and_read(shared_data: Path) -> None:
    results = list(replaying.replay(shared_data / "webhooks"))
    assert len(results) >= 100
    read = [one for one in results if not one.name.startswith(replaying.LIES_AT_THE_PROVIDER)]
    assert len(read) >= len(results) - 5
    assert [one for one in read if not one.is_right] == []


def test_recorded_requests_that_must_be_refused_are(shared_data: Path) -> None:
    results = list(replaying.replay(shared_data / "webhooks" / "must_reject", signed=False))
    assert len(results) >= 19
    assert [one for one in results if one.status != 400] == []
    assert not ProviderEvent.objects.exists()


def test_a_signature_that_is_older_than_five_minutes_is_refused(shared_data: Path) -> None:
    """A recorded request that was right once, posted again an hour later."""
    results = list(replaying.replay(shared_data / "webhooks", "resend__tracking*", at=NOW))
    assert results
    assert {one.status for one in results} == {400}


def test_a_payload_keeps_its_form() -> None:
    assert webhook.storable({"a": [1, "\x00b", {"c": None}], "d": float("inf")}) == {
        "a": [1, "b", {"c": None}],
        "d": "Infinity",
    }


@pytest.mark.parametrize("times", [50, pytest.param(1000, marks=pytest.mark.slow)])
def test_the_same_webhook_a_thousand_times_is_one(anna: Contact, times: int) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    client = Client()
    stamp = (NOW - timedelta(hours=1)).timestamp()
    number = tokens.message_id(mail.pk, "ours.example")
    event = {"event": "complained", "timestamp": stamp, "recipient": mail.address}
    event |= {"message": {"headers": {"message-id": number}}}
    for count in range(times):
        body = json.dumps({"event-data": event, "signature": signature(f"{count:050}")})
        answer = client.post(
            "/webhooks/mailgun/tracking/", body, "application/json", headers={"authorization": AUTH}
        )
        assert answer.status_code == 200
    assert (ProviderEvent.objects.count(), EngagementEvent.objects.count(), Suppression.objects.count()) == (
        1,
        1,
        1,
    )


@pytest.mark.parametrize(
    ("payload", "machine"),
    [
        ({"event": "proxy_open"}, True),
        ({"event": "unique_proxy_open"}, True),
        ({"event": "opened"}, False),
        ({"event": "open", "sg_machine_open": True}, True),
        ({"event": "open", "sg_machine_open": False}, False),
        ({"event-data": {"event": "opened", "client-info": {"bot": "apple"}}}, True),
        ({"event-data": {"event": "opened", "client-info": {"bot": ""}}}, False),
        ({"msys": {"track_event": {"type": "open", "is_prefetched": True}}}, True),
        ({}, False),
    ],
)
def test_what_a_provider_knows_to_be_a_machine_is_read(payload: dict[str, Any], machine: bool) -> None:
    assert provider.is_machine(payload) is machine


@pytest.mark.parametrize(
    ("payload", "hard"),
    [
        ({"bounce": {"bounceType": "Permanent", "bouncedRecipients": [{"status": "5.1.1"}]}}, True),
        ({"bounce": {"bounceType": "Transient", "bouncedRecipients": [{"status": "5.2.2"}]}}, False),
        ({"event": "hard_bounce", "reason": ""}, True),
        ({"event": "soft_bounce", "reason": "550 user unknown"}, False),
        ({"event": "invalid_email"}, True),
        ({"data": {"type": "hard_bounced", "morph": {"reason": "Host or domain name not found"}}}, True),
        ({"data": {"type": "soft_bounced", "morph": {"reason": "mailbox full"}}}, False),
        ({"hard_bounce": True, "error": "user unknown"}, True),
        ({"hard_bounce": False, "error": "quota exceeded"}, False),
        ({"event": "bounce", "bounce_category": "hard", "response": "550 5.1.1"}, True),
        ({"event": "hard_bounce", "msg": {"bounce_description": "bad_mailbox", "diag": "550 5.1.1"}}, True),
        ({"event": "soft_bounce", "msg": {"bounce_description": "mailbox_full"}}, False),
        ({"Type": "HardBounce"}, True),
        ({"Type": "SpamNotification"}, False),
        ({"Type": "Blocked"}, False),
        ({"data": {"bounce": {"type": "Permanent", "message": "hard"}}}, True),
        ({"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 no such user"}, True),
        ({"event": "bounce", "type": "blocked", "status": "5.7.1", "reason": "550 blocked"}, False),
        ({"msys": {"message_event": {"bounce_class": "10", "raw_reason": "550 5.1.1 x"}}}, True),
        ({"msys": {"message_event": {"bounce_class": "22", "raw_reason": "552 full"}}}, False),
        ({"delivery_info": {"delivery_status": "err_user_unknown"}}, True),
        ({"delivery_info": {"delivery_status": "err_mailbox_full"}}, False),
        # A provider that says "permanent" about a policy: the address is there.
        (
            {
                "bounce": {
                    "bounceType": "Permanent",
                    "bouncedRecipients": [{"diagnosticCode": "550 5.7.1 spam"}],
                }
            },
            False,
        ),
    ],
)
def test_a_dead_address_is_known_in_every_providers_words(payload: dict[str, Any], hard: bool) -> None:
    assert bounce.judge(provider.told(payload, word="bounced")).hard is hard


def test_an_address_wears_out_and_recovers(anna: Contact) -> None:
    """Soft bounces add up, each mail that arrives halves them; none stops at once."""
    start = NOW - timedelta(days=60)
    for number in range(4):
        came_back(anna, start + timedelta(days=7 * number), NOW)
    arrived = mailing.sent(anna, at=start + timedelta(days=30), title="Arrived")
    Send.objects.filter(pk=arrived.pk).update(delivered_at=start + timedelta(days=30))
    for number in range(2):
        came_back(anna, start + timedelta(days=35 + 7 * number), NOW)
    assert bounces.weariness(anna.pk, str(anna.email), now=NOW)[0] == 4.0
    assert bounces.wear_out([anna.pk], now=NOW) == []
    came_back(anna, start + timedelta(days=50), NOW)
    assert bounces.wear_out([anna.pk], now=NOW) == [anna.pk]
    assert Suppression.objects.get().reason == "bounced"
    assert "again and again" in Suppression.objects.get().source


def came_back(person: Contact, at: datetime, _now: datetime) -> None:
    mail = mailing.sent(person, at=at, title=f"Mail {at:%d %b}")
    Send.objects.filter(pk=mail.pk).update(bounced_at=at + timedelta(minutes=1))
