"""One kept-open SMTP line.

Django's own backend opens it (TLS, login, time-outs); the conversation is ours, because only the caller of
each command knows whether a mail can have left when the line drops. Until the last byte of the final dot is
written it has not; after it, nobody knows without the reply.

Where the server offers PIPELINING (RFC 2920), envelope and DATA go in one write, and the envelope of the next mail
goes with the end of this one, so that a mail is one question and one answer. Never more than the mail in hand: the
bytes of the next one leave only when its turn has come.
"""

import contextlib
import re
import smtplib
import socket
import ssl
from typing import NamedTuple

from django.core.mail.backends.smtp import EmailBackend

from contacts import network
from nurturing.sending.message import Wire
from nurturing.sending.outcome import Fate, Outcome, of_reply

_MOST_OF_A_REPLY = 65_536
_ONE_LINE = re.compile(rb"([0-9]{3}) ([^\n]*)\n")
_QUEUED_AS = re.compile(r"queued as ([\w.-]+)", re.IGNORECASE)
_NO_REPLY = -1


class Dropped(OSError):
    """The line broke. `written` tells whether the whole of the mail had been handed to it."""

    def __init__(self, why: str, *, written: bool = False) -> None:
        super().__init__(why)
        self.written = written


class _Plain(smtplib.SMTP):
    """Its sockets lead to an address that was looked at (contacts.network)."""

    inside_allowed = False

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return network.connect(host, port, timeout=timeout, inside_allowed=self.inside_allowed)


class _Tls(smtplib.SMTP_SSL):
    inside_allowed = False

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = network.connect(host, port, timeout=timeout, inside_allowed=self.inside_allowed)
        return self.context.wrap_socket(plain, server_hostname=host)


class _PlainInside(_Plain):
    inside_allowed = True


class _TlsInside(_Tls):
    inside_allowed = True


_DOORS = {(False, False): _Plain, (False, True): _PlainInside, (True, False): _Tls, (True, True): _TlsInside}


class _Backend(EmailBackend):
    """Django's, with our sockets."""

    inside_allowed = False
    _partial_connection: smtplib.SMTP | None = None  # Django's: opened, and not signed in yet

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _DOORS[self.use_ssl, self.inside_allowed]


class SmtpLine:
    """Hands mails to one server, one after the other, over one connection."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        username: str = "",
        password: str = "",
        security: str = "starttls",
        timeout: float = 30,
        inside_allowed: bool = False,
    ) -> None:
        self._backend = _Backend(
            host=host,
            port=port,
            username=username,
            password=password,
            use_tls=security == "starttls",
            use_ssl=security == "tls",
            timeout=timeout,
            fail_silently=False,
        )
        self._backend.inside_allowed = inside_allowed
        self._line: _Conversation | None = None

    def deliver(self, mail: Wire, following: Wire | None = None) -> Outcome:
        """Hand over one mail; `following` is the one that will most likely come next.

        Never raises for what a server or a network does.
        """
        try:
            line, fresh = self._open()
        except (OSError, smtplib.SMTPException, network.Inside, network.Unresolvable) as error:
            self._drop()
            return _could_not_open(error)
        outcome = self._say(line, mail, following)
        if outcome.fate is Fate.LATER and outcome.reason == "line_dropped" and not fresh:
            # The server had closed the idle line; nothing of this mail left. Once more on a new one.
            return self.deliver(mail, following)
        return outcome

    def close(self) -> None:
        """Say goodbye, whatever state the line is in."""
        line, self._line = self._line, None
        connection, self._backend.connection = self._backend.connection, None
        if connection is not None and line is not None and not line.is_expecting:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                connection.quit()
        if connection is not None:
            connection.close()

    def _open(self) -> tuple["_Conversation", bool]:
        if self._line is not None:
            return self._line, False
        self._backend.open()
        connection = self._backend.connection
        if connection is None or connection.sock is None:
            raise OSError("The line could not be opened.")
        connection.ehlo_or_helo_if_needed()
        # A mail is one write, and its answer is waited for: nothing is gained by collecting.
        with contextlib.suppress(OSError):
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._line = _Conversation(connection.sock, connection)
        return self._line, True

    def _say(self, line: "_Conversation", mail: Wire, following: Wire | None) -> Outcome:
        try:
            refused = line.announce(mail)
            if refused is not None:
                return self._refused(line, *refused)
            code, text = line.hand_over(mail, following)
        except Dropped as error:
            self._drop()
            if error.written:
                return Outcome(Fate.UNKNOWN, "no_answer", str(error)[:500])
            return Outcome(Fate.LATER, "line_dropped", str(error)[:500])
        if code == 250:
            said = _text(text)
            return Outcome(Fate.ACCEPTED, reply=f"{code} {said}"[:500], provider_id=_queue_id(said))
        if not 400 <= code < 600:
            # No reply that exists: it may have been the beginning of "250".
            self._drop()
            return Outcome(Fate.UNKNOWN, "no_answer", f"{code} {_text(text)}"[:500])
        return self._refused(line, code, text, about_sender=False)

    def _refused(self, line: "_Conversation", code: int, text: bytes, about_sender: bool) -> Outcome:
        try:
            if code in (421, _NO_REPLY):
                self._drop()
            elif not line.is_expecting:
                line.reset()
        except Dropped:
            self._drop()
        if code == _NO_REPLY:
            return Outcome(Fate.LATER, "line_dropped", _text(text)[:500])
        return of_reply(code, _text(text), about_sender=about_sender)

    def _drop(self) -> None:
        self._line = None
        connection, self._backend.connection = self._backend.connection, None
        partial, self._backend._partial_connection = self._backend._partial_connection, None
        for one in (connection, partial):
            if one is not None:
                one.close()


class _Ahead(NamedTuple):
    """An envelope that was sent with the mail before; its answers have not been read."""

    envelope_from: str
    envelope_to: str
    size: int


class _Conversation:
    """What was said and what is still to be answered, on one open line."""

    def __init__(self, sock: socket.socket, server: smtplib.SMTP) -> None:
        self._sock = sock
        self._takes_groups = server.has_extn("pipelining")
        self._wants_size = server.has_extn("size")
        self._heard = b""
        self._ahead: _Ahead | None = None

    @property
    def is_expecting(self) -> bool:
        """An envelope has been sent for a mail that has not come."""
        return self._ahead is not None

    def announce(self, mail: Wire) -> tuple[int, bytes, bool] | None:
        """Get the server to ask for the mail's bytes; else what it answered, and whether that is about the sender."""
        if not self._takes_groups:
            return self._announce_step_by_step(mail)
        wanted = _Ahead(mail.envelope_from, mail.envelope_to, len(mail.raw))
        if self._ahead is None:
            self._write(self._envelope(wanted))
        elif self._ahead != wanted:
            # The server waits for another mail than this one, and only hanging up takes that back.
            raise Dropped("another mail was announced")
        self._ahead = None
        sender, recipient, data = self._reply(), self._reply(), self._reply()
        if sender[0] == 250 and recipient[0] in (250, 251) and data[0] == 354:
            return None
        if data[0] == 354:  # RFC 2920 3.1: with nobody to send it to, a lone dot ends it
            self._write(b".\r\n")
            self._reply()
        if sender[0] != 250:
            return *sender, True
        return (*data, False) if recipient[0] in (250, 251) else (*recipient, False)

    def _announce_step_by_step(self, mail: Wire) -> tuple[int, bytes, bool] | None:
        asked = self._envelope(_Ahead(mail.envelope_from, mail.envelope_to, len(mail.raw)))
        for number, line in enumerate(asked.splitlines(keepends=True)):
            self._write(line)
            code, text = self._reply()
            if code not in ((250,), (250, 251), (354,))[number]:
                return code, text, number == 0
        return None

    def _envelope(self, mail: _Ahead) -> bytes:
        size = f" SIZE={mail.size}" if self._wants_size else ""
        return f"MAIL FROM:<{mail.envelope_from}>{size}\r\nRCPT TO:<{mail.envelope_to}>\r\nDATA\r\n".encode()

    def hand_over(self, mail: Wire, following: Wire | None) -> tuple[int, bytes]:
        """The bytes, the final dot, and the server's answer to that."""
        raw, after = mail.raw, b""
        if following is not None and self._takes_groups:
            self._ahead = _Ahead(following.envelope_from, following.envelope_to, len(following.raw))
            after = self._envelope(self._ahead)
        self._write(b"".join((raw, b".\r\n", after)), mail_ends=len(raw) + 3)
        try:
            return self._reply()
        except Dropped as error:
            raise Dropped(str(error), written=True) from error

    def reset(self) -> None:
        """Forget the envelope."""
        self._write(b"RSET\r\n")
        self._reply()

    def _write(self, data: bytes, *, mail_ends: int = 0) -> None:
        """All of it, or Dropped: with `written` when the mail in it was whole before the line broke."""
        written = 0
        try:
            while written < len(data):
                written += self._sock.send(data[written:] if written else data)
        except OSError as error:
            raise Dropped(f"{type(error).__name__}: {error}", written=0 < mail_ends <= written) from error

    def _reply(self) -> tuple[int, bytes]:
        """One whole answer: its code, and its lines without it."""
        if found := _ONE_LINE.match(self._heard):
            self._heard = self._heard[found.end() :]
            return int(found[1]), found[2].rstrip(b"\r")
        texts: list[bytes] = []
        while True:
            line, ended, rest = self._heard.partition(b"\n")
            if not ended:
                self._listen()
                continue
            self._heard, line = rest, line.rstrip(b"\r")
            code = line[:3]
            if not code.isdigit():
                return _NO_REPLY, line
            texts.append(line[4:])
            if line[3:4] != b"-":
                return int(code), b"\n".join(texts)

    def _listen(self) -> None:
        try:
            more = self._sock.recv(8192)
        except OSError as error:
            raise Dropped(f"{type(error).__name__}: {error}") from error
        if not more or len(self._heard) > _MOST_OF_A_REPLY:
            raise Dropped("Connection unexpectedly closed" if not more else "an answer without end")
        self._heard += more


def _could_not_open(error: Exception) -> Outcome:
    """Nothing of the mail left: it waits until somebody has mended what the reason names."""
    said = f"{type(error).__name__}: {error}"
    match error:
        case smtplib.SMTPResponseException():
            reason = "login" if isinstance(error, smtplib.SMTPAuthenticationError) else "server_busy"
            said = f"{error.smtp_code} {_text(error.smtp_error)}"
        case smtplib.SMTPNotSupportedError():
            reason = "tls" if "STARTTLS" in str(error) else "login"
        case ssl.SSLError():
            reason = "tls"
        case network.Inside():
            reason, said = "inside", str(error)
        case network.Unresolvable():
            reason, said = "no_server", str(error)
        case _:
            reason = "unreachable"
    return Outcome(Fate.LATER, reason, said[:500], provider_down=True)


def _text(reply: bytes | str) -> str:
    text = str(reply, "utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split()).replace("\x00", "")


def _queue_id(text: str) -> str:
    """The server's own name for the mail, as far as it tells: "2.0.0 Ok: queued as 4F2A" gives 4F2A."""
    found = _QUEUED_AS.search(text)
    return found[1] if found else text[:120]
