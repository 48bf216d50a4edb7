"""One worker at a time for one piece of work."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def at(kind: int, number: int) -> Iterator[bool]:
    """Whether nobody else is at this work; nobody else begins it while we are in the block.

    A session's lock: PostgreSQL itself gives it back when the worker's connection breaks. `kind` and `number` fit into four bytes
    with a sign.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [kind, number])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [kind, number])
