"""A form with one of each field, for looking at. It saves nothing."""

from django import forms
from django.utils.translation import gettext_lazy as _

GROUNDS = [
    ("consent", _("They said yes")),
    ("existing_customer", _("Existing customer")),
    ("legitimate_interest", _("Legitimate interest")),
]


class Sample(forms.Form):
    """Every kind of field the product uses."""

    name = forms.CharField(label=_("Name"), max_length=80)
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("Without an address we keep the person and call instead."),
    )
    ground = forms.ChoiceField(label=_("On what ground may we write?"), choices=GROUNDS)
    day = forms.DateField(
        label=_("Not before"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    rhythm = forms.ChoiceField(
        label=_("How often?"),
        choices=[("m", _("Every month")), ("q", _("Every quarter")), ("s", _("Again in September"))],
        widget=forms.RadioSelect,
        initial="q",
    )
    informed = forms.BooleanField(label=_("They know where their data came from"), required=False)
    file = forms.FileField(
        label=_("A list"), required=False, help_text=_("CSV or a spreadsheet, up to 100 MB.")
    )
