"""What a salesperson says after a call."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sales import dates
from sales.models import Call
from sales.services import consequence
from sales.services import outcome as outcomes

MORE = "more"
"""The button that shows the outcomes which have no key of their own; nothing is written."""


class OutcomeForm(forms.Form):
    """One press, or a press and a date. A button names the value, the field beside it is for their own words."""

    outcome = forms.ChoiceField(
        choices=[*Call.Outcome.choices, (MORE, _("More")), (Call.LEFT, _("Has left the company"))]
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=outcomes.NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 1}),
    )
    until = forms.DateField(required=False)
    day = forms.DateField(
        label=_("Another day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    because = forms.CharField(required=False, max_length=200)
    reason = forms.CharField(label=_("Another reason"), required=False, max_length=200)
    what = forms.CharField(label=_("What"), required=False, max_length=200)
    value = forms.DecimalField(
        label=_("Value"),
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=2,
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        required=False,
        choices=[(code, code) for code in ("SEK", "NOK", "DKK", "EUR", "USD")],
    )
    told = forms.BooleanField(required=False)
    handoff = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        day: date | None = said.get("until") or said.get("day")
        if day is not None and not dates.is_sensible(day, self.now):
            self.add_error("day", _("Choose a day after today and within five years."))
        said["until"] = day
        said["because"] = said.get("because") or said.get("reason") or ""
        if said.get("outcome") == Call.LEFT:  # one button says both: the wrong person, and why
            said["outcome"], said["because"] = Call.Outcome.WRONG_PERSON, Call.LEFT
        said["currency"] = said.get("currency") or "SEK"
        return said

    @property
    def asks(self) -> str:
        """Which outcome was pressed: its panel is shown while something is missing."""
        pressed = self.data.get("outcome", "")
        return pressed if pressed in dict(self.fields["outcome"].choices) else ""  # type: ignore[attr-defined]

    def consequences(self) -> dict[str, Any]:
        """What `outcome.record` is told. Call when the form is valid."""
        said = self.cleaned_data
        names = ("outcome", "note", "until", "because", "what", "value", "currency")
        told = {name: said[name] for name in names}
        told |= {"handoff_id": said["handoff"], "seen_call_id": said["seen"], "told_where_from": said["told"]}
        if not consequence.of(said["outcome"], said["because"]).asks:
            told["until"] = None
        return told
