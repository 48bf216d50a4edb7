"""The lines of the list of people: `{% load people %}{% lines page.people shown.columns choose=True %}`.

Drawn in Python, and with each column's label and manner worked out once: fifty rows of ten columns through a template cost more than
everything else on the page together.
"""

from collections.abc import Callable, Sequence
from functools import cache
from html import escape
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from contacts import lenses
from contacts.models import Contact
from contacts.queries.contact import Row
from contacts.queries.gate import Verdict
from contacts.templatetags import face

register = template.Library()

Draw = Callable[[Any], str]


@register.simple_tag
def lines(rows: Sequence[Row], columns: Sequence[lenses.Column], choose: bool = False) -> SafeString:
    """A row of the table for each person, with the box to choose them when something can be done with them."""
    painters = [_painter(one) for one in columns]
    drawn = (
        f"<tr>{_box(row.contact) if choose else ''}{_head(row.contact)}"
        f"{''.join(draw(value) for draw, value in zip(painters, row.values, strict=True))}</tr>"
        for row in rows
    )
    return SafeString("\n".join(drawn))


def _box(one: Contact) -> str:
    return (
        f'<td class="people-choose"><input type="checkbox" name="ids" value="{one.pk}"'
        f' aria-label="{escape(one.name)}"></td>'
    )


def _head(one: Contact) -> str:
    title = f'<br><span class="soft small">{escape(one.title)}</span>' if one.title else ""
    return f'<th scope="row"><a href="{one.get_absolute_url()}">{escape(one.name)}</a>{title}</th>'


def _painter(column: lenses.Column) -> Draw:
    """How the cells of one column are drawn."""
    draw = cache(DRAWN[column.kind]) if column.kind in SAME else DRAWN.get(column.kind, conditional_escape)
    label = f' data-label="{conditional_escape(str(column.label))}"'
    if column.kind == "verdict":
        begins = f'<td class="people-verdict"{label}>'
    elif column.kind in ("heat", "reach") or column.name == "company":
        begins = f'<td class="people-{column.name if column.name == "company" else column.kind}">'
    elif column.kind == "number":
        begins = f'<td class="number"{label}>'
    else:
        begins = f"<td{label}>"
    return lambda value: f"{begins}{'' if value is None else draw(value)}</td>"


def _phone(number: str) -> str:
    if not number:
        return ""
    return f'<a class="nowrap" href="tel:{escape(number)}">{escape(face.phone(number))}</a>'


def _reach(one: Contact) -> str:
    between = "<br>" if one.email and one.phone else ""
    return f"{escape(one.email or '').replace('@', '@<wbr>')}{between}{_phone(one.phone)}"


def _verdict(verdict: Verdict) -> str:
    if verdict.allowed:
        return f'<span class="tag tag--done">{conditional_escape(_("yes"))}</span>'
    return (
        f'<span class="tag">{conditional_escape(_("no"))}</span>'
        f' <span class="soft small">{conditional_escape(verdict.words)}</span>'
    )


def _tags(tags: list[str]) -> SafeString:
    return format_html_join(" ", '<span class="tag">{}</span>', ((tag,) for tag in tags))


SAME = ("verdict", "yes_no")  # a page shows the same few over and over
DRAWN: dict[str, Draw] = {
    "heat": face.heat,
    "reach": _reach,
    "phone": _phone,
    "verdict": _verdict,
    "tags": _tags,
    "day": lambda value: face.when(value, "day"),
    "moment": face.when,
    "yes_no": lambda value: conditional_escape(_("yes") if value else _("no")),
}
