"""The marks of the face: `{% load face %}` in any template of any app. Shown in every state on /styleguide/.

No mark writes a style attribute (the content security policy forbids it): bars are drawn as SVG, sized by the
attributes of their shapes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from html import escape
from itertools import groupby
from math import sqrt
from typing import Any

import phonenumbers
from django import template
from django.contrib.messages.storage.base import Message
from django.forms import BoundField, CheckboxInput
from django.forms.widgets import ChoiceWidget
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from contacts import clock, roles, spoken
from contacts.places import COUNTRY_NAMES

register = template.Library()

COOL_BELOW = 20.0
HOT_FROM = 70.0
MACHINE_BELOW = 0.5  # evidence of a human behind an event

KINDS = {
    "cool": pgettext_lazy("temperature", "cool"),
    "warm": pgettext_lazy("temperature", "warm"),
    "hot": pgettext_lazy("temperature", "hot"),
}
LEVELS = {
    "tofu": gettext_lazy("top of the funnel: becoming aware"),
    "mofu": gettext_lazy("middle of the funnel: evaluating"),
    "bofu": gettext_lazy("bottom of the funnel: ready for proof, comparison, a demo"),
}


# Temperature


@register.simple_tag
def heat(degrees: float | None, size: str = "", hot: float = HOT_FROM) -> SafeString:
    """The signature: a silo filled to the degree, the figure and the word.

    `size`: "", "l" or "xl"; `hot`: the degree where hot begins.
    """
    if degrees is None:
        word = pgettext("temperature", "no temperature yet")
        return format_html('<span class="heat heat--none{}">{} {}</span>', _size(size), _silo(0), word)
    figure, kind = _figure(degrees, hot=hot)
    word = escape(str(KINDS[kind]))
    return SafeString(
        f'<span class="heat heat--{kind}{_size(size)}">{_silo(degrees)} <span><b>{figure}°</b> {word}</span></span>'
    )


def _figure(degrees: float, *, hot: float) -> tuple[int, str]:
    """The rounded figure and its kind; rounding never carries anybody over a threshold not reached."""
    figure = int(max(degrees, 0) + 0.5)
    if degrees < COOL_BELOW:
        return min(figure, int(COOL_BELOW) - 1), "cool"
    if degrees < hot:
        return min(figure, int(hot - 0.001)), "warm"
    return figure, "hot"


def _size(size: str) -> SafeString:
    return format_html(" heat--{}", size) if size else SafeString("")


def _silo(degrees: float) -> SafeString:
    """A silo of 10 × 20 with a round roof, its grain heaped to `degrees` of 100."""
    level = 21 - 20 * min(max(degrees, 0), 100) / 100
    if degrees <= 0:
        grain = ""
    elif level >= 6:
        heap = min(1.1, level - 3)
        grain = f"M1 {level + 0.2:.1f}L6 {level - heap:.1f} 11 {level + 0.2:.1f}V21H1Z"
    else:
        half = sqrt(25 - (level - 6) ** 2)
        left, right = f"{6 - half:.1f}", f"{6 + half:.1f}"
        grain = f"M{left} {level:.1f}H{right}A5 5 0 0 1 11 6V21H1V6A5 5 0 0 1 {left} {level:.1f}Z"
    return SafeString(
        '<svg class="heat-bar" viewBox="0 0 12 22" aria-hidden="true" focusable="false">'
        f'<path class="heat-fill" d="{grain}"/><path class="heat-wall" d="M1 21V6a5 5 0 0 1 10 0V21Z"/></svg>'
    )


# Time


@register.simple_tag
def when(value: date | None, form: str = "", empty: str = "–") -> SafeString | str:
    """A date as people say it, the exact one on hover.

    `form`: "" (day and time), "day", "long" or "time" (under a day's heading); a plain date is a day.
    """
    if value is None:
        return empty
    now = clock.now()
    if form == "long":
        words = spoken.long_day(value, now=now)
    elif form == "time" and isinstance(value, datetime):
        words = spoken.time(value)
    elif form == "day" or not isinstance(value, datetime):
        words = spoken.day(value, now=now)
    else:
        words = spoken.moment(value, now=now)
    exact = escape(spoken.exact(value))
    return SafeString(f'<time datetime="{value.isoformat()}" title="{exact}">{escape(words)}</time>')


@register.filter
def said(value: date | None, form: str = "") -> str:
    """The words of `when` alone, for a sentence: `{{ moment|said }}`, `{{ moment|said:"long" }}`."""
    if value is None:
        return ""
    if form == "long":
        return spoken.long_day(value, now=clock.now())
    if form == "day" or not isinstance(value, datetime):
        return spoken.day(value, now=clock.now())
    return spoken.moment(value, now=clock.now())


@register.filter
def span(value: timedelta | None) -> str:
    """How long: `{{ length|span }}` → "1 h 12 min"."""
    return "" if value is None else spoken.span(value)


@register.simple_tag
def waits(since: datetime | None, within: timedelta | None = None) -> SafeString | str:
    """How long somebody has waited for us, and of how much: loud once the promise is broken."""
    if since is None:
        return ""
    waited = clock.now() - since
    late = within is not None and waited > within
    if within is None:
        words = _("waits %(waited)s") % {"waited": spoken.span(waited)}
    elif late:
        words = _("waits %(waited)s, %(late)s over the %(within)s we promised") % {
            "waited": spoken.span(waited),
            "late": spoken.span(waited - within),
            "within": spoken.span(within),
        }
    else:
        words = _("waits %(waited)s of %(within)s") % {
            "waited": spoken.span(waited),
            "within": spoken.span(within),
        }
    css = "waits waits--late" if late else "waits"
    return format_html('<span class="{}" title="{}">{}</span>', css, spoken.exact(since), words)


# Small marks


@register.simple_tag
def level(value: str | None, count: int | None = None) -> SafeString | str:
    """The funnel level: one, two or three steps and its word; `count` puts a number before it."""
    name = (value or "").lower()
    if name not in LEVELS:
        return ""
    reached = list(LEVELS).index(name)
    bars = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="3" height="{}" rx="0.5"/>',
        (("on" if i <= reached else "", i * 4, 8 - 3 * i, 4 + 3 * i) for i in range(3)),
    )
    number = "" if count is None else format_html("<b>{}</b> ", count)
    return format_html(
        '<span class="level"><svg class="level-bars" viewBox="0 0 11 12" aria-hidden="true"'
        ' focusable="false">{}</svg><span>{}<abbr title="{}">{}</abbr></span></span>',
        bars,
        number,
        LEVELS[name],
        name.upper(),
    )


@register.simple_tag
def parts(items: Iterable[Any]) -> SafeString:
    """A whole split into parts: a bar and, under it, each part with its count as a link.

    An item is a mapping or an object with `label`, `count`, `tone` (action, done, straw, ice, ember, wrong, soft,
    line) and, if it leads somewhere, `url`.
    """
    shown = [
        (_of(item, "label"), int(_of(item, "count")), _of(item, "tone"), _of(item, "url")) for item in items
    ]
    total = sum(count for _label, count, _tone, _url in shown)
    bars, start = [], 0.0
    for _label, count, tone, _url in shown:
        if not count:
            continue
        end = start + 1000 * count / total
        gap = 0 if end > 999.99 else 3
        bars.append((tone, f"{start:.2f}", f"{max(end - start - gap, 1):.2f}"))
        start = end
    return format_html(
        '<div class="parts"><svg class="parts-bar" viewBox="0 0 1000 10" preserveAspectRatio="none"'
        ' aria-hidden="true" focusable="false">{}</svg><ul class="parts-list">{}</ul></div>',
        format_html_join("", '<rect class="tone--{}" x="{}" y="0" width="{}" height="10"/>', bars),
        format_html_join("", "<li>{}</li>", ((_part(*one),) for one in shown)),
    )


def _part(label: str, count: int, tone: str, url: str) -> SafeString:
    key = format_html(
        '<svg class="parts-key" viewBox="0 0 1 1" aria-hidden="true" focusable="false">'
        '<rect class="tone--{}" width="1" height="1"/></svg>',
        tone,
    )
    words = format_html("<b>{}</b> {}", _grouped(count), label)
    if url:
        return format_html('<a href="{}">{}<span>{}</span></a>', url, key, words)
    return format_html("<span>{}<span>{}</span></span>", key, words)


def _of(item: Any, name: str) -> Any:
    return item.get(name, "") if isinstance(item, Mapping) else getattr(item, name, "")


@register.filter
def phone(value: str | None) -> str:
    """A stored number as people read it aloud: "+4755010203" → "+47 55 01 02 03"."""
    return _aloud(value) if value else ""


@lru_cache(maxsize=8192)  # a fifth of a millisecond each, and a list shows the same ones again
def _aloud(value: str) -> str:
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return value
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


@register.filter
def role(name: str) -> str:
    """A role as colleagues call it: `{{ group.name|role }}` → "Salesperson"."""
    return str(roles.WORDS.get(name, name))


@register.filter
def grouped(value: int | None) -> str:
    """A count with its thousands parted as the language does it: "2,013", "2 013"."""
    return "" if value is None else _grouped(value)


def _grouped(value: int) -> str:
    # Translators: what parts thousands: a comma in English, a no-break space in Swedish and Norwegian.
    return f"{value:,}".replace(",", pgettext("thousands separator", ","))


@register.filter
def points(value: float | None) -> str:
    """The points of a receipt: "+34", "0"."""
    figure = round(value or 0)
    return f"+{figure}" if figure > 0 else str(figure).replace("-", "−")


@register.filter
def weighed(receipts: Iterable[Any] | None, most: int = 6) -> dict[str, list[Any]]:
    """Receipts to read, and the rest to unfold: what has cooled to nothing, and all beyond `most`.

    The clicks of a scanner give nothing and are worth reading all the same: they say why.
    """
    lines = list(receipts or ())
    told = [one for one in lines if round(_of(one, "now") or 0) or _is_machine(one)][:most]
    return {"told": told, "rest": [one for one in lines if all(one is not other for other in told)]}


def _is_machine(receipt: Any) -> bool:
    human = _of(receipt, "human")
    return not _of(receipt, "points") and (human == "" or human < MACHINE_BELOW)


# Forms


@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField,
    label: str = "",
    help: str = "",
    variant: str = "",
    quiet: bool = False,
    hint: str | None = None,
) -> dict[str, object]:
    """One field of any Django form with its label, help and errors wired together for screen readers.

    `variant`: "code", "short", "grow"; `quiet` leaves the word "optional" out, as in a row of filters;
    `hint` replaces the placeholder. A choice is never called optional: its list says
    itself what leaving it means.
    """
    widget = bound.field.widget
    return {
        "field": bound,
        "label": label or bound.label,
        "help": help or bound.help_text,
        "widget": bound if hint is None else bound.as_widget(attrs={"placeholder": hint}),
        "variant": variant,
        "optional": not (quiet or bound.field.required or isinstance(widget, ChoiceWidget)),
        "is_choice": isinstance(widget, CheckboxInput),
        "is_group": widget.use_fieldset,
    }


@register.filter
def foldable(address: str) -> SafeString:
    """An address that goes on the next line behind its @ before it breaks inside a word: {{ contact.email|foldable }}."""
    return format_html_join(SafeString("@<wbr>"), "{}", ((part,) for part in address.split("@")))


@register.filter
def country(code: str) -> str:
    """The name of a country: {{ company.country|country }}."""
    return str(COUNTRY_NAMES.get(code, code))


@register.inclusion_tag("components/fields.html")
def fields(form: object, quiet: bool = False) -> dict[str, object]:
    """All of a form: its own errors, the hidden fields, then each field. `quiet`: none is called optional, as nearly all are."""
    return {"form": form, "quiet": quiet}


# Messages


@dataclass(frozen=True)
class Flash:
    text: str
    kind: str
    undo: str
    """Where the undo button posts to, or empty."""


@register.filter
def flash(message: Message) -> Flash:
    """A message of Django's with its undo address read out of `extra_tags="undo /calls/7/undo/"`."""
    undo = ""
    for tag in (message.extra_tags or "").split():
        if tag.startswith("/") and not tag.startswith("//"):
            undo = tag
    return Flash(text=str(message), kind=message.level_tag or "info", undo=undo)


# Timelines


@register.filter
def by_day(entries: Iterable[Any], attribute: str = "at") -> list[tuple[str, list[Any]]]:
    """Entries (newest first) under their days: `{% for day, entries in timeline|by_day:"at" %}`."""
    now = clock.now()

    def key(entry: Any) -> str:
        return spoken.day(_of(entry, attribute), now=now)

    return [(day, list(group)) for day, group in groupby(entries, key=key)]
