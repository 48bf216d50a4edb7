"""The cells of the list of people: `{% load people %}{% cells person %}`.

Drawn in Python and not by a template of their own: fifty rows of many columns would cost as much as everything else on the page.
"""

from collections.abc import Callable
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from contacts.models import Contact
from contacts.queries.columns import Cell
from contacts.queries.contact import Row
from contacts.queries.gate import Verdict
from contacts.templatetags import face

register = template.Library()

EMPTY = SafeString("")


@register.simple_tag
def cells(row: Row) -> SafeString:
    """What stands in each column of one line."""
    return SafeString("".join(_drawn(one) for one in row.cells))


def _drawn(cell: Cell) -> SafeString:
    draw = DRAWN.get(cell.kind)
    inside = EMPTY if cell.value is None else draw(cell.value) if draw else cell.value
    if cell.kind == "heat":
        return format_html('<td class="people-heat">{}</td>', inside)
    if cell.kind == "reach":
        return format_html('<td class="people-reach">{}</td>', inside)
    if cell.name == "company":
        return format_html('<td class="people-company">{}</td>', inside)
    if cell.kind == "number":
        return format_html('<td class="number" data-label="{}">{}</td>', cell.label, inside)
    return format_html('<td data-label="{}">{}</td>', cell.label, inside)


def _phone(number: str) -> SafeString:
    if not number:
        return EMPTY
    return format_html('<a class="nowrap" href="tel:{}">{}</a>', number, face.phone(number))


def _reach(one: Contact) -> SafeString:
    between = SafeString("<br>") if one.email and one.phone else EMPTY
    return format_html("{}{}{}", one.email or "", between, _phone(one.phone))


def _verdict(verdict: Verdict) -> SafeString:
    if verdict.allowed:
        return format_html('<span class="tag tag--done">{}</span>', _("yes"))
    return format_html(
        '<span class="tag">{}</span> <span class="soft small">{}</span>', _("no"), verdict.words
    )


def _tags(tags: list[str]) -> SafeString:
    return format_html_join(" ", '<span class="tag">{}</span>', ((tag,) for tag in tags))


DRAWN: dict[str, Callable[[Any], SafeString | str]] = {
    "heat": face.heat,
    "reach": _reach,
    "phone": _phone,
    "verdict": _verdict,
    "tags": _tags,
    "day": lambda value: face.when(value, "day"),
    "moment": face.when,
    "yes_no": lambda value: _("yes") if value else _("no"),
}
