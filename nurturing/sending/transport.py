"""The way out of one sender, opened once per worker and kept open."""

import threading
from typing import Protocol

from contacts import keys
from nurturing.sending import providers
from nurturing.sending.api import ApiLine
from nurturing.sending.message import Mail, Wire, wire
from nurturing.sending.outcome import Fate, Outcome
from nurturing.sending.smtp import SmtpLine

TIMEOUT = 30
WHILE_SOMEBODY_WAITS = 10


class Way(Protocol):
    """What a kept-open way out can do."""

    def deliver(self, mail: Mail | Wire, following: Mail | Wire | None = None) -> Outcome:
        """Hand over one mail; `following` is the one that most likely comes next."""
        ...

    def close(self) -> None: ...


class SenderRow(providers.Settings, Protocol):
    """A sender as far as its way out is concerned."""

    pk: int
    name: str
    inside_allowed: bool


class _Smtp:
    def __init__(self, sender: SenderRow, timeout: float) -> None:
        given = providers.server(sender.transport, sender.transport_settings)
        self._line = SmtpLine(
            host=given["host"],
            port=int(given.get("port") or 587),
            username=given.get("username", ""),
            password=keys.decrypt(sender.secret) if sender.secret else "",
            security=given.get("security", "starttls"),
            timeout=timeout,
            inside_allowed=sender.inside_allowed,
        )

    def deliver(self, mail: Mail | Wire, following: Mail | Wire | None = None) -> Outcome:
        return self._line.deliver(
            wire(mail) if isinstance(mail, Mail) else mail, following if isinstance(following, Wire) else None
        )

    def close(self) -> None:
        self._line.close()


class _Closed:
    """The set-up cannot be used, for instance because the key that its password was locked with is gone."""

    def __init__(self, why: str) -> None:
        self._why = why

    def deliver(self, mail: Mail | Wire, following: Mail | Wire | None = None) -> Outcome:
        return Outcome(Fate.LATER, "login", self._why, provider_down=True)

    def close(self) -> None:
        """Nothing was opened."""


def takes_wire(sender: SenderRow) -> bool:
    """Whether the way out wants a mail's bytes; a provider's API wants its words."""
    return sender.transport not in providers.PROVIDERS


_open = threading.local()


def of(sender: SenderRow) -> Way:
    """The sender's way out: the one this thread has open, or a new one when the settings have changed."""
    ways: dict[int, tuple[tuple[str, str, str, bool], Way]] = _open.__dict__.setdefault("ways", {})
    settings = (sender.transport, repr(sender.transport_settings), sender.secret, sender.inside_allowed)
    known = ways.get(sender.pk)
    if known is not None and known[0] == settings:
        return known[1]
    if known is not None:
        known[1].close()
    way = make(sender)
    ways[sender.pk] = (settings, way)
    return way


def make(sender: SenderRow, *, timeout: float = TIMEOUT) -> Way:
    """A new way out, not opened yet."""
    try:
        if sender.transport == "smtp" or sender.transport in providers.MAIL_SERVERS:
            return _Smtp(sender, timeout)
        provider = providers.PROVIDERS[sender.transport]
        secret = keys.decrypt(sender.secret) if sender.secret else ""
        return ApiLine(
            sender.transport,
            {**sender.transport_settings, provider.secret: secret},
            timeout=timeout,
            inside_allowed=sender.inside_allowed,
        )
    except keys.BadSecret as error:
        return _Closed(str(error))


def closed(why: str) -> Way:
    """A way out that takes nothing, and says why."""
    return _Closed(why)


def close_all() -> None:
    """Say goodbye on every way that this thread has open."""
    for _settings, way in _open.__dict__.pop("ways", {}).values():
        way.close()
