"""What we know about a company."""

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.forms.choices import COUNTRIES


class CompanyForm(forms.Form):
    """`seen` is the state that the colleague looked at."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)
    name = forms.CharField(label=_("Name"), max_length=300)
    domain = forms.CharField(label=_("Web domain"), max_length=255, required=False)
    org_number = forms.CharField(label=_("Organisation number"), max_length=40, required=False)
    country = forms.ChoiceField(
        label=_("Country"), choices=[("", _("not known")), *COUNTRIES], required=False
    )
    city = forms.CharField(label=_("City"), max_length=120, required=False)
