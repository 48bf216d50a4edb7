"""What comes from the page behind the stop link."""

from django import forms
from django.utils.translation import gettext_lazy as _

from nurturing.services import preference


class PreferenceForm(forms.Form):
    """One decision; the two texts belong to "call me"."""

    choice = forms.ChoiceField(choices=[(one.value, one.value) for one in preference.Choice])
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    note = forms.CharField(label=_("When suits you, and what about?"), max_length=200, required=False)
