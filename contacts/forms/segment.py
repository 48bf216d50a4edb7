"""A rule while it is being built: read from the fields of the page, whatever state they are in, and drawn again.

Each part of the rule has a path ("0", "0.2", "0.2.1"); its fields carry it in their names. A button names what to do with which
path ("add.0", "group.0", "drop.0.2"), so that the page works without a script.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from contacts.segments import kinds
from contacts.segments.inputs import Input, Option, Wrong
from contacts.segments.rule import (
    ALL,
    DEEPEST,
    JOINS,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_CONDITIONS,
    Condition,
    Group,
    Malformed,
    Node,
    check_size,
    conditions,
)

ROOT = "0"
NEW = Condition("", "")
CHOOSE: StrOrPromise = gettext_lazy("Choose what to ask.")


@dataclass(frozen=True, slots=True)
class Blank:
    """One field of a condition."""

    name: str
    input: Input
    value: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class Row:
    """A condition on the page. `kept` is the JSON of one that nobody knows: it is carried along as it is."""

    path: str
    condition: Condition
    operators: tuple[kinds.Operator, ...]
    blanks: list[Blank]
    trouble: str
    kept: str
    fresh: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A group on the page."""

    path: str
    join: str
    parts: "list[Row | Box]"
    may_nest: bool

    @property
    def is_root(self) -> bool:
        return self.path == ROOT


def read(data: Mapping[str, str]) -> Group:
    """The rule that stands in the fields, complete or not."""
    return _group(data, ROOT, 1)


def changed(rule: Group, do: str) -> Group:
    """The rule after a button was pressed: add.PATH, group.PATH or drop.PATH. Anything else leaves it as it is."""
    what, _dot, path = do.partition(".")
    if what not in ("add", "group", "drop") or not path:
        return rule
    try:
        found = _at(rule, [int(step) for step in path.split(".")[1:]], what)
        check_size(found)
    except (ValueError, IndexError, Malformed):
        return rule
    return found


def box(rule: Group, *, told: bool, fresh: str = "") -> Box:
    """The rule as the page draws it; with `told`, incomplete conditions say what is missing. `fresh` is the path to begin at."""
    return _box(rule, ROOT, 1, told, fresh)


def complete(node: Group) -> Group:
    """The rule without the conditions that still miss something, and without groups that hold nothing else."""
    kept: list[Node] = []
    for part in node.parts:
        if isinstance(part, Group):
            inner = complete(part)
            if inner.parts or not part.parts:
                kept.append(inner)
        elif not missing(part):
            kept.append(part)
    return Group(node.join, tuple(kept))


def incomplete(rule: Group) -> int:
    """How many conditions still miss something."""
    return sum(1 for one in conditions(rule) if missing(one))


def missing(condition: Condition) -> str:
    """What a condition misses: a sentence; empty for a complete one. What is no longer there misses nothing."""
    kind = kinds.find(condition.name) if condition.name else None
    if kind is None:
        return "" if condition.name else str(CHOOSE)
    try:
        kind.operator(condition.operator).read(condition.value)
    except Wrong as wrong:
        return str(wrong)
    return ""


def fresh_path(rule: Group, do: str) -> str:
    """The path of the part that a button has just added."""
    what, _dot, path = do.partition(".")
    if what not in ("add", "group"):
        return ""
    node: Node = rule
    try:
        for step in path.split(".")[1:]:
            node = node.parts[int(step)]  # type: ignore[union-attr]
        return f"{path}.{len(node.parts) - 1}" + (".0" if what == "group" else "")  # type: ignore[union-attr]
    except (ValueError, IndexError, AttributeError):
        return ""


def _at(group: Group, steps: list[int], what: str) -> Group:
    if what == "drop" and len(steps) == 1:
        return replace(group, parts=group.parts[: steps[0]] + group.parts[steps[0] + 1 :])
    if not steps:
        if what == "drop":
            return group
        added: Node = NEW if what == "add" else Group("any", (NEW,))
        return replace(group, parts=(*group.parts, added))
    part = group.parts[steps[0]]
    if not isinstance(part, Group):
        raise IndexError
    return replace(
        group, parts=(*group.parts[: steps[0]], _at(part, steps[1:], what), *group.parts[steps[0] + 1 :])
    )


def _group(data: Mapping[str, str], path: str, level: int) -> Group:
    join = data.get(f"join.{path}", ALL)
    parts: list[Node] = []
    for at in range(MOST_CONDITIONS):
        child = f"{path}.{at}"
        if f"join.{child}" in data and level < DEEPEST:
            parts.append(_group(data, child, level + 1))
        elif f"if.{child}" in data:
            parts.append(_condition(data, child))
        else:
            break
    return Group(join if join in JOINS else ALL, tuple(parts))


def _condition(data: Mapping[str, str], path: str) -> Condition:
    name = _text(data.get(f"if.{path}", ""))[:LONGEST_NAME]
    kind = kinds.find(name) if name else None
    if kind is None:
        return _kept(data.get(f"kept.{path}", ""), name) if name else NEW
    chosen = data.get(f"op.{path}", "")
    operator = next((one for one in kind.operators if one.name == chosen), kind.operators[0])
    said = {one.name: _text(data.get(f"value.{path}.{one.name}", "")) for one in operator.inputs}
    if len(said) > 1:
        return Condition(name, operator.name, said)
    return Condition(name, operator.name, next(iter(said.values()), None))


def _kept(text: str, name: str) -> Condition:
    """A condition that nobody knows, as the page carried it."""
    try:
        said = json.loads(text) if len(text) < 2_000 else {}
    except ValueError:
        said = {}
    if not isinstance(said, dict):
        said = {}
    return Condition(name, str(said.get("op") or "is")[:LONGEST_NAME], said.get("value"))


def _text(said: str) -> str:
    return said.replace("\x00", "").encode("utf-8", "ignore").decode()[: LONGEST_TEXT + 1]


def _box(group: Group, path: str, level: int, told: bool, fresh: str) -> Box:
    parts = [
        _box(part, f"{path}.{at}", level + 1, told, fresh)
        if isinstance(part, Group)
        else _row(part, f"{path}.{at}", told, fresh)
        for at, part in enumerate(group.parts)
    ]
    return Box(path, group.join, parts, may_nest=level < DEEPEST)


def _row(condition: Condition, path: str, told: bool, fresh: str) -> Row:
    kind = kinds.find(condition.name) if condition.name else None
    trouble = missing(condition)
    if kind is None:
        unknown = kinds.trouble(condition) if condition.name else (trouble if told else "")
        kept = json.dumps({"op": condition.operator, "value": condition.value}) if condition.name else ""
        return Row(path, condition, (), [], unknown, kept, fresh == path)
    try:
        operator = kind.operator(condition.operator)
    except Wrong:
        operator = kind.operators[0]
    said = (
        condition.value
        if isinstance(condition.value, dict)
        else {operator.inputs[0].name: condition.value}
        if operator.inputs
        else {}
    )
    blanks = [_blank(one, path, said.get(one.name)) for one in operator.inputs]
    lost = "" if trouble else kinds.trouble(condition)
    return Row(path, condition, kind.operators, blanks, (trouble if told else "") or lost, "", fresh == path)


def _blank(one: Input, path: str, value: Any) -> Blank:
    said = "" if value is None else str(value)
    options = one.options()
    if one.widget == "choice" and said and said not in dict(options):
        options = [(said, one.said(said)), *options]
    return Blank(f"value.{path}.{one.name}", one, said, options)
