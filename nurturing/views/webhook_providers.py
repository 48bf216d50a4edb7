"""One pair of views per provider: django-anymail checks and reads each one's form, and these close what it leaves open.

Anymail trusts that a request is well made, and lets anybody in where no secret is set. Here a provider without its
secret has no address, and what cannot be read is answered with a sentence and kept.
"""

import base64
import hashlib
import hmac
import http.client
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailImproperlyInstalled,
    AnymailWebhookValidationFailure,
)
from anymail.inbound import AnymailInboundMessage
from anymail.signals import EventType
from anymail.webhooks.amazon_ses import AmazonSESInboundWebhookView, AmazonSESTrackingWebhookView
from anymail.webhooks.base import AnymailBaseWebhookView, AnymailCoreWebhookView
from anymail.webhooks.brevo import BrevoInboundWebhookView, BrevoTrackingWebhookView
from anymail.webhooks.mailersend import MailerSendInboundWebhookView, MailerSendTrackingWebhookView
from anymail.webhooks.mailgun import MailgunInboundWebhookView, MailgunTrackingWebhookView
from anymail.webhooks.mailjet import MailjetInboundWebhookView, MailjetTrackingWebhookView
from anymail.webhooks.mailtrap import MailtrapInboundWebhookView, MailtrapTrackingWebhookView
from anymail.webhooks.mandrill import MandrillCombinedWebhookView
from anymail.webhooks.postal import PostalInboundWebhookView, PostalTrackingWebhookView
from anymail.webhooks.postmark import PostmarkInboundWebhookView, PostmarkTrackingWebhookView
from anymail.webhooks.resend import ResendInboundWebhookView, ResendTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridInboundWebhookView, SendGridTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostInboundWebhookView, SparkPostTrackingWebhookView
from anymail.webhooks.unisender_go import UnisenderGoTrackingWebhookView
from django.core.exceptions import SuspiciousOperation
from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from contacts import clock, network
from nurturing.services import webhook

log = structlog.get_logger(__name__)
TEXT = "text/plain; charset=utf-8"
ANY = "WEBHOOK_SECRET"  # the user:password in the address that the provider posts to
SVIX_TOLERANCE = 300  # seconds; Standard Webhooks


class Guarded(AnymailCoreWebhookView):
    """What every provider's view gets in addition: no secret, no entrance; unreadable, a sentence."""

    kind = "tracking"
    secrets: tuple[str, ...] = (ANY,)
    turned_away = False  # the request proves nothing by the secrets of this view

    @classmethod
    def receive(cls, request: HttpRequest, secrets: Sequence[Mapping[str, Any]]) -> tuple[HttpResponse, bool]:
        """Answer a request, by the first set of secrets that lets it in; and whether one did. A provider's old key
        holds for a while beside the new one.
        """
        for given in secrets:
            view = cls(**given)
            view.setup(request)
            answer: HttpResponse = view.dispatch(request)
            if not view.turned_away:
                return answer, True
        return answer, False

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self.run_validators(request)
        except (AnymailWebhookValidationFailure, SuspiciousOperation):
            self.turned_away = True
            return refused("The signature or password of this request is not right. Nothing was kept.")
        except (TypeError, ValueError, AttributeError, KeyError, RecursionError, AnymailAPIError):
            self.turned_away = True
            return refused("This request is not in the form that the provider documents. Nothing was kept.")
        try:
            events = self.parse_events(request)
        except DatabaseFailure:
            raise
        except (requests.RequestException, OSError) as error:
            # The provider keeps the mail and we could not fetch it just now: it posts again.
            log.warning("webhook_not_fetched", provider=self.esp_name, error=repr(error))
            return HttpResponse(
                "We could not fetch the mail. Post again later.\n", status=503, content_type=TEXT
            )
        except AnymailConfigurationError as error:
            return self._unread(request, str(error))
        except AnymailImproperlyInstalled:
            return self._unread(request, "This kind of delivery needs a part that this version has not got.")
        except Exception as error:
            # A provider's new field or a broken body: any error of any parser ends here, with the body kept.
            log.warning("webhook_unread", provider=self.esp_name, kind=self.kind, error=repr(error))
            return self._unread(request, f"We could not read this: {error!r}")
        try:
            for event in events:
                if event is not None:
                    self.signal.send(sender=self.__class__, event=event, esp_name=self.esp_name)
        except (ValueError, RecursionError) as error:
            # Readable, and yet no database takes it. Anything else that goes wrong is ours: 500, and they try again.
            log.exception("webhook_unkept", provider=self.esp_name, kind=self.kind)
            return self._unread(request, f"We could not keep this: {error!r}")
        return HttpResponse("kept\n", content_type=TEXT)

    def _unread(self, request: HttpRequest, why: str) -> HttpResponse:
        is_form = (request.content_type or "").startswith("multipart/")
        body = request.POST.urlencode().encode() if is_form else request.body
        webhook.keep_unread(
            source=key(self.esp_name), kind=self.kind, body=body, why=why[:300], now=clock.now()
        )
        return refused(f"{why[:300]} The request was kept for an admin to look at.")


class Batch(Guarded):
    """Many events in one request: one that cannot be read is kept, and the others are read."""

    moment = ""  # the field with the time, which some senders write as text

    def esp_to_anymail_event(self, esp_event: Any, *more: Any) -> Any:
        try:
            said_at = esp_event.get(self.moment)
            if isinstance(said_at, str) and said_at.isdigit():
                esp_event[self.moment] = int(said_at)
            return super().esp_to_anymail_event(esp_event, *more)
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError, OSError) as error:
            log.warning("webhook_event_unread", provider=self.esp_name, error=repr(error))
            body = json.dumps(esp_event, default=str).encode()
            why = f"We could not read this: {error!r}"[:300]
            webhook.keep_unread(
                source=key(self.esp_name), kind=self.kind, body=body, why=why, now=clock.now()
            )
            return None


def key(esp_name: str) -> str:
    """A provider's name as it stands in addresses and rows: "amazon_ses"."""
    return esp_name.lower().replace(" ", "_")


def refused(words: str) -> HttpResponse:
    """400 with one sentence for whoever reads the provider's log."""
    return HttpResponse(words + "\n", status=400, content_type=TEXT)


class MailgunTracking(Guarded, MailgunTrackingWebhookView):
    """Signed by Mailgun."""

    secrets = ("MAILGUN_WEBHOOK_SIGNING_KEY", "MAILGUN_API_KEY")


class MailgunInbound(Guarded, MailgunInboundWebhookView):
    """Mails that come back through a Mailgun route; signed by Mailgun."""

    kind = "inbound"
    secrets = ("MAILGUN_WEBHOOK_SIGNING_KEY", "MAILGUN_API_KEY")


class PostmarkTracking(Guarded, PostmarkTrackingWebhookView):
    """Postmark signs nothing: the password in its address is all there is."""


class PostmarkInbound(Guarded, PostmarkInboundWebhookView):
    kind = "inbound"


class BrevoTracking(Guarded, BrevoTrackingWebhookView):
    """Brevo signs nothing."""

    event_types = BrevoTrackingWebhookView.event_types | {
        # As Brevo's own pages spell them, too.
        "unsubscribed": (EventType.UNSUBSCRIBED, None),
        "unique_proxy_opened": (EventType.OPENED, None),
    }


class BrevoInbound(Guarded, BrevoInboundWebhookView):
    """Brevo posts the words and keeps the attachments; we need no more than their names."""

    kind = "inbound"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(api_key="not needed", **kwargs)

    def _fetch_attachment(self, attachment: dict[str, Any]) -> AnymailInboundMessage:
        return AnymailInboundMessage.construct_attachment(
            content_type="application/octet-stream", content=b"", filename=str(attachment.get("Name"))[:200]
        )


class MailerSendTracking(Guarded, MailerSendTrackingWebhookView):
    secrets = ("MAILERSEND_SIGNING_SECRET",)


class MailerSendInbound(Guarded, MailerSendInboundWebhookView):
    kind = "inbound"
    secrets = ("MAILERSEND_INBOUND_SECRET",)


class MailjetTracking(Batch, MailjetTrackingWebhookView):
    """Mailjet signs nothing."""

    moment = "time"


class MailjetInbound(Guarded, MailjetInboundWebhookView):
    kind = "inbound"


class MailtrapTracking(Guarded, MailtrapTrackingWebhookView):
    secrets = ("MAILTRAP_TRACKING_SECRET", ANY)


class MailtrapInbound(Guarded, MailtrapInboundWebhookView):
    kind = "inbound"
    secrets = ("MAILTRAP_INBOUND_SECRET", ANY)


class Mandrill(Guarded, MandrillCombinedWebhookView):
    """One address for both kinds; Mandrill signs the address with what it posts."""

    secrets = ("MANDRILL_WEBHOOK_KEY",)


class PostalTracking(Guarded, PostalTrackingWebhookView):
    secrets = ("POSTAL_WEBHOOK_KEY",)


class PostalInbound(Guarded, PostalInboundWebhookView):
    kind = "inbound"
    secrets = ("POSTAL_WEBHOOK_KEY",)


class SendGridTracking(Batch, SendGridTrackingWebhookView):
    moment = "timestamp"
    secrets = ("SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY", ANY)


class SendGridInbound(Guarded, SendGridInboundWebhookView):
    kind = "inbound"


class SparkPostTracking(Guarded, SparkPostTrackingWebhookView):
    """SparkPost signs nothing."""


class SparkPostInbound(Guarded, SparkPostInboundWebhookView):
    kind = "inbound"


class UnisenderGoTracking(Guarded, UnisenderGoTrackingWebhookView):
    secrets = ("UNISENDER_GO_API_KEY",)


class Svix(AnymailBaseWebhookView):
    """Resend's signature (Standard Webhooks): anymail checks it with a package of its own, we with the same three lines."""

    signed_with = "RESEND_SIGNING_SECRET"
    keyword = "signing_secret"

    def __init__(self, **kwargs: Any) -> None:
        self._secret = kwargs.pop(self.keyword, "") or webhook.secret(self.signed_with)
        self.warn_if_no_basic_auth = False
        self._svix_webhook = None
        AnymailBaseWebhookView.__init__(self, **kwargs)

    def validate_request(self, request: HttpRequest) -> None:
        if self._secret and not is_signed_by_svix(request, self._secret):
            raise AnymailWebhookValidationFailure("The Svix signature is not right.")


def is_signed_by_svix(request: HttpRequest, secret: str) -> bool:
    """Whether one of the signatures is that of id, time and body, and the time is now. Raises ValueError for a bad secret."""
    number, said_at = request.headers.get("svix-id", ""), request.headers.get("svix-timestamp", "")
    try:
        away = abs(clock.now().timestamp() - float(said_at))
    except ValueError:
        return False
    if not number or not away <= SVIX_TOLERANCE:
        return False
    signed_with = base64.b64decode(secret.removeprefix("whsec_") + "==")
    # The time is signed in whole seconds.
    text = f"{number}.{int(float(said_at))}.".encode() + request.body
    right = base64.b64encode(hmac.digest(signed_with, text, hashlib.sha256)).decode()
    given = [one.partition(",") for one in request.headers.get("svix-signature", "").split(" ")]
    return any(version == "v1" and constant_time_compare(one, right) for version, _, one in given)


class ResendTracking(Svix, Guarded, ResendTrackingWebhookView):
    event_types = ResendTrackingWebhookView.event_types | {"email.failed": EventType.FAILED}
    secrets = ("RESEND_SIGNING_SECRET",)


class ResendInbound(Svix, Guarded, ResendInboundWebhookView):
    """Resend posts a number, and the mail is fetched with its API key."""

    kind = "inbound"
    secrets = ("RESEND_INBOUND_SECRET",)
    signed_with = "RESEND_INBOUND_SECRET"
    keyword = "inbound_secret"

    def __init__(self, **kwargs: Any) -> None:
        api_key = kwargs.pop("api_key", "") or webhook.secret("RESEND_API_KEY")
        super().__init__(**kwargs)
        self.api_key = api_key
        self.api_url = "https://api.resend.com/"
        self.chunk_size = 64 * 1024


class Sns(AnymailBaseWebhookView):
    """Amazon's notifications without boto3: what a subscription needs is one GET of the address that Amazon gives."""

    def __init__(self, **kwargs: Any) -> None:
        self.auto_confirm_enabled = True
        self.session_params: dict[str, Any] = {}
        self.client_params: dict[str, Any] = {}
        AnymailBaseWebhookView.__init__(self, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.headers.get("authorization"):
            # Amazon sends the password of the address only when it is asked for it.
            answer = HttpResponse("Who is it?\n", status=401, content_type=TEXT)
            answer["WWW-Authenticate"] = 'Basic realm="webhooks"'
            return answer
        return Guarded.post(self, request, *args, **kwargs)

    def auto_confirm_sns_subscription(self, sns_message: dict[str, Any]) -> None:
        """Say yes to Amazon: the request carried our password, so we asked for it. Raises OSError."""
        url = urlsplit(str(sns_message.get("SubscribeURL", "")))
        if url.scheme != "https" or not _SNS_HOST.fullmatch(url.hostname or "") or url.port:
            raise ValueError("The SubscribeURL is not one of Amazon's.")
        network.resolve(str(url.hostname), 443)
        connection = http.client.HTTPSConnection(str(url.hostname), timeout=20)
        try:
            connection.request("GET", f"{url.path}?{url.query}")
            if connection.getresponse().status != 200:
                raise ConnectionError("Amazon did not take our yes.")
        except http.client.HTTPException as error:
            raise ConnectionError(repr(error)) from error
        finally:
            connection.close()


_SNS_HOST = re.compile(r"sns\.[a-z]{2}(?:-[a-z]+)+-\d\.amazonaws\.com(?:\.cn)?")


class AmazonTracking(Sns, Guarded, AmazonSESTrackingWebhookView):
    """Amazon signs, but with a certificate that one would have to fetch: the password in the address decides."""


class AmazonInbound(Sns, Guarded, AmazonSESInboundWebhookView):
    """Mails that Amazon posts whole (SNS action); those it lays into a bucket need the IMAP of another mailbox."""

    kind = "inbound"


VIEWS: dict[tuple[str, str], type[Guarded]] = {
    ("amazon_ses", "tracking"): AmazonTracking,
    ("amazon_ses", "inbound"): AmazonInbound,
    ("brevo", "tracking"): BrevoTracking,
    ("brevo", "inbound"): BrevoInbound,
    ("mailersend", "tracking"): MailerSendTracking,
    ("mailersend", "inbound"): MailerSendInbound,
    ("mailgun", "tracking"): MailgunTracking,
    ("mailgun", "inbound"): MailgunInbound,
    ("mailgun", "inbound_mime"): MailgunInbound,
    ("mailjet", "tracking"): MailjetTracking,
    ("mailjet", "inbound"): MailjetInbound,
    ("mailtrap", "tracking"): MailtrapTracking,
    ("mailtrap", "inbound"): MailtrapInbound,
    ("mandrill", "tracking"): Mandrill,
    ("mandrill", "inbound"): Mandrill,
    ("postal", "tracking"): PostalTracking,
    ("postal", "inbound"): PostalInbound,
    ("postmark", "tracking"): PostmarkTracking,
    ("postmark", "inbound"): PostmarkInbound,
    ("resend", "tracking"): ResendTracking,
    ("resend", "inbound"): ResendInbound,
    ("sendgrid", "tracking"): SendGridTracking,
    ("sendgrid", "inbound"): SendGridInbound,
    ("sparkpost", "tracking"): SparkPostTracking,
    ("sparkpost", "inbound"): SparkPostInbound,
    ("unisender_go", "tracking"): UnisenderGoTracking,
}
