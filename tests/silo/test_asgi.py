"""Django's pages behind the event loop: bodies unread until asked for, answers part by part, and nothing held for who is gone."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from silo import pages
from tests import looping

SCOPE = {
    "type": "http", "http_version": "1.1", "method": "POST", "scheme": "https", "path": "/c/Å/x", "raw_path": b"/c/%C3%85%ff%2Fx",
    "query_string": b"q=%C3%85", "root_path": "", "server": ("10.0.0.2", 8000), "client": ("192.0.2.17", 40000),
    "headers": [
        (b"host", b"silo.example"), (b"x-forwarded-for", b"192.0.2.1"), (b"x-forwarded-for", b"192.0.2.2"),
        (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"content-type", b"text/csv"), (b"content-length", b"10"),
        (b"x_forwarded_proto", b"https"),
    ],
}  # fmt: skip
Start = Any
CHECKOUT = Path(__file__).parent.parent.parent


class Visitor:
    """Sends the parts of a body, and hears the answer until they go away."""

    def __init__(self, *body: bytes, leaves_after: int | None = None) -> None:
        self.asked = 0
        self.heard: list[Any] = []
        self._body, self._leaves_after = list(body), leaves_after
        self._gone = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        self.asked += 1
        if self._body:
            part = self._body.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(self._body)}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.heard.append(message)
        if len(self.heard) == self._leaves_after:
            self._gone.set()
            await asyncio.sleep(0)


def visit(wsgi: Any, *body: bytes, leaves_after: int | None = None) -> Visitor:
    async def visited() -> Visitor:
        visitor = Visitor(*body, leaves_after=leaves_after)
        await asyncio.wait_for(pages.Pages(wsgi, threads=1)(SCOPE, visitor.receive, visitor.send), 20)
        return visitor

    with looping.opened() as loop:
        return loop.run(visited())


def test_the_request_is_said_in_djangos_words_and_no_header_passes_for_another() -> None:
    seen: dict[str, Any] = {}

    def wsgi(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        seen.update(environ)
        start("204 No Content", [])
        return []

    visit(wsgi)
    assert seen["PATH_INFO"].encode("latin-1") == b"/c/\xc3\x85\xff/x"
    assert (seen["QUERY_STRING"], seen["wsgi.url_scheme"], seen["REMOTE_ADDR"]) == (
        "q=%C3%85",
        "https",
        "192.0.2.17",
    )
    assert (seen["HTTP_X_FORWARDED_FOR"], seen["HTTP_COOKIE"]) == ("192.0.2.1,192.0.2.2", "a=1; b=2")
    assert (seen["CONTENT_TYPE"], seen["CONTENT_LENGTH"]) == ("text/csv", "10")
    assert "HTTP_X_FORWARDED_PROTO" not in seen, "said with an underscore: it did not come from the proxy"


def test_a_body_that_nobody_asks_for_is_not_read() -> None:
    def wsgi(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        start("413 Content Too Large", [("Content-Length", "8")])
        return [b"too much"]

    visitor = visit(wsgi, b"12345", b"67890")
    assert visitor.asked == 0
    assert [message["type"] for message in visitor.heard] == ["http.response.start", "http.response.body"]
    assert (visitor.heard[0]["status"], visitor.heard[1]["body"]) == (413, b"too much")


def test_a_body_is_read_while_the_page_asks_for_it() -> None:
    read: list[bytes] = []

    def wsgi(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        read.extend([environ["wsgi.input"].read(3), environ["wsgi.input"].read(100)])
        start("200 OK", [("Content-Length", "0")])
        return [b""]

    visit(wsgi, b"12345", b"67890")
    assert read == [b"123", b"4567890"]


def test_who_leaves_while_sending_is_an_error_of_the_line() -> None:
    errors: list[Exception] = []

    def wsgi(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        try:
            environ["wsgi.input"].read(100)
        except OSError as error:
            errors.append(error)
        start("400 Bad Request", [])
        return []

    async def left() -> None:
        visitor = Visitor()
        visitor._gone.set()
        await pages.Pages(wsgi, threads=1)(SCOPE, visitor.receive, visitor.send)

    with looping.opened() as loop:
        loop.run(left())
    assert [type(error) for error in errors] == [pages.Gone]


class Trickle(Visitor):
    """Sends a byte now and then, for ever."""

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}


@pytest.mark.parametrize("visitor", [Visitor, Trickle], ids=["silent", "slow"])
def test_who_sends_no_body_or_for_ever_gives_the_thread_back(
    visitor: type[Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SILENCE", 0.2)
    monkeypatch.setattr(pages, "LEAST_BYTES", 1000)
    errors: list[Exception] = []

    def wsgi(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        try:
            environ["wsgi.input"].read(1000)
        except OSError as error:
            errors.append(error)
        start("400 Bad Request", [("Content-Length", "0")])
        return [b""]

    async def sent() -> None:
        came = visitor()
        await asyncio.wait_for(pages.Pages(wsgi, threads=1)(SCOPE, came.receive, came.send), 20)
        assert came.heard[0]["status"] == 400

    with looping.opened() as loop:
        loop.run(sent())
    assert [type(error) for error in errors] == [pages.Gone]


class Long:
    """An answer without a length, made part by part in one thread."""

    def __init__(self, parts: int) -> None:
        self._parts, self.made, self.closed_in = parts, 0, ""

    def __iter__(self) -> Iterator[bytes]:
        while self.made < self._parts:
            self.made += 1
            yield b"row\n"

    def close(self) -> None:
        self.closed_in = threading.current_thread().name


def _long(answer: Long) -> Any:
    def wsgi(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/csv")])
        return answer

    return wsgi


def test_a_long_answer_leaves_part_by_part_and_is_closed_in_its_thread() -> None:
    answer = Long(3)
    visitor = visit(_long(answer), b"")
    assert [message.get("body") for message in visitor.heard] == [None, b"row\n", b"row\n", b"row\n", b""]
    assert [message.get("more_body") for message in visitor.heard] == [None, True, True, True, False]
    assert answer.closed_in.startswith("machine")


@pytest.mark.parametrize("leaves_after", [2, 5])
def test_a_long_answer_ends_when_its_reader_is_gone(leaves_after: int) -> None:
    answer = Long(10_000)
    visit(_long(answer), b"", leaves_after=leaves_after)
    assert answer.made < 20 and answer.closed_in.startswith("machine")


def test_what_fails_outside_django_is_the_servers_to_tell() -> None:
    def wsgi(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        visit(wsgi)


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/metrics", "/webhooks/postmark/tracking/", "/c/x", "/u/x"]
)
def test_machines_are_answered_while_every_page_is_slow(path: str) -> None:
    slow, end = threading.Event(), threading.Event()

    def wsgi(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/people/":
            slow.set()
            assert end.wait(20)
        start("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    async def asked() -> None:
        served = pages.Pages(wsgi, threads=1)
        page, machine = Visitor(), Visitor()
        people = SCOPE | {"path": "/people/", "raw_path": b"/people/"}
        waiting = asyncio.ensure_future(served(people, page.receive, page.send))
        await asyncio.to_thread(slow.wait, 20)
        try:
            asking = served(SCOPE | {"path": path, "raw_path": path.encode()}, machine.receive, machine.send)
            await asyncio.wait_for(asking, 20)
            assert [message.get("body") for message in machine.heard] == [None, b"ok"] and not page.heard
        finally:
            end.set()
            await waiting

    with looping.opened() as loop:
        loop.run(asked())


STARTING = """
import os, signal, sys, time, types

def ended_by_its_parent():
    os.kill(os.getppid(), signal.SIGTERM)
    time.sleep(60)

sys.modules["django.core.wsgi"] = types.SimpleNamespace(get_wsgi_application=ended_by_its_parent)
{before}
import silo.asgi
"""
NOTED_IN_A_COPY = "os.kill(os.getpid(), signal.SIGTERM)"


@pytest.mark.parametrize("before", ["", NOTED_IN_A_COPY], ids=["while Django is loaded", "before us"])
def test_told_to_end_while_it_starts_the_web_server_ends(before: str, tmp_path: Path) -> None:
    (tmp_path / "starting.py").write_text(STARTING.format(before=before))
    words = ["granian", "--interface", "asginl", "--no-ws", "--port", "0", "--workers", "1"]
    with subprocess.Popen(
        [sys.executable, "-m", *words, "--working-dir", str(tmp_path), "starting:application"],
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as server:
        try:
            said, _ = server.communicate(timeout=30)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
    assert b"Spawning worker-1" in said and b"Started worker-1" not in said


def test_only_http_is_served() -> None:
    async def asked() -> None:
        visitor = Visitor()
        await pages.Pages(lambda *_: [], threads=1)({"type": "lifespan"}, visitor.receive, visitor.send)

    with looping.opened() as loop, pytest.raises(ValueError, match="lifespan"):
        loop.run(asked())
