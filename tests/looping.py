"""An event loop in a thread of its own, the kind that a web process has for its life. (A browser test leaves one in the main thread.)"""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")


class Loop:
    """Runs coroutines to their end, one after another."""

    def __init__(self) -> None:
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="loop", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], *, seconds: float = 60) -> T:
        """What it answers; its errors are raised here."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@contextmanager
def opened() -> Iterator[Loop]:
    """A loop for a while."""
    loop = Loop()
    try:
        yield loop
    finally:
        loop.end()
