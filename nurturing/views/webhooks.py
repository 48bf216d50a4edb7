"""Providers post here what became of our mails, and the mails that come back. django-anymail checks and
reads (`webhook_providers`); we keep and act.
"""

from collections.abc import Mapping
from email import policy
from typing import Any

import structlog
from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailInboundEvent, AnymailTrackingEvent
from django.http import HttpRequest, HttpResponse, QueryDict

from contacts import clock
from nurturing.inbound import parsing
from nurturing.queries import webhook_key
from nurturing.services import webhook
from nurturing.services import webhook_key as keeping
from nurturing.views.webhook_providers import TEXT, VIEWS, key

log = structlog.get_logger(__name__)


def receive(request: HttpRequest, provider: str, kind: str) -> HttpResponse:
    """`/webhooks/<provider>/<kind>/`: the provider's view, by each secret that is in force."""
    view = VIEWS.get((provider, kind))
    if view is None:
        return HttpResponse("No provider is known at this address.\n", status=404, content_type=TEXT)
    now = clock.now()
    secrets = webhook_key.secrets(provider, kind, now=now)
    if any(map(webhook.secret, view.secrets)):
        secrets.append({})  # as the environment has it
    if secrets:
        answer, let_in = view.receive(request, secrets)
        if not let_in:
            keeping.turned_away(provider=provider, kind=kind, why="wrong_key", now=now)
        return answer
    if request.method == "HEAD":
        return HttpResponse()  # is there anything at all? asked before the provider shows its key
    if request.method == "POST":
        keeping.turned_away(provider=provider, kind=kind, why="no_key", now=now)
    words = "No provider is set up at this address. Set its webhook secret first: More, Sending, Webhooks.\n"
    return HttpResponse(words, status=404, content_type=TEXT)


receive.csrf_exempt = True  # type: ignore[attr-defined]  # signed by the provider; there is no browser in between


def on_tracking(sender: object, event: AnymailTrackingEvent, esp_name: str, **_more: object) -> None:
    """Anymail's `tracking` signal becomes one report."""
    webhook.report(
        webhook.Report(
            provider=key(esp_name),
            type=event.event_type,
            at=event.timestamp,
            message_id=str(event.message_id or ""),
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
    message: AnymailInboundMessage | None = event.message
    source, now = key(esp_name), clock.now()
    if message is None:
        return  # a provider's test of the address
    try:
        mail = parsing.incoming(
            message,
            envelope_sender=message.envelope_sender,
            envelope_recipient=message.envelope_recipient,
        )
    except Exception as error:
        # The standard library raises a dozen kinds of errors over hostile headers; the bytes are kept for a
        # person.
        log.warning("inbound_unread", provider=source, error=repr(error))
        raw = message.as_bytes(policy=policy.compat32)
        webhook.keep_unread(source=source, kind="inbound", body=raw, why=repr(error)[:300], now=now)
        return
    payload = {
        "headers": [[name, value[:2000]] for name, values in mail.headers.items() for value in values][:200],
        "envelope_sender": message.envelope_sender,
        "envelope_recipient": message.envelope_recipient,
        "attachments": [str(part.get_filename())[:200] for part in message.attachments][:50],
    }
    webhook.inbound(mail, source=source, event_id=event.event_id or "", payload=payload, now=now)


def plain(payload: Any) -> dict[str, Any]:
    """A provider's payload as a mapping of plain values: Mailgun's older form posts fields instead of
    JSON.
    """
    if isinstance(payload, QueryDict):
        return {name: values if len(values) > 1 else values[0] for name, values in payload.lists()}
    return dict(payload) if isinstance(payload, Mapping) else {"payload": payload}
