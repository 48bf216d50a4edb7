"""The one place where the product reads the clock.

Entry points (views, tasks, commands) ask `now()` and hand the moment down; services and planners take it as a value.
`at(moment)` sets a virtual clock for this thread of execution: the demo lives through a year with it, tests stand still with it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_virtual: ContextVar[datetime | None] = ContextVar("virtual_now", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC; the virtual one inside `at()`."""
    return _virtual.get() or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let `now()` answer `moment` (aware) inside the block."""
    if moment.tzinfo is None:
        raise ValueError("The virtual clock needs an aware moment.")
    token = _virtual.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _virtual.reset(token)
