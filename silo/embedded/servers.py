"""Start or join the embedded servers, for as long as this process lives; the last one out turns off the light.

See `silo.embedded.guard` for who stops them.
"""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import psycopg2
import psycopg2.errors
from psycopg2 import sql

from silo.embedded import place

LEAVE_SECONDS = 15


class ServersFailed(Exception):
    """The embedded servers could not be started; the text says why, for a person."""


class Membership:
    """This process's share in the servers of one `var/`."""

    def __init__(self, var: Path = place.VAR, *, durable: bool = True) -> None:
        self.var = var
        self.durable = durable
        self._users: IO[str] | None = None

    def join(self) -> None:
        """Start the servers, or join those that run."""
        try:
            self.var.mkdir(parents=True, exist_ok=True)
            self._users = (self.var / "users.lock").open("a+")
            with (self.var / "start.lock").open("a") as starting:
                fcntl.flock(starting, fcntl.LOCK_EX)
                fcntl.flock(self._users, fcntl.LOCK_SH)  # Waits while the guard is stopping the servers.
                while self._guard_is_stopping():
                    time.sleep(0.03)
                if not self._guard_is_alive():
                    self._start_guard()
        except PermissionError as error:
            raise ServersFailed(
                f"{error.filename} belongs to another user, who started the silo before: "
                f"start it as that user, or give the folder back with chown -R."
            ) from error

    def _guard_is_alive(self) -> bool:
        with (self.var / "guard.lock").open("a") as alive:
            try:
                fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def _guard_is_stopping(self) -> bool:
        """Whether the guard is alive and serves no more; one that starts has its starter behind `start.lock`."""
        return self._guard_is_alive() and not (self.var / "serving").exists()

    def _start_guard(self) -> None:
        mode = "durable" if self.durable else "throwaway"
        (self.var / "log").mkdir(exist_ok=True)
        with (self.var / "log" / "guard.log").open("wb") as log:
            guard = subprocess.Popen(
                [sys.executable, "-m", "silo.embedded.guard", str(self.var), mode],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; the guard leaves when we have left.
                cwd=Path(__file__).resolve().parent.parent.parent,
            )
        assert guard.stdout is not None  # noqa: S101 - tells mypy what PIPE means
        with guard.stdout:
            said = guard.stdout.readline().decode(errors="replace").strip()
            if said != "ready":
                said = f"{said}\n{guard.stdout.read().decode(errors='replace')}".strip()
                self.leave()
                raise ServersFailed(said or f"The embedded servers did not start: see {self.var / 'log'}.")

    def leave(self, *, wait: bool = True) -> None:
        """Give our share back, and wait for the end of the servers when nobody else uses them."""
        if self._users is None:
            return
        self._users.close()
        self._users = None
        deadline = time.monotonic() + LEAVE_SECONDS
        while wait and time.monotonic() < deadline and self.var.exists() and self._ends_soon():
            time.sleep(0.03)

    def _ends_soon(self) -> bool:
        """Whether the guard is still there and nobody else keeps it."""
        if not self._guard_is_alive():
            return False
        if not (self.var / "serving").exists():
            return True
        with (self.var / "users.lock").open("a+") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return not (self.var / "serving").exists()
        return True

    def has_database(self, name: str) -> bool:
        """Whether there is a database of this name."""
        return bool(self._ask("SELECT 1 FROM pg_database WHERE datname = %s", name))

    def make_database(self, name: str) -> bool:
        """Make the database when there is none; true when it is new."""
        if self.has_database(name):
            return False
        try:
            self._ask(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except psycopg2.errors.DuplicateDatabase:  # Somebody was faster.
            return False
        return True

    def drop_database(self, name: str) -> None:
        """Remove the database, if there is one."""
        self._ask(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def rename_database(self, name: str, to: str) -> None:
        """Give the database its final name."""
        self._ask(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to)))

    def note(self, name: str, words: str) -> None:
        """Keep a remark with the database."""
        self._ask(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(words)))

    def noted(self, name: str) -> str:
        """The remark that was kept."""
        rows = self._ask(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", name
        )
        return str(rows[0][0] or "") if rows else ""

    def _ask(self, statement: str | sql.Composable, *values: str) -> list[tuple[object, ...]]:
        address = {
            "host": str(place.sockets(self.var)),
            "port": 5432,
            "user": "postgres",
            "dbname": "postgres",
        }
        with closing(psycopg2.connect(**address)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def joined() -> Iterator[bool]:
    """Start or join the servers for the silo that was served last, and name them in the environment.

    Yields whether the database is new and has no tables yet. With a DATABASE_URL there is nothing to do.
    """
    if named_elsewhere():
        yield False
        return
    served = place.current()
    membership = Membership()
    membership.join()
    try:
        new = membership.make_database(served.database)
        os.environ |= addresses(served, asked=os.environ)
        yield new
    finally:
        membership.leave()


def named_elsewhere() -> bool:
    """Whether the environment names a database of its own."""
    return bool(os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"))


def addresses(served: place.Current, *, asked: Mapping[str, str]) -> dict[str, str]:
    """The environment in which a process works on the embedded servers."""
    return {
        "DATABASE_URL": place.database_url(served.database),
        "REDIS_URL": place.broker_url(served.broker_number),
        "SILO_DEMO": "1" if served.demo else "0",
        "PUBLIC_URL": asked.get("PUBLIC_URL") or served.public_url,
    }
