"""The ways out:

a mail server of one's own, or a provider that django-anymail speaks to. What each must be told.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise as Words


class Settings(Protocol):
    """The part of a sender that a way out needs."""

    email: str
    company: str
    postal_address: str
    org_number: str
    transport: str
    transport_settings: Any
    secret: str


@dataclass(frozen=True, slots=True)
class Provider:
    """One of anymail's backends:

    `secret` is the keyword its key goes by, `needs` the open settings it cannot do without.
    """

    label: str
    secret: str
    secret_label: Words
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


_API_KEY = _("API key")
_API_TOKEN = _("API token")


@dataclass(frozen=True, slots=True)
class MailServer:
    """A provider through its SMTP door: where it stands is known but for `{region}`."""

    label: str
    host: str
    port: int = 587
    security: str = "starttls"


# Anymail's backend for Amazon SES needs boto3, which is heavier than the rest of the silo together; its SMTP door does
# the same, with pooled lines.
MAIL_SERVERS: dict[str, MailServer] = {
    "amazon_ses": MailServer("Amazon SES", "email-smtp.{region}.amazonaws.com")
}
REGION = re.compile(r"\A[a-z]{2}(?:-[a-z]+){1,3}-\d\Z")

PROVIDERS: dict[str, Provider] = {
    "brevo": Provider("Brevo", "api_key", _API_KEY),
    "mailersend": Provider("MailerSend", "api_token", _API_TOKEN),
    "mailgun": Provider("Mailgun", "api_key", _API_KEY, may=("sender_domain", "api_url")),
    "mailjet": Provider("Mailjet", "secret_key", _("secret key"), needs=("api_key",)),
    "mailtrap": Provider("Mailtrap", "api_token", _API_TOKEN),
    "mandrill": Provider("Mandrill", "api_key", _API_KEY),
    "postal": Provider("Postal", "api_key", _API_KEY, needs=("api_url",)),
    "postmark": Provider("Postmark", "server_token", _("server token"), may=("message_stream",)),
    "resend": Provider("Resend", "api_key", _API_KEY),
    "scaleway": Provider(
        "Scaleway TEM", "secret_key", _("secret key"), needs=("project_id",), may=("region",)
    ),
    "sendgrid": Provider("SendGrid", "api_key", _API_KEY),
    "sparkpost": Provider("SparkPost", "api_key", _API_KEY, may=("subaccount", "api_url")),
    "unisender_go": Provider("Unisender Go", "api_key", _API_KEY, needs=("api_url",)),
}

SETTING_LABELS: dict[str, Words] = {
    "api_key": _("API key (public part)"),
    "api_url": _("address of the API"),
    "sender_domain": _("sending domain at the provider"),
    "message_stream": _("message stream"),
    "project_id": _("project id"),
    "region": _("region"),
    "subaccount": _("subaccount"),
    "host": _("mail server"),
    "username": _("SMTP user name"),
    "secret": _("SMTP password"),
}

SECURITY = (
    ("starttls", _("STARTTLS (usual, port 587)")),
    ("tls", _("TLS from the first byte (port 465)")),
    ("none", _("none")),
)


def server(transport: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Host, port, encryption and user name of a way out that is a mail server."""
    known = MAIL_SERVERS.get(transport)
    if known is None:
        return given
    host = known.host.format(region=given.get("region", ""))
    return {**given, "host": host, "port": known.port, "security": known.security}


def missing_footer(sender: Settings) -> list[Words]:
    """What the law wants under every mail and is not there yet."""
    parts: list[tuple[str, Words]] = [
        (sender.company, _("the company's name")),
        (sender.postal_address, _("a postal address")),
        (sender.org_number, _("the organisation number")),
    ]
    return [words for value, words in parts if not value.strip()]


def missing_way_out(sender: Settings) -> list[Words]:
    """What the chosen way out must still be told."""
    if sender.transport == "sandbox":
        return [_("a way out: it is still the sandbox")]
    given = sender.transport_settings or {}
    if sender.transport == "smtp":
        return [] if given.get("host") else [SETTING_LABELS["host"]]
    if sender.transport in MAIL_SERVERS:
        asked = {"region": given.get("region"), "username": given.get("username"), "secret": sender.secret}
        return [SETTING_LABELS[name] for name, value in asked.items() if not value]
    provider = PROVIDERS.get(sender.transport)
    if provider is None:
        return [_("a way out that this version knows")]
    lacking = [SETTING_LABELS[name] for name in provider.needs if not given.get(name)]
    return lacking if sender.secret else [provider.secret_label, *lacking]


def missing(sender: Settings) -> list[Words]:
    """In words, what keeps this sender from sending for real; nothing when it may."""
    lacking = missing_footer(sender) + missing_way_out(sender)
    return lacking if sender.email else [_("a from address"), *lacking]
