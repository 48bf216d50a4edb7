"""A rule asked of one person, in plain Python: whether it holds, and why."""

from dataclasses import dataclass
from datetime import datetime

from contacts.segments import kinds
from contacts.segments.facts import Person
from contacts.segments.inputs import Wrong
from contacts.segments.rule import ALL, NONE, Condition, Group, Node


def holds(node: Node, person: Person, *, now: datetime, denied: bool = False) -> bool:
    """What `compiling.q` finds, for one person."""
    if isinstance(node, Condition):
        try:
            known = kinds.known(node)
        except Wrong:
            return denied
        return known.kind.holds(person, known.operator, known.value, now)
    if node.join == NONE:
        return not any(holds(part, person, now=now, denied=not denied) for part in node.parts)
    found = (holds(part, person, now=now, denied=denied) for part in node.parts)
    return all(found) if node.join == ALL else any(found)


@dataclass(frozen=True, slots=True)
class Reason:
    """One node of the answer: whether it holds, and for a condition its words, what the person has, and what is the matter."""

    node: Node
    holds: bool
    words: str = ""
    own: str = ""
    trouble: str = ""
    parts: tuple["Reason", ...] = ()

    @property
    def join(self) -> str:
        return self.node.join if isinstance(self.node, Group) else ""


def why(node: Node, person: Person, *, now: datetime, denied: bool = False) -> Reason:
    """The whole tree, each node with its answer."""
    if isinstance(node, Group):
        beneath = denied != (node.join == NONE)
        parts = tuple(why(part, person, now=now, denied=beneath) for part in node.parts)
        return Reason(node, holds(node, person, now=now, denied=denied), parts=parts)
    try:
        known = kinds.known(node)
    except Wrong as wrong:
        return Reason(node, denied, trouble=str(wrong))
    return Reason(
        node,
        known.kind.holds(person, known.operator, known.value, now),
        words=known.kind.words(known.operator, known.value),
        own=known.kind.own(person, now),
    )
