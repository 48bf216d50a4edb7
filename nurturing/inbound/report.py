"""A machine's word about a mail of ours: it came back, it waits, it arrived, somebody called it spam.

The report's own fields (RFC 3464) come first, then what flufl.bounce finds in the forms of older servers, the words last.
Whose address it is that failed is believed last of all from the report: the token that we gave the mail is better,
because a forwarder names an address we never wrote to. A report is data from anywhere: it proves nothing by itself.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from nurturing.inbound import bounce, parsing, reading
from nurturing.inbound.words import report as words

SAID_LENGTH = 1_000
FAILURES = 100
STOPS_FOR_EVER = (
    "abuse",
    "fraud",
    "opt-out",
    "opt-out-list",
    "virus",
    "other",
    "",
)  # RFC 5965, 3.1 and its registry


class Kind(StrEnum):
    """What is reported."""

    BOUNCED = "bounced"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    COMPLAINED = "complained"
    NOT_SPAM = "not_spam"  # "this was no spam", or a report about our DKIM: never stops anybody


@dataclass(frozen=True, slots=True)
class Failure:
    """One recipient of a report."""

    kind: Kind
    address: str = ""
    hard: bool = False
    reason: str = ""
    status: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What is reported about whom, and by what the mail of ours may be known."""

    kind: Kind
    failures: tuple[Failure, ...]
    message_ids: tuple[str, ...] = ()
    by: str = ""  # dsn, arf, flufl, words: what decided


_SUBJECT = re.compile(rf"(?i)^\s*(?:\[[^\]]{{1,40}}\]\s*|\W{{1,3}})?(?:{words.SUBJECT})")
_DAEMON = re.compile(
    r"(?i)^(?:mailer[-_.]?daemon|postmaster|mail[-_.]?(?:daemon|delivery|system|er)|bounces?|mdaemon|mail-robot|antispam"
    r"|exchange|microsoftexchange.*|root|mmdf|daemon)$"
)
_FAILED = re.compile(rf"(?i)(?:{words.FAILED})")
_WAITING = re.compile(rf"(?i)(?:{words.WAITING})")
_RETURNED = re.compile(rf"(?im)^(?:{words.RETURNED})")
# The transcript of a session: what was refused was the mail, not its recipient.
_AFTER_DATA = re.compile(
    r"(?im)^\s*>>>\s*(?:DATA|\.)\s*\n\s*<<<\s*[45]\d\d(?!.*\n\s*<<<)|SMTP command\s*\n\s*DATA\s*$"
    r"|(?:after|in\ (?:reply|response)\ to)\ (?:the\ )?(?:end\ of\ )?DATA\b"
)
# A server that takes commands in a row says no to the recipient where one sees it after DATA.
_PIPELINED = re.compile(
    r"(?i)no valid recipients?|need rcpt|rcpt (?:to )?(?:command )?(?:must|first|required)"
)
_NAMED = re.compile(r"<?([\w.+=!#$%&'*/?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+)>?")
_MESSAGE_ID = re.compile(r"(?im)^(?:original-|x-\w+-)?message-?id:\s*<?\s*([^<>\s]{1,400})>?")


def read(mail: reading.Incoming) -> Report | None:
    """The report that this mail is; None when it is a letter, an automatic answer or a receipt of reading."""
    if "disposition-notification" in mail.content_type:
        return None
    ids = our_ids(mail)
    if mail.feedback:
        return _complaint(mail, ids)
    if address := _bare(mail.header("x-hmxmroriginalrecipient")):  # Microsoft's, in a form of its own
        return Report(Kind.COMPLAINED, (Failure(Kind.COMPLAINED, address, reason="abuse"),), ids, by="arf")
    recipients = [block for block in mail.statuses if _is_recipient(block)]
    if not recipients and "delivery-status" in mail.content_type:
        recipients = [block for block in _in_words(mail) if _is_recipient(block)]
    if not recipients and _may_be_returned(mail):
        recipients = [block for block in _in_words(mail) if "final-recipient" in block and "action" in block]
    if recipients:
        failures = tuple(
            _of_block(block, mail, alone=len(recipients) == 1) for block in recipients[:FAILURES]
        )
        return Report(_worst(failures), failures, ids, by="dsn")
    if not _may_be_returned(mail) or not _tells_a_failure(mail):
        return None
    found = _by_words(mail)
    return Report(_worst(found), found, ids, by="flufl" if mail.failed_addresses else "words")


def our_ids(mail: reading.Incoming) -> tuple[str, ...]:
    """The Message-IDs of the mail that is reported about, and of what this one answers."""
    text = f"{mail.returned}\n{mail.inline_text}"
    found = _MESSAGE_ID.findall(text[: reading.READ_LENGTH])
    for one in (mail.feedback.get("original-message-id", ""), mail.feedback.get("message-id", "")):
        found += [one.strip(" <>")] if one else []
    return tuple(dict.fromkeys([*found, *reading.references(mail)]))


def _complaint(mail: reading.Incoming, ids: tuple[str, ...]) -> Report:
    """An abuse report (RFC 5965). Often the recipient is blacked out: the Message-ID tells who it was."""
    kind = mail.feedback.get("feedback-type", "").strip().lower()
    address = mail.feedback.get("original-rcpt-to") or mail.feedback.get("removal-recipient") or ""
    about = Kind.COMPLAINED if kind in STOPS_FOR_EVER else Kind.NOT_SPAM
    said = f"{kind} {mail.feedback.get('user-agent', '')}".strip()
    return Report(
        about, (Failure(about, _bare(address), reason=kind, said=said[:SAID_LENGTH]),), ids, by="arf"
    )


def _is_recipient(block: Mapping[str, str]) -> bool:
    return bool(block.keys() & {"final-recipient", "original-recipient", "action", "status"}) and bool(
        block.keys() & {"action", "status"}
    )


def _of_block(block: Mapping[str, str], mail: reading.Incoming, *, alone: bool) -> Failure:
    """One recipient of a report in the form of RFC 3464."""
    action = re.sub(r"[^a-z].*", "", block.get("action", "").strip().lower())
    status = (re.findall(r"\d\.\d{1,3}\.\d{1,3}", block.get("status", "")) or [""])[0]
    diagnostic = re.sub(
        r"(?i)^\s*(?:smtp|x-[\w-]+|unix|lmtp|dns|x400)\s*;", "", block.get("diagnostic-code", "")
    ).strip()
    names = ("final-recipient", "original-recipient", "x-actual-recipient")
    address = next((found for name in names if (found := _bare(block.get(name, "")))), "")
    said = diagnostic
    if not re.search(r"[A-Za-z]{3}", diagnostic) and alone:
        # The report names a code and the letter beside it says what it means.
        said = f"{diagnostic} {_section(_words(mail), address)}".strip()
    told = bounce.Bounce(
        said, enhanced=status, action=action, after_data=_after_data(f"{diagnostic}\n{_words(mail)}")
    )
    judged = bounce.judge(told)
    if action in ("delivered", "relayed", "expanded"):
        kind = Kind.DELIVERED
    elif action == "delayed":
        kind = Kind.DEFERRED
    elif status.startswith("2"):
        kind = Kind.DELIVERED
    else:
        kind = Kind.BOUNCED
    hard = judged.hard and kind is Kind.BOUNCED
    return Failure(kind, address, hard, judged.reason.value, status, said[:SAID_LENGTH])


def _by_words(mail: reading.Incoming) -> tuple[Failure, ...]:
    """A server that knows no report format: each address it names, with the words that follow."""
    words = _words(mail)
    waiting = bool(_WAITING.search(mail.subject) or _WAITING.search(words[:2000]))
    low = words.lower()
    addresses = sorted(mail.failed_addresses[:FAILURES], key=lambda one: low.find(one.lower()))
    addresses = addresses or _addresses_named(words, mail)
    after_data = _after_data(words)
    failures = []
    for address in addresses or [""]:
        others = [one for one in addresses if one != address]
        said = _section(words, address, others)
        judged = bounce.judge(bounce.Bounce(said, after_data=after_data))
        if judged.reason is bounce.Reason.OTHER and len(said) < len(words) and len(addresses) < 2:
            said = words
            judged = bounce.judge(bounce.Bounce(said, after_data=after_data))
        kind = Kind.DEFERRED if waiting else Kind.BOUNCED
        failures.append(
            Failure(
                kind,
                address,
                judged.hard and not waiting,
                judged.reason.value,
                said=said.strip()[:SAID_LENGTH],
            )
        )
    return tuple(failures)


def _worst(failures: Sequence[Failure]) -> Kind:
    for kind in (Kind.BOUNCED, Kind.DEFERRED, Kind.DELIVERED):
        if any(one.kind is kind for one in failures):
            return kind
    return Kind.BOUNCED


def _may_be_returned(mail: reading.Incoming) -> bool:
    """By its sender, its subject or its headers: a mail server wrote this."""
    if mail.header("x-failed-recipients") or mail.header("x-ms-exchange-message-is-ndr"):
        return True
    if "delivery-status" in mail.content_type:
        return True
    local = mail.from_address.partition("@")[0]
    return bool(_SUBJECT.match(mail.subject) or _DAEMON.match(local)) and not reading.AWAY_SUBJECT.match(
        mail.subject
    )


def _tells_a_failure(mail: reading.Incoming) -> bool:
    words = _words(mail)
    if mail.failed_addresses or any(form.search(f"{mail.subject}\n{words}") for form in (_FAILED, _WAITING)):
        return True
    return bounce.judge(bounce.Bounce(words)).reason in bounce.GONE


def _after_data(words: str) -> bool:
    return bool(_AFTER_DATA.search(words)) and not _PIPELINED.search(words)


def _words(mail: reading.Incoming) -> str:
    """What the server wrote, without the mail of ours."""
    text = mail.text or mail.inline_text or reading.plain(mail.html)
    text = text[: reading.READ_LENGTH]
    cut = _RETURNED.search(text, 40) if len(text) > 40 else None
    return text[: cut.start()] if cut else text


def _section(words: str, address: str, others: Sequence[str] = ()) -> str:
    """The words that follow an address, up to the next one that failed."""
    low = words.lower()
    starts = low.find(address.lower()) if address else -1
    if starts < 0:
        return words
    ends = [found for one in others if (found := low.find(one.lower(), starts + len(address))) > 0]
    section = words[starts + len(address) : min(ends, default=len(words))]
    return section if re.search(r"[A-Za-z]{3}", section) else words


def _in_words(mail: reading.Incoming) -> list[dict[str, str]]:
    """A report whose fields stand in plain text, because somebody forwarded it or made it badly."""
    texts = (mail.inline_text, mail.returned) if mail.inline_text else (mail.text, mail.returned)
    return [
        found for text in texts for one in re.split(r"\n[ \t]*\n", text) if (found := parsing.fields(one))
    ]


def _addresses_named(words: str, mail: reading.Incoming) -> list[str]:
    ours = {one.lower() for one in mail.to_addresses} | {mail.from_address.lower()}
    named = [one for one in mail.header("x-failed-recipients").replace(" ", "").split(",") if "@" in one]
    named += [one for one in _NAMED.findall(words) if one.lower() not in ours]
    return list(dict.fromkeys(one.rstrip(".") for one in named))[:1]


def _bare(value: str) -> str:
    """ "rfc822; <Anna@x.example>" as anna's address."""
    text = value.rpartition(";")[2] if ";" in value else value
    found = _NAMED.search(text)
    return found.group(1) if found else ""
