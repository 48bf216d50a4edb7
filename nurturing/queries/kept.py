"""Numbers over the whole ledger for a page: asked each time in a small silo, once a minute in a large one.

Whoever has to be right to the last row (the doctor, a service) asks the query itself.
"""

from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache
from django.db import connection
from redis import RedisError

LARGE = 50_000  # sends; up to here a count takes less than the rest of the page
FOR = 60  # seconds

Answer = TypeVar("Answer")


def a_minute(name: str, ask: Callable[[], Answer]) -> Answer:
    """The answer, at most a minute old. `name` must tell all that `ask` depends on."""
    if not _is_large():
        return ask()
    try:
        found: Answer | None = cache.get(f"kept:{name}")
        if found is None:
            found = ask()
            cache.set(f"kept:{name}", found, FOR)
    except RedisError:  # without the broker pages are slower, not gone
        return ask()
    return found


def _is_large() -> bool:
    """By the database's own estimate: one row of its catalogue."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples > %s FROM pg_class WHERE oid = 'nurturing_send'::regclass", [LARGE])
        return bool(cursor.fetchone()[0])
