"""Fill a compiled mail for one person: the hot path. No database, no MJML, no inlining, only parsed
Liquid.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from liquid.exceptions import LiquidError, LiquidInterrupt
from markupsafe import escape

from . import fields, templating, words
from .compiling import Compiled
from .hole import Hole
from .program import Program, RenderFailed

# Private-use characters around the name of a missing field in a preview; `fields.clean` lets none in from
# outside.
_OPEN, _CLOSE = "\ue000", "\ue001"
_HOLE = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_IN_TAG = re.compile(f"<[^<>]*{_OPEN}[^<>]*>")
_RED = "background-color:#c1121f;color:#ffffff;padding:0 4px;border-radius:3px"
BLANK_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")

__all__ = [
    "Footer",
    "Parsed",
    "Preview",
    "RenderFailed",
    "Rendered",
    "parsed",
    "preview",
    "render",
    "used",
    "version",
]

LinkUrl = Callable[[int, str], str]


@dataclass(frozen=True, slots=True)
class Footer:
    """What the law wants under every mail. `why` and `source` are whole sentences (`words.why`,
    `words.source`).
    """

    company: str
    postal_address: str
    org_number: str = ""
    why: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail for one person. When `missing` names a field, it must not be sent: hold or skip it as
    `missing:<field>`.
    """

    subject: str
    html: str
    text: str
    missing: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """The code for a send that must not leave: `missing:first_name`; empty when it may."""
        return f"missing:{self.missing[0].removeprefix('contact.')}" if self.missing else ""


@dataclass(frozen=True, slots=True)
class Preview:
    """A mail as one person would get it, missing fields marked. `subject` and `text` are safe HTML."""

    subject: str
    html: str
    text: str
    missing: tuple[str, ...] = ()


class _Links(Mapping[str, str]):
    """`links.l3`: the address behind link 3, signed only when the mail really shows it."""

    __slots__ = ("_given", "_link_url", "_merge", "_templates")

    def __init__(self, templates: "LinkTemplates", link_url: LinkUrl, merge: Mapping[str, Any]) -> None:
        self._templates, self._link_url, self._merge = templates, link_url, merge
        self._given: dict[str, str] = {}

    def __getitem__(self, key: str) -> str:
        if key not in self._given:
            number, url, program = self._templates[key]
            self._given[key] = self._link_url(number, url if program is None else program.run(self._merge))
        return self._given[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._templates)

    def __len__(self) -> int:
        return len(self._templates)


LinkTemplates = Mapping[str, tuple[int, str, Program | None]]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A mail with its foot filled in, parsed: what differs per person is all that is left to do."""

    subject: Program
    html: Program
    text: Program
    links: LinkTemplates
    fields: tuple[tuple[str, str, str], ...]


@lru_cache(maxsize=1000)
def parsed(compiled: Compiled, footer: Footer, has_stop: bool, has_trap: bool) -> Parsed:
    """Everything that is the same for all who get this version with this footer, done once per process."""

    def frame(source: str, safe: Callable[[str], str]) -> str:
        said = words.of(compiled.language)
        values = {
            "footer": {name: value and safe(value) for name, value in footer_values(footer).items()},
            "words": {"stop": safe(said.stop), "org_number": safe(said.org_number)},
            "lang": compiled.language,
            "has_stop": has_stop,
            "has_trap": has_trap,
        }
        return templating.fill_frame(source, values)

    return Parsed(
        subject=Program(compiled.subject, escape=False),
        html=Program(
            frame(compiled.html, lambda value: str(escape(value)).replace("{", "&#123;")), escape=True
        ),
        text=Program(frame(compiled.text, lambda value: value.replace("{", '{{ "{" }}')), escape=False),
        links={f"l{link.number}": (link.number, link.url, _address(link.url)) for link in compiled.links},
        fields=_fields(compiled),
    )


def _address(url: str) -> Program | None:
    return Program(url, escape=False) if "{{" in url else None


def _fields(compiled: Compiled) -> tuple[tuple[str, str, str], ...]:
    return tuple((path, *_split(path)) for path in compiled.merge_fields)


def _split(path: str) -> tuple[str, str]:
    root, _dot, name = path.partition(".")
    return root, name


@lru_cache(maxsize=500)
def _versions(version_id: int, load: Callable[[int], Mapping[str, Any]]) -> Compiled:
    return Compiled.from_json(load(version_id))


def version(version_id: int, load: Callable[[int], Mapping[str, Any]]) -> Compiled:
    """The compiled mail of a published version, which never changes: read with `load` once per process."""
    return _versions(version_id, load)


def used(compiled: Compiled, merge: fields.Merge) -> dict[str, str]:
    """The merge snapshot: the cleaned values this mail really asks for, as `{"contact.first_name":
    "Anna"}`.
    """
    return {path: fields.clean(merge.get(root, {}).get(name)) for path, root, name in _fields(compiled)}


def nested(snapshot: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """A stored snapshot as `render` wants it: for showing a mail as it was sent."""
    merge: dict[str, dict[str, str]] = {}
    for path, value in snapshot.items():
        root, name = _split(path)
        merge.setdefault(root, {})[name] = value
    return merge


def render(
    compiled: Compiled,
    merge: fields.Merge,
    link_url: LinkUrl,
    stop_url: str,
    footer: Footer,
    *,
    trap_url: str = "",
) -> Rendered:
    """Fill the mail for one person.

    `link_url(number, url)` gives the address to put behind a link. Values are cleaned here: one line, no
    control characters.
    Raises RenderFailed when the template runs into a limit.
    """
    subject, html, text, missing = _fill(compiled, merge, link_url, stop_url, footer, trap_url, marked=False)
    return Rendered(subject, html, text, missing)


def preview(
    compiled: Compiled,
    merge: fields.Merge,
    footer: Footer,
    *,
    stop_url: str = "#",
    link_url: LinkUrl | None = None,
) -> Preview:
    """The mail as this person would get it, with every missing field in red: `<mark class="missing">`."""
    straight = link_url or (lambda number, url: url)
    subject, html, text, missing = _fill(compiled, merge, straight, stop_url, footer, "", marked=True)
    return Preview(mark(escape(subject)), mark(html, style=_RED), mark(escape(text)), missing)


def mark(safe_html: str, *, style: str = "") -> str:
    """Turn the private marks of a preview into `<mark>`; inside a tag (an address) only the name stays.

    Only the mail's own page may carry a style attribute; the pages around it have a class for it.
    """
    safe_html = str(safe_html).replace(quote(_OPEN), _OPEN).replace(quote(_CLOSE), _CLOSE)
    safe_html = _IN_TAG.sub(lambda found: found[0].replace(_OPEN, "").replace(_CLOSE, ""), safe_html)
    written = f' style="{style}"' if style else ""
    return _HOLE.sub(rf'<mark class="missing"{written}>\1</mark>', safe_html)


def _fill(
    compiled: Compiled,
    merge: fields.Merge,
    link_url: LinkUrl,
    stop_url: str,
    footer: Footer,
    trap_url: str,
    *,
    marked: bool,
) -> tuple[str, str, str, tuple[str, ...]]:
    made = parsed(compiled, footer, bool(stop_url), bool(trap_url))
    holes: list[str] = []
    given: dict[str, Any] = {root: {} for root in fields.ROOTS}
    for path, root, name in made.fields:
        value = fields.clean(merge.get(root, {}).get(name))
        given[root][name] = value or Hole(path, holes, f"{_OPEN}{name}{_CLOSE}" if marked else "")
    given |= {"links": _Links(made.links, link_url, given), "stop_url": stop_url, "trap_url": trap_url}
    try:
        subject = made.subject.run(given)
        html = made.html.run(given)
        text = made.text.run(given)
    except (LiquidError, LiquidInterrupt) as error:
        raise RenderFailed(str(error.args[0] if error.args else error).split("\n")[0]) from error
    subject = " ".join(subject.split())
    if not subject:
        holes.append("subject")
    return subject, html, BLANK_LINES.sub("\n\n", text), tuple(dict.fromkeys(holes))


def footer_values(footer: Footer) -> dict[str, str | None]:
    """The footer's parts, cleaned; the postal address may stand on several lines and is joined with commas.

    None where there is nothing: an empty string counts as true in Liquid.
    """
    address = ", ".join(part.strip() for part in footer.postal_address.splitlines() if part.strip())
    return {
        "company": fields.clean(footer.company),
        "postal_address": fields.clean(address),
        "org_number": fields.clean(footer.org_number) or None,
        "why": fields.clean(footer.why) or None,
        "source": fields.clean(footer.source) or None,
    }
