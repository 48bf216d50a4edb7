"""The rows that migrations wrote: remembered once, put back after a test that emptied the tables."""

import io
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import connection, transaction

Rows = dict[str, str]


def emptying(tables: Iterable[str]) -> str:
    """SQL that takes all rows out of these tables, as a replica: neither triggers nor the order of keys matter.

    A TRUNCATE of every table makes hundreds of files anew, which took longer than most tests with real transactions.
    """
    deletes = " ".join(f'DELETE FROM "{table}";' for table in tables)  # noqa: S608 - names of our own tables
    return f"DO $$ BEGIN SET LOCAL session_replication_role = replica; {deletes} END $$"


def flush(_operations: Any, _style: Any, tables: list[str], **_wishes: Any) -> list[str]:
    """In the place of DatabaseOperations.sql_flush, by which Django empties the tables after a test."""
    return [emptying(tables)] if tables else []


def remember() -> Rows:
    """Every table that is not empty, as PostgreSQL's own text."""
    found: Rows = {}
    with connection.cursor() as cursor:
        for table in [
            model._meta.db_table
            for model in apps.get_models(include_auto_created=True)
            if model._meta.managed
        ]:
            text = io.StringIO()
            cursor.copy_expert(f'COPY "{table}" TO STDOUT', text)
            if text.getvalue():
                found[table] = text.getvalue()
    return found


def put_back(rows: Rows, *, also_empty: list[str]) -> None:
    """Write the remembered rows into their empty tables, and empty some more.

    As a replica, so that neither triggers nor the order of foreign keys matter: the rows were right when they were read.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(emptying([*rows, *also_empty]))
        for table, text in rows.items():
            cursor.copy_expert(f'COPY "{table}" FROM STDIN', io.StringIO(text))
