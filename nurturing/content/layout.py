"""The one calm frame around every mail: MJML compiled once per process, the styles inlined once per mail."""

import re
from functools import cache
from pathlib import Path

import css_inline
import mrml

from . import templating
from .marking import Marks

_FILE = Path(__file__).resolve().parents[2] / "templates" / "nurturing" / "mail" / "layout.mjml"
_INLINER = css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)

_PER_PERSON = frozenset(("stop_url", "trap_url"))
_SIGNATURE_LINE = "-- \n"  # RFC 3676: the blank belongs to it
_TEXT_FOOT = """\
{{ footer.company }}
{%- if footer.org_number %} · {{ words.org_number }} {{ footer.org_number }}{% endif %}
{{ footer.postal_address }}{% if footer.why %}

{{ footer.why }}{% endif %}{% if footer.source %}
{{ footer.source }}{% endif %}{% if has_stop %}

{{ words.stop }}: {{ stop_url }}{% endif %}
"""


@cache
def _frame() -> str:
    return mrml.to_html(_FILE.read_text(encoding="utf-8")).content


def html(letter: str, preheader: str, marks: Marks) -> str:
    """The whole mail as HTML, marks still in it. The author's part never passes through the MJML parser."""
    frame = _frame()
    tags, _problems = templating.scan("layout", frame)
    marked = marks.take(frame, tags, change=_for_frame)
    whole = marked.replace("[preheader]", preheader, 1).replace("[letter]", letter, 1)
    return _INLINER.inline(whole)


def text(letter: str) -> str:
    """The whole mail as plain text; `letter` is Liquid by now."""
    tags, _problems = templating.scan("layout", _TEXT_FOOT)
    foot = _TEXT_FOOT
    for tag in reversed(tags):
        foot = foot[: tag.start] + _for_frame(tag) + foot[tag.end :]
    return f"{letter}\n\n{_SIGNATURE_LINE}{foot}"


def _for_frame(tag: templating.Tag) -> str:
    """The frame's own tags are filled first, once per footer; only what differs per person is left for
    Liquid.
    """
    if tag.is_output and tag.source.strip("{} ") in _PER_PERSON:
        return tag.source
    opening, closing = templating.FRAME_DELIMITERS["{{" if tag.is_output else "{%"]
    return f"{opening}{tag.source[2:-2]}{closing}"


def visible(html_text: str) -> str:
    """What a reader of the HTML sees, roughly: for comparing it with the plain text."""
    without = re.sub(r"(?s)<(style|title|head)\b.*?</\1>|<!--.*?-->", " ", html_text)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", without)).strip()
