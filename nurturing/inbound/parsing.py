"""The bytes of a mail as plain values, however badly they are made.

Bounded: what lies beyond `READ_BYTES` is not looked at. A reply's own words, a bounce's report and the headers stand
before that; what follows are attachments.
"""

import email
import logging
import re
from collections.abc import Iterator, Mapping
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses, parseaddr
from typing import Any, TypeAlias

from flufl.bounce import all_failures

from nurturing.inbound import reading

_MAY_BE_RETURNED = re.compile(
    r"(?i)daemon|postmaster|bounce|<>|deliver|return|fail|undeliv|lever|zustell|toimit|unknown|error|reject|warning|problem"
)
logging.getLogger("flufl.bounce").setLevel(logging.WARNING)  # it names each of its detectors for each mail
READ_BYTES = 2_000_000
BOUNCE_BYTES = 64_000
FAILED = 100
PARTS = 200  # more are an attack
DEPTH = 20
HEADERS = 400
HEADER_LENGTH = 10_000
RETURNED_LENGTH = 20_000

_Message: TypeAlias = "Message[Any, Any]"


def parse(raw: bytes) -> reading.Incoming:
    """A mail as it lies in a mailbox."""
    message = email.message_from_bytes(raw[:READ_BYTES], policy=compat32)
    return incoming(message, head=raw[:BOUNCE_BYTES])


def incoming(
    message: _Message,
    *,
    envelope_sender: str | None = None,
    envelope_recipient: str | None = None,
    head: bytes | None = None,
) -> reading.Incoming:
    """A parsed mail as plain values. The envelope's addresses are known where a provider tells them."""
    headers = _headers(message)
    parts = list(_parts(message))
    recipients = getaddresses(
        [
            one
            for name in (
                "to",
                "cc",
                "delivered-to",
                "x-original-to",
                "envelope-to",
                "x-envelope-to",
                "x-delivered-to",
            )
            for one in headers.get(name, ())
        ][:50]
    )
    statuses = [block for part in parts for block in _statuses(part)]
    if not statuses and _may_be_returned(headers):
        statuses = [block for part in _inside(parts) for block in _statuses(part)]
    feedback = next((found for part in (*parts, *_inside(parts)) if (found := _feedback(part))), {})
    failed = () if statuses or feedback else _failed_addresses(message, headers, head)
    return reading.Incoming(
        headers=headers,
        subject=next(iter(headers.get("subject", ())), ""),
        text=_first_text(parts, "text/plain"),
        html=_first_text(parts, "text/html"),
        from_address=parseaddr(next(iter(headers.get("from", ())), ""))[1]
        or parseaddr(envelope_sender or "")[1],
        envelope_sender=envelope_sender,
        to_addresses=tuple(
            dict.fromkeys(one for one in (envelope_recipient or "", *(at for _, at in recipients)) if one)
        ),
        content_type=_content_type(message, headers),
        statuses=tuple(statuses[:50]),
        feedback=feedback,
        returned=_returned(parts),
        inline_text=_all_text(parts),
        failed_addresses=failed,
    )


def _failed_addresses(
    message: _Message, headers: Mapping[str, tuple[str, ...]], head: bytes | None
) -> tuple[str, ...]:
    """What flufl.bounce finds in the forms of servers that know no report format.

    It reads every line two dozen times: a bounce says what it has to say at its beginning.
    """
    if not _may_be_returned(headers):
        return ()
    try:
        beginning = head if head is not None else message.as_bytes(policy=compat32)[:BOUNCE_BYTES]
        temporary, permanent = all_failures(email.message_from_bytes(beginning, policy=compat32))
    except Exception:  # its two dozen detectors were not made for hostile mail
        return ()
    found = [one.decode("utf-8", "replace") for one in (*permanent, *temporary)]
    return tuple(sorted(one for one in found if "@" in one))[:FAILED]


def _may_be_returned(headers: Mapping[str, tuple[str, ...]]) -> bool:
    written = " ".join(
        (*headers.get("from", ()), *headers.get("subject", ()), *headers.get("return-path", ()))
    )
    return _MAY_BE_RETURNED.search(written) is not None or "x-failed-recipients" in headers


def decoded(value: str) -> str:
    """A header's value in characters: RFC 2047 words, raw UTF-8 and raw Latin-1 alike."""
    try:
        pieces = decode_header(value)
    except Exception:  # the standard library raises several kinds over broken words
        return reading.clean(value)
    out = ""
    for piece, charset in pieces:
        out += piece if isinstance(piece, str) else characters(piece, charset)
    return reading.clean(out)


def characters(data: bytes, charset: str | None) -> str:
    """Bytes as text, in the charset they claim, else as UTF-8, else as what Windows writes."""
    for one in (charset, "utf-8"):
        try:
            return data.decode(one or "utf-8")
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def _bytes_read(value: object) -> str:
    """A header as it stands in the mail; bytes that no header may hold are read as the letters they are."""
    return characters(str(value)[:HEADER_LENGTH].encode("utf-8", "surrogateescape"), None)


def _headers(message: _Message) -> dict[str, tuple[str, ...]]:
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in list(message.raw_items())[:HEADERS]:
        text = _bytes_read(value)
        key = str(name).lower()
        headers[key] = (*headers.get(key, ()), decoded(re.sub(r"\r?\n[ \t]+", " ", text)))
    return headers


def _content_type(message: _Message, headers: Mapping[str, tuple[str, ...]]) -> str:
    """With its report-type, which tells a bounce from a receipt."""
    kind = message.get_content_type()
    said = re.search(r"report-type\s*=\s*\"?([\w-]+)", " ".join(headers.get("content-type", ())), re.I)
    return f"{kind}; report-type={said.group(1).lower()}" if said else kind


def _parts(message: _Message, depth: int = 0) -> Iterator[_Message]:
    """The parts, outermost first; what a returned mail holds inside is not looked into."""
    seen = 0
    waiting: list[tuple[_Message, int]] = [(message, 0)]
    while waiting and seen < PARTS:
        part, level = waiting.pop(0)
        seen += 1
        yield part
        if part.is_multipart() and part.get_content_maintype() == "multipart" and level < DEPTH:
            inside = [one for one in part.get_payload() if isinstance(one, Message)]
            waiting[:0] = [(one, level + 1) for one in inside[:PARTS]]


def _inside(parts: list[_Message]) -> Iterator[_Message]:
    """The parts of a mail handed on: a report that another server put into its own."""
    for part in parts:
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            inner = part.get_payload(0)
            if isinstance(inner, Message) and inner.get_content_type() == "multipart/report":
                yield from _parts(inner)


def _body(part: _Message) -> str:
    """The text of a leaf, in characters."""
    try:
        raw = part.get_payload(decode=True)
    except Exception:  # broken base64 of some kinds raises
        raw = None
    if not isinstance(raw, bytes):
        return ""
    try:
        charset = part.get_content_charset()
    except Exception:
        charset = None
    return reading.clean(characters(raw, charset)).replace("\r\n", "\n")


def _is_file(part: _Message) -> bool:
    try:
        return part.get_content_disposition() == "attachment"
    except Exception:
        return False


def _first_text(parts: list[_Message], content_type: str) -> str:
    """The first part of a type that is no attachment and holds something."""
    for part in parts:
        if part.get_content_type() == content_type and not part.is_multipart() and not _is_file(part):
            text = _body(part)
            if text.strip():
                return text
    return ""


def _all_text(parts: list[_Message]) -> str:
    """Everything readable outside of the returned mail: what a server that knows no report format wrote."""
    texts = []
    for part in parts:
        kind = part.get_content_type()
        if part.is_multipart() or kind not in ("text/plain", "text/html", "message/delivery-status"):
            continue
        text = _body(part)
        texts.append(reading.plain(text) if kind == "text/html" else text[: reading.READ_LENGTH])
    return "\n".join(texts)[: reading.READ_LENGTH]


_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,60})\s*:[ \t]*(.*(?:\n[ \t]+.*)*)", re.M)


def fields(text: str) -> dict[str, str]:
    """A block of "Name: value" lines; the first of a name holds."""
    found: dict[str, str] = {}
    for name, value in _FIELD.findall(text[:RETURNED_LENGTH]):
        found.setdefault(name.lower(), " ".join(value.split()))
    return found


def _blocks(part: _Message) -> list[dict[str, str]]:
    """The blocks of a report part: the standard library makes each a message, or leaves one text when it is broken."""
    payload = part.get_payload()
    if isinstance(payload, list):
        blocks = []
        for one in payload:
            if isinstance(one, Message):
                lines = "\n".join(
                    f"{name}: {decoded(' '.join(_bytes_read(value).split()))}"
                    for name, value in one.raw_items()
                )
                blocks += [fields(text) for text in _recipients(lines or str(one.get_payload()))]
        return [block for block in blocks if block]
    return [found for text in _recipients(_body(part)) if (found := fields(text))]


def _recipients(text: str) -> list[str]:
    """The blocks of a report: an empty line divides them, or the next recipient where a server left that out."""
    blocks = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n"))
    return [one for block in blocks for one in _divided(block)]


def _divided(block: str) -> list[str]:
    if len(re.findall(r"(?im)^final-recipient:", block)) < 2:
        return [block]
    return re.split(r"(?i)\n(?=final-recipient:)", block)


def _statuses(part: _Message) -> list[dict[str, str]]:
    if part.get_content_type() not in ("message/delivery-status", "message/global-delivery-status"):
        return []
    return _blocks(part)


def _feedback(part: _Message) -> dict[str, str]:
    """The fields of an abuse report (RFC 5965), all blocks as one."""
    if part.get_content_type() not in ("message/feedback-report", "application/x-feedback-report"):
        return {}
    found: dict[str, str] = {}
    for block in _blocks(part):
        found = block | found
    return found or {"feedback-type": ""}


def _returned(parts: list[_Message]) -> str:
    """The headers (and the beginning) of the mail of ours that is handed back, as text."""
    for part in parts:
        kind = part.get_content_type()
        if kind in ("message/rfc822", "message/global", "message/partial") and part.is_multipart():
            inner = part.get_payload(0)
            if isinstance(inner, Message):
                lines = [f"{name}: {' '.join(str(value).split())}" for name, value in inner.items()]
                return reading.clean("\n".join(lines))[:RETURNED_LENGTH]
        if kind in (
            "text/rfc822-headers",
            "message/global-headers",
            "message/rfc822",
            "text/rfc822",
            "text/rfc822-header",
        ):
            text = _body(part) or reading.clean(str(part.get_payload()))
            return text[:RETURNED_LENGTH]
    return ""
