"""A mail that somebody (or something) wrote back becomes a row, and has its consequences.

Nothing is ever answered by itself, so two machines cannot keep each other busy through us; a machine without a sign of
being one that writes again and again is taken for one.
"""

import hashlib
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from contacts import keys, spoken
from contacts.models import Contact
from contacts.services import audit
from nurturing.inbound import away, demands, reading, successor
from nurturing.models import EngagementEvent, Enrollment, Handoff, Pause, Reply, Sender
from nurturing.services import engagement, enrollment, forgetting, handoff, matching, pause, standing

WHOLE_LENGTH = 200_000
EVENT_TYPES = {
    reading.Kind.HUMAN: EngagementEvent.Type.REPLIED,
    reading.Kind.STOP: EngagementEvent.Type.UNSUBSCRIBED,
    reading.Kind.OUT_OF_OFFICE: EngagementEvent.Type.AUTORESPONDED,
    reading.Kind.LEFT: EngagementEvent.Type.AUTORESPONDED,
    reading.Kind.AUTOMATIC: EngagementEvent.Type.AUTORESPONDED,
}
# A person does not write to us more often than that.
LOOP = 6
LOOP_WITHIN = timedelta(hours=1)
# Mails that lie in a full mailbox on the morning of the return are deleted unread.
AFTER_THE_RETURN = timedelta(days=1)


@transaction.atomic
def receive(mail: reading.Incoming, *, source: str, now: datetime) -> Reply:
    """Keep a mail that came back, once, and do what follows from it.

    A person's words go to a salesperson at once and end the sequence; an absence moves the next touch past the return;
    "has left the company" asks a salesperson to find the successor; any other machine's answer is kept and changes
    nothing; "stop" stops. A mail from nobody we know is kept without a contact, one from somebody who is erased without a word.
    """
    key = identity(mail)
    known = Reply.objects.filter(message_id=key).first()
    if known is not None:
        return known
    said = reading.read(mail)
    stops = matching.by_stop_token(mail)
    match = stops or match_of(mail)
    kind, because = (reading.Kind.STOP, "stop_token") if stops else (said.kind, said.because)
    if kind is reading.Kind.HUMAN and (sign := _runs_in_circles(mail, match, now)):
        kind, because = reading.Kind.AUTOMATIC, sign
    if forgetting.is_erased(match.contact_id):
        return _nameless(match, kind, key, source, now)
    back = _back_on(said.text, mail, now) if kind is reading.Kind.OUT_OF_OFFICE else None
    reply = Reply.objects.create(
        contact_id=match.contact_id,
        send_id=match.send_id,
        kind=kind.value,
        at=now,
        from_address=reading.clean(mail.from_address)[:254],
        subject=reading.clean(mail.subject)[:1000],
        text=reading.clean(said.text)[: reading.READ_LENGTH],
        whole=reading.clean(mail.text or reading.plain(mail.html))[:WHOLE_LENGTH],
        returns_on=back,
        message_id=key,
        source=source[:20],
    )
    if match.contact_id is not None:
        engagement.record([_event(reply, match.contact_id, kind, because, source, now)], now=now)
        if back is not None:
            _wait_until(match.contact_id, back, now)
        if said.demand and kind in (reading.Kind.HUMAN, reading.Kind.STOP):
            _ask_an_admin(match.contact_id, reply, said.demand, now)
        if kind is reading.Kind.LEFT:
            _find_the_successor(match.contact_id, reply, mail, now)
    return reply


def _nameless(match: matching.Match, kind: reading.Kind, key: str, source: str, now: datetime) -> Reply:
    """That something came back from somebody who is erased. By its keyed hash a second copy of it is known again."""
    reply, _made = Reply.objects.get_or_create(
        message_id=f"erased:{keys.address_hash(key)}",
        defaults={
            "contact_id": match.contact_id,
            "send_id": match.send_id,
            "kind": kind.value,
            "at": now,
            "source": source[:20],
        },
    )
    return reply


def match_of(mail: reading.Incoming) -> matching.Match:
    """Whom a mail came from: by what only our own mail can have given them, then by the address they write from."""
    return matching.by_signs(mail) or matching.by_address(mail.from_address)


def identity(mail: reading.Incoming) -> str:
    """What makes a mail one mail, by whichever way it reaches us twice.

    Not its Message-ID alone: some programs give every answer the same one, and anybody can write one down.
    """
    facts = "\n".join((mail.from_address.lower(), mail.subject, mail.text or mail.html))
    digest = hashlib.sha256(facts.encode("utf-8", "replace")).hexdigest()[:32]
    return f"{reading.clean(mail.header('message-id')).strip(' <>')[:300]} {digest}"


def _event(
    reply: Reply, contact_id: int, kind: reading.Kind, because: str, source: str, now: datetime
) -> engagement.NewEvent:
    detail: dict[str, object] = {"reply": reply.pk}
    if reply.returns_on:
        detail["returns_on"] = f"{reply.returns_on:%Y-%m-%d}"
    return engagement.NewEvent(
        contact_id=contact_id,
        type=EVENT_TYPES[kind],
        at=now,
        source=source[:20],
        key=f"reply:{reply.pk}",
        send_id=reply.send_id,
        human=1.0 if kind in (reading.Kind.HUMAN, reading.Kind.STOP) else 0.0,
        signs=[{"code": because or "written_by_a_person", "weight": 0}],
        what=reading.first_words(reply.text),
        detail=detail,
    )


def _runs_in_circles(mail: reading.Incoming, match: matching.Match, now: datetime) -> str:
    """The sign of a mail that only looks like a person's: ours come back, or one of too many."""
    local, _at, at = mail.from_address.strip().rpartition("@")
    ours = f"{local.partition('+')[0]}@{at}"
    mine = Q(email__iexact=ours) | Q(reply_to__iexact=ours) | Q(bounces_to__iexact=ours)
    if local and Sender.objects.filter(mine).exists():
        return "our_own"
    if match.contact_id is None:
        return ""
    lately = Reply.objects.filter(contact_id=match.contact_id, at__gt=now - LOOP_WITHIN).count()
    return "loop" if lately >= LOOP else ""


def _back_on(text: str, mail: reading.Incoming, now: datetime) -> date | None:
    zone = ZoneInfo(settings.TIME_ZONE)
    return away.back_on(f"{mail.subject}.\n{text}", today=now.astimezone(zone).date())


def _wait_until(contact_id: int, back: date, now: datetime) -> None:
    """Silence until the day after they are back; a longer silence that somebody agreed on stays."""
    until = datetime.combine(back, time(), ZoneInfo(settings.TIME_ZONE)) + AFTER_THE_RETURN
    standing.lock([contact_id])
    longer = Pause.objects.filter(contact_id=contact_id, ended_at=None, until__gte=until).exists()
    if longer or until <= now:
        return
    said = _("out of office, back on %(day)s") % {"day": spoken.long_day(back, now=now)}
    pause.start(contact_id=contact_id, until=until, because=said, now=now)


def _ask_an_admin(contact_id: int, reply: Reply, demand: str, now: datetime) -> None:
    """The law gives us a month, and a stop alone is no answer: the demand waits where somebody sees it."""
    audit.write(verb=f"rights.{demand}_asked", now=now, contact_id=contact_id)
    words = {"what": reading.first_words(reply.text)}
    because = (
        _("Demands to be erased: “%(what)s” An admin does that on this person's page, within a month.")
        % words
        if demand == demands.ERASE
        else _("Demands to see what we have and where from: “%(what)s” An admin answers within a month.")
        % words
    )
    handoff.open(contact_id=contact_id, kind=Handoff.Kind.REPLIED, because=because, now=now)


def _find_the_successor(contact_id: int, reply: Reply, mail: reading.Incoming, now: datetime) -> None:
    """End the sequence, and ask a salesperson who does their work now. No mail goes out while that waits."""
    contact = Contact.objects.select_related("company").get(pk=contact_id)
    known = frozenset(
        one.lower() for one in (contact.email or "", mail.from_address, *mail.to_addresses) if one
    )
    found = successor.named(reply.text, not_these=known)
    words = {
        "company": str(contact.company) if contact.company else _("their company"),
        "who": ", ".join(one for one in (found.name, found.address, found.phone) if one),
    }
    because = (
        _("Has left %(company)s. Instead: %(who)s") % words
        if found
        else _("Has left %(company)s. The automatic answer names nobody: ask who does their work now.")
        % words
    )
    enrollment.stop(contact_ids=[contact_id], reason=Enrollment.EndReason.STOPPED, now=now, recompute=False)
    handoff.open(contact_id=contact_id, kind=Handoff.Kind.SUCCESSOR, because=because, now=now)
