"""`/c/` and `/t/` without Django around them: the two addresses that a whole mailing presses within minutes.

A WSGI door in front of Django. It takes a link only when its token is good, the visitor is nobody we know (no cookie),
and Django has answered one like it: the headers of that answer are what it says again, with another Location. So what
Django, its middleware and the view say about such a request stays in one place, and everything else (a broken link,
another method, a host that is not ours, a database that does not answer) is Django's own.
"""

from collections.abc import Callable, Iterable
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

Start = Callable[..., Any]
Environ = dict[str, Any]
Application = Callable[[Environ, Start], Iterable[bytes]]
Headers = list[tuple[str, str]]

# What of a request Django's answer to a good link may depend on.
SEEN_BY_DJANGO = (
    "REQUEST_METHOD",
    "wsgi.url_scheme",
    "HTTP_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_ACCEPT_LANGUAGE",
    "SERVER_NAME",
    "SERVER_PORT",
    "SCRIPT_NAME",
)
KEPT = tuple((f"HTTP_{name.upper().replace('-', '_')}", name) for name in hit.KEPT_HEADERS)
KINDS_KEPT = 500
LONGEST = 2000  # of a target: Django looks at longer ones itself
KINDS = {"/c/": Hit.Kind.CLICK.value, "/t/": Hit.Kind.TRAP.value}
ANSWERS = {"/c/": "302 ", "/t/": "204 "}

log = structlog.get_logger(__name__)


class Door:
    """Django's WSGI application with a short way for good links."""

    def __init__(self, django: Application) -> None:
        self._django = django
        self._known: dict[tuple[Any, ...], tuple[str, Headers]] = {}

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        room = path[:3]
        if room not in KINDS or not _is_plain(environ):
            return self._django(environ, start)
        try:
            link = _read(room, path[3:])
        except (BadToken, UnicodeDecodeError):
            return self._django(environ, start)
        location = _location(link.url)
        if len(location) > LONGEST:
            return self._django(environ, start)
        kind = (room, *[environ.get(name) for name in SEEN_BY_DJANGO])
        known = self._known.get(kind)
        if known is None:
            return self._django(environ, self._learn(kind, location, start))
        if link.send_id and not _recorded(KINDS[room], link, environ):
            return self._django(environ, start)
        status, headers = known
        start(status, [*headers, ("Location", location)] if room == "/c/" else [*headers])
        return ()

    def _learn(self, kind: tuple[Any, ...], location: str, start: Start) -> Start:
        """Remember what Django answers, when it is the answer of our view: to this address, and with nothing for this
        visitor alone.
        """

        def started(status: str, headers: Headers, *more: Any) -> Any:
            names = {name.lower() for name, _ in headers}
            said = next((value for name, value in headers if name.lower() == "location"), "")
            ours = said == (location if kind[0] == "/c/" else "")
            if status.startswith(ANSWERS[kind[0]]) and ours and "set-cookie" not in names:
                if len(self._known) >= KINDS_KEPT:
                    self._known.clear()
                self._known[kind] = status, [one for one in headers if one[0].lower() != "location"]
            return start(status, headers, *more)

        return started


def _is_plain(environ: Environ) -> bool:
    """A request for a link and nothing else."""
    return (
        environ.get("REQUEST_METHOD") in ("GET", "HEAD")
        and not environ.get("HTTP_COOKIE")
        and environ.get("CONTENT_LENGTH") in (None, "", "0")
        and "HTTP_TRANSFER_ENCODING" not in environ
    )


def _read(room: str, token: str) -> tokens.Click:
    return tokens.read_click(token) if room == "/c/" else tokens.Click(tokens.read_trap(token), 0, "")


@lru_cache(maxsize=2048)
def _location(url: str) -> str:
    return iri_to_uri(url) or ""


def _recorded(kind: str, link: tokens.Click, environ: Environ) -> bool:
    """Whether the hit is on disk. If not, Django tries, and its view knows what to do when that fails too."""
    is_click = kind == Hit.Kind.CLICK
    try:
        hit.record_together(
            kind=kind,
            send_id=link.send_id,
            link_no=link.link_no if is_click else None,
            url=link.url,
            method=environ["REQUEST_METHOD"],
            agent=environ.get("HTTP_USER_AGENT", ""),
            address=_address(environ),
            headers={name: environ[key] for key, name in KEPT if key in environ},
            now=clock.now(),
        )
    except NotWritten as error:
        log.warning("hits_not_written_together", error=str(error)[:200])
        return False
    return True


def _address(environ: Environ) -> str:
    """As `public.address_of`."""
    proxies = int(settings.TRUSTED_PROXIES)
    if proxies and (said := environ.get("HTTP_X_FORWARDED_FOR")):
        seen = [one.strip() for one in said.split(",") if one.strip()]
        if len(seen) >= proxies:
            return str(seen[-proxies])
    return str(environ.get("REMOTE_ADDR", ""))
