"""Before-images: every row that hangs on some people, what an act did to them, and how to put it back.

Whatever the rooms do to their rows while two people become one, the difference is read from the tables themselves; so no room
has to write an undo, and none can forget one. Putting back leaves alone what was changed again since.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from contacts import hooks
from contacts.models import Contact, ContactSearch

Row = dict[str, Any]
Rows = dict[str, dict[str, Row]]
"""Table to primary key (as text) to row."""
Image = dict[str, dict[str, Any]]
Blend = Callable[[Any, Any, Any], Any]
"""(what stands there now, before, after) to what is to stand there."""

ROOT = Contact._meta.db_table
KEPT_BY_TRIGGERS = (ContactSearch,)


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the columns that name a contact, and those that can be written."""

    name: str
    key: str
    names: tuple[str, ...]
    columns: tuple[str, ...]


@cache
def tables() -> Mapping[str, Table]:
    """Contacts, every table with a foreign key to them, and those that a room named (hooks.merged.follow)."""
    naming: dict[type[models.Model], list[str]] = defaultdict(list)
    naming[Contact].append(str(Contact._meta.pk.column))
    for relation in Contact._meta.get_fields(include_hidden=True):
        model = relation.related_model
        if not (relation.auto_created and not relation.concrete and isinstance(model, type)):
            continue
        field = getattr(relation, "field", None)
        if field is None or field.many_to_many or model in KEPT_BY_TRIGGERS or not model._meta.managed:
            continue
        naming[model].append(str(field.column))
    for label, column in hooks.merged.followed:
        naming[apps.get_model(label)].append(column)
    return {model._meta.db_table: _table(model, columns) for model, columns in naming.items()}


def _table(model: type[models.Model], naming: Sequence[str]) -> Table:
    writable = [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]
    return Table(
        model._meta.db_table,
        str(model._meta.pk.column),
        tuple(naming),
        tuple(str(field.column) for field in writable),
    )


def take(contact_ids: Collection[int]) -> Rows:
    """Every row of these people, in one statement."""
    quote = connection.ops.quote_name
    parts = [
        f"SELECT '{one.name}', t.{quote(one.key)}::text, to_jsonb(t) FROM {quote(one.name)} t WHERE "  # noqa: S608 - our own names
        + " OR ".join(f"t.{quote(column)} = ANY(%(ids)s)" for column in one.names)
        for one in tables().values()
    ]
    found: Rows = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), {"ids": list(contact_ids)})
        for table, key, row in cursor.fetchall():
            found[table][key] = _read(row)
    return found


def difference(before: Rows, contact_ids: Collection[int]) -> Image:
    """What has become of those rows, now that only these people are left: changed columns, rows gone, rows new."""
    after = take(contact_ids)
    image: Image = {}
    for name in {*before, *after}:
        was, now = before.get(name, {}), after.get(name, {})
        now = now | _fetch(tables()[name], [key for key in was if key not in now])
        changed: dict[str, list[Row]] = {}
        for key, row in now.items():
            if key in was and (columns := _differing(tables()[name], was[key], row)):
                changed[key] = [
                    {column: was[key][column] for column in columns},
                    {column: row[column] for column in columns},
                ]
        part = {
            "changed": changed,
            "gone": [row for key, row in was.items() if key not in now],
            "new": {key: row for key, row in now.items() if key not in was},
        }
        if any(part.values()):
            image[name] = part
    return image


def put_back(image: Image, *, blends: Mapping[str, Blend]) -> int:
    """Bring everything back, except what was changed again since; returns how many changed values stayed.

    `blends` are for columns of contacts in which two changes can stand side by side (tags, custom fields).
    """
    stayed = 0
    for name in sorted(
        image, key=lambda table: table != ROOT
    ):  # the people first: their address must be free
        table, part = tables()[name], image[name]
        _remove_unchanged(table, part["new"])
        stayed += _change_back(table, part["changed"], blends if name == ROOT else {})
        _insert(table, part["gone"])
    return stayed


def _differing(table: Table, was: Row, now: Row) -> list[str]:
    return [column for column in table.columns if was.get(column) != now.get(column)]


def _fetch(table: Table, keys: Sequence[str]) -> dict[str, Row]:
    if not keys:
        return {}
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT t.{quote(table.key)}::text, to_jsonb(t) FROM {quote(table.name)} t"  # noqa: S608
            f" WHERE t.{quote(table.key)} = ANY(%s::bigint[])",
            [list(keys)],
        )
        return {key: _read(row) for key, row in cursor.fetchall()}


def _read(row: Any) -> Row:
    return dict(json.loads(row) if isinstance(row, str) else row)


def _remove_unchanged(table: Table, new: Mapping[str, Row]) -> None:
    now = _fetch(table, list(new))
    keys = [key for key, row in now.items() if not _differing(table, new[key], row)]
    if keys:
        quote = connection.ops.quote_name
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {quote(table.name)} WHERE {quote(table.key)} = ANY(%s::bigint[])",  # noqa: S608
                [keys],
            )


def _change_back(table: Table, changed: Mapping[str, Sequence[Row]], blends: Mapping[str, Blend]) -> int:
    """Rows with the same columns go in one statement."""
    now = _fetch(table, list(changed))
    stayed = 0
    together: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for key, row in now.items():
        before, after = changed[key]
        back: Row = {}
        for column, value in before.items():
            if row.get(column) == after[column]:
                back[column] = value
            elif column in blends:
                back[column] = blends[column](row.get(column), value, after[column])
            else:
                stayed += 1
        if back:
            together[tuple(sorted(back))].append(back | {table.key: row[table.key]})
    for columns, rows in together.items():
        stayed += _update(table, columns, rows)
    return stayed


def _update(table: Table, columns: Sequence[str], rows: Sequence[Row]) -> int:
    """Write; a row that something newer stands in the way of stays as it is. Returns how many did."""
    try:
        with transaction.atomic():
            _write(table, columns, rows)
    except IntegrityError:
        if len(rows) == 1:
            return 1
        return sum(_update(table, columns, [row]) for row in rows)
    return 0


def _write(table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(column)} = v.{quote(column)}" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(table.name)} t SET {sets}"  # noqa: S608
            f" FROM jsonb_populate_recordset(NULL::{quote(table.name)}, %s::jsonb) v"
            f" WHERE t.{quote(table.key)} = v.{quote(table.key)}",
            [json.dumps(rows)],
        )


def _insert(table: Table, rows: Sequence[Row]) -> None:
    """Rows that were taken away; a trigger may have made some of them (a standing) already."""
    if not rows:
        return
    quote = connection.ops.quote_name
    columns = ", ".join(quote(column) for column in table.columns)
    sets = ", ".join(f"{quote(column)} = EXCLUDED.{quote(column)}" for column in table.columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(table.name)} ({columns})"  # noqa: S608
            f" SELECT {columns} FROM jsonb_populate_recordset(NULL::{quote(table.name)}, %s::jsonb)"
            f" ON CONFLICT ({quote(table.key)}) DO UPDATE SET {sets}",
            [json.dumps(rows)],
        )
