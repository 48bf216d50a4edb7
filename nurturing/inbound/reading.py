"""A mail that came back: is it a person's reply, a machine's answer, or somebody who wants no more?

Headers decide first (RFC 3834), then the subject's first words, because some responders set no header at
all. A subject counts only at its start and after "Re:", "SV:" and "VS:" are taken off: a person who
writes about the holidays is still a person.
"""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mailparser_reply import EmailReplyParser

# The parser's patterns are quadratic at worst; a reply that somebody typed is shorter than this.
READ_LENGTH = 40_000
STOP_LENGTH = 80
LANGUAGES = ["en", "sv", "da", "de"]


class Kind(StrEnum):
    """What sort of mail it is; the values are those of the model."""

    HUMAN = "human"
    OUT_OF_OFFICE = "out_of_office"
    AUTOMATIC = "automatic"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail as it reached us, whichever way. Header names are in lower case; a header may come more than
    once.
    """

    headers: Mapping[str, tuple[str, ...]]
    subject: str
    text: str
    html: str = ""
    from_address: str = ""
    envelope_sender: str | None = None
    to_addresses: tuple[str, ...] = ()
    content_type: str = "text/plain"
    # What a report holds beside its words: see inbound.parsing.
    statuses: tuple[Mapping[str, str], ...] = ()
    feedback: Mapping[str, str] = field(default_factory=dict)
    returned: str = ""
    inline_text: str = ""
    failed_addresses: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        """The first header of a name, or an empty text."""
        return next(iter(self.headers.get(name.lower(), ())), "")


@dataclass(frozen=True, slots=True)
class Reading:
    """What it is, why we think so, and what the person wrote without the mail they quote."""

    kind: Kind
    because: str
    text: str


_REPLY_PREFIX = re.compile(
    r"^\s*(?:(?:re|sv|vs|aw|antw|ang|fw|fwd|vb|vl|wg|tr)(?:\[\d+\]|\(\d+\))?\s*:\s*)+", re.IGNORECASE
)
AWAY_SUBJECT = re.compile(
    r"""(?ix)^\s*(?:
      automatic\ reply | auto(?:matic)?[- ]?re(?:ply|sponse) | auto:\ | out\ of\ (?:the\ )?office | i\ am\
      out\ of | autosvar | auto-svar | automatiskt?\ (?:e-post)?svar | automatisk\ (?:fravær|beskjed) |
      frånvaro | semestersvar | ute\ av\ kontoret | fravær(?:ende|smelding|sbesked)? | ikke\ på\ kontoret
      | ej\ på\ kontoret | inte\ på\ kontoret | automaattinen\ vastaus | poissa(?:olo)? | lomavastaus |
      abwesen(?:d|heit) | automatische\ antwort | réponse\ automatique
    )"""
)
_RECEIPT_SUBJECT = re.compile(
    r"""(?ix)^\s*(?:read: | läst: | lest: | luettu: | gelesen: | not\ read: | delivered: | undeliver | mail\ delivery
    | delivery\ (?:status|failure) | returned\ mail | kunde\ inte\ leverera | kan\ ikke\ leveres)"""
)
_STOP = re.compile(
    r"""(?ix)\b(?:
      unsubscribe | remove\ me | take\ me\ off | no\ more\ (?:mails?|e-?mails?)
    | avregistrera | avanmäl | avsluta\ (?:prenumeration|utskick) | ta\ bort\ mig | sluta\ (?:mejla|maila|skicka)
    | meld\ (?:meg\ )?av | avmeld | fjern\ meg | slutt\ å\ sende | ikke\ send
    | afmeld | frameld | peruuta | poista\ minut | abmelden | abbestellen
    )\b"""
)
# "Stop" alone is a stop; "can we stop by on Tuesday" is a customer.
_BARE_STOP = re.compile(
    r"(?i)^(?:please |snälla |vær så snill |vänligen )?stopp?(?: please| tack| takk| this)?[\s.!]*$"
)
_STOP_STEM = re.compile(r"(?i)\b(?:avregistrera|avanmäl|avmeld|afmeld|frameld|unsubscri|abmeld|abbestell)")
_TAG = re.compile(r"(?s)<(?:style|script|head|title)\b.*?</(?:style|script|head|title)>|<!--.*?-->")
_BREAK = re.compile(r"(?i)<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^>]*>")
_ANY_TAG = re.compile(r"<[^>]{0,2000}>")
_QUOTE_BLOCK = re.compile(
    r"(?is)<blockquote\b.*$|<div[^>]{0,200}(?:gmail_quote|divRplyFwdMsg|appendonsend).*$"
)


def read(mail: Incoming) -> Reading:
    """Tell the kinds apart and cut the quotation away."""
    text = written(mail)
    because = machine_sign(mail)
    if because:
        away = because == "away_subject" or AWAY_SUBJECT.search(_bare_subject(mail.subject)) is not None
        away = away or bool(mail.header("x-autoreply") or mail.header("x-autorespond"))
        away = away or mail.header("auto-submitted").strip().lower().startswith("auto-replied")
        return Reading(Kind.OUT_OF_OFFICE if away else Kind.AUTOMATIC, because, text)
    if asks_to_stop(text):
        return Reading(Kind.STOP, "asks_to_stop", text)
    return Reading(Kind.HUMAN, "", text)


def machine_sign(mail: Incoming) -> str:
    """The sign by which a machine is known; empty when a person may have written it."""
    submitted = mail.header("auto-submitted").strip().lower()
    if submitted and not submitted.startswith("no"):
        return "auto_submitted"
    kind = mail.content_type.lower()
    if kind.startswith(("multipart/report", "message/disposition-notification", "message/delivery-status")):
        return "report"
    for name in ("x-autoreply", "x-autorespond", "x-auto-reply", "x-autogenerated", "x-mail-autoreply"):
        if mail.header(name).strip().lower() not in ("", "no", "false"):
            return name.replace("-", "_")
    if mail.header("precedence").strip().lower() in ("auto_reply", "auto-reply", "junk", "bulk", "list"):
        return "precedence"
    if mail.envelope_sender is not None and mail.envelope_sender.strip() in ("", "<>"):
        return "null_sender"
    if mail.header("return-path").strip() == "<>":
        return "null_sender"
    if mail.header("list-id") or mail.header("list-unsubscribe"):
        return "mailing_list"
    subject = _bare_subject(mail.subject)
    if AWAY_SUBJECT.search(subject):
        return "away_subject"
    if _RECEIPT_SUBJECT.search(subject):
        return "receipt_subject"
    local = mail.from_address.rpartition("@")[0].lower()
    if local in ("mailer-daemon", "postmaster", "no-reply", "noreply", "do-not-reply", "donotreply"):
        return "no_reply_sender"
    # Outlook sets X-Auto-Response-Suppress on what people send, too, so it never decides alone.
    return ""


def asks_to_stop(text: str) -> bool:
    """True for a short text that says stop and little else. A long letter with the word in it is for a
    person to read.
    """
    said = " ".join(text.split())
    if not said or len(said) > STOP_LENGTH:
        return False
    if "?" in said:
        return False
    return bool(_BARE_STOP.search(said) or _STOP.search(said) or _STOP_STEM.search(said))


def written(mail: Incoming) -> str:
    """What the person wrote, without the mail they answer."""
    whole = mail.text if mail.text.strip() else plain(mail.html)
    whole = whole[:READ_LENGTH].replace("\x00", "").replace("\r\n", "\n")
    parsed = EmailReplyParser(languages=LANGUAGES).parse_reply(whole)
    return (parsed or "").strip() or whole.strip()


def plain(markup: str) -> str:
    """HTML as text, well enough to read; nothing of it is ever shown as HTML."""
    markup = _QUOTE_BLOCK.sub("", markup[:READ_LENGTH])
    text = _ANY_TAG.sub("", _BREAK.sub("\n", _TAG.sub("", markup)))
    return re.sub(r"\n{3,}", "\n\n", html.unescape(text)).strip()


def clean(text: str) -> str:
    """Text that a database can keep: no NUL, no half of a character."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def first_words(text: str, length: int = 120) -> str:
    """The beginning of what was written, on one line."""
    said = " ".join(text.split())
    return said if len(said) <= length else said[: length - 1].rstrip() + "…"


def references(mail: Incoming) -> list[str]:
    """The Message-IDs this mail answers, the nearest first, without brackets."""
    found: list[str] = []
    for name in ("in-reply-to", "references"):
        for value in mail.headers.get(name, ()):
            ids = re.findall(r"<([^<>\s]{1,400})>", value[:8000])
            found += ids if name == "in-reply-to" else reversed(ids)
    found += re.findall(r"(?im)^(?:original-)?message-id:\s*<([^<>\s]{1,400})>", mail.text[:READ_LENGTH])
    return list(dict.fromkeys(found))


def plus_tokens(addresses: Iterable[str]) -> list[str]:
    """What stands after the plus in our own addresses (reply+TOKEN@…), as it was written."""
    return [local.partition("+")[2] for address in addresses if "+" in (local := address.rpartition("@")[0])]


def stop_token(subject: str) -> str:
    """The token of a mail that a mail program wrote for its user: "stop TOKEN" (the mailto of List-
    Unsubscribe).
    """
    match = re.match(r"\s*stop\s+([A-Za-z0-9_-]{20,400})\s*$", subject)
    return match.group(1) if match else ""


def _bare_subject(subject: str) -> str:
    return _REPLY_PREFIX.sub("", subject[:1000])
