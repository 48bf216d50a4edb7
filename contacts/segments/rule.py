"""The shape of a rule: groups of conditions, read from JSON and written to it. Pure: knows no condition and no database.

    {"version": 1, "all": [{"if": "country", "op": "is", "value": "SE"},
                           {"none": [{"if": "tag", "op": "is", "value": "customer"}]}]}

What is malformed is refused with sentences; a condition that nobody knows (its room is gone, its field was removed) is
kept as it is, so that the rule is whole again when it comes back.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

VERSION = 1
ALL, ANY, NONE = "all", "any", "none"
JOINS = (ALL, ANY, NONE)
DEEPEST = 5
MOST_CONDITIONS = 40
MOST_NODES = 80
LONGEST = 40_000  # characters of JSON
LONGEST_NAME = 120
LONGEST_TEXT = 200

Scalar = str | int | float | bool | None
Value = Scalar | dict[str, Scalar]


class Malformed(ValueError):
    """This is no rule; `reasons` are sentences."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing asked of a person: which condition, how it compares, with what."""

    name: str
    operator: str
    value: Any = None

    def __hash__(self) -> int:
        return hash((self.name, self.operator, json.dumps(self.value, sort_keys=True, default=str)))


@dataclass(frozen=True, slots=True)
class Group:
    """Parts of which all, any or none must hold. An empty `any` holds for nobody, the empty others for everybody."""

    join: str = ALL
    parts: tuple["Node", ...] = field(default=())


Node = Group | Condition
EVERYBODY = Group()


def parse(data: object) -> Group:
    """The rule in this JSON (decoded). Raises Malformed."""
    if isinstance(data, Group):
        return data
    if not isinstance(data, Mapping):
        raise Malformed(_("A rule is an object with “all”, “any” or “none”."))
    if data.get("version", VERSION) != VERSION:
        raise Malformed(_("This rule was written by a newer silo."))
    try:
        long = len(json.dumps(data)) > LONGEST
    except (TypeError, ValueError, RecursionError):
        raise Malformed(_("A rule holds texts, numbers and lists only.")) from None
    if long:
        raise Malformed(_("The rule is too long."))
    found = _group({key: value for key, value in data.items() if key != "version"}, 1)
    check_size(found)
    return found


def check_size(rule: Group) -> None:
    """Raises Malformed for a rule that is too deep or has too many parts."""
    if depth(rule) > DEEPEST:
        raise Malformed(_("Groups go at most %(most)d deep.") % {"most": DEEPEST})
    number = sum(1 for _one in conditions(rule))
    if number > MOST_CONDITIONS or sum(1 for _one in nodes(rule)) > MOST_NODES:
        raise Malformed(_("A rule has at most %(most)d conditions.") % {"most": MOST_CONDITIONS})


def dump(rule: Group) -> dict[str, Any]:
    """The JSON of a rule."""
    return {"version": VERSION, **_dumped(rule)}


def conditions(node: Node) -> Iterator[Condition]:
    """Every condition of a rule, in order."""
    return (one for one in nodes(node) if isinstance(one, Condition))


def nodes(node: Node) -> Iterator[Node]:
    """The node and everything in it."""
    yield node
    if isinstance(node, Group):
        for part in node.parts:
            yield from nodes(part)


def depth(node: Node) -> int:
    """How many groups stand in one another."""
    if isinstance(node, Condition):
        return 0
    return 1 + max((depth(part) for part in node.parts), default=0)


def _dumped(node: Node) -> dict[str, Any]:
    if isinstance(node, Condition):
        said = {"if": node.name, "op": node.operator}
        return said if node.value is None else {**said, "value": node.value}
    return {node.join: [_dumped(part) for part in node.parts]}


def _group(data: Mapping[Any, Any], level: int) -> Group:
    if level > DEEPEST:
        raise Malformed(_("Groups go at most %(most)d deep.") % {"most": DEEPEST})
    if len(data) != 1:
        raise Malformed(_("A group has one of “all”, “any” and “none”."))
    join, parts = next(iter(data.items()))
    if join not in JOINS or not isinstance(parts, list):
        raise Malformed(_("A group has one of “all”, “any” and “none”."))
    return Group(join, tuple(_node(part, level) for part in parts))


def _node(data: object, level: int) -> Node:
    if not isinstance(data, Mapping):
        raise Malformed(_("A part of a rule is a condition or a group."))
    if "if" not in data:
        return _group(data, level + 1)
    if not set(data) <= {"if", "op", "value"}:
        raise Malformed(_("A condition has “if”, “op” and “value” only."))
    name, operator = data["if"], data.get("op", "")
    if not _is_word(name) or not _is_word(operator):
        raise Malformed(_("A condition names what is asked and how it compares."))
    return Condition(name, operator, _value(data.get("value")))


def _is_word(word: object) -> bool:
    return isinstance(word, str) and 0 < len(word) <= LONGEST_NAME and "\x00" not in word


def _value(value: object) -> Value:
    if isinstance(value, Mapping):
        if len(value) > 8 or not all(_is_word(key) for key in value):
            raise Malformed(_("The value of a condition is a text, a number, or a few of them by name."))
        return {key: _scalar(one) for key, one in value.items()}
    return _scalar(value)


def _scalar(value: object) -> Scalar:
    if value is not None and not isinstance(value, str | int | float | bool):
        raise Malformed(_("The value of a condition is a text, a number, or a few of them by name."))
    if isinstance(value, str) and (len(value) > LONGEST_TEXT or "\x00" in value or not _is_text(value)):
        raise Malformed(_("A text in a rule has at most %(most)d letters.") % {"most": LONGEST_TEXT})
    if isinstance(value, int | float) and not isinstance(value, bool) and not -1e15 <= value <= 1e15:
        raise Malformed(_("A number in a rule has at most 15 digits."))
    return value


def _is_text(value: str) -> bool:
    """Whether a database can hold it: half a surrogate pair it cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
