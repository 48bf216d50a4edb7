"""Names of views, and columns."""

from typing import Any

from django import forms
from django.http import QueryDict

from contacts.queries import columns


class RenameForm(forms.Form):
    """A name, and whether everybody sees the view."""

    name = forms.CharField(max_length=80)
    shared = forms.BooleanField(required=False)


class SaveForm(RenameForm):
    """A new view, or the number of the one that is to show this from now on."""

    name = forms.CharField(max_length=80, required=False)
    view = forms.IntegerField(required=False, min_value=1)

    def clean(self) -> dict[str, Any]:
        """A new view needs a name."""
        found = super().clean() or {}
        if not found.get("view") and not found.get("name"):
            self.add_error("name", "")
        return found


def ticked_columns(data: QueryDict) -> list[str]:
    """The columns that were ticked; none for the usual ones. One that is gone meanwhile does no harm."""
    known = {one.name for one in columns.of_page()}
    return [] if data.get("usual") else [name for name in data.getlist("columns") if name in known]
