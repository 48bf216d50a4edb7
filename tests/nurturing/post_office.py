"""A real SMTP server for the tests: it counts, delays, refuses and drops as it is told, and keeps all."""

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

logging.getLogger("mail.log").setLevel(logging.WARNING)


class PostOffice:
    """What came in, and what to answer to whom."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, bytes]] = []
        self.returns: list[str] = []  # where bounces of each would go
        self.connections = 0
        self.at_rcpt: dict[str, str] = {}
        self.at_data: dict[str, str] = {}
        self.at_mail = ""
        self.drop_after_dot: set[str] = set()
        self.drop_before_dot: set[str] = set()
        self.on_mail: Any = None
        self.delay = 0.0
        self.port = 0

    @property
    def recipients(self) -> list[str]:
        return [to for to, _ in self.mails]

    def twice(self) -> dict[str, int]:
        return {to: number for to, number in Counter(self.recipients).items() if number > 1}

    def raw_to(self, address: str) -> bytes:
        return next(raw for to, raw in self.mails if to == address)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.at_mail:
            return self.at_mail
        self.returns.append(address)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.drop_before_dot:
            self.drop_before_dot.discard(address)
            _hang_up(server)
            return "250 OK"
        if address in self.at_rcpt:
            return self.at_rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        (to,) = envelope.rcpt_tos
        if self.delay:
            await asyncio.sleep(self.delay)
        if to in self.at_data:
            return self.at_data[to]
        assert isinstance(envelope.original_content, bytes)
        self.mails.append((to, envelope.original_content))
        if self.on_mail is not None:
            self.on_mail(to)
        if to in self.drop_after_dot:
            _hang_up(server)
        return f"250 2.0.0 Ok: queued as {len(self.mails):06d}"


def _hang_up(server: SMTP) -> None:
    server.transport.abort()  # type: ignore[union-attr]


@contextmanager
def opened() -> Iterator[PostOffice]:
    """A server on a free port of this machine, gone afterwards."""
    office = PostOffice()

    class Counting(Controller):
        def factory(self) -> SMTP:
            office.connections += 1
            return super().factory()

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        office.port = free.getsockname()[1]
    controller = Counting(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    office.connections = 0  # the controller knocks once itself
    try:
        yield office
    finally:
        controller.stop()
