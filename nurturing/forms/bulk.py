"""What the marketer's bulk changes need to know."""

from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts import clock
from contacts.bulk import ChangeForm
from nurturing.models import Sequence
from nurturing.queries import sequence as sequences


class SequenceForm(ChangeForm):
    """A sequence that is live."""

    sequence = forms.ModelChoiceField(
        label=_("Sequence"), queryset=Sequence.objects.none(), empty_label=_("Choose a sequence")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sequence"].queryset = sequences.live_ones()  # type: ignore[attr-defined]

    def params(self) -> dict[str, Any]:
        """Its number and its name."""
        chosen = self.cleaned_data["sequence"]
        return {"sequence": chosen.pk, "name": chosen.name}


class PauseForm(ChangeForm):
    """Until when, and why."""

    until = forms.DateField(label=_("No mail until"), widget=forms.DateInput(attrs={"type": "date"}))
    because = forms.CharField(label=_("Why"), max_length=120, required=False)

    def clean_until(self) -> date:
        """A day to come."""
        day: date = self.cleaned_data["until"]
        if _morning(day) <= clock.now():
            raise forms.ValidationError(_("A pause has to end after today."))
        return day

    def params(self) -> dict[str, Any]:
        """The moment as text: it lies in a JSON field."""
        day = self.cleaned_data["until"]
        return {"until": _morning(day).isoformat(), "because": self.cleaned_data["because"]}


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(6), UTC)
