"""Widgets that many stand of on one page."""

from html import escape
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.safestring import SafeString


class PlainSelect(forms.Select):
    """A list of choices without groups, drawn here: Django opens a template for each choice."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """The same markup as a Select's."""
        has = "" if value is None else str(value)
        options = "".join(
            f'<option value="{escape(str(key))}"{" selected" if str(key) == has else ""}>{escape(str(label))}</option>'
            for key, label in self.choices
        )
        given = self.build_attrs(self.attrs, attrs)
        return SafeString(f"<select{flatatt({'name': name, **given})}>{options}</select>")
