"""One kept-open SMTP line.

Django's own backend opens it (TLS, login, time-outs); the conversation is ours, because only the caller of
each command knows whether a mail can have left when the line drops. Until the last byte of the final dot is
written it has not; after it, nobody knows without the reply.
"""

import contextlib
import re
import smtplib

from django.core.mail.backends.smtp import EmailBackend

from nurturing.sending.outcome import Fate, Outcome, of_reply

_LONE_DOT = re.compile(rb"(?m)^\.")


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
    ) -> None:
        self._backend = EmailBackend(
            host=host,
            port=port,
            username=username,
            password=password,
            use_tls=security == "starttls",
            use_ssl=security == "tls",
            timeout=timeout,
            fail_silently=False,
        )

    def deliver(self, envelope_from: str, envelope_to: str, raw: bytes) -> Outcome:
        """Hand over one mail. Never raises for what a server or a network does."""
        try:
            line, fresh = self._line()
        except (OSError, smtplib.SMTPException) as error:
            return _could_not_open(error)
        outcome = self._say(line, envelope_from, envelope_to, raw)
        if outcome.fate is Fate.LATER and outcome.reason == "line_dropped" and not fresh:
            # The server had closed the idle line; nothing of this mail left. Once more on a new one.
            return self.deliver(envelope_from, envelope_to, raw)
        return outcome

    def close(self) -> None:
        """Say goodbye, whatever state the line is in."""
        line, self._backend.connection = self._backend.connection, None
        if line is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                line.quit()

    def _line(self) -> tuple[smtplib.SMTP, bool]:
        fresh = bool(self._backend.open())
        line = self._backend.connection
        if line is None:
            raise OSError("The line could not be opened.")
        line.ehlo_or_helo_if_needed()
        return line, fresh

    def _say(self, line: smtplib.SMTP, envelope_from: str, envelope_to: str, raw: bytes) -> Outcome:
        try:
            code, text = line.mail(envelope_from, [f"size={len(raw)}"] if line.has_extn("size") else [])
            if code != 250:
                return self._refused(line, code, text, about_sender=True)
            code, text = line.rcpt(envelope_to)
            if code not in (250, 251):
                return self._refused(line, code, text)
            code, text = line.docmd("DATA")
            if code != 354:
                return self._refused(line, code, text)
            # Up to the dot: a line that breaks in here left the server without the end of the mail.
            line.send(_LONE_DOT.sub(b"..", raw) + b".\r\n")
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Outcome(Fate.LATER, "line_dropped", str(error)[:500])
        try:
            code, text = line.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Outcome(Fate.UNKNOWN, "no_answer", str(error)[:500])
        if not 400 <= code < 600 and code != 250:
            # Half a line, or no reply that exists: it may have been the beginning of "250".
            self._drop()
            return Outcome(Fate.UNKNOWN, "no_answer", f"{code} {_text(text)}"[:500])
        if code == 250:
            return Outcome(
                Fate.ACCEPTED, reply=f"{code} {_text(text)}"[:500], provider_id=_queue_id(_text(text))
            )
        return self._refused(line, code, text)

    def _refused(self, line: smtplib.SMTP, code: int, text: bytes, *, about_sender: bool = False) -> Outcome:
        if code in (421, -1):
            self._drop()
        else:
            try:
                line.rset()
            except (OSError, smtplib.SMTPException):
                self._drop()
        if code == -1:
            return Outcome(Fate.LATER, "line_dropped", _text(text)[:500])
        return of_reply(code, _text(text), about_sender=about_sender)

    def _drop(self) -> None:
        line, self._backend.connection = self._backend.connection, None
        if line is not None:
            line.close()


def _could_not_open(error: Exception) -> Outcome:
    if isinstance(error, smtplib.SMTPResponseException):
        reason = "login" if isinstance(error, smtplib.SMTPAuthenticationError) else "server_busy"
        return Outcome(
            Fate.LATER, reason, f"{error.smtp_code} {_text(error.smtp_error)}"[:500], provider_down=True
        )
    reason = "login" if isinstance(error, smtplib.SMTPNotSupportedError) else "unreachable"
    return Outcome(Fate.LATER, reason, f"{type(error).__name__}: {error}"[:500], provider_down=True)


def _text(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split()).replace("\x00", "")


def _queue_id(text: str) -> str:
    """The server's own name for the mail, as far as it tells: "2.0.0 Ok: queued as 4F2A" gives 4F2A."""
    found = re.search(r"queued as ([\w.-]+)", text, re.IGNORECASE)
    return found[1] if found else text[:120]
