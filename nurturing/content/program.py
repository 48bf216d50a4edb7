"""Running parsed Liquid quickly: the part of rendering that is done for every single mail."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TextIO, cast

from liquid.ast import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path, StringLiteral
from liquid.builtin.output import OutputNode
from markupsafe import escape as escape_html

from . import fields, templating
from .hole import Hole, printed

# Roots that no `assign` may shadow: their values are always the ones given.
_DIRECT = fields.ROOTS | {"links", "stop_url", "trap_url"}


class RenderFailed(Exception):
    """The template could not be filled for this person: the mail must not be sent. Says why."""


class _Output:
    """What nodes write into: a list with a limit."""

    __slots__ = ("left", "parts")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.left = templating.OUTPUT_LIMIT

    def write(self, text: str) -> int:
        text = printed(text)
        self.left -= len(text)
        if self.left < 0:
            raise RenderFailed("output limit reached")
        self.parts.append(text)
        return len(text)


class Field(NamedTuple):
    """A plain field of a template: `contact.first_name`, and what stands there when it is empty (None: nothing may)."""

    path: tuple[str, ...]
    fallback: str | None = None


class Program:
    """A parsed template as a flat list: plain text and plain fields are joined here, the rest is left to
    Liquid.

    Most of a mail is text and fields without a filter; walking those through the interpreter took four
    fifths of
    the time of a mail.
    """

    __slots__ = ("_escape", "_steps", "_template")

    def __init__(self, source: str, *, escape: bool) -> None:
        self._template = templating.parse(source, escape=escape)
        self._escape = escape
        self._steps = [self._step(node) for node in self._template.nodes]

    @property
    def plain(self) -> list[str | Field] | None:
        """The template as text and fields, each escaped where it has to be; None when it holds conditions or loops."""
        return (
            None
            if any(isinstance(step, Node) for step in self._steps)
            else cast(list[str | Field], self._steps)
        )

    def _step(self, node: Node) -> str | Field | Node:
        if isinstance(node, ContentNode):
            return node.text
        expression = getattr(node, "expression", None)
        if not isinstance(node, OutputNode) or not isinstance(expression, FilteredExpression):
            return node
        left = expression.left
        path = list(left.path) if isinstance(left, Path) else []
        if not path or path[0] not in _DIRECT or not all(isinstance(part, str) for part in path):
            return node
        names = tuple(str(part) for part in path)
        if not expression.filters:
            return Field(names)
        fallback = _fallback(expression)
        return node if fallback is None or path[0] not in fields.ROOTS else Field(names, fallback)

    def run(self, given: Mapping[str, Any]) -> str:
        output = _Output()
        context = None
        for step in self._steps:
            if isinstance(step, str):
                output.write(step)
            elif isinstance(step, Field):
                value: Any = given
                for part in step.path:
                    value = value[part]
                if step.fallback is not None and isinstance(value, Hole):
                    output.write(step.fallback)  # the author's own words: Liquid takes them for safe, too
                else:
                    output.write(escape_html(str(value)) if self._escape else str(value))
            else:
                context = context or self._template.context_class(self._template, globals=given)
                step.render(context, cast(TextIO, output))
        return "".join(output.parts)


def _fallback(expression: FilteredExpression) -> str | None:
    """The words of `| default: "…"`, when that is all that is done to a field."""
    filters = expression.filters or []
    if len(filters) != 1 or filters[0].name != "default" or len(filters[0].args) != 1:
        return None
    argument: Any = filters[0].args[0]
    given = getattr(argument, "value", None)
    is_named = bool(getattr(argument, "name", None))
    return str(given.value) if isinstance(given, StringLiteral) and not is_named else None
