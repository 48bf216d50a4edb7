"""What a provider reports about our mails: kept as it came, then read in one vocabulary."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from contacts.keys import BadToken
from contacts.models import Contact
from nurturing.inbound import bounce, provider, reading
from nurturing.models import EngagementEvent, Hit, ProviderEvent
from nurturing.sending import tokens
from nurturing.services import arrival, engagement, forgetting, hit, incoming, reply
from nurturing.services import bounce as bounces
from nurturing.temperature import curve

Type = EngagementEvent.Type

# Reports that hold without a mail of ours behind them: the address is dead, or its owner wants no more.
HOLDS_FOR_THE_ADDRESS = (Type.BOUNCED, Type.COMPLAINED, Type.UNSUBSCRIBED)
# Said anew with each attempt of the same report; what differs in them makes no second event.
PER_DELIVERY = frozenset({"signature", "token", "timestamp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One tracking event in django-anymail's words, with the provider's own payload."""

    provider: str
    type: str
    at: datetime | None = None
    message_id: str = ""
    event_id: str = ""
    recipient: str = ""
    url: str = ""
    agent: str = ""
    reject_reason: str = ""
    description: str = ""
    response: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def dedup_hash(self) -> str:
        """What makes it one report. Most carry no number of their own, and a repeated one is signed anew."""
        facts: list[Any] = [self.provider, self.type, self.message_id, self.recipient.lower(), self.url]
        if self.at is not None and self.message_id:
            facts.append(self.at.isoformat())
        else:
            body = {name: value for name, value in self.payload.items() if name not in PER_DELIVERY}
            facts += [str(self.at), json.dumps(body, sort_keys=True, default=str)]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def cleaned(self) -> "Report":
        """The same report in text that the database can look for and keep."""
        texts = {one.name: getattr(self, one.name) for one in fields(self)}
        cleaned: dict[str, Any] = {
            name: reading.clean(text) for name, text in texts.items() if isinstance(text, str)
        }
        return replace(self, **cleaned)


def report(event: Report, *, now: datetime) -> None:
    """Keep a provider's report, once, and record what it says about a mail or an address of ours, in one commit.

    A report about no mail of ours is kept and changes nothing. By hand-written SQL: providers report each mail several
    times, and to build the questions anew cost more than to ask them.
    """
    event = event.cleaned()
    send = _send_of(event)
    contact_id = send.contact_id if send is not None else None
    if send is None and event.type in HOLDS_FOR_THE_ADDRESS:
        contact_id = _contact_of(event.recipient)
    row = _row(event, contact_id, send, now)
    if contact_id is None:
        _keep(row)
    elif send is not None and event.type in arrival.TYPES:
        arrived = _event(event, contact_id, send, now)
        arrival.note(report=row, event=arrived, planned_at=send.planned_at, now=now)
    else:
        _act_on(event, row, contact_id, send, now)


@transaction.atomic
def _act_on(
    event: Report, row: Mapping[str, Any], contact_id: int, send: "Mail | None", now: datetime
) -> None:
    if not _keep(row):
        return
    if event.type == Type.CLICKED:
        if send is not None and not _is_ours(event.url):
            hit.record([_hit(event, send, now)], now=now)
    elif event.type in Type:
        engagement.record([_event(event, contact_id, send, now)], now=now)
    if event.type == Type.BOUNCED:
        bounces.wear_out([contact_id], now=now)


def _row(event: Report, contact_id: int | None, send: "Mail | None", now: datetime) -> dict[str, Any]:
    """The report as a row of `ProviderEvent`."""
    return {
        "provider": event.provider[:20],
        "at": now,
        "dedup_hash": event.dedup_hash,
        "type": event.type[:20],
        "message_id": event.message_id[:300],
        "recipient": event.recipient[:254],
        "payload": json.dumps(storable(event.payload)),
        "contact_id": contact_id,
        "send_id": send.id if send is not None else None,
    }


def _keep(row: Mapping[str, Any]) -> bool:
    """Whether it is the first time."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, row)
        return bool(cursor.rowcount)


_KEEP = f"WITH person AS ({arrival.PERSON}) {arrival.KEEP}"


@transaction.atomic
def inbound(
    mail: reading.Incoming, *, source: str, event_id: str, payload: Mapping[str, Any], now: datetime
) -> incoming.Received:
    """Keep a mail that a provider handed on to us, and read it as what it is."""
    facts = [source, "inbound", event_id or reply.identity(mail)]
    received = incoming.receive(mail, source=source, now=now)
    nameless = forgetting.is_erased(received.contact_id)
    ProviderEvent.objects.get_or_create(
        dedup_hash=hashlib.sha256(json.dumps(facts).encode()).hexdigest(),
        defaults={
            "provider": source[:20],
            "at": now,
            "type": "inbound",
            "message_id": reading.clean(mail.header("message-id"))[:300],
            "recipient": "" if nameless else reading.clean(next(iter(mail.to_addresses), ""))[:254],
            "payload": {} if nameless else storable(payload),
            "contact_id": received.contact_id,
            "send_id": received.send_id,
        },
    )
    return received


def keep_unread(*, source: str, kind: str, body: bytes, why: str, now: datetime) -> None:
    """Keep what was rightly signed and yet cannot be read, so that nothing is lost while somebody finds
    out why.
    """
    text = body[:100_000].decode("utf-8", "replace")
    ProviderEvent.objects.get_or_create(
        dedup_hash=hashlib.sha256(f"{source}\nunread\n{kind}\n".encode() + body).hexdigest(),
        defaults={
            "provider": source[:20],
            "at": now,
            "type": "unread",
            "payload": storable({"kind": kind, "why": why, "body": text}),
        },
    )


def secret(name: str) -> str:
    """A provider's secret as it is set for this silo; empty when there is none, and then nobody gets in by it."""
    configured: Mapping[str, Any] = getattr(settings, "ANYMAIL", {})
    value = configured.get(name) or ""
    return value if isinstance(value, str) else str(next(iter(value), ""))


def storable(value: Any) -> Any:
    """A payload as JSON that PostgreSQL takes: plain values, no NUL, no half of a character."""
    return json.loads(
        json.dumps(value, default=str, skipkeys=True),
        parse_constant=str,
        object_pairs_hook=lambda pairs: {reading.clean(name): _clean_value(one) for name, one in pairs},
    )


def _clean_value(value: Any) -> Any:
    if isinstance(value, str):
        return reading.clean(value)
    if isinstance(value, list):
        return [_clean_value(one) for one in value]
    return value


class Mail(NamedTuple):
    """What a report needs to know of the mail that it is about."""

    id: int
    contact_id: int | None
    planned_at: datetime


def _send_of(event: Report) -> Mail | None:
    """The mail a report is about: by our own signed Message-ID, by the provider's number, by what we gave
    it along.
    """
    for said in (event.message_id, str(event.metadata.get("message_id", ""))):
        try:
            found = _mail(_BY_ID, tokens.read_message_id(said))
        except BadToken:
            continue
        if found is not None:
            return found
    bare = event.message_id.strip(" <>")
    if not bare:
        return None
    return _mail(_BY_PROVIDER_ID, [bare, f"<{bare}>"])


def _mail(question: str, value: Any) -> Mail | None:
    with connection.cursor() as cursor:
        cursor.execute(question, [value])
        row = cursor.fetchone()
    return Mail(*row) if row else None


_BY_ID = "SELECT id, contact_id, planned_at FROM nurturing_send WHERE id = %s"
_BY_PROVIDER_ID = """
SELECT id, contact_id, planned_at FROM nurturing_send WHERE provider_id = ANY(%s) AND provider_id <> '' ORDER BY id
"""


def _contact_of(recipient: str) -> int | None:
    key = reading.clean(recipient).strip().lower()
    people = Contact.objects.present().filter(Q(email_key=key) | Q(addresses__email_key=key)) if key else None
    return people.values_list("pk", flat=True).first() if people is not None else None


def _is_ours(url: str) -> bool:
    """A link that the provider wrapped around ours: our own redirect counts it already."""
    return url.startswith(f"{settings.PUBLIC_URL.rstrip('/')}/c/")


def _moment(event: Report, earliest: datetime, now: datetime) -> datetime:
    return curve.clamp(event.at or now, earliest=min(earliest, now), latest=now)


def _hit(event: Report, send: Mail, now: datetime) -> hit.NewHit:
    """A click that the provider counted is a raw hit like any other, and judged like any other."""
    says = {"Provider": event.provider}
    if provider.is_machine(event.payload):
        says["Provider-Says"] = "machine"
    return hit.NewHit(
        kind=Hit.Kind.CLICK,
        send_id=send.id,
        at=_moment(event, send.planned_at, now),
        method="GET",
        url=event.url,
        agent=event.agent,
        address=provider.visitor(event.payload),
        headers=says,
    )


def _event(event: Report, contact_id: int, send: Mail | None, now: datetime) -> engagement.NewEvent:
    detail: dict[str, Any] = {}
    if event.type == Type.BOUNCED:
        judged = bounce.judge(told(event))
        detail |= {"hard": judged.hard, "why": judged.reason.value}
    if provider.is_machine(event.payload):
        detail["machine"] = True
    if event.response or event.description or event.reject_reason:
        detail["reason"] = reading.clean(event.response or event.description or event.reject_reason)[:300]
    return engagement.NewEvent(
        contact_id=contact_id,
        type=event.type,
        at=event.at or now,
        source=event.provider,
        key=f"report:{event.dedup_hash}",
        send_id=send.id if send is not None else None,
        # An open proves that a picture was fetched, nothing about a person.
        human=0.0 if event.type in (Type.OPENED, Type.AUTORESPONDED) else 1.0,
        what=detail.get("reason", ""),
        detail=detail,
    )


def told(event: Report) -> bounce.Bounce:
    """A bounce in the words of its provider."""
    return provider.told(
        event.payload, text=event.response, details=event.description, word=event.reject_reason
    )
