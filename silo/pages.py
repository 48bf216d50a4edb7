"""Django's pages behind an event loop: each request in a thread, as under any WSGI server.

All of the product's pages wait for the database and say so nowhere with `await`, so they want threads; what wants the loop stands in
front of them (`nurturing/views/door.py`). Bodies are read while the page asks for them, so that an upload that is refused by its length
is never read; answers without a length leave part by part, each when the one before is on its way, so that a long export stays small.
"""

import asyncio
import io
import sys
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.util import FileWrapper

from nurturing.views.door import Message, Receive, Scope, Send

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# In each process; each thread may hold a line to the database.
THREADS = 8
# Answered also while every page is slow: what stands in mails, what providers report, and who watches us.
FOR_MACHINES = ("/c/", "/t/", "/u/", "/webhooks/", "/readyz", "/metrics")
PART = 256 * 1024  # of a file
# Whoever sends a body holds a thread: in silence only so long, and no longer than a bad line needs for what came.
SILENCE = 30.0  # seconds
LEAST_BYTES = 4096  # a second, on average after the first silence


class Pages:
    """A WSGI application as an ASGI one."""

    def __init__(self, wsgi: Wsgi, *, threads: int = THREADS) -> None:
        self._wsgi = wsgi
        self._pages = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self._machines = ThreadPoolExecutor(max(threads // 2, 1), thread_name_prefix="machine")
        self._alive = ThreadPoolExecutor(1, thread_name_prefix="alive")  # also while the database hangs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"Only HTTP is served here, not {scope['type']}.")
        exchange = Exchange(scope, receive, send)
        threads = self._threads_for(scope["path"])
        try:
            last = await asyncio.get_running_loop().run_in_executor(threads, exchange.run, self._wsgi)
            await exchange.say(last, more=False)
        except Gone:
            pass  # the page was ended in the middle, as its reader is not there
        finally:
            exchange.end()

    def _threads_for(self, path: str) -> ThreadPoolExecutor:
        if path == "/healthz":
            return self._alive
        return self._machines if path.startswith(FOR_MACHINES) else self._pages


class Gone(ConnectionError):
    """The visitor went away."""


class Exchange:
    """One request and its answer, between the loop and the thread in which the page is made."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._loop = asyncio.get_running_loop()
        self._start: Message | None = None  # said with the first part
        self._length: int | None = None
        self._sending_since: float | None = None
        self._came = 0  # bytes
        self._listener: asyncio.Task[None] | None = None  # whether the reader of a long answer is still there

    # -- in the thread -------------------------------------------------------------------------------------------------

    def run(self, wsgi: Wsgi) -> bytes:
        """Make the page. Returns its last part, which the thread need not wait for."""
        answer = wsgi(environ(self._scope, io.BufferedReader(Body(self._read), 65536)), self._started)
        try:
            for part in answer:
                if len(part) == self._length:
                    return part  # a usual page: whole
                if part:
                    self._wait(self.say(part, more=True))
            return b""
        finally:
            if hasattr(answer, "close"):
                answer.close()

    def _started(self, status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
        self._start = {
            "type": "http.response.start",
            "status": int(status.split(" ", 1)[0]),
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        }
        self._length = next((int(value) for name, value in headers if name.lower() == "content-length"), None)

    def _read(self) -> Message:
        message: Message = self._wait(self._heard())
        return message

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    # -- in the loop ---------------------------------------------------------------------------------------------------

    async def say(self, part: bytes, *, more: bool) -> None:
        """Send a part of the answer. Raises Gone: the server itself takes whatever is said to a line that broke."""
        if more and self._listener is None:
            self._listener = self._loop.create_task(self._listen())
        if self._listener is not None and self._listener.done():
            raise Gone("The visitor went away while the answer was on its way.")
        if (start := self._start) is not None:
            self._start = None
            await self._send(start)
        await self._send({"type": "http.response.body", "body": part, "more_body": more})

    def end(self) -> None:
        """Nothing more will be said."""
        if self._listener is not None:
            self._listener.cancel()

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _heard(self) -> Message:
        now = self._loop.time()
        if self._sending_since is None:
            self._sending_since = now
        ends = min(now + SILENCE, self._sending_since + SILENCE + self._came / LEAST_BYTES)
        try:
            async with asyncio.timeout_at(ends):
                message = await self._receive()
        except TimeoutError:
            raise Gone("The visitor sends too slowly.") from None
        self._came += len(message.get("body", b""))
        return message


class Body(io.RawIOBase):
    """What the visitor sends, asked for part by part."""

    def __init__(self, read: Callable[[], Message]) -> None:
        self._more, self._rest, self._is_whole = read, b"", False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest and not self._is_whole:
            message = self._more()
            if message["type"] == "http.disconnect":
                raise Gone("The visitor went away while sending.")
            self._rest, self._is_whole = message.get("body", b""), not message.get("more_body")
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def environ(scope: Scope, body: io.BufferedIOBase) -> Environ:
    """A request in the words of PEP 3333."""
    server = scope.get("server") or ("localhost", 80)
    found: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": _file,
    }
    headers: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for name, value in scope["headers"]:
        headers[name].append(value)
    for name, values in headers.items():
        if b"_" in name:
            continue  # in this language X_Forwarded_Proto would be X-Forwarded-Proto, past the proxy that sets it
        key = name.decode("latin-1").upper().replace("-", "_")
        if key not in ("CONTENT_LENGTH", "CONTENT_TYPE"):
            key = f"HTTP_{key}"
        found[key] = (b"; " if name == b"cookie" else b",").join(values).decode("latin-1")
    return found


def _file(file: Any, _size: int) -> FileWrapper:
    return FileWrapper(file, PART)
