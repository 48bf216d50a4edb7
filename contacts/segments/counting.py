"""How many people a rule means, exactly, at a million of them.

Contacts are wide rows. Where parts of the rule are answered by narrow tables (who is warm, who was written to, who has a topic), the
count goes over the rows of one of them and asks the others by id; contacts are only looked at for what stands in their fields, and
through the indexes that hold it. It is the same count as that of `compiling.q`, by another way: the property test compares them.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

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
# Several processes share one list among them. Of two lists each would have to read one whole.
ALONE = ("max_parallel_workers_per_gather", "0")
TOGETHER = (
    ("max_parallel_workers_per_gather", "2"),
    ("parallel_setup_cost", "200"),
    ("parallel_tuple_cost", "0.02"),
    ("min_parallel_table_scan_size", "2MB"),
    ("min_parallel_index_scan_size", "256kB"),
)


def count(rule: Group, *, now: datetime) -> int:
    """How many people the rule means."""
    with transaction.atomic():
        before = transaction.savepoint()
        try:
            return _count(rule, now)
        finally:
            transaction.savepoint_rollback(before)  # nothing was written; the settings are as they were


def _count(rule: Group, now: datetime) -> int:
    narrow: list[Members] = []
    wide = Q()
    looks_at_contacts = False
    _plan((*PLAN, *TOGETHER))
    for node, denied in _parts(rule, denied=False):
        members = _members(node, now, denied)
        if members is None:
            part = compiling.q(node, now=now, denied=denied)
            wide &= ~part if denied else part
            looks_at_contacts = True
        else:
            narrow.append(members)
    if narrow:
        _plan((ALONE,))
    people = Contact.objects.present().filter(wide)
    outside = [one.rows.order_by() for one in narrow if not one.inside]
    inside = sorted((one for one in narrow if one.inside), key=lambda one: not one.once)
    if not inside:
        for rows in outside:
            people = people.filter(~Exists(rows.filter(contact_id=OuterRef("pk"))))
        return people.order_by().count()
    driver, *others = inside
    found = driver.rows.order_by()
    for one in others:
        found = found.filter(contact_id__in=one.rows.order_by().values("contact_id"))
    for rows in outside:
        found = found.filter(~Exists(rows.filter(contact_id=OuterRef("contact_id"))))
    if looks_at_contacts:
        found = found.filter(contact_id__in=people.order_by().values("pk"))
    else:
        erased = Contact.objects.exclude(erased_at=None).filter(pk=OuterRef("contact_id"))
        found = found.filter(~Exists(erased))
    ids = found.values("contact_id")
    return ids.count() if driver.once else ids.distinct().count()


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
