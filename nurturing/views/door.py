"""`/c/` and `/t/` without Django around them: the two addresses that a whole mailing presses within minutes.

An ASGI door in front of Django's pages, in the event loop itself: no thread waits while a group of hits is committed. It takes a link
only when its token is good, the visitor is nobody we know (no cookie), and Django has answered one like it: the headers of that answer
are what it says again, with another Location. So what Django, its middleware and the view say about such a request stays in one place,
and everything else (a broken link, another method, a host that is not ours, a database that does not answer) is Django's own.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import structlog
from django.conf import settings
from django.utils.encoding import iri_to_uri

from contacts import clock
from contacts.keys import BadToken
from nurturing.models import Hit
from nurturing.sending import tokens
from nurturing.services import hit
from nurturing.together import NotWritten

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

KEPT = tuple((name.lower().encode(), name) for name in hit.KEPT_HEADERS)
KINDS_KEPT = 500
LONGEST = 2000  # of a target: Django looks at longer ones itself
KINDS = {"/c/": Hit.Kind.CLICK.value, "/t/": Hit.Kind.TRAP.value}
STATUS = {"/c/": 302, "/t/": 204}
NOTHING_MORE = {"type": "http.response.body", "body": b""}

log = structlog.get_logger(__name__)


class Door:
    """Django's pages with a short way for good links."""

    def __init__(self, pages: Application) -> None:
        self._pages = pages
        self._known: dict[tuple[Any, ...], Headers] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_link = scope["type"] == "http" and scope["path"][:3] in KINDS
        press = _press(scope) if is_link else None
        known = self._known.get(press.like) if press else None
        if press is None:
            await self._pages(scope, receive, send)
        elif known is None:
            await self._pages(scope, receive, self._learning(press, send))
        elif press.link.send_id and not await _recorded(press, scope):
            await self._pages(scope, receive, send)
        else:
            headers = [*known, (b"location", press.location)] if press.location else known
            await send({"type": "http.response.start", "status": STATUS[press.room], "headers": headers})
            await send(NOTHING_MORE)

    def _learning(self, press: "Press", send: Send) -> Send:
        """Remember what Django answers, when it is the answer of our view: to this address, and with nothing for this
        visitor alone.
        """

        async def learned(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == STATUS[press.room]:
                headers: Headers = message["headers"]
                said = dict(headers)
                if said.get(b"location", b"") == press.location and b"set-cookie" not in said:
                    if len(self._known) >= KINDS_KEPT:
                        self._known.clear()
                    self._known[press.like] = [one for one in headers if one[0] != b"location"]
            await send(message)

        return learned


@dataclass(slots=True)
class Press:
    """A good link that was pressed."""

    room: str
    link: tokens.Click
    location: bytes  # empty for a trap
    headers: dict[bytes, bytes]
    like: tuple[Any, ...]  # what of a request Django's answer to a good link may depend on


def _press(scope: Scope) -> Press | None:
    """None for whatever is not a good link in a plain request: Django's."""
    path, headers = scope["path"], dict(scope["headers"])
    if not _is_plain(scope, headers):
        return None
    room, token = path[:3], path[3:]
    try:
        link = tokens.read_click(token) if room == "/c/" else tokens.Click(tokens.read_trap(token), 0, "")
    except (BadToken, UnicodeDecodeError):
        return None
    location = _location(link.url)
    if len(location) > LONGEST:
        return None
    like = (
        room,
        scope["method"],
        scope["scheme"],
        scope.get("root_path"),
        scope.get("server"),
        headers.get(b"host"),
        headers.get(b"x-forwarded-proto"),
        headers.get(b"accept-language"),
    )
    return Press(room, link, location, headers, like)


def _is_plain(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    """A request for a link and nothing else, that says no header twice."""
    return (
        scope["method"] in ("GET", "HEAD")
        and len(headers) == len(scope["headers"])
        and b"cookie" not in headers
        and b"transfer-encoding" not in headers
        and headers.get(b"content-length", b"0") == b"0"
    )


@lru_cache(maxsize=2048)
def _location(url: str) -> bytes:
    return (iri_to_uri(url) or "").encode()


async def _recorded(press: Press, scope: Scope) -> bool:
    """Whether the hit is on disk. If not, Django tries, and its view knows what to do when that fails too."""
    headers = press.headers
    try:
        await hit.record_together(
            kind=KINDS[press.room],
            send_id=press.link.send_id,
            link_no=press.link.link_no if press.room == "/c/" else None,
            url=press.link.url,
            method=scope["method"],
            agent=headers.get(b"user-agent", b"").decode("latin-1"),
            address=_address(scope, headers),
            headers={name: headers[key].decode("latin-1") for key, name in KEPT if key in headers},
            now=clock.now(),
        )
    except NotWritten as error:
        log.warning("hits_not_written_together", error=str(error)[:200])
        return False
    return True


def _address(scope: Scope, headers: dict[bytes, bytes]) -> str:
    """As `public.address_of`."""
    proxies = int(settings.TRUSTED_PROXIES)
    if proxies and (said := headers.get(b"x-forwarded-for")):
        seen = [one for one in said.decode("latin-1").replace(" ", "").split(",") if one]
        if len(seen) >= proxies:
            return str(seen[-proxies])
    return str((scope.get("client") or ("",))[0])
