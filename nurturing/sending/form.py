"""A printed form of a mail: what is the same for everybody is bytes already, and per person the gaps are filled.

Made once per published version, foot and sender. Text and HTML are kept as quoted-printable lines that end where a gap
begins (a soft line break, RFC 2045 6.7), so that a name or a signed link is put in without encoding anything around
it: a mail with eight tracked links costs a tenth of making it from its words. What comes out is read by a mailbox
exactly as what `rendering.render` and `message.build` make; a mail with conditions or loops is made by those.
"""

import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from markupsafe import escape

from nurturing.content import fields, rendering
from nurturing.content.compiling import Compiled
from nurturing.content.program import Field
from nurturing.content.rendering import Footer
from nurturing.sending import message, tokens
from nurturing.sending.letterhead import Letterhead, is_one
from nurturing.sending.message import Mail, Mailbox, Wire

_MOST = 75  # characters of a line that ends in "=": 76 with it
_AS_IT_IS = re.compile(r"[!-\-/-<>-~](?:[ -<>-~]{0,73}[!-<>-~])?\Z")
_MARK = re.compile("\ue020([0-9]+)\ue021")
# Short enough that no line of a link begins within it, and without anything that HTML or the encoding would change.
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.:_/-]{1,60}\Z")


class Person(NamedTuple):
    """To whom one mail goes, and under which number."""

    send_id: int
    contact_id: int
    box: Mailbox
    owner: Mailbox


class Filled(NamedTuple):
    """A mail that can leave, with the values it was filled with."""

    wire: Wire
    merge: dict[str, str]


@dataclass(frozen=True, slots=True)
class Missing:
    """No mail: something that it needs is empty. `reason` is the code for the ledger."""

    reason: str


@lru_cache(maxsize=1000)
def of(compiled: Compiled, footer: Footer, head: Letterhead) -> "Form":
    """The form, printed once per process. Raises Unmailable for a sender that no mail can come from."""
    return Form(compiled, footer, head)


@dataclass(slots=True)
class _Gap:
    """What differs per person, and where among the pieces it stands."""

    path: tuple[str, ...]
    fallback: str | None  # None: it must not be empty
    in_text: list[int]
    in_html: list[int]


class Form:
    """One mail for many people."""

    def __init__(self, compiled: Compiled, footer: Footer, head: Letterhead) -> None:
        self._compiled, self._footer, self._head = compiled, footer, head
        self._made = rendering.parsed(compiled, footer, True, True)
        self._from = message.mailbox("From", head.sender)
        self._envelope_from = message.address(head.bounces_to or head.sender.address)
        self._answers_to = head.reply_to or head.sender
        self._answers_line = message.mailbox("Reply-To", self._answers_to)
        self._answers_address = message.address(self._answers_to.address)
        self._stop_address = message.address(head.stop_address)
        self._pieces: list[bytes] = []
        self._needed: list[tuple[str, str]] = []
        self._fields: list[tuple[tuple[str, str], str | None, list[int], list[int]]] = []
        self._targets: list[bytes] = []
        self._targets_in: list[list[int]] = []
        self._stop_in: list[int] = []
        self._trap_in: list[int] = []
        self.is_printed = self._print()

    def fill(
        self, merge: fields.Merge, person: Person, *, now: datetime, sign: tokens.Signers | None = None
    ) -> Filled | Missing:
        """The mail for one person. Raises Unmailable, and RenderFailed when the template runs into a limit."""
        if not self.is_printed:
            return self.fill_the_long_way(merge, person, now=now)
        sign = sign or tokens.Signers()
        clean = fields.clean
        given = {(root, name): clean(merge.get(root, {}).get(name)) for _, root, name in self._made.fields}
        for field in self._needed:
            if not given[field]:
                return Missing(_missing(".".join(field)))
        subject = self._subject(given)
        if not subject:
            return Missing(_missing("subject"))
        pieces = self._pieces.copy()
        for key, fallback, in_text, in_html in self._fields:
            text, html = _both(given[key]) if given[key] else (gap(fallback or ""),) * 2
            for place in in_text:
                pieces[place] = text
            for place in in_html:
                pieces[place] = html
        clicks, trap_token, stop_token, message_token = sign.sign(
            person.send_id, person.contact_id, self._targets
        )
        click = self._base + b"/c/"
        for token, places in zip(clicks, self._targets_in, strict=True):
            quoted = _broken(click + token)
            for place in places:
                pieces[place] = quoted
        stop_url = self._base + b"/u/" + stop_token
        for place in self._stop_in:
            pieces[place] = _broken(stop_url)
        for place in self._trap_in:
            pieces[place] = _broken(self._base + b"/t/" + trap_token)
        message_id = f"{message_token.decode()}@{self._head.domain}"
        envelope_to = message.address(person.box.address)
        plus = tokens.plus(message_token) if self._head.plus else ""
        pieces[0] = self._head_lines(
            person.box,
            envelope_to,
            self._answers(plus, person.owner),
            subject,
            message_id,
            stop_url.decode(),
            stop_token.decode(),
            now,
        ).encode("ascii")
        envelope_from = message.with_plus(self._envelope_from, plus) if plus else self._envelope_from
        wire = Wire(message_id, envelope_from, envelope_to, subject, b"".join(pieces))
        return Filled(wire, {path: given[root, name] for path, root, name in self._made.fields})

    def _subject(self, given: dict[tuple[str, str], str]) -> str:
        parts = [
            part if isinstance(part, str) else given[part.path[0], part.path[1]] or part.fallback or ""
            for part in self._subject_parts
        ]
        return " ".join("".join(parts).split())

    def fill_the_long_way(self, merge: fields.Merge, person: Person, *, now: datetime) -> Filled | Missing:
        """The same through the interpreter of Liquid and the encoder: for conditions and loops."""
        head, base = self._head, self._head.base
        stop_url = f"{base}/u/{tokens.stop_token(person.contact_id, person.send_id)}"
        rendered = rendering.render(
            self._compiled,
            merge,
            lambda number, url: f"{base}/c/{tokens.click_token(person.send_id, number, url)}",
            stop_url,
            self._footer,
            trap_url=f"{base}/t/{tokens.trap_token(person.send_id)}",
        )
        if rendered.missing:
            return Missing(rendered.reason)
        message_id = tokens.message_id(person.send_id, head.domain)
        plus = tokens.plus(message_id.partition("@")[0].encode())
        mail = Mail(
            message_id=message_id,
            date=now,
            sender=head.sender,
            recipient=person.box,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            reply_to=head.answers(plus, person.owner),
            envelope_from=head.envelope_from(plus),
            stop_url=stop_url,
            stop_address=head.stop_address,
            list_id=head.list_id,
            feedback_id=head.feedback_id,
        )
        return Filled(message.wire(mail), rendering.used(self._compiled, merge))

    def _head_lines(
        self,
        box: Mailbox,
        envelope_to: str,
        answers: str,
        subject: str,
        message_id: str,
        stop_url: str,
        stop_token: str,
        now: datetime,
    ) -> str:
        return (
            f"Date: {message.dated(now)}\r\n{message.unstructured('Subject', subject)}\r\n{self._from}\r\n"
            f"{message.mailbox_at('To', box.name, envelope_to)}\r\n{answers}"
            f"Message-ID: <{message_id}>\r\nList-Unsubscribe: <{stop_url}>,\r\n"
            f" <mailto:{self._stop_address}?subject=stop%20{stop_token}>\r\n{self._foot_of_head}"
        )

    def _answers(self, plus: str, owner: Mailbox) -> str:
        """The header that `Letterhead.answers` means; empty when nobody need be named."""
        head, line, bare = self._head, self._answers_line, self._answers_address
        alone = not head.to_owner or is_one(owner.address, self._answers_to.address)
        too = "" if alone else message.and_mailbox(owner)
        if plus:
            before, _bare, after = line.rpartition(bare)
            return f"{before}{message.with_plus(bare, plus)}{after}{too}\r\n"
        return f"{line}{too}\r\n" if too or head.reply_to else ""

    def _print(self) -> bool:
        """Lay out what is the same for everybody; False when that cannot be said beforehand."""
        subject, text, html = (self._made.subject.plain, self._made.text.plain, self._made.html.plain)
        if subject is None or text is None or html is None or any(p for _, _, p in self._made.links.values()):
            return False
        words = [part if isinstance(part, str) else part.fallback or "" for part in (*subject, *text, *html)]
        # A fallback that is blank, or several lines, would move the blank lines of the text around it.
        blank = [part for part in text if isinstance(part, Field) and _is_blank(part.fallback)]
        if blank or any("\r" in one for one in words) or not _PLAIN_URL.match(self._head.base):
            return False
        asked = [part for part in (*subject, *html, *text) if isinstance(part, Field)]
        own = [part for part in asked if part.path[0] in fields.ROOTS]
        if not {".".join(part.path) for part in own} <= {path for path, _, _ in self._made.fields}:
            return False
        self._subject_parts, self._base = subject, self._head.base.encode()
        self._needed = list(dict.fromkeys((one.path[0], one.path[1]) for one in own if one.fallback is None))
        gaps = {(one.path, one.fallback): _Gap(one.path, one.fallback, [], []) for one in asked}
        boundary = f"=_silo_{binascii.crc32(self._compiled.html.encode('utf-8', 'replace')):08x}_="
        opening = f"\r\n--{boundary}\r\n"
        self._foot_of_head = self._fixed_headers(boundary)
        self._pieces = [b"", (opening + message.PART_HEAD % "plain").encode()]
        self._lay(text, {key: found.in_text for key, found in gaps.items()}, collapse=True)
        self._pieces[-1] += (opening + message.PART_HEAD % "html").encode()
        self._lay(html, {key: found.in_html for key, found in gaps.items()}, collapse=False)
        self._pieces[-1] += f"\r\n--{boundary}--\r\n".encode()
        for one in gaps.values():
            self._sort(one)
        return True

    def _sort(self, one: _Gap) -> None:
        """The gap among those of its kind."""
        places = one.in_text + one.in_html
        if one.path == ("stop_url",):
            self._stop_in += places
        elif one.path == ("trap_url",):
            self._trap_in += places
        elif one.path[0] == "links":
            number, url, _program = self._made.links[one.path[1]]
            self._targets.append(tokens.click_target(number, url))
            self._targets_in.append(places)
        elif places:
            self._fields.append(((one.path[0], one.path[1]), one.fallback, one.in_text, one.in_html))

    def _fixed_headers(self, boundary: str) -> str:
        """The headers that are the same for everybody; raises Unmailable for what cannot stand in one."""
        sample = Mail(
            message_id="silo@silo",
            date=datetime.min.replace(tzinfo=UTC),
            sender=self._head.sender,
            recipient=self._head.sender,
            subject="",
            text="",
            html="",
            stop_url=f"{self._head.base}/u/x",
            stop_address=self._head.stop_address,
            list_id=self._head.list_id,
            feedback_id=self._head.feedback_id,
        )
        fixed = message.extra_headers(sample)
        names = [name for name in fixed if name not in ("Message-ID", "List-Unsubscribe")]
        lines = [f"{name}: {fixed[name]}\r\n" for name in names]
        multipart = f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n'
        return "".join([*lines, "MIME-Version: 1.0\r\n", multipart])

    def _lay(
        self,
        steps: Sequence[str | Field],
        places: dict[tuple[tuple[str, ...], str | None], list[int]],
        *,
        collapse: bool,
    ) -> None:
        """One part behind the pieces that are there: bytes, gap, bytes, …, bytes, and a line end."""
        order = list(places)
        marked = "".join(
            step if isinstance(step, str) else f"\ue020{order.index((step.path, step.fallback))}\ue021"
            for step in steps
        )
        if collapse:
            marked = rendering.BLANK_LINES.sub("\n\n", marked)
        parts = _MARK.split(marked)
        for number, part in enumerate(parts):
            if number % 2:
                places[order[int(part)]].append(len(self._pieces))
                self._pieces += [b"", b""]
                continue
            if number and not part.startswith("\n"):
                self._pieces[-1] += b"=\r\n"
            self._pieces[-1] += quoted(part)
            if number + 1 < len(parts) and part and not part.endswith("\n"):
                self._pieces[-1] += b"=\r\n"
        if not parts[-1].endswith("\n"):
            self._pieces[-1] += b"\r\n"


@lru_cache(maxsize=4096)
def _both(value: str) -> tuple[bytes, bytes]:
    """A value in the text and in the HTML; companies and first names come again and again."""
    return gap(value), gap(str(escape(value)))


def _broken(url: bytes) -> bytes:
    """A link of ours, which holds nothing that would need a code, in lines that fit."""
    if len(url) <= _MOST:
        return url
    if len(url) <= 2 * _MOST:
        return url[:_MOST] + b"=\r\n" + url[_MOST:]
    return b"=\r\n".join([url[at : at + _MOST] for at in range(0, len(url), _MOST)])


def gap(value: str) -> bytes:
    """A value as it stands between two soft line breaks."""
    if _AS_IT_IS.match(value):
        return value.encode()
    data = value.encode("utf-8", "replace")
    if data.isascii() and not _NEEDS_CODE.search(data):
        data = b"=\r\n".join([data[at : at + _MOST] for at in range(0, len(data), _MOST)])
    else:
        data = binascii.b2a_qp(data, istext=True).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return message.undotted(data)


_NEEDS_CODE = re.compile(rb"[^!-<>-~]")


def quoted(text: str) -> bytes:
    """Words that are the same for everybody, from the beginning of a line, in lines of at most 76 characters."""
    return b"\r\n".join([_quoted_line(line.encode("utf-8", "replace")) for line in text.split("\n")])


def _quoted_line(data: bytes) -> bytes:
    lines, current = [], b""
    for place, byte in enumerate(data):
        code = bytes((byte,))
        if (
            not (33 <= byte <= 126 or byte in b" \t")
            or byte == 61
            or (byte in b" \t" and place == len(data) - 1)
        ):
            code = b"=%02X" % byte
        if len(current) + len(code) > _MOST:
            lines.append(current)
            current = b""
        current += b"=2E" if code == b"." and not current else code
    return b"=\r\n".join([*lines, current])


def _missing(path: str) -> str:
    return f"missing:{path.removeprefix('contact.')}"


def _is_blank(fallback: str | None) -> bool:
    return fallback is not None and (not fallback.strip() or "\n" in fallback)
