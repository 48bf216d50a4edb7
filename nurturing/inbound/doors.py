"""The addresses at which providers post to us, and by what each proves that it is the provider.

Some sign what they post with a key that they show in their own settings; some sign nothing, and get a password in the
address that we make. django-anymail checks both (`views/webhook_providers.py`).
"""

import secrets
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise as Words

# At most so long is a key that somebody pastes; Postal's and SendGrid's are public keys of 4096 bits.
LONGEST_KEY = 1000
USER = "silo"


@dataclass(frozen=True, slots=True)
class Key:
    """One secret. `keyword` is what anymail's view takes it as; `is_made` when we make it, as a password."""

    name: str
    keyword: str
    label: Words
    where: Words  # to find it, or to put it
    is_made: bool = False


@dataclass(frozen=True, slots=True)
class Door:
    """One provider: its addresses (`kind`), each with the key that opens it."""

    provider: str
    label: str
    keys: dict[str, Key]
    note: Words = ""

    def key(self, name: str) -> Key | None:
        """The key of this name."""
        return next((key for key in self.keys.values() if key.name == name), None)

    @property
    def own_keys(self) -> list[Key]:
        """Each key once, in the order of the addresses."""
        return list({key.name: key for key in self.keys.values()}.values())


_PASSWORD = Key(
    "password",
    "webhook_secret",
    _("password in the address"),
    _("This provider signs nothing: a password that we make stands in the address."),
    is_made=True,
)


def _key(name: str, keyword: str, label: Words, where: Words) -> Key:
    return Key(name, keyword, label, where)


_FETCHED = _("Incoming mails are fetched with the API key of the sender that sends through this provider.")
_MAILGUN = _key(
    "signing",
    "webhook_signing_key",
    _("HTTP webhook signing key"),
    _("At Mailgun: Settings → API security → HTTP webhook signing key."),
)
_MANDRILL = _key(
    "key",
    "webhook_key",
    _("webhook key"),
    _("At Mandrill: Settings → Webhooks, shown once the webhook is added."),
)
_POSTAL = _key(
    "key",
    "webhook_key",
    _("public key"),
    _("At Postal: the DKIM public key of the server, without its first and last line."),
)

DOORS: dict[str, Door] = {
    door.provider: door
    for door in (
        Door(
            "amazon_ses",
            "Amazon SES",
            {"tracking": _PASSWORD, "inbound": _PASSWORD},
            _(
                "Publish the events of a configuration set to an SNS topic, and subscribe this address to it. We confirm by ourselves."
            ),
        ),
        Door("brevo", "Brevo", {"tracking": _PASSWORD, "inbound": _PASSWORD}),
        Door(
            "mailersend",
            "MailerSend",
            {
                "tracking": _key(
                    "tracking",
                    "signing_secret",
                    _("signing secret"),
                    _("At MailerSend: Domain → Webhooks → the webhook."),
                ),
                "inbound": _key(
                    "inbound",
                    "inbound_secret",
                    _("secret of the inbound route"),
                    _("At MailerSend: Inbound → the route."),
                ),
            },
        ),
        Door("mailgun", "Mailgun", {"tracking": _MAILGUN, "inbound": _MAILGUN}),
        Door("mailjet", "Mailjet", {"tracking": _PASSWORD, "inbound": _PASSWORD}),
        Door(
            "mailtrap",
            "Mailtrap",
            {
                "tracking": _key(
                    "tracking",
                    "tracking_secret",
                    _("signature secret"),
                    _("At Mailtrap: Settings → Webhooks → the webhook."),
                ),
                "inbound": _key(
                    "inbound",
                    "inbound_secret",
                    _("signature secret of inbound"),
                    _("At Mailtrap: Inbound → Webhooks."),
                ),
            },
            _FETCHED,
        ),
        Door(
            "mandrill",
            "Mandrill",
            {"tracking": _MANDRILL},
            _("One address for reports and for incoming mail."),
        ),
        Door("postal", "Postal", {"tracking": _POSTAL, "inbound": _POSTAL}),
        Door("postmark", "Postmark", {"tracking": _PASSWORD, "inbound": _PASSWORD}),
        Door(
            "resend",
            "Resend",
            {
                "tracking": _key(
                    "tracking",
                    "signing_secret",
                    _("signing secret"),
                    _("At Resend: Webhooks → the webhook, “whsec_…”."),
                ),
                "inbound": _key(
                    "inbound",
                    "inbound_secret",
                    _("signing secret of inbound"),
                    _("At Resend: the webhook for email.received."),
                ),
            },
            _FETCHED,
        ),
        Door(
            "sendgrid",
            "SendGrid",
            {
                "tracking": _key(
                    "tracking",
                    "tracking_webhook_verification_key",
                    _("verification key"),
                    _("At SendGrid: Settings → Mail Settings → Event Webhook → Signed event webhook."),
                ),
                "inbound": _PASSWORD,
            },
        ),
        Door("sparkpost", "SparkPost", {"tracking": _PASSWORD, "inbound": _PASSWORD}),
        Door(
            "unisender_go",
            "Unisender Go",
            {"tracking": _key("key", "api_key", _("API key"), _("The one that mails are sent with."))},
        ),
    )
}


def new_password() -> str:
    """A password for an address, as `user:password`; nothing in it needs a code in an address."""
    return f"{USER}:{secrets.token_urlsafe(24)}"
