"""Markdown with marks in it → clean HTML, readable text, and the links with one number each in both."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import nh3
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.token import Token

from . import templating
from .marking import Marks

_TAGS = {
    "p",
    "br",
    "h1",
    "h2",
    "h3",
    "ul",
    "ol",
    "li",
    "strong",
    "em",
    "a",
    "img",
    "blockquote",
    "hr",
    "pre",
    "code",
}
_ATTRIBUTES = {"a": {"href", "class"}, "img": {"src", "alt"}, "ol": {"start"}}
_HOST = re.compile(r"https?://[^\s/?#\\@\x00-\x20]+(?=[/?#]|\Z)", re.IGNORECASE)
_LIQUID_FILTER = re.compile(r"\s*(-?\}\})\Z")


@dataclass(frozen=True, slots=True)
class Link:
    """A link whose clicks are counted. `url` is Liquid: a merge field in it is percent-encoded when
    filled.
    """

    number: int
    url: str
    text: str


@dataclass(slots=True)
class Written:
    """A body read from Markdown; HTML and text still hold marks."""

    html: str = ""
    text: str = ""
    links: list[Link] = field(default_factory=list)
    problems: list[templating.Problem] = field(default_factory=list)


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True})
    # Links are judged in `_link`, with a line number; the reader must hand over what the author wrote.
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
    reader.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return reader


_READER = _reader()


def write(source: str, body: str, marks: Marks) -> Written:
    """Read the marked body; `source` is what the author wrote, for line numbers."""
    tokens = _READER.parse(_stand_alone(body, marks))
    written = Written()
    for token in tokens:
        if token.type == "inline":
            _number_links(token.children or [], source, marks, written)
            _mark_button(token.children or [])
    if written.problems:
        return written
    html = _READER.renderer.render(tokens, _READER.options, {})
    html = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"https", "http", "mailto", "tel"},
        link_rel=None,
    )
    written.html = re.sub(r"<p>([^<]*(?:<br>[^<]*)*)</p>", lambda found: _unwrap(found, marks), html)
    written.text = _text(tokens, marks)
    return written


def _stand_alone(body: str, marks: Marks) -> str:
    """A condition on a line of its own becomes a paragraph of its own, so that it never cuts one in half."""
    lines = (f"\n{line}\n" if marks.has_only_controls(line) else line for line in body.split("\n"))
    return "\n".join(lines)


def _unwrap(found: re.Match[str], marks: Marks) -> str:
    inner = found[1].replace("<br>", "")
    return inner if marks.has_only_controls(inner) else found[0]


def _number_links(tokens: Sequence[Token], source: str, marks: Marks, written: Written) -> None:
    for place, token in enumerate(tokens):
        if token.type == "link_open":
            close = next(at for at in range(place, len(tokens)) if tokens[at].type == "link_close")
            _link(token, _inline_text(tokens[place + 1 : close]), source, marks, written)
        elif token.type == "image":
            _image(token, source, marks, written)


def _link(token: Token, text: str, source: str, marks: Marks, written: Written) -> None:
    url = str(token.attrGet("href") or "").strip()
    shown = marks.original(url)
    token.attrs = {"href": url}
    line = templating.line_of(source, source.find(shown))

    def refuse(code: str, words: str) -> None:
        written.problems.append(templating.Problem("body", line, code, words % {"url": shown[:100]}))

    if not marks.has_only_outputs(url):
        return refuse(
            "link_condition", _("A link cannot hold a condition: %(url)s. Put the condition around the link.")
        )
    scheme = url.split(":", 1)[0].lower() if ":" in url else ""
    if scheme in ("mailto", "tel"):
        filled = marks.pattern.sub(
            lambda found: marks.add(_filtered(marks.tag(int(found[1])), f"in_{scheme}")), url
        )
        token.attrs = {"href": normalizeLink(filled)}
        token.meta["shown"] = url.split(":", 1)[1].split("?", 1)[0]
        return None
    host = _HOST.match(url)
    if host is None or marks.pattern.search(host[0]) or not _is_address(url):
        return refuse(
            "link",
            _("A link must begin with https:// and a fixed address (or mailto: or tel:): “%(url)s”."),
        )
    number = len(written.links) + 1
    address = normalizeLink(url)
    address = marks.pattern.sub(
        lambda found: marks.add(_filtered(marks.tag(int(found[1])), "in_url")), address
    )
    written.links.append(Link(number, marks.restore(address), marks.original(text).strip()))
    place = marks.add(f"{{{{ links.l{number} }}}}")
    token.attrs = {"href": f"https://{place}"}
    token.meta["place"] = place
    token.meta["shown"] = place
    token.meta["url"] = url
    return None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and parts.username is None
    except ValueError:
        return False


def _filtered(tag: str, name: str) -> str:
    """`{{ x }}` → `{{ x | in_url }}`."""
    return _LIQUID_FILTER.sub(rf" | {name} \1", tag)


def _image(token: Token, source: str, marks: Marks, written: Written) -> None:
    url = str(token.attrGet("src") or "").strip()
    alt = _inline_text(token.children or [])
    shown = marks.original(url)
    line = templating.line_of(source, source.find(shown))
    if marks.pattern.search(url + alt) or not _HOST.match(url) or not _is_address(url):
        words = _(
            "A picture must have a fixed address that begins with https:// and no merge fields: “%(url)s”."
        )
        written.problems.append(templating.Problem("body", line, "image", words % {"url": shown[:100]}))
        return
    token.attrs = {"src": normalizeLink(url), "alt": ""}


def _mark_button(tokens: Sequence[Token]) -> None:
    """A link in bold, alone in its paragraph, is a button."""
    real = [token for token in tokens if token.type != "text" or token.content.strip()]
    kinds = [token.type for token in real]
    around = kinds[:2] + kinds[-2:]
    if around == ["strong_open", "link_open", "link_close", "strong_close"] and kinds.count("link_open") == 1:
        real[1].attrs["class"] = "button"


def _inline_text(tokens: Sequence[Token]) -> str:
    """One run of text as plain text; a link as “text: address”."""
    parts: list[str] = []
    opened: list[tuple[Token, int]] = []
    for token in tokens:
        if token.type in ("text", "code_inline", "text_special"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif token.type == "image":
            parts.append(f"[{_inline_text(token.children or [])}]" if token.children else "")
        elif token.type == "link_open":
            opened.append((token, len(parts)))
        elif token.type == "link_close" and opened:
            link, begin = opened.pop()
            shown = str(link.meta.get("shown", ""))
            label = "".join(parts[begin:])
            same = label in (shown, link.meta.get("url"), link.attrGet("href"))
            parts[begin:] = [shown if same or not label else f"{label}: {shown}" if shown else label]
    return "".join(parts)


def _text(tokens: Sequence[Token], marks: Marks) -> str:
    """The body for readers of plain text, from the same tokens as the HTML."""
    parts: list[str] = []
    prefixes: list[str] = []
    counters: list[int | None] = []
    for token in tokens:
        match token.type:
            case "bullet_list_open":
                counters.append(None)
            case "ordered_list_open":
                counters.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                counters.pop()
                parts.append("\n" if not counters else "")
            case "list_item_open":
                number = counters[-1]
                prefixes.append("- " if number is None else f"{number}. ")
                counters[-1] = None if number is None else number + 1
            case "list_item_close" | "blockquote_close":
                prefixes.pop()
            case "blockquote_open":
                prefixes.append("> ")
            case "hr":
                parts.append("----\n\n")
            case "fence" | "code_block":
                parts.append(token.content.rstrip("\n") + "\n\n")
            case "inline":
                text = _inline_text(token.children or [])
                if marks.has_only_controls(text):
                    parts.append(text)
                else:
                    parts.append(
                        _with_prefix(text, prefixes) + ("\n" if token.hidden or counters else "\n\n")
                    )
    return "".join(parts).strip()


def _with_prefix(text: str, prefixes: list[str]) -> str:
    """Each line behind its list sign or quote sign; a sign of a list item is used once, then blanks."""
    first = "".join(prefixes)
    later = "".join(sign if sign == "> " else " " * len(sign) for sign in prefixes)
    for place, sign in enumerate(prefixes):
        prefixes[place] = sign if sign == "> " else " " * len(sign)
    lines = text.split("\n")
    return "\n".join((first if number == 0 else later) + line for number, line in enumerate(lines))
