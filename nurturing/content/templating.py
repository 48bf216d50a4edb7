"""Liquid in a sandbox: which tags, filters and merge fields exist, how much a template may do, and what is
wrong with one.

The source is scanned here, in one pass over the string, before python-liquid sees it: its lexer takes
quadratic time on
thousands of unclosed braces, and its messages are written for programmers.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar
from urllib.parse import quote

from django.utils.translation import gettext as _
from liquid import BoundTemplate, Environment, RenderContext
from liquid.exceptions import LiquidError, LiquidSyntaxError, LoopIterationLimitError, ResourceLimitError

from . import fields, hole

LONGEST_TAG = 500
MOST_TAGS = 1_000
LOOP_LIMIT = 1_000
OUTPUT_LIMIT = 1_000_000
NAMESPACE_LIMIT = 50_000
SECONDS = 0.5

TAGS = frozenset(("if", "unless", "case", "for", "assign", "break", "continue"))
BRANCHES = frozenset(("else", "elsif", "when"))
BLOCKS = frozenset(("if", "unless", "case", "for"))
# No arithmetic, no `replace`, no `split`: nothing that can grow a value faster than the limits see it.
FILTERS = frozenset(
    [
        "default",
        "upcase",
        "downcase",
        "capitalize",
        "strip",
        "append",
        "prepend",
        "truncate",
        "truncatewords",
        "size",
    ]
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a mail cannot be used as it is written, in words, and where."""

    field: str
    line: int
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Tag:
    """One `{{ … }}` or `{% … %}` in the source."""

    start: int
    end: int
    source: str

    @property
    def is_output(self) -> bool:
        return self.source.startswith("{{")

    @property
    def name(self) -> str:
        """`if`, `endif`, …; empty for an output."""
        if self.is_output:
            return ""
        words = self.source[2:-2].strip("-").split(None, 1)
        return words[0] if words else ""


class _Context(RenderContext):
    """Counts the rounds of all loops together: limits per loop would let five thousand small loops run for
    minutes.
    """

    __slots__ = ("_deadline", "_rounds")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rounds = 0
        self._deadline = time.monotonic() + SECONDS

    def raise_for_loop_limit(self, length: int = 1) -> None:
        self._rounds += length
        if self._rounds > LOOP_LIMIT or time.monotonic() > self._deadline:
            raise LoopIterationLimitError("too many rounds", token=None)
        super().raise_for_loop_limit(length)


class _Template(BoundTemplate):
    context_class = _Context


class _Sandbox(Environment):
    """Only the tags and filters named above, no loader, every limit set."""

    block_nesting_limit: ClassVar[int] = 20
    loop_iteration_limit = LOOP_LIMIT
    output_stream_limit = OUTPUT_LIMIT
    local_namespace_limit = NAMESPACE_LIMIT
    template_class = _Template

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=False)
        needed = TAGS | {"content", "output", "illegal"}
        self.tags = {name: tag for name, tag in self.tags.items() if name in needed}
        self.filters = {name: _counting(name, self.filters[name]) for name in FILTERS}
        self.filters |= {"in_url": _in_url, "in_mailto": _in_mailto, "in_tel": _in_tel}


def _counting(name: str, given: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that prints a missing field on the way in: `upcase` of nothing is missing too."""
    if name in ("default", "size"):
        return given

    def counted(value: object, *args: object, **kwargs: object) -> object:
        return given(hole.printed(value), *args, **kwargs)

    return counted


def _in_url(value: object) -> str:
    return quote(str(value), safe="")


def _in_mailto(value: object) -> str:
    return quote(str(value), safe="@+")


def _in_tel(value: object) -> str:
    return "".join(char for char in str(value) if char in "+0123456789")


# Private-use characters instead of braces: the frame around a mail is filled before the author's Liquid is
# parsed.
FRAME_DELIMITERS = {"{{": ("\ue010", "\ue011"), "{%": ("\ue012", "\ue013")}
_BRACE = "\ue014"
_PRIVATE = dict.fromkeys(range(57344, 57376))


def without_private(source: str) -> str:
    """The source without the characters that mean something only in here."""
    return source.translate(_PRIVATE)


@cache
def _frame_environment() -> _Sandbox:
    (output, output_end), (tag, tag_end) = FRAME_DELIMITERS["{{"], FRAME_DELIMITERS["{%"]
    return _Sandbox(
        statement_start_string=output,
        statement_end_string=output_end,
        tag_start_string=tag,
        tag_end_string=tag_end,
    )


def fill_frame(source: str, values: Mapping[str, object]) -> str:
    """Fill the frame's own fields (footer, fixed words) with values that are safe where they stand."""
    # The lexer trips over a text that begins with braces, also when its own delimiters are others.
    filled = _frame_environment().from_string(source.replace("{", _BRACE)).render(**values)
    return filled.replace(_BRACE, "{")


@cache
def _environment(escape: bool) -> _Sandbox:
    return _Sandbox(autoescape=escape)


def parse(source: str, *, escape: bool) -> BoundTemplate:
    """A parsed template; raises LiquidError for what `check` would have named."""
    return _environment(escape).from_string(source)


def line_of(source: str, index: int) -> int:
    """The line (from 1) on which a character stands."""
    return source.count("\n", 0, max(index, 0)) + 1


def scan(field: str, source: str) -> tuple[list[Tag], list[Problem]]:
    """All tags of a source in order, or the first that cannot be read."""
    tags: list[Tag] = []
    place = 0
    while (start := _next_opening(source, place)) >= 0:
        opening = source[start : start + 2]
        closing = "}}" if opening == "{{" else "%}"
        end = source.find(closing, start + 2, start + LONGEST_TAG)
        if end < 0:
            words = _("“%(opening)s” is opened here and not closed with “%(closing)s”.")
            return tags, [_problem(field, source, start, "unclosed", words, opening=opening, closing=closing)]
        tags.append(Tag(start, end + 2, source[start : end + 2]))
        if len(tags) > MOST_TAGS:
            words = _("A mail can hold %(most)s merge fields and conditions; this one has more.")
            return tags, [_problem(field, source, start, "too_many", words, most=MOST_TAGS)]
        place = end + 2
    return tags, []


def _next_opening(source: str, place: int) -> int:
    found = [at for at in (source.find("{{", place), source.find("{%", place)) if at >= 0]
    return min(found, default=-1)


def check(field: str, source: str, *, custom: Iterable[str] | None = None) -> tuple[list[Problem], set[str]]:
    """What is wrong with a source, and which merge fields it asks for."""
    tags, problems = scan(field, source)
    problems = problems or _check_tags(field, source, tags)
    if problems:
        return problems, set()
    try:
        template = parse(source, escape=False)
    except LiquidError as error:
        return [_from_liquid(field, source, error)], set()
    return _check_meaning(field, source, template, custom)


def _check_tags(field: str, source: str, tags: list[Tag]) -> list[Problem]:
    """Unknown tags, and blocks that are not closed: said before the parser says it less clearly."""
    open_blocks: list[Tag] = []
    for tag in tags:
        name = tag.name
        if tag.is_output or name in BRANCHES:
            continue
        if name.startswith("end") and name[3:] in BLOCKS:
            if not open_blocks or open_blocks[-1].name != name[3:]:
                words = _("{%% %(name)s %%} closes nothing here.")
                return [_problem(field, source, tag.start, "syntax", words, name=name)]
            open_blocks.pop()
            continue
        if name not in TAGS:
            words = _("{%% %(name)s %%} cannot be used in a mail. What works: %(known)s.")
            return [
                _problem(
                    field, source, tag.start, "unknown_tag", words, name=name, known=", ".join(sorted(TAGS))
                )
            ]
        if name in BLOCKS:
            open_blocks.append(tag)
    if open_blocks:
        last = open_blocks[-1]
        words = _("{%% %(name)s %%} is never closed with {%% end%(name)s %%}.")
        return [_problem(field, source, last.start, "unclosed", words, name=last.name)]
    return []


def _check_meaning(
    field: str, source: str, template: BoundTemplate, custom: Iterable[str] | None
) -> tuple[list[Problem], set[str]]:
    problems: list[Problem] = []
    used: set[str] = set()
    found = template.analyze()
    for name, spans in found.filters.items():
        if name not in FILTERS:
            words = _("The filter “%(name)s” does not exist in a mail. What works: %(known)s.")
            known = ", ".join(sorted(FILTERS))
            problems += [
                _problem(field, source, spans[0].index, "unknown_filter", words, name=name, known=known)
            ]
    for name, variables in found.locals.items():
        if name in fields.ROOTS:
            words = _("“%(name)s” is the name of merge fields and cannot be given a new value.")
            problems += [_problem(field, source, variables[0].span.index, "reserved", words, name=name)]
    for variable in (one for variables in found.globals.values() for one in variables):
        segments = [str(part) for part in variable.segments]
        is_path = len(variable.segments) == 2 and all(isinstance(part, str) for part in variable.segments)
        if is_path and fields.is_known(segments[0], segments[1], custom):
            used.add(".".join(segments))
            continue
        words = _("There is no merge field “%(name)s”. %(hint)s")
        name, hint = str(variable), _hint(segments[0], custom)
        problems += [
            _problem(field, source, variable.span.index, "unknown_field", words, name=name, hint=hint)
        ]
    return sorted(problems, key=lambda problem: problem.line), used


def _hint(root: str, custom: Iterable[str] | None) -> str:
    if root == fields.CUSTOM:
        names = [f"custom.{name}" for name in sorted(custom or ())]
    else:
        names = [f"{root}.{name}" for name in fields.KNOWN.get(root, ())]
    names = names or ["contact.first_name", "contact.company", "owner.name", "sender.company", "custom.…"]
    return _("Those that exist: %(names)s.") % {"names": ", ".join(names)}


def trial(field: str, source: str, merge: fields.Merge) -> list[Problem]:
    """Run the template once with a person in it, and say when it does too much."""
    began = time.monotonic()
    try:
        parse(source, escape=True).render(**merge)
    except ResourceLimitError as error:
        return [_too_much(field, source, error)]
    except LiquidError as error:
        return [_from_liquid(field, source, error)]
    if time.monotonic() - began > SECONDS * 4:
        return [_too_much(field, source, None)]
    return []


def _too_much(field: str, source: str, error: LiquidError | None) -> Problem:
    index = error.token.start_index if error is not None and error.token is not None else 0
    words = _(
        "This was stopped: it repeats or grows without end. A mail may repeat at most %(most)s times in all."
    )
    return _problem(field, source, index, "too_much", words, most=LOOP_LIMIT)


def _from_liquid(field: str, source: str, error: LiquidError) -> Problem:
    index = error.token.start_index if error.token is not None else len(source)
    if isinstance(error, LiquidSyntaxError):
        words = _("This cannot be read: %(why)s.")
    else:
        words = _("This does not work: %(why)s.")
    why = str(error.args[0] if error.args else error).split("\n")[0].rstrip(".")
    return _problem(field, source, index, "syntax", words, why=why)


def _problem(field: str, source: str, index: int, code: str, words: str, **values: object) -> Problem:
    return Problem(field, line_of(source, index), code, words % values if values else words)
