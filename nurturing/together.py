"""Rows of many requests in one statement and one commit, and each request is answered after it.

Whoever comes while nobody writes, writes at once: alone there is no waiting for company. Whoever comes meanwhile joins the next group,
and when the group before is committed one of them writes for all. So a burst costs a commit per group instead of one per request, and a
row that was promised is on disk. The connection is our own: no request's transaction is around it.
"""

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import psycopg2
from django.db import connections

# More at once make the statement longer, not the commit shorter.
MOST = 200


class NotWritten(Exception):
    """The group failed; whether a row of it is there is unknown, but nothing was promised."""


class _Waiting:
    __slots__ = ("done", "error", "leads", "row")

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.row = row
        self.done = threading.Lock()
        self.done.acquire()
        self.leads = False
        self.error: BaseException | None = None


class Together:
    """One statement whose only value is a JSON list of rows: `INSERT … SELECT … FROM json_to_recordset($1) …`.

    `unless_there` is the WHERE under which rows are written that may have been written a moment ago.
    """

    def __init__(self, name: str, sql: str, *, unless_there: str, using: str = "default") -> None:
        self._name, self._sql, self._using = name, sql, using
        self._once_more = (sql + unless_there).replace("$1", "%s")
        self._gate = threading.Lock()  # over the two below
        self._queue: list[_Waiting] = []
        self._somebody_writes = False
        self._line: Any = None

    def write(self, row: Mapping[str, Any]) -> None:
        """Returns when the row is committed. Raises NotWritten."""
        mine = _Waiting(row)
        with self._gate:
            self._queue.append(mine)
            waits = self._somebody_writes
            self._somebody_writes = True
        if waits:
            mine.done.acquire()
        if not waits or mine.leads:
            self._lead()
        if mine.error is not None:
            raise NotWritten(str(mine.error)) from mine.error

    def _lead(self) -> None:
        """Write for all who wait, wake them, and name the next leader."""
        with self._gate:
            group, self._queue = self._queue[:MOST], self._queue[MOST:]
        error: BaseException | None = None
        try:
            self._commit([one.row for one in group])
        except BaseException as failed:  # whatever it is, each of the group must hear of it
            error = failed
        with self._gate:
            following = self._queue[0] if self._queue else None
            self._somebody_writes = following is not None
        if following is not None:
            following.leads = True
            following.done.release()
        for one in group:
            one.error = error
            one.done.release()

    def _commit(self, rows: list[Mapping[str, Any]]) -> None:
        words = [json.dumps(rows)]
        statement = f"EXECUTE {self._name} (%s)"
        if self._line is not None:
            try:
                self._run(statement, words)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                self._hang_up()  # the server was restarted, or a pooler forgot us: once more, on a fresh line
                statement = self._once_more
            except BaseException:
                self._hang_up()
                raise
            else:
                return
        self._line = self._connect()
        try:
            self._run(statement, words)
        except BaseException:
            self._hang_up()
            raise

    def _connect(self) -> Any:
        """As Django connects, prepared for our one statement."""
        line = psycopg2.connect(**connections[self._using].get_connection_params())
        line.autocommit = True
        try:
            with line.cursor() as cursor:
                cursor.execute(f"PREPARE {self._name} (json) AS {self._sql}")
        except BaseException:
            line.close()
            raise
        return line

    def _run(self, statement: str, words: list[str]) -> None:
        with self._line.cursor() as cursor:
            cursor.execute(statement, words)

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            with suppress(psycopg2.Error):
                line.close()
