"""Statements that run some hundred times a second: parsed and planned by PostgreSQL once per connection.

For a window of ten mails planning took longer than doing. Behind a pooler that hands out another server line for each
transaction a prepared statement may be gone; then it is sent as plain text, which is slower and as right.
"""

import re
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import psycopg2.errors
from django.db import connection, utils

_PLACE = re.compile(r"\$([0-9]+)")
_LOST = (psycopg2.errors.InvalidSqlStatementName, psycopg2.errors.DuplicatePreparedStatement)
# The plan is made with the first run and kept, also when the table was empty then: it must go by the index of the ids,
# and not over a table that will hold a million rows by and by. Once there are statistics, PostgreSQL plans anew.
_LOOK_BY_INDEX = """
SET plan_cache_mode = force_generic_plan;
SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off
"""
_AS_BEFORE = "RESET enable_seqscan; RESET enable_hashjoin; RESET enable_mergejoin"
_known: "WeakKeyDictionary[Any, set[str]]" = WeakKeyDictionary()

Rows = list[tuple[Any, ...]]


class Prepared:
    """One statement, written with $1, $2…; runs by itself, as a transaction of its own."""

    def __init__(self, name: str, sql: str) -> None:
        self._name, self._sql = name, sql
        number = max((int(place) for place in _PLACE.findall(sql)), default=0)
        self._plain = _PLACE.sub(r"%(p\1)s", sql.replace("%", "%%"))
        self._run = f"EXECUTE {name}({', '.join(['%s'] * number)})"

    def rows(self, values: Sequence[Any]) -> Rows:
        """What it answers. Outside a transaction: after an error inside one nothing could be tried again."""
        with connection.cursor() as cursor:
            if not connection.in_atomic_block and (found := self._prepared(cursor, values)) is not None:
                return found
            cursor.execute(self._plain, {f"p{at}": value for at, value in enumerate(values, 1)})
            return list(cursor.fetchall())

    def _prepared(self, cursor: Any, values: Sequence[Any]) -> Rows | None:
        """None when the statement is not there although it should be: nothing was done then."""
        names = _known.setdefault(connection.connection, set())
        is_new = self._name not in names
        try:
            if is_new:
                cursor.execute(_LOOK_BY_INDEX)
                cursor.execute(f"PREPARE {self._name} AS {self._sql}")
                names.add(self._name)
            cursor.execute(self._run, values)
            return list(cursor.fetchall())
        except utils.Error as error:
            if not isinstance(error.__cause__, _LOST):
                raise
            names.discard(self._name)
            return None
        finally:
            if is_new:
                cursor.execute(_AS_BEFORE)
