"""A provider's key for its webhooks, pasted by an admin."""

from django import forms
from django.utils.translation import gettext_lazy as _

from nurturing.inbound import doors


class WebhookKeyForm(forms.Form):
    """The key. It is never shown again."""

    secret = forms.CharField(
        label=_("Key"),
        max_length=doors.LONGEST_KEY,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
