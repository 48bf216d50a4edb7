"""A field of the company's own."""

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.models import CustomField


class MakeForm(forms.Form):
    """A new field. The words to choose from stand one on a line."""

    name = forms.CharField(label=_("Name"), max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), choices=CustomField.Kind.choices)
    choices = forms.CharField(
        label=_("Words to choose from"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only for a choice: one word on each line."),
    )

    def clean_choices(self) -> list[str]:
        return [line for line in self.cleaned_data["choices"].splitlines() if line.strip()]
