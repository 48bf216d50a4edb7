"""The migrated database, made once and remembered as SQL: migrating costs many seconds, loading the dump one.

The dump is keyed by the text of every migration and by the locked packages, so it can never be older than they are.
Test databases are copies of a template database that holds it.
"""

import fcntl
import hashlib
import os
import subprocess
from pathlib import Path

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from silo.embedded import binaries

CHECKOUT = Path(__file__).resolve().parent.parent
FOLDER = CHECKOUT / ".pytest_cache" / "schema"
TEMPLATE, PART = "silo_template", "silo_template_part"


def make_template() -> str:
    """Make the template database on the run's server, by whichever worker comes first; returns its name."""
    with (Path(os.environ["SILO_VAR"]) / "template.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _exists():
            _sql("postgres", f'DROP DATABASE IF EXISTS "{PART}"')
            _sql("postgres", f'CREATE DATABASE "{PART}"')
            _fill()
            _sql("postgres", f'ALTER DATABASE "{PART}" RENAME TO "{TEMPLATE}"')
    return TEMPLATE


def _fill() -> None:
    dump = FOLDER / f"{_key()}.sql"
    if dump.exists():
        _run("psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-f", str(dump))
        return
    _migrate()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.sql"):
        old.unlink(missing_ok=True)
    part = dump.with_suffix(f".{os.getpid()}")
    _run("pg_dump", "-f", str(part))
    part.rename(dump)


def _migrate() -> None:
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = PART
    try:
        call_command("migrate", verbosity=0)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name


def _key() -> str:
    known = hashlib.sha256()
    for path in sorted([*CHECKOUT.glob("*/migrations/*.py"), CHECKOUT / "requirements" / "app.txt"]):
        known.update(path.name.encode() + b"\0" + path.read_bytes())
    return known.hexdigest()[:20]


def _run(program: str, *options: str) -> None:
    address = settings.DATABASES["default"]
    path = binaries.postgres_program(program)
    who = ["-h", str(address["HOST"]), "-p", str(address["PORT"]), "-U", "postgres", "-d", PART]
    subprocess.run([str(path), *who, *options], check=True, stdin=subprocess.DEVNULL)


def _exists() -> bool:
    return bool(_sql("postgres", "SELECT 1 FROM pg_database WHERE datname = %s", TEMPLATE))


def _sql(database: str, statement: str, *values: str) -> list[tuple[object, ...]]:
    address = settings.DATABASES["default"]
    opened = psycopg2.connect(host=address["HOST"], port=address["PORT"], user="postgres", dbname=database)
    try:
        opened.autocommit = True
        with opened.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []
    finally:
        opened.close()
