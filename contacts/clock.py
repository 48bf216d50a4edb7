"""The one place where the product reads the clock.

Entry points (views, tasks, commands) ask `now()` and hand the moment down; services and planners take it as a value.
Work on the ledger goes by `shared()`, the clock that all machines have in common: a lease that one machine writes is read
by another, and a machine whose own clock is an hour wrong must not take a mail out of somebody's hand.
`at(moment)` sets a virtual clock for this thread of execution: the demo lives through a year with it, tests stand still with it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from django.db import connection

_virtual: ContextVar[datetime | None] = ContextVar("virtual_now", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC; the virtual one inside `at()`."""
    return _virtual.get() or datetime.now(UTC)


def shared() -> datetime:
    """The present moment by the database's clock, the same for every machine; the virtual one inside `at()`."""
    if (virtual := _virtual.get()) is not None:
        return virtual
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)


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
