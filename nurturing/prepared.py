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
_known: "WeakKeyDictionary[Any, set[str]]" = WeakKeyDictionary()


class Prepared:
    """One statement, written with $1, $2…; runs by itself, as a transaction of its own."""

    def __init__(self, name: str, sql: str) -> None:
        self._name, self._sql = name, sql
        self._number = max((int(place) for place in _PLACE.findall(sql)), default=0)
        self._plain = _PLACE.sub(r"%(p\1)s", sql.replace("%", "%%"))
        self._run = f"EXECUTE {name}({', '.join(['%s'] * self._number)})"

    def rows(self, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """What it answers. Outside a transaction: after an error inside one nothing could be tried again."""
        with connection.cursor() as cursor:
            if connection.in_atomic_block or not self._execute(cursor, values):
                cursor.execute(self._plain, {f"p{at}": value for at, value in enumerate(values, 1)})
            return list(cursor.fetchall())

    def _execute(self, cursor: Any, values: Sequence[Any]) -> bool:
        names = _known.setdefault(connection.connection, set())
        try:
            if self._name not in names:
                if not names:
                    cursor.execute("SET plan_cache_mode = force_generic_plan")  # concerns prepared ones only
                cursor.execute(f"PREPARE {self._name} AS {self._sql}")
                names.add(self._name)
            cursor.execute(self._run, values)
        except utils.Error as error:
            lost = (psycopg2.errors.InvalidSqlStatementName, psycopg2.errors.DuplicatePreparedStatement)
            if not isinstance(error.__cause__, lost):
                raise
            names.discard(self._name)
            return False
        return True
