"""One look into a mailbox over IMAP: what is new in a folder, and nothing is changed in it.

The folder is opened with EXAMINE and mails are fetched with BODY.PEEK, so that no server marks anything as read. The
connection goes to an address that was looked at before (contacts.network).
"""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import Any

from imap_tools import BaseMailBox, ImapToolsError, MailboxLoginError

from contacts import network
from nurturing.inbound import parsing

TIMEOUT = 30.0
Failure = (imaplib.IMAP4.error, ImapToolsError, OSError)


class CannotSignIn(Exception):
    """The server refused the user or the password."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a mailbox is and how it is opened. `password` or `access_token`."""

    host: str
    port: int
    security: str
    username: str
    folder: str = "INBOX"
    password: str = ""
    access_token: str = ""
    inside_allowed: bool = False


class _Plain(imaplib.IMAP4):
    def __init__(self, server: Server) -> None:
        self._server = server
        super().__init__(server.host, server.port, TIMEOUT)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        here = self._server
        return network.connect(here.host, here.port, timeout=TIMEOUT, inside_allowed=here.inside_allowed)


class _Tls(_Plain):
    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = super()._create_socket(timeout)
        return ssl.create_default_context().wrap_socket(plain, server_hostname=self._server.host)


class _Box(BaseMailBox):
    """imap-tools' mailbox over our own connection."""

    def __init__(self, server: Server) -> None:
        self._server = server
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        if self._server.security == "tls":
            return _Tls(self._server)
        client = _Plain(self._server)
        if self._server.security == "starttls":
            client.starttls(ssl.create_default_context())
        return client


@dataclass(frozen=True, slots=True)
class Found:
    """One mail: its number in the folder and its beginning."""

    uid: int
    raw: bytes


class Look:
    """A folder, opened to be read. Use it in a `with`."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._box: Any = None
        self.uid_validity = 0
        self.mails = 0

    def __enter__(self) -> "Look":
        """Raises CannotSignIn, network.Inside, network.Unresolvable and what is in `Failure`."""
        here = self._server
        self._box = _Box(here)
        try:
            self._sign_in(here)
            self._box.folder.set(here.folder, readonly=True)
        except BaseException:
            self._hang_up()
            raise
        _kind, values = self._box.client.response("UIDVALIDITY")
        self.uid_validity = int(values[0]) if values and values[0] else 0
        _kind, values = self._box.client.response("EXISTS")
        self.mails = int(values[-1]) if values and values[-1] else 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hang_up()

    def _sign_in(self, here: Server) -> None:
        try:
            if here.access_token:
                self._box.xoauth2(here.username, here.access_token, initial_folder=None)
            elif here.username.isascii() and here.password.isascii():
                self._box.login(here.username, here.password, initial_folder=None)
            else:
                self._box.login_utf8(here.username, here.password, initial_folder=None)
        except imaplib.IMAP4.abort:
            raise  # it hung up, and said nothing about the password
        except (imaplib.IMAP4.error, MailboxLoginError) as error:
            raise CannotSignIn(one_line(error)) from error

    def newer(self, than: int, *, since: date | None = None, most: int) -> list[int]:
        """The numbers above one, the lowest first. `since`: only mails that came on that day or later."""
        criteria = [f"UID {than + 1}:*"]
        if since is not None:
            criteria += ["SINCE", f"{since.day:02}-{_MONTHS[since.month - 1]}-{since.year}"]
        answer, data = self._box.client.uid("SEARCH", *criteria)
        if answer != "OK":
            raise imaplib.IMAP4.error(f"SEARCH: {answer}")
        # "*" is the last mail, also when its number is below ours.
        numbers = sorted({int(one) for line in data if line for one in line.split()})
        return [uid for uid in numbers if uid > than][:most]

    def fetch(self, uids: list[int]) -> Iterator[Found]:
        """The beginning of each of these mails; a mail that is gone meanwhile is passed over."""
        for uid in uids:
            answer, data = self._box.client.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{parsing.READ_BYTES}>)")
            if answer != "OK":
                raise imaplib.IMAP4.error(f"FETCH: {answer}")
            raw = next((one[1] for one in data if isinstance(one, tuple) and len(one) > 1), None)
            if isinstance(raw, bytes):
                yield Found(uid, raw)

    def highest(self) -> int:
        """The number of the newest mail; 0 in an empty folder."""
        answer, data = self._box.client.uid("SEARCH", "UID *")
        found = [int(one) for line in data if line for one in line.split()] if answer == "OK" else []
        return max(found, default=0)

    def _hang_up(self) -> None:
        try:
            self._box.client.logout()
        except Exception:  # the server may be gone already, in any of a dozen ways
            try:
                self._box.client.shutdown()
            except Exception:
                self._box = None


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def one_line(error: BaseException) -> str:
    """What a server said when it refused, on one line and short."""
    text = re.sub(r"\s+", " ", str(error)).strip()
    return text[:200] or type(error).__name__
