"""What a link of ours carries:

which mail, which link in it, where it leads. Nothing is looked up to follow it.

Each token is signed (`contacts/keys.py`) for one purpose, so a stop token never opens a click and nobody can
make us redirect to an address that we did not put into a mail. A token names the mail, not the browser.
Numbers are varints: a stop token has 30 characters.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from contacts import keys
from contacts.keys import BadToken

_CLICK, _TRAP, _STOP, _MESSAGE, _ANSWER = "click", "trap", "stop", "message", "answer"


@dataclass(frozen=True, slots=True)
class Click:
    """A link of a mail: where it stands in it and where it leads."""

    send_id: int
    link_no: int
    url: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Who wants no more, and which mail said so (0: none)."""

    contact_id: int
    send_id: int


def click_token(send_id: int, link_no: int, url: str) -> str:
    """The token of `/c/<token>`. Raises ValueError for a target that is no web address."""
    return keys.sign(_CLICK, _varint(send_id) + click_target(link_no, url))


def click_target(link_no: int, url: str) -> bytes:
    """The part of a click token that is the same for everybody."""
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"A tracked link leads to a web address, not to {url[:80]!r}.")
    return _varint(link_no) + url.encode()


class Signed(NamedTuple):
    """All tokens of one mail, as bytes."""

    clicks: list[bytes]  # as `click_token`
    trap: bytes  # as `trap_token`
    stop: bytes  # as `stop_token`
    message: bytes  # what stands before the @ in `message_id`


class Signers:
    """The tokens of one mail after the other: for a form that is filled many times a second."""

    __slots__ = ("_click", "_message", "_stop", "_trap")

    def __init__(self) -> None:
        self._click, self._trap = keys.signer(_CLICK), keys.signer(_TRAP)
        self._stop, self._message = keys.signer(_STOP), keys.signer(_MESSAGE)

    def sign(self, send_id: int, contact_id: int, targets: Sequence[bytes]) -> Signed:
        """For targets made by `click_target`."""
        number, click = _varint(send_id), self._click
        return Signed(
            [click(number + target) for target in targets],
            self._trap(number),
            self._stop(_varint(contact_id) + number),
            self._message(number),
        )


def read_click(token: str) -> Click:
    """Raises BadToken."""
    payload = keys.unsign(_CLICK, token)
    send_id, rest = _read_varint(payload)
    link_no, rest = _read_varint(rest)
    return Click(send_id, link_no, rest.decode())


def trap_token(send_id: int) -> str:
    """The token of `/t/<token>`: a link that no person sees. Who follows it follows everything."""
    return keys.sign(_TRAP, _varint(send_id))


def read_trap(token: str) -> int:
    """The send's id. Raises BadToken."""
    return _read_varint(keys.unsign(_TRAP, token))[0]


def stop_token(contact_id: int, send_id: int = 0) -> str:
    """The token of `/u/<token>`; it works for ever, also for a mail that is forgotten."""
    return keys.sign(_STOP, _varint(contact_id) + _varint(send_id))


def read_stop(token: str) -> Stop:
    """Raises BadToken."""
    contact_id, rest = _read_varint(keys.unsign(_STOP, token))
    return Stop(contact_id, _read_varint(rest)[0])


def answer_token(send_id: int) -> str:
    """The token of `/confirm/<token>`: whoever has it reads the mail of that address."""
    return keys.sign(_ANSWER, _varint(send_id))


def read_answer(token: str) -> int:
    """The send's id. Raises BadToken."""
    return _read_varint(keys.unsign(_ANSWER, token))[0]


def message_id(send_id: int, domain: str) -> str:
    """The Message-ID (without brackets) of a send, known before it leaves.

    Signed, so that a made-up bounce or reply about a guessed number is told from a real one.
    """
    return f"{keys.sign(_MESSAGE, _varint(send_id))}@{domain}"


def read_message_id(value: str) -> int:
    """The send's id behind a Message-ID, with or without its brackets. Raises BadToken."""
    return _read_varint(keys.unsign(_MESSAGE, value.strip(" <>\t\r\n").partition("@")[0]))[0]


def plus(message_token: bytes) -> str:
    """What stands behind the plus of an address that a mail's answers or bounces come back to.

    In letters of one case: some servers do not keep the case of a local part.
    """
    raw = binascii.a2b_base64(message_token.translate(_STANDARD) + b"==")
    return base64.b32encode(raw).decode().rstrip("=").lower()


_STANDARD = bytes.maketrans(b"-_", b"+/")


def read_plus(value: str) -> int:
    """The send's id behind the plus of an address. Raises BadToken."""
    try:
        raw = base64.b32decode(value.upper() + "=" * (-len(value) % 8))
        return read_message_id(base64.urlsafe_b64encode(raw).decode().rstrip("="))
    except (ValueError, BadToken):
        return read_message_id(value)  # mails of earlier versions carry the token itself


def _varint(number: int) -> bytes:
    if number < 0:
        raise ValueError("An id is not negative.")
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varint(data: bytes) -> tuple[int, bytes]:
    number = 0
    for place, byte in enumerate(data[:10]):
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return number, data[place + 1 :]
    raise BadToken("The link is not one of ours.")
