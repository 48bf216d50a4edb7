"""A rule as SQL."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import Q

from contacts.segments import kinds
from contacts.segments.inputs import Wrong
from contacts.segments.rule import ALL, ANY, NONE, Condition, Group, Node

NOBODY = Q(pk__in=())
EVERYBODY = ~NOBODY


def q(node: Node, *, now: datetime, denied: bool = False) -> Q:
    """The condition over Contact that the rule means.

    What cannot be asked lets nobody through: it counts as false where it is asked for and as true where it is `denied`, so
    that a topic that was removed never makes a segment larger than it was meant.
    """
    if isinstance(node, Condition):
        try:
            known = kinds.known(node)
        except Wrong:
            return EVERYBODY if denied else NOBODY
        return known.kind.q(known.operator, known.value, now)
    return _JOINS[node.join](node, now, denied)


def _all(group: Group, now: datetime, denied: bool) -> Q:
    found = EVERYBODY
    for part in group.parts:
        found &= q(part, now=now, denied=denied)
    return found


def _any(group: Group, now: datetime, denied: bool) -> Q:
    found = NOBODY
    for part in group.parts:
        found |= q(part, now=now, denied=denied)
    return found


def _none(group: Group, now: datetime, denied: bool) -> Q:
    return ~_any(group, now, not denied)


_JOINS: dict[str, Callable[[Group, datetime, bool], Q]] = {ALL: _all, ANY: _any, NONE: _none}
