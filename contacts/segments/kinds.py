"""The register of conditions. Each room adds its own in AppConfig.ready(); a name that is registered again is replaced."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from contacts.segments.facts import Person
from contacts.segments.inputs import Input, Wrong
from contacts.segments.rule import Condition, Group, Node, Value

PERSON = gettext_lazy("The person")
COMPANY = gettext_lazy("The company")
FIELDS = gettext_lazy("Fields of your own")
LAW = gettext_lazy("Ground and stops")
SILO = gettext_lazy("In the silo")
BEHAVIOUR = gettext_lazy("What they did")
SALES = gettext_lazy("Sales")

IS = gettext_lazy("is")
IS_NOT = gettext_lazy("is not")
EMPTY = gettext_lazy("is empty")
FILLED = gettext_lazy("is filled in")


@dataclass(frozen=True, slots=True)
class Operator:
    """How a condition compares, and the blanks that it has: none, one (the value itself) or several (by their names)."""

    name: str
    label: StrOrPromise
    inputs: tuple[Input, ...] = ()
    clause: StrOrPromise = ""
    """The whole condition as a part of a sentence, with %(name)s for each blank; without it label and value are put in a row."""

    def read(self, raw: Any) -> Any:
        """The value as the rule keeps it. Raises Wrong."""
        if not self.inputs:
            return None
        if len(self.inputs) == 1:
            only = self.inputs[0]
            return only.read(raw.get(only.name) if isinstance(raw, dict) else raw)
        if not isinstance(raw, dict):
            raise Wrong(_("Something is missing here."))
        return {one.name: one.read(raw.get(one.name)) for one in self.inputs}

    def parts(self, value: Any) -> list[tuple[Input, Any]]:
        """Each blank with what stands in it."""
        if len(self.inputs) == 1:
            return [(self.inputs[0], value)]
        return [(one, value[one.name]) for one in self.inputs]

    def said(self, value: Any) -> str:
        """What it is compared with, in words."""
        return ", ".join(one.said(part) for one, part in self.parts(value))

    def gone(self, value: Any) -> str:
        """Why the value has no meaning any more; empty while it has."""
        return next((words for one, part in self.parts(value) if (words := one.gone(part))), "")


@dataclass(frozen=True, slots=True)
class Members:
    """Rows with a `contact_id`. It holds for those who have one (`inside`), or for those who have none.

    `once`: nobody has two of them.
    """

    rows: "QuerySet[Any, Any]"
    inside: bool = True
    once: bool = False


class Kind(ABC):
    """One condition that a rule may ask. `q` and `holds` say the same, to the database and to Python.

    Both are two-valued: a person without the thing that is asked for is out, never unknown; so that `none` is exactly the rest.
    """

    name: str
    label: StrOrPromise
    section: StrOrPromise = PERSON
    operators: tuple[Operator, ...] = ()

    @abstractmethod
    def q(self, operator: str, value: Any, now: datetime) -> Q:
        """The condition over Contact."""

    @abstractmethod
    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        """The same for one person."""

    @abstractmethod
    def own(self, person: Person, now: datetime) -> str:
        """What this person has there, in words: "Bergen", "no city", "clicked yesterday"."""

    def words(self, operator: str, value: Any) -> str:
        """The condition as a part of a sentence: "the city is “Bergen”"."""
        found = self.operator(operator)
        if found.clause:
            return str(found.clause) % {one.name: one.said(part) for one, part in found.parts(value)}
        said = f"{self.label} {found.label}"
        return f"{said} {found.said(value)}" if found.inputs else said

    def members(self, operator: str, value: Any, now: datetime) -> "Members | None":
        """The rows of a narrow table that say for whom it holds, so that a count need not look at contacts; None if there are none."""
        return None

    def operator(self, name: str) -> Operator:
        """The operator of this name. Raises Wrong."""
        for one in self.operators:
            if one.name == name:
                return one
        raise Wrong(_("This comparison is not known here."))


_kinds: dict[str, Kind] = {}
_families: dict[str, tuple[Callable[[], Iterable[Kind]], Callable[[str], Kind | None]]] = {}


def register(*kinds: Kind) -> None:
    """Add conditions."""
    for kind in kinds:
        _kinds[kind.name] = kind


def register_family(
    prefix: str, members: Callable[[], Iterable[Kind]], member: Callable[[str], Kind | None]
) -> None:
    """Add conditions that come and go, as the fields that a company makes: all of them, and the one of a name."""
    _families[prefix] = (members, member)


def find(name: str) -> Kind | None:
    """The condition of a name, if anybody knows it."""
    prefix, colon, rest = name.partition(":")
    if colon and prefix in _families:
        return _families[prefix][1](rest)
    return _kinds.get(name)


def offered() -> list[tuple[StrOrPromise, list[Kind]]]:
    """All conditions under their headings, for the editor."""
    sections: dict[str, tuple[StrOrPromise, list[Kind]]] = {}
    families = [kind for members, _one in _families.values() for kind in members()]
    for section in ORDER:
        found = [kind for kind in (*_kinds.values(), *families) if str(kind.section) == str(section)]
        if found:
            sections[str(section)] = (section, found)
    return list(sections.values())


ORDER = (PERSON, COMPANY, FIELDS, LAW, SILO, BEHAVIOUR, SALES)


@dataclass(frozen=True, slots=True)
class Known:
    """A condition that can be asked: its kind, and its value as it is kept."""

    kind: Kind
    operator: str
    value: Any


def known(condition: Condition) -> Known:
    """The condition with its kind. Raises Wrong, with the sentence that says what is the matter with it."""
    kind = find(condition.name)
    if kind is None:
        raise Wrong(_("“%(name)s” is not known here any more.") % {"name": condition.name})
    operator = kind.operator(condition.operator)
    value = operator.read(condition.value)
    gone = operator.gone(value)
    if gone:
        raise Wrong(gone)
    return Known(kind, operator.name, value)


def trouble(condition: Condition) -> str:
    """Why a condition cannot be asked: a sentence; empty when it can."""
    try:
        known(condition)
    except Wrong as wrong:
        return str(wrong)
    return ""


def settled(node: Node) -> Node:
    """The rule with every value in the form in which it is kept; what cannot be read stays as it is."""
    if isinstance(node, Group):
        return Group(node.join, tuple(settled(part) for part in node.parts))
    kind = find(node.name)
    try:
        value: Value = kind.operator(node.operator).read(node.value) if kind else node.value
    except Wrong:
        return node
    return Condition(node.name, node.operator, value)
