"""Providers' keys in the browser: never shown again, rotated with an overlap, and no entrance without one."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from contacts import keys
from contacts.models import AuditEvent, Contact
from nurturing.inbound import doors
from nurturing.models import ProviderEvent, WebhookKey, WebhookRefusal
from nurturing.queries import webhook_key as queries
from nurturing.services import webhook_key
from nurturing.views.webhook_providers import VIEWS
from silo.models import User
from tests.cast import NOW, client_of
from tests.nurturing import posting

pytestmark = pytest.mark.django_db
DELIVERED = {"RecordType": "Delivery", "MessageID": "m-1", "DeliveredAt": "2026-11-17T06:30:00Z"}


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(settings: Any) -> Any:
    settings.ANYMAIL = {}
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def postmark(password: str, number: int = 1) -> int:
    word = "Basic " + base64.b64encode(password.encode()).decode()
    answer = Client().post(
        "/webhooks/postmark/tracking/",
        json.dumps(DELIVERED | {"MessageID": f"m-{number}", "Recipient": "a@x.example"}),
        content_type="application/json",
        headers={"authorization": word},
    )
    return int(answer.status_code)


def mailgun(key: str, kind: str = "delivered") -> int:
    token, stamp = "t" * 50, str(int(NOW.timestamp()))
    made = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    signature = {"token": token, "timestamp": stamp, "signature": made}
    event = {"event": kind, "timestamp": NOW.timestamp(), "recipient": "a@x.example"}
    body = json.dumps({"event-data": event, "signature": signature})
    answer = Client().post("/webhooks/mailgun/tracking/", body, content_type="application/json")
    return int(answer.status_code)


def page(client: Client, provider: str) -> str:
    return client.get(reverse("nurturing:webhook_door", args=[provider])).content.decode()


def press(client: Client, name: str, provider: str, key: str, **data: str) -> Any:
    return client.post(reverse(f"nurturing:{name}", args=[provider, key]), data, follow=True)


# Who may


def test_only_admins_see_the_pages(ada: User, mira: User, sam: User) -> None:
    for address in (reverse("nurturing:webhook_doors"), reverse("nurturing:webhook_door", args=["postmark"])):
        assert client_of(ada).get(address).status_code == 200
        assert client_of(mira).get(address).status_code == 403
        assert client_of(sam).get(address).status_code == 403
        assert Client().get(address).status_code == 302


@pytest.mark.parametrize("name", ["put_webhook_key", "end_webhook_key", "close_webhook_key"])
def test_the_buttons_are_for_admins_and_for_post_and_for_keys_that_exist(
    name: str, ada: User, mira: User
) -> None:
    address = reverse(f"nurturing:{name}", args=["postmark", "password"])
    assert client_of(mira).post(address).status_code == 403
    assert client_of(ada).get(address).status_code == 405
    for wrong in (["nobody", "password"], ["postmark", "signing"]):
        assert client_of(ada).post(reverse(f"nurturing:{name}", args=wrong)).status_code == 404
    assert not WebhookKey.objects.exists()


def test_a_provider_that_is_not_there_is_404(ada: User) -> None:
    assert client_of(ada).get(reverse("nurturing:webhook_door", args=["nobody"])).status_code == 404


def test_every_provider_has_its_addresses_on_the_page(ada: User) -> None:
    """A view without a line on the page could not be opened in the browser, and the other way round."""
    known = {(door.provider, kind) for door in doors.DOORS.values() for kind in door.keys}
    assert known == set(VIEWS) - {("mandrill", "inbound"), ("mailgun", "inbound_mime")}
    for door in doors.DOORS.values():
        shown = page(client_of(ada), door.provider)
        for kind in door.keys:
            assert queries.address(door.provider, kind) in shown


# A password that we make


def test_a_password_is_shown_once_in_the_address_and_opens_it(ada: User) -> None:
    client = client_of(ada)
    assert "Closed: no key is set" in page(client, "postmark")
    shown = press(client, "put_webhook_key", "postmark", "password").content.decode()
    password = keys.decrypt(WebhookKey.objects.get().secret)
    assert f"://{password}@" in shown and "shown this once" in shown
    assert password not in WebhookKey.objects.get().secret
    again = page(client, "postmark")
    assert password.partition(":")[2] not in again and "It is never shown again" in again

    assert postmark(password) == 200
    assert ProviderEvent.objects.count() == 1
    assert "Last event received" in page(client, "postmark")
    assert postmark("silo:wrong") == 400
    assert password.partition(":")[2] not in str(list(AuditEvent.objects.values_list("detail", flat=True)))


def test_the_old_password_opens_for_two_days_beside_the_new_one(
    ada: User, _nothing_in_the_environment: Any
) -> None:
    client = client_of(ada)
    passwords = []
    for _time in range(2):
        press(client, "put_webhook_key", "postmark", "password")
        passwords.append(keys.decrypt(WebhookKey.objects.get(ends_at=None).secret))
    assert [postmark(one) for one in passwords] == [200, 200]
    assert "The one before opens as well until" in page(client, "postmark")
    _nothing_in_the_environment.move_to(NOW + timedelta(hours=49))
    assert [postmark(one) for one in passwords] == [400, 200]


def test_the_old_one_can_be_ended_at_once_and_the_door_closed(ada: User) -> None:
    client = client_of(ada)
    old = webhook_key.make(provider="postmark", name="password", by=ada, now=NOW)
    new = webhook_key.make(provider="postmark", name="password", by=ada, now=NOW)
    press(client, "end_webhook_key", "postmark", "password")
    assert [postmark(old), postmark(new)] == [400, 200]
    press(client, "close_webhook_key", "postmark", "password")
    assert [postmark(old), postmark(new)] == [404, 404]
    assert AuditEvent.objects.filter(verb="webhook_key.ended").count() == 2


# A key that the provider shows


def test_a_pasted_key_is_kept_encrypted_and_checks_the_signature(ada: User) -> None:
    client = client_of(ada)
    shown = press(
        client, "put_webhook_key", "mailgun", "signing", secret=" key-0123456789\n"
    ).content.decode()
    assert "key-0123456789" not in shown and "is let in from now on" in shown
    row = WebhookKey.objects.get()
    assert keys.decrypt(row.secret) == "key-0123456789" and row.made_by == ada
    assert mailgun("key-0123456789") == 200
    assert mailgun("another key") == 400
    assert AuditEvent.objects.get(verb="webhook_key.set").detail == {"provider": "mailgun", "name": "signing"}


def test_a_signature_by_the_old_key_holds_for_a_while(ada: User) -> None:
    for key in ("the-old-key", "the-new-key"):
        webhook_key.put(provider="mailgun", name="signing", secret=key, by=ada, now=NOW)
    assert [mailgun("the-old-key"), mailgun("the-new-key", "opened"), mailgun("a-third-key")] == [
        200,
        200,
        400,
    ]


@pytest.mark.parametrize("secret", ["", "short", "x" * 1001, "nyckel-åäö-nyckel", "\x00" * 20])
def test_what_cannot_be_a_key_is_refused_in_words(ada: User, secret: str) -> None:
    shown = press(client_of(ada), "put_webhook_key", "mailgun", "signing", secret=secret)
    assert "Copy it once more" in shown.content.decode()
    assert not WebhookKey.objects.exists()


def test_the_environment_goes_on_opening(ada: User, settings: Any) -> None:
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": "of the machine", "WEBHOOK_SECRET": "u:p"}
    assert "set in the environment" in page(client_of(ada), "mailgun")
    webhook_key.put(provider="mailgun", name="signing", secret="of the browser"[:8] + "-key", by=ada, now=NOW)
    assert postmark("u:p") == 200
    assert mailgun("of the b-key".replace(" ", "")) == 200  # a signature alone is enough by the browser's key


def test_a_key_that_cannot_be_read_any_more_opens_nothing(ada: User) -> None:
    webhook_key.put(provider="mailgun", name="signing", secret="a-good-key", by=ada, now=NOW)
    WebhookKey.objects.update(secret="junk")
    assert mailgun("a-good-key") == 404
    assert client_of(ada).get(reverse("nurturing:webhook_doors")).status_code == 200


def test_every_provider_opens_with_the_key_of_the_page(ada: User) -> None:
    """What anymail calls its setting is what we hand it: else its view would look into the environment, or let all in."""
    posting.sender(transport="resend", secret=keys.encrypt("re_key"))
    pem = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDG3ukorv2E5sRtIuScZt5Mq5RmGGBcGG1LzZ0q0xpdUVt7VdEJKWzPIJcpOVcqGS0"
    ec = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
    for door in doors.DOORS.values():
        for key in door.own_keys:
            if key.is_made:
                webhook_key.make(provider=door.provider, name=key.name, by=ada, now=NOW)
            else:
                secret = (
                    ec
                    if door.provider == "sendgrid"
                    else pem
                    if door.provider == "postal"
                    else "d2hzZWNyZXQ="
                )
                webhook_key.put(provider=door.provider, name=key.name, secret=secret, by=ada, now=NOW)
    for provider, kind in VIEWS:
        answer = Client().post(f"/webhooks/{provider}/{kind}/", "{}", content_type="application/json")
        if (provider, kind) == ("mandrill", "inbound"):
            assert answer.status_code == 404
            continue
        assert answer.status_code in (400, 401), (provider, kind, answer.content)
        assert b"Nothing was kept" in answer.content or answer.status_code == 401, (
            provider,
            kind,
            answer.content,
        )
    assert not ProviderEvent.objects.exists()


# Who was turned away


def test_a_request_without_a_key_is_refused_and_said_on_the_page(
    ada: User, anna: Contact, _nothing_in_the_environment: Any
) -> None:
    for _time in range(5):
        assert postmark("silo:guess") == 404
    row = WebhookRefusal.objects.get()
    assert (row.provider, row.kind, row.why, row.at) == ("postmark", "tracking", "no_key", NOW)
    assert "Turned away, as no key is set" in page(client_of(ada), "postmark")
    _nothing_in_the_environment.move_to(NOW + timedelta(minutes=2))
    password = webhook_key.make(provider="postmark", name="password", by=ada, now=NOW)
    assert postmark("silo:guess") == 400
    row.refresh_from_db()
    assert (row.why, row.at) == ("wrong_key", NOW + timedelta(minutes=2))
    assert "was not the right one" in client_of(ada).get(reverse("nurturing:webhook_doors")).content.decode()
    _nothing_in_the_environment.move_to(NOW + timedelta(minutes=3))
    assert postmark(password) == 200
    assert "Turned away" not in page(client_of(ada), "postmark")


def test_an_address_nobody_knows_leaves_no_trace() -> None:
    assert Client().post("/webhooks/nobody/tracking/").status_code == 404
    assert not WebhookRefusal.objects.exists()


def test_a_provider_may_ask_whether_the_address_is_there_before_it_shows_its_key() -> None:
    assert Client().head("/webhooks/mandrill/tracking/").status_code == 200
    assert not WebhookRefusal.objects.exists()


def test_the_providers_that_we_send_through_stand_first(ada: User) -> None:
    posting.sender(transport="sparkpost", secret=keys.encrypt("k"))
    webhook_key.make(provider="mailjet", name="password", by=ada, now=NOW)
    first, second, *_rest = queries.overview(now=NOW)
    assert (first.door.provider, second.door.provider) == ("sparkpost", "mailjet")
    assert "bounces and answers do not reach us" in client_of(ada).get("/sending/webhooks/").content.decode()
