"""A column of values as one text, for `unnest(%s::bigint[])` and `= ANY(%s::bigint[])`.

A list travels as ARRAY[…], in which PostgreSQL reads, checks and folds each value as an expression of its own: for a batch
of 500 people that cost as much as what was done with them. As one text it is one constant.
"""

from collections.abc import Iterable
from datetime import datetime

LARGEST = 2**63 - 1  # id that a table can hold


def numbers(values: Iterable[int | None]) -> str:
    """For `%s::bigint[]` or `%s::int[]`."""
    return "{" + ",".join(map(str, values)).replace("None", "NULL") + "}"


def ids(values: Iterable[int]) -> str:
    """For `= ANY(%s::bigint[])`: the address of a page may name any number, and nobody has one that no table can hold."""
    return numbers([one for one in values if -LARGEST <= one <= LARGEST])


def moments(values: Iterable[datetime | None]) -> str:
    """For `%s::timestamptz[]`."""
    return "{" + ",".join(["NULL" if one is None else one.isoformat() for one in values]) + "}"


def texts(values: Iterable[str]) -> str:
    """For `%s::text[]`. As in a list, a NUL raises ValueError when the statement runs."""
    return "{" + ",".join(['"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' for one in values]) + "}"
