"""How many people a rule means, exactly, at a million of them.

Contacts are wide rows. Where parts of the rule are answered by narrow tables (who is warm, who was written to, who has a topic), the
count goes over the rows of one of them and asks the others by id; contacts are only looked at for what stands in their fields, and
through the indexes that hold it. It is the same count as that of `compiling.q`, by another way: the property test compares them.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from contacts.models import Contact
from contacts.segments import compiling, kinds
from contacts.segments.inputs import Wrong
from contacts.segments.kinds import Members
from contacts.segments.rule import ALL, ANY, NONE, Condition, Group, Node

# A count is one large read, of indexes that are in memory. Never for longer than the count.
PLAN = (
    ("work_mem", "64MB"),
    ("hash_mem_multiplier", "2"),
    ("random_page_cost", "1.1"),
    ("jit", "off"),
    # All that is read comes in the order of people's ids, and two sorted lists are laid side by side in a third of the time in
    # which one is made a hash: half a million ids do not fit where the processor looks first.
    ("enable_hashjoin", "off"),
)
ALONE = (("max_parallel_workers_per_gather", "0"),)
TOGETHER = (
    ("max_parallel_workers_per_gather", "2"),
    ("parallel_setup_cost", "200"),
    ("parallel_tuple_cost", "0.02"),
    ("min_parallel_table_scan_size", "2MB"),
    ("min_parallel_index_scan_size", "256kB"),
)
# Several processes share one list among them, but of two lists that are laid side by side each would read one whole. So people are
# parted by their ids, and each process lays its part of one list beside the same part of the other.
PARTS = 4
LARGE = 100_000  # ids; fewer are counted sooner than parted

Ends = tuple[int | None, int | None]
Settings = tuple[tuple[str, str], ...]
Statement = tuple[str, list[Any]]


def count(rule: Group, *, now: datetime) -> int:
    """How many people the rule means."""
    with transaction.atomic():
        before = transaction.savepoint()
        try:
            _plan((*PLAN, *TOGETHER))
            return _cheapest(ways(rule, now=now))
        except EmptyResultSet:  # a condition that nobody can meet
            return 0
        finally:
            transaction.savepoint_rollback(before)  # nothing was written; the settings are as they were


def ways(rule: Group, *, now: datetime, large: int = LARGE) -> dict[Settings, Statement]:
    """The statements that count the same people, each with the settings that are good for it."""
    narrow: list[Members] = []
    wide = Q()
    looks_at_contacts = False
    for node, denied in _parts(rule, denied=False):
        members = _members(node, now, denied)
        if members is None:
            part = compiling.q(node, now=now, denied=denied)
            wide &= ~part if denied else part
            looks_at_contacts = True
        else:
            narrow.append(members)
    people = Contact.objects.present().filter(wide).order_by()
    if not narrow:
        return {TOGETHER: _statement([people.values("pk")])}
    inside = sorted((one for one in narrow if one.inside), key=lambda one: not one.once)
    outside = [one for one in narrow if not one.inside]

    def counted(ends: Sequence[Ends]) -> Statement:
        return _statement([_between(people, inside, outside, looks_at_contacts, *one) for one in ends])

    return {ALONE: counted([(None, None)]), TOGETHER: counted(_ends(large))}


def _between(
    people: QuerySet[Contact],
    inside: Sequence[Members],
    outside: Sequence[Members],
    looks_at_contacts: bool,
    above: int | None,
    to: int | None,
) -> QuerySet[Any, Any]:
    """Those whom the rule means among the people of some ids, each once. The ids are said of every list: no list is read beyond them."""
    people = _cut(people, "pk", above, to)
    if not inside:
        for one in outside:
            people = people.filter(~Exists(_rows(one, above, to).filter(contact_id=OuterRef("pk"))))
        return people.values("pk")
    driver, *others = inside
    found = _rows(driver, above, to)
    for one in others:
        found = found.filter(contact_id__in=_rows(one, above, to).values("contact_id"))
    for one in outside:
        found = found.filter(~Exists(_rows(one, above, to).filter(contact_id=OuterRef("contact_id"))))
    if looks_at_contacts:
        found = found.filter(contact_id__in=people.values("pk"))
    else:
        erased = Contact.objects.exclude(erased_at=None).filter(pk=OuterRef("contact_id"))
        found = found.filter(~Exists(_cut(erased, "pk", above, to)))
    ids = found.values("contact_id")
    return ids if driver.once else ids.distinct()


def _rows(members: Members, above: int | None, to: int | None) -> QuerySet[Any, Any]:
    return _cut(members.rows.order_by(), "contact_id", above, to)


def _cut(rows: QuerySet[Any, Any], name: str, above: int | None, to: int | None) -> QuerySet[Any, Any]:
    if above is not None:
        rows = rows.filter(**{f"{name}__gt": above})
    return rows if to is None else rows.filter(**{f"{name}__lte": to})


def _ends(large: int) -> list[Ends]:
    """Where the parts begin and end; the first and the last have no end outwards."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(contact_id), max(contact_id) FROM contacts_contactsearch")
        first, last = cursor.fetchone()
    if first is None or last - first < large:
        return [(None, None)]
    edges = [first + (last - first) * part // PARTS for part in range(1, PARTS)]
    return list(pairwise([None, *edges, None]))


def _statement(parts: Sequence[QuerySet[Any, Any]]) -> Statement:
    """How many all parts have together. Whatever stands in a rule is a parameter."""
    said = [part.query.sql_with_params() for part in parts]
    every = " UNION ALL ".join(f"SELECT count(*) AS number FROM ({sql}) AS part" for sql, _ in said)  # noqa: S608
    return f"SELECT sum(number) FROM ({every}) AS parts", [one for _, given in said for one in given]  # noqa: S608


def _cheapest(known: dict[Settings, Statement]) -> int:
    """What is read in the order of ids is counted sooner in parts; what is not would be read once for each. PostgreSQL knows which."""
    with connection.cursor() as cursor:
        cost: dict[Settings, float] = {}
        for settings, (sql, given) in known.items():
            _plan(settings)
            if len(known) > 1:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", given)
                cost[settings] = cursor.fetchone()[0][0]["Plan"]["Total Cost"]
        best = min(known, key=lambda settings: cost.get(settings, 0))
        _plan(best)
        cursor.execute(*known[best])
        return int(cursor.fetchone()[0])


def _plan(settings: tuple[tuple[str, str], ...]) -> None:
    with connection.cursor() as cursor:
        names = ", ".join("set_config(%s, %s, true)" for _one in settings)
        cursor.execute(f"SELECT {names}", [word for pair in settings for word in pair])


def _parts(node: Node, *, denied: bool) -> Iterator[tuple[Node, bool]]:
    """What has to hold at once: the parts of "all", and of a denied "any" and of "none" the denied parts."""
    if isinstance(node, Condition) or not node.parts:
        yield node, denied
    elif len(node.parts) == 1 and node.join != NONE:
        yield from _parts(node.parts[0], denied=denied)
    elif node.join == NONE and (not denied or len(node.parts) == 1):
        for part in node.parts:
            yield from _parts(part, denied=not denied)
    elif node.join == (ANY if denied else ALL):
        for part in node.parts:
            yield from _parts(part, denied=denied)
    else:
        yield node, denied


def _members(node: Node, now: datetime, denied: bool) -> Members | None:
    if not isinstance(node, Condition):
        return None
    try:
        known = kinds.known(node)
    except Wrong:
        return None
    found = known.kind.members(known.operator, known.value, now)
    return Members(found.rows, inside=found.inside != denied, once=found.once) if found else None
