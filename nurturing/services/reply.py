"""A mail that somebody (or something) wrote back becomes a row, and has its consequences."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from contacts.keys import BadToken
from contacts.models import Contact
from nurturing.inbound import reading
from nurturing.models import EngagementEvent, Reply, Send
from nurturing.sending import tokens
from nurturing.services import engagement

WHOLE_LENGTH = 200_000
EVENT_TYPES = {
    reading.Kind.HUMAN: EngagementEvent.Type.REPLIED,
    reading.Kind.STOP: EngagementEvent.Type.UNSUBSCRIBED,
    reading.Kind.OUT_OF_OFFICE: EngagementEvent.Type.AUTORESPONDED,
    reading.Kind.AUTOMATIC: EngagementEvent.Type.AUTORESPONDED,
}


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a mail came from, and which of our mails it answers."""

    contact_id: int | None = None
    send_id: int | None = None


@transaction.atomic
def receive(mail: reading.Incoming, *, source: str, now: datetime) -> Reply:
    """Keep a mail that came back, once, and do what follows from it.

    A person's words go to a salesperson at once and end the sequence; a machine's answer is kept and
    changes nothing; "stop" stops. A mail from nobody we know is kept without a contact.
    """
    said = reading.read(mail)
    match = _by_stop_token(mail)
    kind = reading.Kind.STOP if match is not None else said.kind
    match = match or _match(mail)
    key = identity(mail)
    known = Reply.objects.filter(message_id=key).first()
    if known is not None:
        return known
    reply = Reply.objects.create(
        contact_id=match.contact_id,
        send_id=match.send_id,
        kind=kind.value,
        at=now,
        from_address=reading.clean(mail.from_address)[:254],
        subject=reading.clean(mail.subject)[:1000],
        text=reading.clean(said.text)[: reading.READ_LENGTH],
        whole=reading.clean(mail.text or reading.plain(mail.html))[:WHOLE_LENGTH],
        message_id=key,
        source=source,
    )
    if match.contact_id is not None:
        engagement.record([_event(reply, match.contact_id, kind, said, source, now)], now=now)
    return reply


def identity(mail: reading.Incoming) -> str:
    """What makes a mail one mail, by whichever way it reaches us twice.

    Not its Message-ID alone: some programs give every answer the same one, and anybody can write one down.
    """
    facts = "\n".join((mail.from_address.lower(), mail.subject, mail.text or mail.html))
    digest = hashlib.sha256(facts.encode("utf-8", "replace")).hexdigest()[:32]
    return f"{reading.clean(mail.header('message-id')).strip(' <>')[:300]} {digest}"


def _event(
    reply: Reply, contact_id: int, kind: reading.Kind, said: reading.Reading, source: str, now: datetime
) -> engagement.NewEvent:
    return engagement.NewEvent(
        contact_id=contact_id,
        type=EVENT_TYPES[kind],
        at=now,
        source=source,
        key=f"reply:{reply.pk}",
        send_id=reply.send_id,
        human=1.0 if kind in (reading.Kind.HUMAN, reading.Kind.STOP) else 0.0,
        signs=[{"code": said.because or "written_by_a_person", "weight": 0}],
        what=reading.first_words(reply.text),
        detail={"reply": reply.pk},
    )


def _by_stop_token(mail: reading.Incoming) -> Match | None:
    """The mailto of List-Unsubscribe: the subject carries the token, whoever's program sent it."""
    for candidate in (reading.stop_token(mail.subject), *reading.plus_tokens(mail.to_addresses)):
        try:
            who = tokens.read_stop(candidate)
        except BadToken:
            continue
        if Contact.objects.filter(pk=who.contact_id).exists():
            send = Send.objects.filter(pk=who.send_id, contact_id=who.contact_id).first()
            return Match(who.contact_id, send.pk if send else None)
    return None


def _match(mail: reading.Incoming) -> Match:
    """By what only our own mail can have given them (a signed number), then by the address they write
    from.
    """
    return (
        _by_signed_number(reading.plus_tokens(mail.to_addresses))
        or _by_signed_number(reading.references(mail))
        or _by_provider_number(reading.references(mail))
        or _by_address(mail.from_address)
        or Match()
    )


def _by_signed_number(candidates: Sequence[str]) -> Match | None:
    for candidate in candidates:
        try:
            send = Send.objects.filter(pk=tokens.read_message_id(candidate)).first()
        except BadToken:
            continue
        if send is not None:
            return Match(send.contact_id, send.pk)
    return None


def _by_provider_number(candidates: Sequence[str]) -> Match | None:
    """Providers that put their own Message-ID into our mail told us which one."""
    names = [spelling for one in candidates for spelling in (one, f"<{one}>", one.partition("@")[0])]
    send = Send.objects.filter(provider_id__in=names).exclude(provider_id="").first() if names else None
    return Match(send.contact_id, send.pk) if send is not None else None


def _by_address(address: str) -> Match | None:
    key = reading.clean(address).strip().lower()
    if not key:
        return None
    contact = Contact.objects.present().filter(Q(email_key=key) | Q(addresses__email_key=key)).first()
    if contact is None:
        return None
    last = Send.objects.filter(contact=contact, state__in=(Send.State.ACCEPTED, Send.State.UNKNOWN))
    return Match(contact.pk, last.order_by("-planned_at").values_list("pk", flat=True).first())
