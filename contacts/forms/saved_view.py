"""Names of views, and columns."""

from typing import Any

from django import forms

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


class ColumnsForm(forms.Form):
    """The columns that were ticked, or the usual ones."""

    columns = forms.MultipleChoiceField(required=False)
    usual = forms.CharField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(one.name, one.label) for one in columns.every() if one.on_page]
        self.fields["columns"].choices = known  # type: ignore[attr-defined]

    def names(self) -> list[str]:
        """What was chosen; none for the usual ones."""
        if self.cleaned_data.get("usual"):
            return []
        return [str(name) for name in self.cleaned_data.get("columns", [])]
