"""Start or join the embedded servers, for as long as this process lives; the last one out turns off the light.

See `silo.embedded.guard` for who stops them.
"""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
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

    def make_database(self, name: str) -> bool:
        """Make the database when there is none; true when it is new."""
        address = {"host": str(place.sockets(self.var)), "port": 5432, "user": "postgres", "dbname": "postgres"}
        with closing(psycopg2.connect(**address)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone():
                return False
            try:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            except psycopg2.errors.DuplicateDatabase:  # Somebody was faster.
                return False
        return True


@contextmanager
def joined(*, demo: bool | None = None) -> Iterator[bool]:
    """Start or join the servers and name them in the environment; yields whether the database is new and empty.

    `demo` chooses the silo; None means the one that was served last. With a DATABASE_URL there is nothing to do.
    """
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        yield False
        return
    is_demo = place.demo_is_current() if demo is None else demo
    name = place.DEMO if is_demo else place.REAL
    membership = Membership()
    membership.join()
    try:
        new = membership.make_database(name)
        os.environ["DATABASE_URL"] = place.database_url(name)
        os.environ["REDIS_URL"] = place.broker_url(1 if is_demo else 0)
        os.environ.setdefault("SILO_DEMO", "1" if is_demo else "0")
        yield new
    finally:
        membership.leave()
