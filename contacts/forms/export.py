"""What an export holds, and in which form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.models import Export
from contacts.queries import columns


class ExportForm(forms.Form):
    """The kind of file and its columns."""

    kind = forms.ChoiceField(
        label=_("Kind of file"),
        choices=Export.Kind.choices,
        initial=Export.Kind.EXCEL_CSV,
        widget=forms.RadioSelect,
    )
    columns = forms.MultipleChoiceField(
        label=_("Columns"), widget=forms.CheckboxSelectMultiple(attrs={"class": "people-columns"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(one.name, one.label) for one in columns.in_file()]
        self.fields["columns"].choices = known  # type: ignore[attr-defined]
        self.fields["columns"].initial = [name for name, _label in known]
