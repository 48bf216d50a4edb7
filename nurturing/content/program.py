"""Running parsed Liquid quickly: the part of rendering that is done for every single mail."""

from collections.abc import Mapping
from typing import Any, TextIO, cast

from liquid.ast import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import OutputNode
from markupsafe import escape as escape_html

from . import fields, templating
from .hole import printed

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

    def _step(self, node: Node) -> str | tuple[str, ...] | Node:
        if isinstance(node, ContentNode):
            return node.text
        expression = getattr(node, "expression", None)
        if (
            isinstance(node, OutputNode)
            and isinstance(expression, FilteredExpression)
            and not expression.filters
        ):
            left = expression.left
            path = list(left.path) if isinstance(left, Path) else []
            if path and path[0] in _DIRECT and all(isinstance(part, str) for part in path):
                return tuple(str(part) for part in path)
        return node

    def run(self, given: Mapping[str, Any]) -> str:
        output = _Output()
        context = None
        for step in self._steps:
            if isinstance(step, str):
                output.write(step)
            elif isinstance(step, tuple):
                value = given
                for part in step:
                    value = value[part]
                output.write(escape_html(str(value)) if self._escape else str(value))
            else:
                context = context or self._template.context_class(self._template, globals=given)
                step.render(context, cast(TextIO, output))
        return "".join(output.parts)
