"""From a claimed send to a mail that can be handed over: cleared, filled in, addressed."""

import traceback
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from django.conf import settings

from nurturing.away import is_away
from nurturing.content import fields, rendering, words
from nurturing.models import MailVersion, Send, Sender
from nurturing.queries import clearance, merge
from nurturing.queries.clearance import Answer, Clearance, Person
from nurturing.sending import form, links, message, tokens, transport
from nurturing.sending.form import Form
from nurturing.sending.letterhead import Letterhead
from nurturing.sending.message import Mail, Mailbox, Unmailable, Wire
from nurturing.services import flow
from nurturing.services.send import Claimed, Leaving, Move

log = structlog.get_logger(__name__)

State = Send.State


class Letter(NamedTuple):
    """One mail, ready to leave."""

    claimed: Claimed
    person: Person
    sender: Sender
    mail: Mail | Wire  # bytes for a mail server, words for a provider's API
    merge: dict[str, str]

    @property
    def leaving(self) -> Leaving:
        """What the ledger writes down before the first byte."""
        return Leaving(self.claimed, self.person.address, self.sender.pk, self.merge)


def prepare(
    claims: Sequence[Claimed], *, now: datetime, gate: flow.Gate | None = None
) -> tuple[list[Letter], list[Move]]:
    """Judge and fill in a batch.

    What does not leave comes back as a move with its reason. Poison, whatever a row or a template does to us, is set aside
    with its traceback, and the batch goes on without it: what cannot be judged together is judged in halves.
    """
    try:
        return _prepare(claims, now=now, gate=gate)
    except Exception as error:
        if is_away(error):
            raise  # the database's trouble, and no mail's
        if len(claims) == 1:
            log.exception("mail_broke", send=claims[0].id)
            return [], [Move(claims[0], State.FAILED, "error", detail=traceback.format_exc())]
    middle = len(claims) // 2
    letters, moves = prepare(claims[:middle], now=now, gate=gate)
    others, other_moves = prepare(claims[middle:], now=now, gate=gate)
    return letters + others, moves + other_moves


def _prepare(
    claims: Sequence[Claimed], *, now: datetime, gate: flow.Gate | None
) -> tuple[list[Letter], list[Move]]:
    cleared = clearance.of(claims, now=now)
    if gate is not None:
        cleared = gate.judge(claims, cleared, now=now)
    going = [claimed for claimed in claims if cleared[claimed.id].answer is Answer.GO]
    moves = [
        not_now(claimed, cleared[claimed.id], now=now)
        for claimed in claims
        if cleared[claimed.id].answer is not Answer.GO
    ]
    merges = merge.of(
        {
            claimed.contact_id: sender
            for claimed in going
            if (sender := cleared[claimed.id].sender) is not None
        }
    )
    letters = []
    desk = _Desk(now)
    for claimed in going:
        try:
            made = desk.write(claimed, cleared[claimed.id], merges.get(claimed.contact_id, {}))
        except Unmailable as error:
            made = Move(claimed, State.FAILED, error.code, detail=str(error))
        except rendering.RenderFailed as error:
            made = Move(claimed, State.FAILED, "template", detail=str(error))
        except Exception:
            log.exception("mail_broke", send=claimed.id)
            made = Move(claimed, State.FAILED, "error", detail=traceback.format_exc())
        if isinstance(made, Letter):
            letters.append(made)
        else:
            moves.append(made)
    return letters, moves


def not_now(claimed: Claimed, cleared: Clearance, *, now: datetime) -> Move:
    """The move for a mail that may not leave at this moment."""
    if cleared.answer is Answer.LATER and now + cleared.pause <= claimed.latest_at:
        return Move(claimed, State.PLANNED, cleared.reason, not_before=now + cleared.pause)
    return Move(claimed, State.SKIPPED, cleared.reason)


class _Desk:
    """Where the mails of one batch are written; what they share is laid out once."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._sign = tokens.Signers()
        self._forms: dict[tuple[int, int, str, str, bool], Form] = {}

    def write(self, claimed: Claimed, cleared: Clearance, values: fields.Merge) -> Letter | Move:
        person, sender = cleared.person, cleared.sender
        if person is None or sender is None or claimed.mail_id is None:
            raise TypeError("A cleared mail has a person, a sender and a text.")
        # Plain links, or an API that wants words: seldom, or slow anyhow.
        if claimed.kind in links.PLAIN or not person.tracked:
            return _by_words(claimed, person, sender, values, now=self._now)
        if not claimed.sandbox and not transport.takes_wire(sender):
            return _by_words(claimed, person, sender, values, now=self._now)
        to = form.Person(
            claimed.id,
            person.id,
            Mailbox(person.name, person.address),
            Mailbox(person.owner_name, person.owner_address),
        )
        filled = self._form(claimed.mail_id, person, sender).fill(values, to, now=self._now, sign=self._sign)
        if isinstance(filled, form.Missing):
            return Move(claimed, State.SKIPPED, filled.reason)
        return Letter(claimed, person, sender, filled.wire, filled.merge)

    def _form(self, mail_id: int, person: Person, sender: Sender) -> Form:
        told = person.must_be_told
        key = (mail_id, sender.pk, person.ground, person.source if told else "", told)
        known = self._forms.get(key)
        if known is None:
            compiled = rendering.version(mail_id, stored)
            foot = footer(sender, person, compiled.language)
            known = self._forms[key] = form.of(compiled, foot, letterhead(sender, mail_id))
        return known


def letterhead(sender: Sender, mail_id: int | None = None) -> Letterhead:
    """What stands in the head of each mail of a sender with this text."""
    return Letterhead(
        sender=Mailbox(sender.name, sender.email),
        reply_to=Mailbox(sender.name, sender.reply_to) if sender.reply_to else None,
        stop_address=sender.reply_to or sender.email,
        domain=domain(sender),
        base=settings.PUBLIC_URL,
        to_owner=sender.answers_to_owner,
        bounces_to=sender.bounces_to,
        plus=sender.plus_addresses,
        feedback_id=feedback_id(sender, mail_id),
    )


def feedback_id(sender: Sender, mail_id: int | None) -> str:
    """By which Gmail counts complaints: per text and per sender, never per person. The last part is who we are."""
    return f"text-{mail_id or 0}:sender-{sender.pk}:silo:silo{zlib.crc32(domain(sender).encode()):08x}"


def _by_words(
    claimed: Claimed, person: Person, sender: Sender, values: fields.Merge, *, now: datetime
) -> Letter | Move:
    compiled = rendering.version(claimed.mail_id or 0, stored)
    stop_url = f"{settings.PUBLIC_URL}/u/{tokens.stop_token(person.id, claimed.id)}"
    rendered = rendering.render(
        compiled,
        values,
        links.of(claimed.id, claimed.kind, tracked=person.tracked),
        stop_url,
        footer(sender, person, compiled.language),
        trap_url=links.trap(claimed.id, claimed.kind, tracked=person.tracked),
    )
    if rendered.missing:
        return Move(claimed, State.SKIPPED, rendered.reason)
    mail = address_to(
        sender,
        Mailbox(person.name, person.address),
        rendered,
        message_id=tokens.message_id(claimed.id, domain(sender)),
        mail_id=claimed.mail_id,
        owner=Mailbox(person.owner_name, person.owner_address),
        stop_url=stop_url,
        now=now,
    )
    by_wire = claimed.sandbox or transport.takes_wire(sender)
    return Letter(
        claimed, person, sender, message.wire(mail) if by_wire else mail, rendering.used(compiled, values)
    )


def footer(sender: Sender, person: Person | None, language: str) -> rendering.Footer:
    """What stands under every mail; with the first mail to somebody from a list also where we have them from
    (GDPR 14).
    """
    company = sender.company or sender.name
    told = person is None or not person.must_be_told
    return rendering.Footer(
        company=company,
        postal_address=sender.postal_address,
        org_number=sender.org_number,
        why=words.why(person.ground if person else "", language, company=company),
        source="" if told or person is None else words.source(person.source, language),
    )


def address_to(
    sender: Sender,
    recipient: Mailbox,
    rendered: rendering.Rendered,
    *,
    message_id: str,
    now: datetime,
    mail_id: int | None = None,
    owner: Mailbox | None = None,
    stop_url: str = "",
) -> Mail:
    """Put a filled-in mail into its envelope."""
    head = letterhead(sender, mail_id)
    number = message_id.partition("@")[0].rpartition(".")[2]  # a test mail's has a word before it
    plus = tokens.plus(number.encode()) if head.plus else ""
    return Mail(
        message_id=message_id,
        date=now,
        sender=head.sender,
        recipient=recipient,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        reply_to=head.answers(plus, owner or Mailbox("", "")),
        envelope_from=head.envelope_from(plus),
        stop_url=stop_url,
        stop_address=head.stop_address if stop_url else "",
        list_id=head.list_id if stop_url else "",
        feedback_id=head.feedback_id,
    )


def domain(sender: Sender) -> str:
    """The domain that stands in our Message-IDs and list id."""
    return sender.email.rpartition("@")[2] or "localhost"


def stored(version_id: int) -> dict[str, Any]:
    """The compiled mail of a version, as the database keeps it."""
    compiled: dict[str, Any] = MailVersion.objects.values_list("compiled", flat=True).get(pk=version_id)
    return compiled
