"""What the rooms above let a reader see in the list of people: filters, orders and columns of theirs.

The list belongs to this room and knows nothing of standings or heat; whoever knows registers here in AppConfig.ready().
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import QuerySet
from django_stubs_ext import StrOrPromise

from contacts.models import Contact


class Narrow(Protocol):
    """Lets through those whom a choice means."""

    def __call__(self, found: QuerySet[Contact], value: str, *, now: datetime) -> QuerySet[Contact]: ...


class Read(Protocol):
    """What stands in a column for each of these people, asked with a constant number of statements."""

    def __call__(self, people: Sequence[Contact], *, now: datetime) -> Mapping[int, Any]: ...


@dataclass(frozen=True, slots=True)
class Lens:
    """A filter over the list: one choice in the line above it, and in its address."""

    name: str
    label: StrOrPromise
    choices: Sequence[tuple[str, StrOrPromise]]
    narrow: Narrow


@dataclass(frozen=True, slots=True)
class Order:
    """A figure by which people can be sorted, the largest first, those without one last.

    `rows` are one per person at most, their primary key is the person's, and an index of theirs is
    (`field` descending with nulls last, primary key). `path` leads from a contact to the field.
    """

    name: str
    label: StrOrPromise
    rows: Callable[[], QuerySet[Any]]
    field: str
    path: str


@dataclass(frozen=True, slots=True)
class Column:
    """Something that can be shown of each person, on the page and in a file.

    `kind` says how it is drawn: text, number, heat, day, moment, words (in the reader's language), tags, reach, verdict.
    `on_page` and `in_file` say where it is offered; `usual` that it is shown until somebody chooses.
    """

    name: str
    label: StrOrPromise
    kind: str
    read: Read
    usual: bool = False
    on_page: bool = True
    in_file: bool = True


_lenses: dict[str, Lens] = {}
_orders: dict[str, Order] = {}
_columns: dict[str, Column] = {}


def register(lens: Lens) -> None:
    """Add a filter; registering a name again replaces it."""
    _lenses[lens.name] = lens


def register_order(order: Order) -> None:
    """Add an order; registering a name again replaces it."""
    _orders[order.name] = order


def register_column(column: Column) -> None:
    """Add a column; registering a name again replaces it."""
    _columns[column.name] = column


def all_of_them() -> list[Lens]:
    """The filters, as they were added."""
    return list(_lenses.values())


def orders() -> dict[str, Order]:
    """The orders by name, as they were added."""
    return _orders


def columns() -> list[Column]:
    """The columns, as they were added."""
    return list(_columns.values())
