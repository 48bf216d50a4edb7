"""Rows of many requests in one statement and one commit, and each request is answered after it.

For the event loop of a web process. Whoever comes while nothing is being written is written at once: alone there is no waiting for
company. Whoever comes during a commit joins the next group, so a group grows with the load, and a burst costs a commit per group
instead of one per request. A row that was promised is on disk. The connection is our own: no request's transaction is around it, and
the loop itself waits for it, without a thread.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import psycopg2
from django.db import connections
from psycopg2 import extensions

# More at once make the statement longer, not the commit shorter.
MOST = 200
CONNECT_SECONDS = 5


class NotWritten(Exception):
    """The group failed; whether a row of it is there is unknown, but nothing was promised."""


class Together:
    """One statement whose only value is a JSON list of rows: `INSERT … SELECT … FROM json_to_recordset($1) …`.

    `unless_there` is the WHERE under which rows are written that may have been written a moment ago.
    """

    def __init__(self, name: str, sql: str, *, unless_there: str, using: str = "default") -> None:
        self._name, self._sql, self._using = name, sql, using
        self._once_more = (sql + unless_there).replace("$1", "%s")
        self._waiting: list[tuple[Mapping[str, Any], asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._line: Any = None
        self._number = -1  # of its socket, which libpq may have closed when we come to it
        self._news: asyncio.Future[None] | None = None  # while a statement is under way

    async def write(self, row: Mapping[str, Any]) -> None:
        """Returns when the row is committed. Raises NotWritten."""
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[None] = loop.create_future()
        self._waiting.append((row, mine))
        if self._writer is None:
            self._writer = loop.create_task(self._write_all())
        await mine

    async def _write_all(self) -> None:
        """One group after the other, until nobody waits."""
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                error: BaseException | None = None
                try:
                    await self._commit([row for row, _ in group])
                except BaseException as failed:  # whatever it is, each of the group must hear of it
                    error = failed
                for _, answer in group:
                    if answer.done():
                        continue  # it was cancelled meanwhile
                    if error is None:
                        answer.set_result(None)
                    else:
                        answer.set_exception(NotWritten(str(error)))
        finally:
            self._writer = None

    async def _commit(self, rows: list[Mapping[str, Any]]) -> None:
        words = [json.dumps(rows)]
        statement = f"EXECUTE {self._name} (%s)"
        if self._line is not None:
            try:
                await self._run(statement, words)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                self._hang_up()  # the server was restarted, or a pooler forgot us: once more, on a fresh line
                statement = self._once_more
            except BaseException:
                self._hang_up()
                raise
            else:
                return
        try:
            await self._connect()
            await self._run(statement, words)
        except BaseException:
            self._hang_up()
            raise

    async def _connect(self) -> None:
        """As Django connects, prepared for our one statement. An asynchronous line commits each statement by itself."""
        wanted = connections[self._using].get_connection_params()
        self._line = line = psycopg2.connect(**wanted, async_=1)
        async with asyncio.timeout(CONNECT_SECONDS):
            await _connected(line)
        self._number = line.fileno()
        asyncio.get_running_loop().add_reader(self._number, self._heard)
        await self._run(f"PREPARE {self._name} (json) AS {self._sql}", None)

    async def _run(self, statement: str, words: list[str] | None) -> None:
        loop = asyncio.get_running_loop()
        self._news = loop.create_future()
        try:
            with self._line.cursor() as cursor:  # the line alone does not hold it
                cursor.execute(statement, words)
                while (state := self._line.poll()) != extensions.POLL_OK:
                    if state == extensions.POLL_WRITE:
                        await _writable(self._line.fileno())
                    else:
                        await self._news
                        self._news = loop.create_future()
        finally:
            self._news = None

    def _heard(self) -> None:
        """The server said something. It is watched all the time: to watch anew for each group costs more than the group."""
        if self._news is not None:
            if not self._news.done():
                self._news.set_result(None)
            return
        try:
            self._line.poll()
        except psycopg2.Error:  # it closed a line on which nothing was asked
            self._hang_up()

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            if self._number >= 0:
                asyncio.get_running_loop().remove_reader(self._number)
                self._number = -1
            with suppress(psycopg2.Error):
                line.close()


async def _connected(line: Any) -> None:
    """The dance of libpq: another socket for each address it tries."""
    while (state := line.poll()) != extensions.POLL_OK:
        await (_readable if state == extensions.POLL_READ else _writable)(line.fileno())


async def _readable(number: int) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    loop.add_reader(number, ready.set_result, None)
    try:
        await ready
    finally:
        loop.remove_reader(number)


async def _writable(number: int) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    loop.add_writer(number, ready.set_result, None)
    try:
        await ready
    finally:
        loop.remove_writer(number)
