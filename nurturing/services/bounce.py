"""A mail that came back, waits or was called spam: the report becomes events about the mail it is about.

Whom it is about is told by what only our own mail can carry (a signed number in the envelope, in a Message-ID), then by
the provider's number, and by the address alone only when we wrote to it lately: a report is a mail from anywhere.
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from contacts.models import Contact, Suppression
from contacts.services import suppression
from nurturing.inbound import reading, report
from nurturing.models import EngagementEvent, ProviderEvent, Send
from nurturing.services import engagement, forgetting, matching

Type = EngagementEvent.Type
EVENT_TYPES = {
    report.Kind.BOUNCED: Type.BOUNCED,
    report.Kind.DEFERRED: Type.DEFERRED,
    report.Kind.DELIVERED: Type.DELIVERED,
    report.Kind.COMPLAINED: Type.COMPLAINED,
}
WRITTEN_LATELY = timedelta(days=30)
# So many soft bounces, each worth half after the next mail that arrived, over at least so long: the address is dead.
WORN_OUT = 5.0
WORN_OUT_AFTER = timedelta(days=21)
ARRIVED_AFTER = timedelta(days=4)  # a mail that has not come back by then has arrived
LOOKS_BACK = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a report."""

    event: ProviderEvent | None
    contact_ids: tuple[int, ...]


@transaction.atomic
def receive(
    mail: reading.Incoming, told: report.Report, *, source: str, now: datetime, keep_strangers: bool = True
) -> Kept:
    """Keep a report once, and record what it says. One about nobody we know changes nothing."""
    ours = matching.by_signs(mail, also=told.message_ids)
    kept: ProviderEvent | None = None
    contact_ids: list[int] = []
    for failure in told.failures:
        match = ours or _lately(failure.address, now)
        if match.contact_id is None and not keep_strangers:
            continue
        nameless = forgetting.is_erased(match.contact_id)
        row, is_new = ProviderEvent.objects.get_or_create(
            dedup_hash=_dedup_hash(mail, failure),
            defaults={
                "provider": source[:20],
                "at": now,
                "type": failure.kind.value,
                "message_id": reading.clean(next(iter(told.message_ids), ""))[:300],
                "recipient": "" if nameless else reading.clean(failure.address)[:254],
                "payload": {} if nameless else _payload(mail, told, failure),
                "contact_id": match.contact_id,
                "send_id": match.send_id,
            },
        )
        kept = kept or row
        kind = EVENT_TYPES.get(failure.kind)
        if not is_new or match.contact_id is None or kind is None or match.contact_id in contact_ids:
            continue
        contact_ids.append(match.contact_id)
        engagement.record([_event(row, failure, kind, match, source, now)], now=now)
    wear_out(contact_ids, now=now)
    return Kept(kept, tuple(contact_ids))


def _event(
    row: ProviderEvent,
    failure: report.Failure,
    kind: EngagementEvent.Type,
    match: matching.Match,
    source: str,
    now: datetime,
) -> engagement.NewEvent:
    detail: dict[str, object] = {"reason": reading.first_words(failure.said, 300), "why": failure.reason}
    if kind is Type.BOUNCED:
        detail["hard"] = failure.hard
    return engagement.NewEvent(
        contact_id=match.contact_id or 0,
        type=kind,
        at=now,
        source=source[:20],
        key=f"report:{row.dedup_hash}",
        send_id=match.send_id,
        human=1.0 if kind is Type.COMPLAINED else 0.0,
        what=str(detail["reason"]),
        detail=detail,
    )


def _payload(mail: reading.Incoming, told: report.Report, failure: report.Failure) -> dict[str, object]:
    said = {
        "subject": mail.subject[:300],
        "from": mail.from_address[:254],
        "read_by": told.by,
        "status": failure.status,
        "reason": failure.reason,
        "hard": failure.hard,
        "said": failure.said,
    }
    return {name: reading.clean(text) if isinstance(text, str) else text for name, text in said.items()}


def _dedup_hash(mail: reading.Incoming, failure: report.Failure) -> str:
    """The same mail by whatever way it reaches us, and the recipient of it."""
    body = mail.text or mail.inline_text or mail.html or mail.returned
    facts = [mail.header("message-id").strip(" <>"), mail.from_address.lower(), mail.subject, body]
    facts += [failure.kind.value, failure.address.lower(), failure.said]
    return hashlib.sha256(json.dumps(["report", *facts]).encode("utf-8", "replace")).hexdigest()


def _lately(address: str, now: datetime) -> matching.Match:
    """Somebody whom we wrote to at this address in the last weeks."""
    found = matching.by_address(address)
    if found.contact_id is None:
        return found
    sends = Send.objects.filter(
        contact_id=found.contact_id,
        state__in=(Send.State.ACCEPTED, Send.State.UNKNOWN),
        planned_at__gte=now - WRITTEN_LATELY,
    )
    last = sends.filter(address__iexact=address.strip()).order_by("-planned_at").first()
    return matching.Match(found.contact_id, last.pk) if last is not None else matching.Match()


@transaction.atomic
def wear_out(contact_ids: Collection[int], *, now: datetime) -> list[int]:
    """Stop addresses whose mails keep coming back for now, though none said that it is for ever.

    Each mail that came back counts one, and each that arrived halves what was counted before. Returns who was stopped.
    """
    stopped = []
    for contact in Contact.objects.present().filter(pk__in=list(contact_ids)).exclude(email=None):
        address = contact.email or ""
        weight, first = weariness(contact.pk, address, now=now)
        if weight < WORN_OUT or first is None or now - first < WORN_OUT_AFTER:
            continue
        suppression.stop(
            address=address,
            channel=Suppression.Channel.MAIL,
            reason=Suppression.Reason.BOUNCED,
            source=_("Mails have come back again and again since %(date)s.") % {"date": f"{first:%Y-%m-%d}"},
            now=now,
            contact_ids=(contact.pk,),
        )
        stopped.append(contact.pk)
    return stopped


def weariness(contact_id: int, address: str, *, now: datetime) -> tuple[float, datetime | None]:
    """How much the last mails to this address came back, and since when without one that arrived."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_MAILS, [contact_id, address, LOOKS_BACK])
        mails = cursor.fetchall()
    weight, first = 0.0, None
    for left_at, bounced_at, delivered_at in reversed(mails):
        if bounced_at is not None:
            weight, first = weight + 1.0, first or bounced_at
        elif delivered_at is not None or now - left_at > ARRIVED_AFTER:
            weight /= 2
            first = first if weight >= 0.5 else None
    return weight, first


_LAST_MAILS = """
SELECT finished_at, bounced_at, delivered_at FROM nurturing_send
WHERE contact_id = %s AND lower(address) = lower(%s) AND state = 'accepted'
ORDER BY planned_at DESC LIMIT %s
"""
