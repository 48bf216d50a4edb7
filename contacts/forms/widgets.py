"""Widgets that many stand of on one page."""

from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html_join
from django.utils.safestring import SafeString


class PlainSelect(forms.Select):
    """A list of choices without groups, drawn here: Django opens a template for each choice."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """The same markup as a Select's."""
        has = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, SafeString(" selected") if str(key) == has else "", label) for key, label in self.choices),
        )
        given = self.build_attrs(self.attrs, attrs)
        return SafeString(f"<select{flatatt({'name': name, **given})}>{options}</select>")
