"""Providers post here what became of our mails, and the mails that come back. django-anymail checks and
reads; we keep and act.

Anymail's own views take every provider's form, but they trust that each request is well made, and they
let anybody in where no secret is set. Both are closed here: without its secret a provider has no address,
and what cannot be read is answered with a sentence instead of a traceback.
"""

from collections.abc import Mapping
from email import policy
from email.utils import getaddresses, parseaddr
from typing import Any

import structlog
from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailInboundEvent, AnymailTrackingEvent
from anymail.webhooks.base import AnymailCoreWebhookView
from anymail.webhooks.mailgun import MailgunInboundWebhookView, MailgunTrackingWebhookView
from anymail.webhooks.postmark import PostmarkInboundWebhookView, PostmarkTrackingWebhookView
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse, QueryDict

from contacts import clock
from nurturing.inbound import reading
from nurturing.services import webhook

log = structlog.get_logger(__name__)
TEXT = "text/plain; charset=utf-8"


class Guarded(AnymailCoreWebhookView):
    """What every provider's view gets in addition: no secret, no entrance; unreadable, a sentence."""

    kind = "tracking"
    secrets: tuple[str, ...] = ()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self.run_validators(request)
        except (AnymailWebhookValidationFailure, SuspiciousOperation):
            return refused("The signature or password of this request is not right. Nothing was kept.")
        except (TypeError, ValueError, AttributeError, RecursionError):
            return refused("This request is not in the form that the provider documents. Nothing was kept.")
        is_form = (request.content_type or "").startswith("multipart/")
        body = request.POST.urlencode().encode() if is_form else request.body
        try:
            events = self.parse_events(request)
        except DatabaseFailure:
            raise
        except AnymailConfigurationError as error:
            return self._unread(body, str(error))
        except Exception as error:
            # A provider's new field or a broken body: any error of any parser ends here, with the body kept.
            log.warning("webhook_unread", provider=self.esp_name, kind=self.kind, error=repr(error))
            return self._unread(body, f"We could not read this: {error!r}")
        try:
            for event in events:
                self.signal.send(sender=self.__class__, event=event, esp_name=self.esp_name)
        except (ValueError, RecursionError) as error:
            # Readable, and yet no database takes it. Anything else that goes wrong is ours: 500, and they try again.
            log.exception("webhook_unkept", provider=self.esp_name, kind=self.kind)
            return self._unread(body, f"We could not keep this: {error!r}")
        return HttpResponse("kept\n", content_type=TEXT)

    def _unread(self, body: bytes, why: str) -> HttpResponse:
        now = clock.now()
        webhook.keep_unread(provider=self.esp_name.lower(), kind=self.kind, body=body, why=why[:300], now=now)
        return refused(f"{why[:300]} The request was kept for an admin to look at.")


def refused(words: str) -> HttpResponse:
    """400 with one sentence for whoever reads the provider's log."""
    return HttpResponse(words + "\n", status=400, content_type=TEXT)


class MailgunTracking(Guarded, MailgunTrackingWebhookView):
    """Deliveries, bounces, complaints, clicks; signed by Mailgun."""

    secrets = ("MAILGUN_WEBHOOK_SIGNING_KEY", "MAILGUN_API_KEY")


class MailgunInbound(Guarded, MailgunInboundWebhookView):
    """Mails that come back through a Mailgun route; signed by Mailgun."""

    kind = "inbound"
    secrets = ("MAILGUN_WEBHOOK_SIGNING_KEY", "MAILGUN_API_KEY")


class PostmarkTracking(Guarded, PostmarkTrackingWebhookView):
    """Postmark signs nothing: the password in its address is all there is."""

    secrets = ("WEBHOOK_SECRET",)


class PostmarkInbound(Guarded, PostmarkInboundWebhookView):
    """Mails that come back through Postmark."""

    kind = "inbound"
    secrets = ("WEBHOOK_SECRET",)


VIEWS: dict[tuple[str, str], type[Guarded]] = {
    ("mailgun", "tracking"): MailgunTracking,
    ("mailgun", "inbound"): MailgunInbound,
    ("mailgun", "inbound_mime"): MailgunInbound,
    ("postmark", "tracking"): PostmarkTracking,
    ("postmark", "inbound"): PostmarkInbound,
}


def receive(request: HttpRequest, provider: str, kind: str) -> HttpResponse:
    """`/webhooks/<provider>/<kind>/`: the provider's view, when its secret is set."""
    view = VIEWS.get((provider, kind))
    configured: Mapping[str, Any] = getattr(settings, "ANYMAIL", {})
    if view is None or not any(configured.get(name) for name in view.secrets):
        words = "No provider is set up at this address. Set its webhook secret first; see the README.\n"
        return HttpResponse(words, status=404, content_type=TEXT)
    answer: HttpResponse = view.as_view()(request)
    return answer


receive.csrf_exempt = True  # type: ignore[attr-defined]  # signed by the provider; there is no browser in between


def on_tracking(sender: object, event: AnymailTrackingEvent, esp_name: str, **_more: object) -> None:
    """Anymail's `tracking` signal becomes one report."""
    webhook.report(
        webhook.Report(
            provider=esp_name.lower(),
            type=event.event_type,
            at=event.timestamp,
            message_id=event.message_id or "",
            event_id=event.event_id or "",
            recipient=event.recipient or "",
            url=event.click_url or "",
            agent=event.user_agent or "",
            reject_reason=event.reject_reason or "",
            description=event.description or "",
            response=event.mta_response or "",
            metadata=event.metadata or {},
            payload=plain(event.esp_event),
        ),
        now=clock.now(),
    )


def on_inbound(sender: object, event: AnymailInboundEvent, esp_name: str, **_more: object) -> None:
    """Anymail's `inbound` signal becomes one mail that came back."""
    message: AnymailInboundMessage = event.message
    provider, now = esp_name.lower(), clock.now()
    try:
        mail = incoming(message)
    except Exception as error:
        # The standard library raises a dozen kinds of errors over hostile headers; the bytes are kept for a
        # person.
        log.warning("inbound_unread", provider=provider, error=repr(error))
        raw = message.as_bytes(policy=policy.compat32)
        webhook.keep_unread(provider=provider, kind="inbound", body=raw, why=repr(error)[:300], now=now)
        return
    payload = {
        "headers": [[name, value[:2000]] for name, values in mail.headers.items() for value in values][:200],
        "envelope_sender": message.envelope_sender,
        "envelope_recipient": message.envelope_recipient,
        "attachments": [str(part.get_filename())[:200] for part in message.attachments][:50],
    }
    webhook.inbound(mail, provider=provider, event_id=event.event_id or "", payload=payload, now=now)


def incoming(message: AnymailInboundMessage) -> reading.Incoming:
    """Anymail's message as plain values."""
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in message.items():
        headers[name.lower()] = (*headers.get(name.lower(), ()), reading.clean(str(value)))
    sender = parseaddr(next(iter(headers.get("from", ())), ""))[1]
    recipients = getaddresses(
        [*headers.get("to", ()), *headers.get("cc", ()), *headers.get("delivered-to", ())]
    )
    return reading.Incoming(
        headers=headers,
        subject=next(iter(headers.get("subject", ())), ""),
        text=_text(message, "text/plain"),
        html=_text(message, "text/html"),
        from_address=sender or parseaddr(message.envelope_sender or "")[1],
        envelope_sender=message.envelope_sender,
        to_addresses=tuple(
            one for one in (message.envelope_recipient or "", *(at for _, at in recipients)) if one
        ),
        content_type=message.get_content_type(),
    )


def _text(message: AnymailInboundMessage, content_type: str) -> str:
    """The first part of a type, also in a charset that nobody knows."""
    for part in message.walk():
        if part.get_content_type() == content_type and part.get_content_disposition() != "attachment":
            raw = part.get_payload(decode=True)
            if not isinstance(raw, bytes):
                return ""
            try:
                return reading.clean(raw.decode(part.get_content_charset("utf-8"), "replace"))
            except LookupError:
                return reading.clean(raw.decode("utf-8", "replace"))
    return ""


def plain(payload: Any) -> dict[str, Any]:
    """A provider's payload as a mapping of plain values: Mailgun's older form posts fields instead of
    JSON.
    """
    if isinstance(payload, QueryDict):
        return {name: values if len(values) > 1 else values[0] for name, values in payload.lists()}
    return dict(payload) if isinstance(payload, Mapping) else {"payload": payload}
