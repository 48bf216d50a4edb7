"""Somebody whom a customer named."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ReferralForm(forms.Form):
    """A name and one way to reach them is enough."""

    first_name = forms.CharField(label=_("First name"), required=False, max_length=120)
    last_name = forms.CharField(label=_("Last name"), required=False, max_length=120)
    email = forms.CharField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("Phone"), required=False, max_length=40, widget=forms.TextInput(attrs={"type": "tel"})
    )
    title = forms.CharField(label=_("Title"), required=False, max_length=200)
    colleague = forms.BooleanField(label=_("Works at the same company"), required=False)
    company = forms.CharField(label=_("Company"), required=False, max_length=300)
    note = forms.CharField(label=_("What they said"), required=False, max_length=300)
