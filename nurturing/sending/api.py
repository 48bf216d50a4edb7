"""A provider's API through django-anymail, opened once and kept open."""

import contextlib
from typing import Any

import requests
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives, get_connection

from contacts import network
from nurturing.sending import session
from nurturing.sending.message import Mail, Mailbox, Wire, address, extra_headers, refuse_line_breaks
from nurturing.sending.outcome import Fate, Outcome

# The request never reached the provider, or it answered that it lives elsewhere.
_NOT_REACHED = (
    requests.ConnectTimeout,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.TooManyRedirects,
)
# Answers that say by themselves that nothing was taken.
_BUSY = frozenset({429, 503})
_LOGIN = frozenset({401, 403})


class ApiLine:
    """Hands mails to one provider, one after the other, over one HTTP session."""

    def __init__(
        self, provider: str, settings: dict[str, Any], *, timeout: float = 30, inside_allowed: bool = False
    ) -> None:
        self._inside_allowed = inside_allowed
        self._provider = provider
        self._settings = {name: value for name, value in settings.items() if value not in ("", None)}
        self._timeout = timeout
        self._backend: Any = None

    def deliver(self, mail: Mail | Wire, following: Mail | Wire | None = None) -> Outcome:
        """Hand over one mail. Raises Unmailable for what cannot be put into a mail, nothing else."""
        if isinstance(mail, Wire):
            raise TypeError("A provider's API wants a mail in words.")
        message = as_django(mail)
        try:
            self._open().send_messages([message])
        except (ImproperlyConfigured, TypeError) as error:
            self.close()
            return Outcome(Fate.LATER, "login", str(error)[:500], provider_down=True)
        except network.Inside as error:
            return Outcome(Fate.LATER, "inside", str(error)[:500], provider_down=True)
        except network.Unresolvable as error:
            return Outcome(Fate.LATER, "no_server", str(error)[:500], provider_down=True)
        except AnymailRecipientsRefused as error:
            return Outcome(Fate.REFUSED, "refused", str(error)[:500])
        except AnymailAPIError as error:
            return self._failed(error)
        except AnymailError as error:
            return Outcome(Fate.REFUSED, "refused", str(error)[:500])
        return _taken(message)

    def close(self) -> None:
        """End the session."""
        backend, self._backend = self._backend, None
        if backend is not None:
            with contextlib.suppress(OSError):
                backend.close()

    def _open(self) -> Any:
        if self._backend is None:
            # What a provider cannot do (a header it does not pass on) must not keep the mail back.
            self._backend = get_connection(
                f"anymail.backends.{self._provider}.EmailBackend",
                ignore_unsupported_features=True,
                timeout=self._timeout,
                **self._settings,
            )
            self._backend.open()
            session.guard(self._backend.session, inside_allowed=self._inside_allowed, timeout=self._timeout)
        return self._backend

    def _failed(self, error: AnymailAPIError) -> Outcome:
        said = str(error)[:500]
        status = error.status_code
        if status is None:
            self.close()
            if isinstance(error, requests.exceptions.SSLError):
                return Outcome(Fate.LATER, "tls", said, provider_down=True)
            if isinstance(error, _NOT_REACHED) or _never_connected(error):
                return Outcome(Fate.LATER, "unreachable", said, provider_down=True)
            return Outcome(Fate.UNKNOWN, "no_answer", said)
        if status in _LOGIN:
            return Outcome(Fate.LATER, "login", said, provider_down=True)
        if status in _BUSY:
            return Outcome(Fate.LATER, "server_busy", said, provider_down=True)
        if 400 <= status < 500:
            return Outcome(Fate.REFUSED, "refused", said)
        # 500, 502, 504, or a 200 that cannot be read: it may have been taken before something broke.
        return Outcome(Fate.UNKNOWN, "no_answer", said)


def as_django(mail: Mail) -> EmailMultiAlternatives:
    """The same mail, with the same headers, as Django's mail layer wants it."""
    message = EmailMultiAlternatives(
        subject=refuse_line_breaks("Subject", mail.subject),
        body=mail.text,
        from_email=_written(mail.sender),
        to=[_written(mail.recipient)],
        reply_to=[_written(box) for box in mail.reply_to] or None,
        headers={name: value.replace("\r\n", "") for name, value in extra_headers(mail).items()},
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    message.metadata = {"message": mail.message_id.partition("@")[0]}  # type: ignore[attr-defined]
    return message


def _written(box: Mailbox) -> str:
    name = refuse_line_breaks("A name", box.name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{name}" <{address(box.address)}>' if name else address(box.address)


def _taken(message: EmailMultiAlternatives) -> Outcome:
    status = message.anymail_status  # type: ignore[attr-defined]
    recipient = next(iter(status.recipients.values()), None)
    provider_id = str((recipient.message_id if recipient else "") or status.message_id or "")
    if recipient is not None and recipient.status in ("invalid", "rejected", "failed"):
        return Outcome(Fate.REFUSED, "refused", f"{recipient.status}", provider_id)
    return Outcome(Fate.ACCEPTED, reply=recipient.status if recipient else "", provider_id=provider_id)


def _never_connected(error: BaseException) -> bool:
    """True when the name was not found or the door was shut: no byte of the mail left."""
    seen: BaseException | None = error
    while seen is not None:
        if type(seen).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError"):
            return True
        reason = getattr(seen, "reason", None) or next(
            (a for a in seen.args if isinstance(a, BaseException)), None
        )
        seen = reason if isinstance(reason, BaseException) else seen.__cause__
    return False
