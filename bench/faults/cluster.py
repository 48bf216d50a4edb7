"""The servers of a run: a PostgreSQL and a Valkey of our own, which may be torn down at any moment."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg2
import redis

from silo.embedded import account as accounts
from silo.embedded import binaries as programs
from silo.embedded import guard, place, postgres, valkey

CHECKOUT = Path(__file__).resolve().parent.parent.parent
FILLED, RUN = "faults_filled", "faults_run"
PATIENCE = 60


class Servers:
    """Children of this very process: whatever ends it, ends them."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self._guard = guard.Guard(var, durable=True)
        self._account = accounts.pick(guard.data_folder(var) / "postgres", CHECKOUT)

    def start(self) -> None:
        """Both, answering."""
        self._guard.start()
        self._base = self._guard._base_for(self._account)
        self._binaries = programs.find(self._account, self._base)

    def stop(self) -> None:
        """Both, and what they left in the system's folder of sockets."""
        self._guard.stop()
        base = guard.data_folder(self.var)
        if base != self.var:
            shutil.rmtree(base, ignore_errors=True)

    def database_falls(self) -> None:
        """What `pg_ctl stop -m immediate` does: no goodbye to anybody, and recovery at the next start."""
        assert self._guard.postgres is not None
        self._guard.postgres.send_signal(signal.SIGQUIT)
        try:
            self._guard.postgres.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._guard.postgres.kill()
            self._guard.postgres.wait(timeout=10)

    def database_rises(self) -> None:
        data = self._base / "postgres"
        with guard._log(self.var) as log:
            self._guard.postgres = postgres.start(
                self._binaries, data, place.sockets(self.var), self._account, log, durable=True
            )
        self._until(lambda: postgres.is_ready(data))

    def broker_falls(self, *, forgets: bool) -> None:
        """With `kill -9`; with `forgets` its file is lost, too."""
        assert self._guard.valkey is not None
        self._guard.valkey.kill()
        self._guard.valkey.wait(timeout=10)
        if forgets:
            for path in (self._base / "valkey").glob("appendonlydir/*"):
                path.unlink()

    def broker_rises(self) -> None:
        with guard._log(self.var) as log:
            self._guard.valkey = valkey.start(
                self._binaries,
                self._base / "valkey",
                place.sockets(self.var),
                self._account,
                log,
                durable=True,
            )
        self._until(lambda: valkey.is_ready(place.sockets(self.var)))

    def broker_is_flushed(self) -> None:
        with redis.Redis.from_url(place.broker_url(0, self.var), socket_timeout=5) as line:
            line.flushall()

    def _until(self, true: Any) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            if time.monotonic() > deadline:
                raise RuntimeError("a server did not come back")
            time.sleep(0.01)

    def environment(self, name: str = RUN) -> dict[str, str]:
        """Where a process of the silo finds both."""
        found = {
            word: value
            for word, value in os.environ.items()
            if word not in ("SILO_ENV", "SILO_DEMO", "DEBUG")
        }
        return found | {
            "SILO_VAR": str(self.var),
            "PUBLIC_URL": "https://silo.example",
            "DATABASE_URL": place.database_url(name, self.var),
            "REDIS_URL": place.broker_url(0, self.var),
            "DJANGO_SETTINGS_MODULE": "silo.settings",
            "LOG_LEVEL": "ERROR",
            "PYTHONPATH": str(CHECKOUT),
            "CELERY_SKIP_CHECKS": "true",
        }

    def connect(self, name: str = RUN) -> Any:
        """A line to a database of the run, which commits each statement."""
        line = psycopg2.connect(
            host=str(place.sockets(self.var)), port=5432, user="postgres", dbname=name, connect_timeout=10
        )
        line.autocommit = True
        return line

    def ask(self, sql: str, values: Any = None, *, name: str = RUN) -> list[tuple[Any, ...]]:
        with closing(self.connect(name)) as line, line.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def new_database(self) -> None:
        """A fresh copy of the filled one, under the name that all processes know."""
        with closing(self.connect("postgres")) as line, line.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {RUN} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {RUN} TEMPLATE {FILLED}")

    def disk(self, *, full: bool) -> None:
        """See people.DISK."""
        with closing(self.connect("postgres")) as line, line.cursor() as cursor:
            cursor.execute(f"ALTER SYSTEM SET faults.disk_full = {'on' if full else 'off'}")
            cursor.execute("SELECT pg_reload_conf()")

    def alive(self) -> bool:
        with suppress(psycopg2.Error):
            return bool(self.ask("SELECT 1"))
        return False
