"""The staging table of an import: every row of the file once, normalised, with the verdict that the row alone gives.

Unlogged, one table per import, filled by COPY and dropped when the import is over. It is worth nothing that the file
could not give again: after a crash of the database it is empty, and the file is read once more. See docs/adr/0010.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from typing import Any, BinaryIO

from django.db import connection, transaction

from contacts import keys
from contacts.reading import decoding, dialect, person, staged, table
from contacts.services import import_crew

PREFIX = "contacts_stage_"
VERSION = 2  # of the meaning of a staged row: an older staging table is read again
ALONE_BELOW = 4 * 1024 * 1024  # bytes; a smaller file is read by this process itself
PART = 2_000  # rows that are handed on at a time

Moved = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that was decided about a file before its rows are read."""

    codec: decoding.Encoding
    form: dialect.Dialect
    fields: Sequence[str]
    labels: Sequence[str]
    country: str
    ground: str
    source: str  # where the list comes from, in words: the proof behind the ground
    now: datetime
    policy: dict[str, str] = field(default_factory=dict)  # field → keep, fill, overwrite
    otherwise: str = "overwrite"  # the policy of the fields that are not named
    tags: Sequence[str] = ()
    typed: dict[str, tuple[str, str, tuple[str, ...]]] = field(
        default_factory=dict
    )  # key → name, kind, choices
    capitals: str = "look"
    lines: dict[int, int] = field(
        default_factory=dict
    )  # of a corrected file: line → number of the row it corrects

    def rows(self, file: BinaryIO) -> Iterator[table.Row]:
        """The rows of the file, one after another."""
        return table.header_and_rows(file, self.codec, self.form)[1]

    def columns(self) -> person.Columns:
        """The mapping, ready for `person.read`."""
        return person.mapping(
            self.fields,
            self.labels,
            country=self.country,
            latest=self.now,
            typed=self.typed,
            capitals=self.capitals,
            tags=self.tags,
        )

    def policy_of(self, name: str) -> str:
        """keep, fill or overwrite."""
        return self.policy.get(name, self.otherwise)

    def fingerprint(self, digest: str) -> str:
        """Of the file and of everything that a staged row depends on."""
        said = [
            VERSION,
            digest,
            self.codec.codec,
            self.form.as_json(),
            list(self.fields),
            list(self.labels),
            self.country,
            list(self.tags),
            {name: self.policy_of(name) for name in self.typed},
            self.typed,
            self.otherwise,
            self.capitals,
        ]
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Stage:
    """A staging table: its name, how many rows it has, and the last stop that its reader knew."""

    name: str
    rows: int
    stops: int

    @property
    def table(self) -> str:
        """The name, safe in SQL: made by us from a number."""
        return PREFIX + self.name

    @property
    def people(self) -> str:
        """The table in which a dry run keeps whom it has met, and in which stretch."""
        return f"{self.table}_people"


def found(name: str, fingerprint: str) -> Stage | None:
    """The staging table that an earlier reading left, when it says the same and is whole."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(to_regclass(%s), 'pg_class')",
            [PREFIX + name],
        )
        note = (cursor.fetchone() or [None])[0]
        if not note or not note.startswith(fingerprint):
            return None
        rows, stops = (int(part) for part in note.split()[1:3])
        cursor.execute(f"SELECT count(*) FROM {PREFIX}{name}")  # noqa: S608 - a number of ours
        if cursor.fetchone()[0] != rows:  # emptied by a crash of the database
            return None
    return Stage(name, rows, stops)


def drop(name: str) -> None:
    """Forget a staging table, whether it is there or not."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {PREFIX}{name}")


def names() -> list[str]:
    """The staging tables that are there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE tablename LIKE %s", [PREFIX.replace("_", r"\_") + "%"]
        )
        return [row[0].removeprefix(PREFIX) for row in cursor.fetchall()]


def read(
    *, file: BinaryIO, size: int, plan: Plan, name: str, fingerprint: str = "", moved: Moved | None = None
) -> Stage:
    """Read the whole file into a new staging table. Raises decoding.Unreadable."""
    alone = size < ALONE_BELOW or connection.in_atomic_block
    stops = _last_stop()
    _create(name)
    reader = _reader(plan)
    parts = _parts(plan.rows(file))
    try:
        rows = (_read_alone if alone else _read_by_crew)(parts, reader, name, moved)
        _complete(name, f"{fingerprint} {rows} {stops}")
    except BaseException:
        if not connection.in_atomic_block:
            drop(name)
        raise
    return Stage(name, rows, stops)


def fill(*, rows: Sequence[table.Row], plan: Plan, name: str) -> Stage:
    """A staging table of rows that have their numbers already."""
    stops = _last_stop()
    _create(name)
    _read_alone(_parts(rows), _reader(plan), name, None)
    _complete(name, "")
    return Stage(name, max((row.number for row in rows), default=0), stops)


@transaction.atomic
def _create(name: str) -> None:
    drop(name)
    columns = ", ".join(f"{column} {kind}" for column, kind in staged.COLUMNS.items())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE UNLOGGED TABLE {PREFIX}{name} ({columns}) WITH (autovacuum_enabled = off)")


@transaction.atomic
def _complete(name: str, note: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '64MB'")
        cursor.execute(f"CREATE UNIQUE INDEX ON {PREFIX}{name} (number)")
        _mark_duplicates(cursor, PREFIX + name)
        cursor.execute(f"COMMENT ON TABLE {PREFIX}{name} IS '{note}'")


def _reader(plan: Plan) -> staged.Reader:
    stops = staged.Stops(*_stops(), keys.suppression_keys())
    return staged.Reader(plan.columns(), policy=_policies(plan), stops=stops)


def _policies(plan: Plan) -> dict[str, str]:
    return {**{key: plan.policy_of(f"custom:{key}") for key in plan.typed}, "": plan.policy_of("custom")}


def _parts(rows: Iterable[table.Row]) -> Iterator[list[tuple[int, int, list[str], str]]]:
    part: list[tuple[int, int, list[str], str]] = []
    for row in rows:
        part.append((row.number, row.line, row.cells, row.broken))
        if len(part) == PART:
            yield part
            part = []
    if part:
        yield part


def _read_alone(parts: Iterable[list[Any]], reader: staged.Reader, name: str, moved: Moved | None) -> int:
    rows = 0
    for part in parts:
        text = reader.lines(part)
        with connection.cursor() as cursor, connection.wrap_database_errors:
            raw: Any = cursor.cursor
            raw.copy_expert(staged.copy_statement(PREFIX + name), StringIO(text))
        rows += len(part)
        if moved:
            moved(rows)
    return rows


def _read_by_crew(parts: Iterable[list[Any]], reader: staged.Reader, name: str, moved: Moved | None) -> int:
    rows = 0
    with import_crew.Crew(reader, PREFIX + name) as crew:
        for part in parts:
            crew.give(part)
            rows += len(part)
            if moved:
                moved(rows)
    return rows


def _last_stop() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM contacts_suppression")
        return int(cursor.fetchone()[0])


def _stops() -> tuple[list[str], list[str]]:
    """(addresses that are stopped, hashes of those whose address is gone)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT address, address_hash FROM contacts_suppression WHERE lifted_at IS NULL AND channel IN ('mail', 'all')"
        )
        rows = cursor.fetchall()
    return [address for address, _hash in rows if address], [
        hashed for address, hashed in rows if not address
    ]


# A row is a duplicate when its address stood in an earlier usable row; or as a further address of a person by the same
# name (or when the row names nobody); or its phone and name, where one of the two rows has no address.
_TWINS = """
CREATE TEMP TABLE twins ON COMMIT DROP AS
WITH usable AS NOT MATERIALIZED (SELECT number, email, further, phone, name_key FROM {stage} WHERE verdict IS NULL),
twice AS (SELECT email, min(number) AS first FROM usable WHERE email IS NOT NULL GROUP BY email HAVING count(*) > 1),
further AS (SELECT f.email, u.name_key, u.number FROM usable u, unnest(u.further) AS f(email) WHERE u.further IS NOT NULL),
without AS (SELECT phone, coalesce(name_key, '') AS name_key, min(number) AS first
              FROM usable WHERE email IS NULL AND phone IS NOT NULL GROUP BY 1, 2),
called AS (SELECT u.phone, u.name_key, min(u.number) AS first FROM usable u
             JOIN (SELECT DISTINCT phone FROM without) w ON w.phone = u.phone
            WHERE u.name_key IS NOT NULL GROUP BY 1, 2),
found AS (
    SELECT u.number, 1 AS kind, t.first FROM usable u JOIN twice t ON t.email = u.email WHERE t.first < u.number
    UNION ALL
    SELECT u.number, 2, f.number FROM usable u JOIN further f ON f.email = u.email
     WHERE f.number < u.number AND (u.name_key IS NULL OR u.name_key = f.name_key)
    UNION ALL
    SELECT u.number, 3, w.first FROM usable u JOIN without w ON w.phone = u.phone AND w.name_key = coalesce(u.name_key, '')
     WHERE w.first < u.number AND (u.email IS NULL OR u.name_key IS NOT NULL)
    UNION ALL
    SELECT u.number, 3, c.first FROM usable u JOIN called c ON c.phone = u.phone AND c.name_key = u.name_key
     WHERE u.email IS NULL AND c.first < u.number
) SELECT DISTINCT ON (number) number, kind, first FROM found ORDER BY number, kind, first
"""
_DUPLICATES = """
UPDATE {stage} s SET verdict = 'duplicate',
       reason = CASE WHEN t.kind = 3 THEN 'same_phone_and_name|' ELSE 'same_address|' END || t.first
  FROM twins t WHERE t.number = s.number
"""


def _mark_duplicates(cursor: Any, table_name: str) -> None:
    cursor.execute("SET LOCAL work_mem = '96MB'")
    # Without the verdicts nearly no row is thought usable, and each further address is held against every later row.
    cursor.execute(f"ANALYZE {table_name} (verdict, email, further, phone, name_key, number)")
    cursor.execute("DROP TABLE IF EXISTS twins")
    cursor.execute(_TWINS.format(stage=table_name))  # apart, because no core helps a statement that writes
    cursor.execute(_DUPLICATES.format(stage=table_name))
