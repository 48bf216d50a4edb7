"""The list of people: pages in any order that stay fast at a million, and how many there are.

PostgreSQL plans "the newest fifty of those who fit" as if those who fit lay evenly among the others, and reads the whole silo when
they do not. So nobody walks without an end here: first through the next 20,000 in the order of the list, in a few milliseconds;
whatever is common fills a page there. What is not is rare, or old: then all who fit are found by the indexes and sorted, and counted
on the way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Value, Window

from contacts import lenses
from contacts.models import Contact, ContactSearch
from contacts.queries import columns as columns_
from contacts.queries import filters, search

PAGE = 50
WALK = 20_000  # people looked at one by one before the indexes are asked for all who fit
SORTED_BY_NAME = 20_000  # more than these are not read to sort them by name

NEWEST, NAME = "", "name"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list: the contact, and what stands in each column."""

    contact: Contact
    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of people with the cursors of its neighbours ("" where there is none).

    A cursor is the number of the person at the page's edge: where they stand in the order is asked for when it is used.
    """

    people: Sequence[Row]
    newer: str
    older: str
    total: int | None = None
    too_many: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page is asked for: search and filters, order, and the side of a cursor."""

    filters: Mapping[str, str]
    order: str = NEWEST
    older_than: str = ""
    newer_than: str = ""
    language: str = ""

    @property
    def at(self) -> int | None:
        cursor = self.older_than or self.newer_than
        return int(cursor) if cursor.isdecimal() and len(cursor) < 19 else None

    @property
    def forward(self) -> bool:
        return not self.newer_than or self.at is None


def matching(asked: Mapping[str, str], *, now: datetime) -> QuerySet[Contact]:
    """Everybody whom the search and every filter let through."""
    return filters.matching(asked, now=now)


def page(asked: Asked, *, columns: Sequence[lenses.Column], now: datetime) -> Page:
    """Fifty people on one side of a cursor. A cursor that is none gives the first page."""
    found = _found(asked.filters, now=now)
    too_many = False
    if asked.order == NAME:
        ids, total = _by_name(found, asked)
        too_many = ids is None
    elif asked.order in lenses.orders():
        ids, total = _by_figure(found, asked, lenses.orders()[asked.order])
    else:
        ids, total = _by_number(found, asked.at, newest_first=asked.forward, want=PAGE + 1)
    if ids is None:
        ids, total = _by_number(found, asked.at, newest_first=asked.forward, want=PAGE + 1)
    more, ids = len(ids) > PAGE, ids[:PAGE]
    if not asked.forward:
        ids.reverse()
    here = {one.pk: one for one in Contact.objects.raw(_PEOPLE, [ids])}
    people = [here[pk] for pk in ids if pk in here]
    before, after = (more, True) if not asked.forward else (asked.at is not None, more)
    return Page(
        people=columns_.rows(people, columns, Row, now=now),
        newer=str(ids[0]) if ids and before else "",
        older=str(ids[-1]) if ids and after else "",
        total=total if asked.at is None else None,
        too_many=too_many,
    )


def count(asked: Mapping[str, str], *, now: datetime) -> int:
    """How many there are, exactly. May take a second when half a million fit: pages ask for it afterwards."""
    if any(asked.values()):
        return _found(asked, now=now).order_by().count()
    return Contact.objects.present().count()


def _found(asked: Mapping[str, str], *, now: datetime) -> QuerySet[Any]:
    """Those who fit. When only words are asked for, the narrow lines of the search are enough: an erased person's is empty."""
    words = asked.get("q", "").strip()
    if words and not any(value for name, value in asked.items() if name != "q"):
        return ContactSearch.objects.filter(search.condition(words))
    return matching(asked, now=now)


def _by_number(
    found: QuerySet[Any], at: int | None, *, newest_first: bool, want: int
) -> tuple[list[int], int | None]:
    """The next ids in the order in which people came in, and how many fit beyond `at` where that was found out."""
    side, order = ("lt", "-pk") if newest_first else ("gt", "pk")
    if at is not None:
        found = found.filter(**{f"pk__{side}": at})
    edge = _edge(at, newest_first=newest_first)
    if edge is None:
        near, beyond = found, None
    else:
        inside, outside = ("gt", "lte") if newest_first else ("lt", "gte")
        near, beyond = _between(found, inside, edge), _between(found, outside, edge)
    ids = list(near.order_by(order).values_list("pk", flat=True)[:want])
    if beyond is None:
        return ids, len(ids) if len(ids) < want else near.order_by().count()
    if len(ids) == want:
        return ids, None
    rest, there = _all_sorted(beyond, (F("pk") + Value(0)), descending=newest_first, want=want - len(ids))
    return ids + rest, len(ids) + there


def _edge(at: int | None, *, newest_first: bool) -> int | None:
    """Who stands WALK people further on; nobody when there are fewer."""
    everybody, statement = (_MOST, _OLDER) if newest_first else (0, _NEWER)
    with connection.cursor() as cursor:
        cursor.execute(statement, [everybody if at is None else at, WALK])
        found = cursor.fetchone()
    return found[0] if found else None


# By hand: these are asked for every page, and Django takes longer to write them than PostgreSQL to answer.
_PEOPLE = "SELECT * FROM contacts_contact WHERE id = ANY(%s) AND erased_at IS NULL"
_OLDER = "SELECT contact_id FROM contacts_contactsearch WHERE contact_id < %s ORDER BY contact_id DESC OFFSET %s LIMIT 1"
_NEWER = "SELECT contact_id FROM contacts_contactsearch WHERE contact_id > %s ORDER BY contact_id OFFSET %s LIMIT 1"
_MOST = 2**63 - 1


def _between(found: QuerySet[Any], side: str, edge: int) -> QuerySet[Any]:
    """People on one side of an id. Said of the search's lines, too: PostgreSQL does not conclude it from the join."""
    limits = {f"pk__{side}": edge}
    if found.model is Contact and "contacts_contactsearch" in {
        table.table_name for table in found.query.alias_map.values()
    }:
        limits[f"search__pk__{side}"] = edge
    return found.filter(**limits)


def _all_sorted(found: QuerySet[Any], key: Any, *, descending: bool, want: int) -> tuple[list[int], int]:
    """The first ones of all who fit, found through the indexes, and how many there are. The key is one that no index has."""
    ordered = found.annotate(all=Window(Count("*"))).order_by(key.desc() if descending else key.asc())
    rows = list(ordered.values_list("pk", "all")[:want])
    return [pk for pk, _ in rows], rows[0][1] if rows else 0


def _by_figure(found: QuerySet[Any], asked: Asked, order: lenses.Order) -> tuple[list[int], int | None]:
    """The largest figure first; then those without one, in the order in which they came in."""
    people = found if found.model is Contact else Contact.objects.filter(pk__in=found.values("pk"))
    rows, want = order.rows(), PAGE + 1
    at = rows.filter(pk=asked.at).values_list(order.field, flat=True).first() if asked.at else None
    silent = people.filter(**{f"{order.path}__isnull": True})
    if asked.at is not None and at is None:  # among those without a figure
        ids, total = _by_number(silent, asked.at, newest_first=not asked.forward, want=want)
        if asked.forward or len(ids) == want:
            return ids, total
        more, _ = _figures(people, rows, order, None, 0, forward=False, want=want - len(ids))
        return ids + more, None
    ids, total = _figures(people, rows, order, at, asked.at or 0, forward=asked.forward, want=want)
    if not asked.forward or len(ids) == want:
        return ids, None
    more, others = _by_number(silent, None, newest_first=False, want=want - len(ids))
    return ids + more, total + others if total is not None and others is not None else None


def _figures(
    people: QuerySet[Contact],
    rows: QuerySet[Any],
    order: lenses.Order,
    at: float | None,
    pk: int,
    *,
    forward: bool,
    want: int,
) -> tuple[list[int], int | None]:
    """Those who have a figure, on one side of (`at`, `pk`)."""
    side, other = ("lt", "gt") if forward else ("gt", "lt")

    def beyond(name: str) -> Q:
        if at is None:
            return Q(**{f"{name}__isnull": False})
        return Q(**{f"{name}__{side}": at}) | Q(**{name: at, f"pk__{other}": pk})

    def by(name: str) -> list[Any]:
        figure = F(name)
        return [figure.desc(nulls_last=True), "pk"] if forward else [figure.asc(nulls_first=True), "-pk"]

    walk = rows.filter(beyond(order.field), **{f"{order.field}__isnull": False}).order_by(*by(order.field))
    edge = walk.values_list(order.field, flat=True)[WALK : WALK + 1].first()
    fitting = people.filter(beyond(order.path), **{f"{order.path}__isnull": False})
    near = fitting if edge is None else fitting.filter(**{f"{order.path}__{other}e": edge})
    ids = list(near.order_by(*by(order.path)).values_list("pk", flat=True)[:want])
    if edge is None:
        return ids, len(ids) if len(ids) < want else near.order_by().count()
    if len(ids) == want:
        return ids, None
    rest = fitting.filter(**{f"{order.path}__{side}": edge}).annotate(all=Window(Count("*")))
    key = F(order.path) + Value(0.0)
    ordered = rest.order_by(key.desc() if forward else key.asc(), "pk" if forward else "-pk")
    found = list(ordered.values_list("pk", "all")[: want - len(ids)])
    return ids + [row[0] for row in found], len(ids) + (found[0][1] if found else 0)


def _by_name(found: QuerySet[Any], asked: Asked) -> tuple[list[int] | None, int | None]:
    """By last name, in the reader's alphabet; None when there are too many to be read and sorted."""
    people = found if found.model is Contact else Contact.objects.filter(pk__in=found.values("pk"))
    total = people.order_by()[: SORTED_BY_NAME + 1].count()
    if total > SORTED_BY_NAME:
        return None, None
    key = search.name_key(asked.language)
    keyed = people.annotate(name_key=key)
    if asked.at is not None:
        here = (
            Contact.objects.filter(pk=asked.at)
            .annotate(name_key=key)
            .values_list("name_key", flat=True)
            .first()
        )
        side = "gt" if asked.forward else "lt"
        keyed = keyed.filter(
            Q(**{f"name_key__{side}": here or ""}) | Q(name_key=here or "", **{f"pk__{side}": asked.at})
        )
    order = ("name_key", "pk") if asked.forward else ("-name_key", "-pk")
    return list(keyed.order_by(*order).values_list("pk", flat=True)[: PAGE + 1]), total
