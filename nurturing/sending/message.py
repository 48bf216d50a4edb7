"""The bytes of one mail.

Assembled by hand, because the standard library's `EmailMessage` makes 700 a second and this 13,000: one
header block and two quoted-printable parts. Nothing a person typed reaches a header unencoded, and a line
break in it is refused, never repaired: a name that holds one was put there by somebody.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import NamedTuple

import idna

LONGEST_LOCAL = 64
# RFC 2047: an encoded word has at most 75 characters, a line that holds one at most 76.
_WORD = 75
_LINE = 76
_Q_OPEN, _B_OPEN, _CLOSE = "=?utf-8?q?", "=?utf-8?b?", "?="
_ROOM = len(_Q_OPEN) + len(_CLOSE)

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PRINTABLE_ASCII = re.compile(r"[\x20-\x7e]*\Z")
# What stands for itself in a Q-encoded word also inside a display name (RFC 2047, 5 (3)).
_Q_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_HOST = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\Z"
)
_URL = re.compile(r"https?://[\x21-\x7e]+\Z")
_LINE_ENDS = re.compile(r"\r\n|\r|\n")


class Unmailable(ValueError):
    """This mail cannot be put into bytes that a mail server would read as meant. `code` is for the ledger."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


class Mailbox(NamedTuple):
    """A name (may be empty) and an address."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Mail:
    """All that a mail is made of. `message_id` stands without its angle brackets."""

    message_id: str
    date: datetime
    sender: Mailbox
    recipient: Mailbox
    subject: str
    text: str
    html: str
    reply_to: tuple[Mailbox, ...] = ()
    envelope_from: str = ""  # where bounces go; empty: to the sender
    stop_url: str = ""
    stop_address: str = ""
    list_id: str = ""
    feedback_id: str = ""


class Wire(NamedTuple):
    """A mail as a mail server gets it: the envelope, and bytes that need no dot doubled (`undotted`)."""

    message_id: str
    envelope_from: str
    envelope_to: str
    subject: str
    raw: bytes


def wire(mail: Mail) -> Wire:
    """The mail in its envelope. Raises Unmailable."""
    return Wire(
        mail.message_id,
        address(mail.envelope_from or mail.sender.address),
        address(mail.recipient.address),
        mail.subject,
        build(mail),
    )


def build(mail: Mail) -> bytes:
    """The mail as a server gets it: CRLF everywhere, each single header once, plain text before HTML."""
    lines = [
        "Date: " + dated(mail.date),
        unstructured("Subject", mail.subject),
        mailbox("From", mail.sender),
        mailbox("To", mail.recipient),
    ]
    if mail.reply_to:
        lines.append(mailboxes("Reply-To", mail.reply_to))
    lines += [name + ": " + value for name, value in extra_headers(mail).items()]
    lines.append("MIME-Version: 1.0")
    if not mail.html:
        head = "\r\n".join(lines) + "\r\n" + PART_HEAD % "plain"
        return head.encode("ascii") + body(mail.text)
    # "=_" never stands in quoted-printable text, so no part can hold the boundary.
    boundary = "=_" + re.sub(r"[^A-Za-z0-9]", "", mail.message_id)[:40] + "_="
    lines.append(f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"')
    opening = f"\r\n--{boundary}\r\n"
    head = "\r\n".join(lines) + "\r\n" + opening + PART_HEAD % "plain"
    between = opening + PART_HEAD % "html"
    return b"".join((
        head.encode("ascii"), body(mail.text),
        between.encode("ascii"), body(mail.html),
        f"\r\n--{boundary}--\r\n".encode("ascii"),
    ))  # fmt: skip


PART_HEAD = 'Content-Type: text/%s; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'


def extra_headers(mail: Mail) -> dict[str, str]:
    """The headers beyond sender, recipient, subject and date; the same for our own bytes and for a provider's
    API.
    """
    headers = {"Message-ID": f"<{_safe('Message-ID', mail.message_id)}>"}
    ways = []
    if mail.stop_url:
        if not _URL.match(mail.stop_url):
            raise Unmailable("bad_stop_link", f"The stop link is no web address: {mail.stop_url[:80]!r}.")
        ways.append(f"<{mail.stop_url}>")
    if mail.stop_address:
        token = mail.stop_url.rstrip("/").rpartition("/")[2]
        ways.append(f"<mailto:{address(mail.stop_address)}?subject=stop%20{token}>")
    if ways:
        headers["List-Unsubscribe"] = ",\r\n ".join(ways)
    if mail.stop_url:  # RFC 8058 asks for https; production has no other address (silo/settings.py)
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if mail.list_id:
        headers["List-Id"] = f"<{_safe('List-Id', mail.list_id)}>"
    if mail.feedback_id:
        headers["Feedback-ID"] = _safe("Feedback-ID", mail.feedback_id)
    return headers


@lru_cache(maxsize=8)
def dated(moment: datetime) -> str:
    """A moment as it stands in a Date header; a batch has the same one many times."""
    return format_datetime(moment)


def address(value: str) -> str:
    """The address as it stands in an envelope: dot-atom local part, domain in ASCII.

    Raises Unmailable for anything else: a line break, a blank, two addresses in one, a local part that only
    SMTPUTF8 carries.
    """
    local, at, named = value.rpartition("@")
    domain = _domain(named)
    if not at or len(local) > LONGEST_LOCAL or not _DOT_ATOM.match(local) or not domain:
        raise Unmailable("bad_address", f"{value[:80]!r} is not an address that mail can be sent to.")
    return f"{local}@{domain}"


def with_plus(value: str, plus: str) -> str:
    """The address with `+plus` behind its local part; as it is where that would be too long (RFC 5321 4.5.3.1.1)."""
    local, _at, domain = value.rpartition("@")
    return f"{local}+{plus}@{domain}" if len(local) + 1 + len(plus) <= LONGEST_LOCAL else value


@lru_cache(maxsize=8192)
def _domain(name: str) -> str:
    """A domain in ASCII; empty when it is none."""
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except idna.IDNAError:
            return ""
    return name if _HOST.match(name) else ""


def refuse_line_breaks(field: str, value: str) -> str:
    """The value, stripped. Raises Unmailable when it could end a header and begin another."""
    value = value.replace("\t", " ").strip(" ")
    if _CONTROL.search(value):
        raise Unmailable(
            "header_injection", f"{field} holds a line break or another control character: {value[:80]!r}."
        )
    return value


def _safe(field: str, value: str) -> str:
    if not value or len(value) > 400 or not re.match(r"[\x21-\x3b\x3d\x3f-\x7e]+\Z", value):
        raise Unmailable("bad_header", f"{field} cannot be {value[:80]!r}.")
    return value


def unstructured(field: str, value: str) -> str:
    """A header of free text: as it is, folded, or in encoded words."""
    value = refuse_line_breaks(field, value)
    # Blanks in a row would be left to the mercy of whoever folds next; "=?" would be decoded by the reader.
    plain = _PRINTABLE_ASCII.match(value) and "  " not in value and "=?" not in value
    if plain and len(field) + 2 + len(value) <= _LINE:
        return f"{field}: {value}"
    if plain and (folded := _fold(f"{field}: {value}")) is not None:
        return folded
    return f"{field}: " + "\r\n ".join(_encoded_words(value, len(field) + 2))


def _fold(line: str) -> str | None:
    """The line broken at its blanks, or None when a word is too long for that."""
    name, _, rest = line.partition(" ")
    lines = [name]
    for word in rest.split(" "):
        if len(word) >= _LINE - len(name):
            return None
        if len(lines[-1]) + 1 + len(word) <= _LINE:
            lines[-1] += " " + word
        else:
            lines.append(" " + word)
    return "\r\n".join(lines)


def mailbox(field: str, box: Mailbox) -> str:
    """A header that names somebody."""
    return mailbox_at(field, box.name, address(box.address))


def mailboxes(field: str, boxes: Sequence[Mailbox]) -> str:
    """A header that names several, each on lines of its own."""
    first, *others = boxes
    return mailbox(field, first) + "".join(map(and_mailbox, others))


@lru_cache(maxsize=1000)
def and_mailbox(box: Mailbox) -> str:
    """One more in a header that names somebody already."""
    return ",\r\n " + _named("A name", box.name, address(box.address), used=1)


def mailbox_at(field: str, name: str, where: str) -> str:
    """The same, for an address that stands as `address` gives it."""
    return f"{field}: " + _named(field, name, where, used=len(field) + 2)


def _named(field: str, name: str, where: str, *, used: int) -> str:
    name = refuse_line_breaks(field, name)
    if not name:
        return where
    if _PRINTABLE_ASCII.match(name) and "=?" not in name and "  " not in name and len(name) <= 60:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}"\r\n <{where}>'
    return "\r\n ".join(_encoded_words(name, used)) + f"\r\n <{where}>"


def _encoded_words(text: str, used: int) -> list[str]:
    """RFC 2047 words, each whole in its characters; the first leaves `used` places for the header's name."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise Unmailable("bad_header", f"Half a character in {text[:80]!r}.") from error
    mostly_ascii = size < len(text) * 1.5
    words: list[str] = []
    room = _LINE - used - _ROOM
    if mostly_ascii:
        pieces = [_Q[char] for char in text]
        if sum(map(len, pieces)) <= room:
            return [_Q_OPEN + "".join(pieces) + _CLOSE]
        current: list[str] = []
        length = 0
        for piece in pieces:
            if length + len(piece) > room and current:
                words.append(_Q_OPEN + "".join(current) + _CLOSE)
                current, length, room = [], 0, _WORD - _ROOM
            current.append(piece)
            length += len(piece)
        words.append(_Q_OPEN + "".join(current) + _CLOSE)
        return words
    held = b""
    for char in text:
        more = char.encode()
        if -(-(len(held) + len(more)) // 3) * 4 > room and held:
            words.append(_B_OPEN + base64.b64encode(held).decode() + _CLOSE)
            held, room = b"", _WORD - _ROOM
        held += more
    words.append(_B_OPEN + base64.b64encode(held).decode() + _CLOSE)
    return words


class _Encoded(dict[str, str]):
    """A character → how it stands in a Q-encoded word. Remembers those of one plane, which are few."""

    def __missing__(self, char: str) -> str:
        found = char if char in _Q_SAFE else "".join(f"={byte:02X}" for byte in char.encode())
        if len(self) < 4096:
            self[char] = found
        return found


_Q = _Encoded({" ": "_"})


def body(text: str) -> bytes:
    """A text part, quoted-printable, ending in a line end."""
    data = _LINE_ENDS.sub("\r\n", text).encode("utf-8", "replace")
    if not data.endswith(b"\r\n"):
        data += b"\r\n"
    return undotted(binascii.b2a_qp(data, istext=True))


def undotted(quoted: bytes) -> bytes:
    """Quoted-printable text in which no line begins with a dot: SMTP would have to double it, line by line."""
    if not quoted.startswith(b".") and b"\n." not in quoted:
        return quoted
    return _FIRST_DOTS.sub(_without_dots, quoted)


_FIRST_DOTS = re.compile(rb"(?m)^(\.+)(.*)$")
_DOTS_A_LINE = 24


def _without_dots(line: "re.Match[bytes]") -> bytes:
    """`=2E` for each; a line that gets too long by it is broken."""
    dots, rest = len(line[1]), line[2]
    if dots * 3 + len(rest.rstrip(b"\r")) <= _LINE:
        return b"=2E" * dots + rest
    lines = [b"=2E" * min(_DOTS_A_LINE, dots - at) for at in range(0, dots, _DOTS_A_LINE)]
    return b"=\r\n".join([*lines, rest])
