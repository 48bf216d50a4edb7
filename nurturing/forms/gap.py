"""The answer to what is late after the machine was off."""

from django import forms
from django.utils.translation import gettext_lazy as _

from nurturing.models import Gap
from nurturing.services.gap import LONGEST


class AnswerForm(forms.Form):
    """One of three buttons. `until` is the question that the person saw."""

    gap = forms.IntegerField(widget=forms.HiddenInput)
    until = forms.DateTimeField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(choices=Gap.Answer.choices)
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=LONGEST, initial=3, required=False)

    def clean_days(self) -> int:
        """Asked of who spreads; to the others it means nothing."""
        return int(self.cleaned_data.get("days") or 0)
