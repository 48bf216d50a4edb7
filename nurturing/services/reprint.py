"""A mail as its recipient has it before them:

kept whole, or made again from its version and the values as sent.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum

from django.conf import settings

from contacts import keys
from nurturing.content import rendering
from nurturing.models import MailVersion, SandboxMail, Send, SendDetail
from nurturing.queries import clearance, merge, sender
from nurturing.queries.clearance import Person
from nurturing.sending import message, tokens
from nurturing.sending.message import Mailbox, Unmailable
from nurturing.services import letter


class How(StrEnum):
    """Where what is shown comes from."""

    KEPT = "kept"  # the very bytes
    MADE_AGAIN = "made_again"  # from the published version and the merge values as sent
    COMING = "coming"  # as it would look if it left now
    GONE = "gone"  # emptied by an erasure, or there is no text


@dataclass(frozen=True, slots=True)
class Reprint:
    """One mail to look at.

    `html` leads straight to where its links lead: looking at a mail must not count as a click.
    """

    how: How
    subject: str = ""
    html: str = ""
    text: str = ""
    headers: Sequence[tuple[str, str]] = ()
    raw: bytes = b""
    missing: tuple[str, ...] = ()
    trouble: str = ""


def of(send: Send, *, now: datetime) -> Reprint:
    """The mail of a send."""
    kept = SandboxMail.objects.filter(send=send).first()
    if kept is not None:
        return of_bytes(bytes(kept.raw))
    if send.mail is None:
        return Reprint(How.GONE)
    try:
        return _make_again(send, send.mail, now=now)
    except (rendering.RenderFailed, Unmailable) as error:
        return Reprint(How.GONE, subject=send.mail.subject, trouble=str(error))


def of_bytes(raw: bytes) -> Reprint:
    """A mail that was kept whole."""
    parsed: EmailMessage = message_from_bytes(raw, policy=policy.default)
    return Reprint(
        How.KEPT,
        subject=str(parsed["Subject"]),
        html=straight(_part(parsed, "html")),
        text=_part(parsed, "plain"),
        headers=[(name, str(value)) for name, value in parsed.items()],
        raw=raw,
    )


def straight(html: str) -> str:
    """Our own links replaced by where they lead; the trap and the stop link lead nowhere."""

    def target(found: re.Match[str]) -> str:
        if found[1] != "c":
            return "#"
        try:
            return tokens.read_click(found[2]).url
        except keys.BadToken:
            return "#"

    return _OURS.sub(target, html)


_OURS = re.compile(r"https?://[^\s\"'<>/]+/([ctu])/([A-Za-z0-9_-]{20,})")


def _part(parsed: EmailMessage, kind: str) -> str:
    part = parsed.get_body((kind,))
    return part.get_content() if isinstance(part, EmailMessage) else ""


def _as_told_then(person: Person | None, send: Send) -> Person | None:
    """The one mail that told them where we have their data from said so; the others did not."""
    if person is not None and person.informed_at is not None and person.informed_at == send.finished_at:
        return person._replace(informed_at=None)
    return person


def _make_again(send: Send, mail: MailVersion, *, now: datetime) -> Reprint:
    who = send.sender or sender.choose(sender.all_senders(), language=mail.language)
    snapshot = (
        SendDetail.objects.filter(send_id=send.pk)
        .exclude(merge={})
        .order_by("-at")
        .values_list("merge", flat=True)
    )
    left = send.state in (Send.State.ATTEMPTING, Send.State.ACCEPTED, Send.State.UNKNOWN)
    compiled = rendering.version(mail.pk, letter.stored)
    if who is None or (left and not send.address):
        return Reprint(How.GONE, subject=mail.subject)
    as_sent = snapshot.first() if left else None
    values = (
        rendering.nested(as_sent) if as_sent else merge.of({send.contact_id: who}).get(send.contact_id, {})
    )
    person = clearance.people([send.contact_id]).get(send.contact_id)
    stop_url = f"{settings.PUBLIC_URL}/u/{tokens.stop_token(send.contact_id, send.pk)}"
    rendered = rendering.render(
        compiled,
        {**values, "sender": merge.sender(who)},
        lambda number, url: url,
        stop_url,
        letter.footer(who, _as_told_then(person, send), mail.language),
    )
    address = send.address or (person.address if person else "")
    raw = b""
    if address:
        envelope = letter.address_to(
            who,
            Mailbox(person.name if person else "", address),
            rendered,
            message_id=tokens.message_id(send.pk, letter.domain(who)),
            mail_id=mail.pk,
            owner=Mailbox(person.owner_name, person.owner_address) if person else None,
            stop_url=stop_url,
            now=send.finished_at or now,
        )
        raw = message.build(envelope)
    shown = of_bytes(raw)
    return Reprint(
        How.MADE_AGAIN if left else How.COMING,
        subject=rendered.subject,
        html=straight(rendered.html),
        text=rendered.text,
        headers=shown.headers if raw else (),
        raw=raw,
        missing=rendered.missing,
    )
