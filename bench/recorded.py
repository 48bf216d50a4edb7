"""Recorded requests of mail providers, posted to our own views: who is let in, and what is read.

A request that was signed with a key that nobody kept (Postal) is signed anew, and one whose signature is tied to its time
(Resend) is tried with the clock at that time; everything else is posted byte by byte as it was recorded.
"""

import base64
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import requests
from anymail import signals
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.conf import settings
from django.test import RequestFactory

from contacts import clock

_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_PUBLIC = _RSA.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
SECRETS: dict[str, Any] = {
    "WEBHOOK_SECRET": ["username:password", "cred1:pass1", "cred2:pass2"],
    "MAILGUN_WEBHOOK_SIGNING_KEY": "TEST_WEBHOOK_SIGNING_KEY",
    "MAILERSEND_SIGNING_SECRET": "TEST_WEBHOOK_SIGNING_SECRET",
    "MAILERSEND_INBOUND_SECRET": "TEST_WEBHOOK_SIGNING_SECRET",
    "MANDRILL_WEBHOOK_KEY": "TEST_WEBHOOK_KEY",
    "POSTAL_WEBHOOK_KEY": "".join(_PUBLIC.decode().splitlines()[1:-1]),
    "RESEND_SIGNING_SECRET": base64.b64encode(b"TEST_SIGNING_SECRET").decode(),
    "RESEND_INBOUND_SECRET": base64.b64encode(b"TEST_SIGNING_SECRET").decode(),
    "RESEND_API_KEY": "key",
    "UNISENDER_GO_API_KEY": "TEST_API_KEY",
    "MAILTRAP_API_TOKEN": "key",
}
# The body is only the news that a mail lies at the provider; reading it on would need its API.
LIES_AT_THE_PROVIDER = (
    "resend__inbound__inbound__test_attachments",
    "resend__inbound__inbound__test_event_id",
    "resend__inbound__inbound__test_inbound_basics_raw_mime",
)


# Recorded where another key was set, or none.
_OTHER_KEYS = ("inbound__test_supports_credential_rotation", "inbound__test_warns_if_no_auth")


@dataclass(frozen=True)
class Result:
    """One recorded request: what was expected, what came of it."""

    name: str
    expected: list[str]
    status: int
    read: list[str]
    said: str

    @property
    def is_right(self) -> bool:
        return self.status == 200 and self.read == self.expected


def replay(
    folder: Path, pattern: str = "*.json", *, signed: bool = True, at: datetime | None = None
) -> Iterator[Result]:
    """Post each recorded request of a folder, with every provider's secret set. `at`: what the clock says."""
    for path in sorted(folder.glob(pattern)):
        case = json.loads(path.read_text())
        yield _one(path.name, case, sign_anew=signed, clock_at=at)


def _one(name: str, case: dict[str, Any], *, sign_anew: bool, clock_at: datetime | None) -> Result:
    from nurturing.services import webhook
    from nurturing.views import webhooks

    request = case["request"]
    headers = {
        key: base64.b64decode(value["b64"]).decode() if isinstance(value, dict) else str(value)
        for key, value in request["headers"].items()
    }
    body = base64.b64decode(request["body_base64"]) if "body_base64" in request else request["body"].encode()
    path = request["path"].partition("/anymail/")[2].strip("/")
    provider, _, kind = path.partition("/")
    own = dict(SECRETS)
    if "Authorization" not in headers and not name.startswith("resend"):
        own["WEBHOOK_SECRET"] = []  # recorded where only the signature was asked for
    if provider == "mandrill":
        # Mandrill signs the address with its password in it.
        password = base64.b64decode(headers.get("Authorization", "").removeprefix("Basic ")).decode(
            "utf-8", "replace"
        )
        own["MANDRILL_WEBHOOK_URL"] = request["path"].replace("://", f"://{password}@" if password else "://")
    if sign_anew:
        _sign(provider, headers, body, name, own)
    posted = RequestFactory().generic(
        request["method"],
        f"/webhooks/{provider}/{kind or 'tracking'}/",
        body,
        content_type=request["content_type"],
        headers={key.lower(): value for key, value in headers.items()},
    )
    read: list[str] = []

    def listen(sender: object, event: Any, esp_name: str, **_more: object) -> None:
        read.append(str(event.event_type))

    at = clock_at or datetime.fromtimestamp(float(headers.get("svix-timestamp", 1_700_000_000)), UTC)
    away = mock.patch("requests.get", side_effect=requests.ConnectionError("no provider in a test"))
    told, came = (
        mock.patch.object(signals.tracking, "send", _to(listen)),
        mock.patch.object(signals.inbound, "send", _to(listen)),
    )
    with (
        away,
        told,
        came,
        mock.patch.object(webhook, "keep_unread"),
        mock.patch.object(settings, "ANYMAIL", own),
        clock.at(at),
    ):
        answer = webhooks.receive(posted, provider, kind or "tracking")
    expected = [one["event_type"] for one in case["expected_events"]]
    return Result(name, expected, answer.status_code, read, answer.content.decode().strip()[:90])


def _to(listen: Any) -> Any:
    return lambda *_arguments, **named: listen(**named)


def _sign(provider: str, headers: dict[str, str], body: bytes, name: str, own: dict[str, Any]) -> None:
    if provider == "postal":
        made = _RSA.sign(body, padding.PKCS1v15(), hashes.SHA1())
        headers["X-Postal-Signature"] = base64.b64encode(made).decode()
    if "inbound_secret_is_different" in name:
        headers["Signature"] = hmac.new(
            SECRETS["MAILERSEND_SIGNING_SECRET"].encode(), body, "sha256"
        ).hexdigest()
    if provider == "resend" and any(one in name for one in _OTHER_KEYS):
        text = f"{headers['svix-id']}.{int(float(headers['svix-timestamp']))}.".encode() + body
        headers["svix-signature"] = (
            "v1," + base64.b64encode(hmac.digest(b"TEST_SIGNING_SECRET", text, "sha256")).decode()
        )
    if "defaults_webhook_signing_to_api_key" in name:
        own.pop("MAILGUN_WEBHOOK_SIGNING_KEY")
        own["MAILGUN_API_KEY"] = "TEST_API_KEY"
