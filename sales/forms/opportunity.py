"""What is known of a deal, and how it ended."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from contacts import roles
from sales import dates
from sales.models import Opportunity

CURRENCIES = [(code, code) for code in ("SEK", "NOK", "DKK", "EUR", "USD")]


class OpportunityForm(forms.ModelForm[Opportunity]):
    """All that a colleague may change; the revision says on which reading it is founded."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Opportunity
        fields = ("title", "value", "currency", "next_step", "next_step_on", "owner")
        widgets = {
            "next_step_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "currency": forms.Select(choices=CURRENCIES),
        }
        labels = {"owner": _("Whose it is")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sellers = get_user_model().objects.filter(
            groups__name__in=[roles.SALESPERSON, roles.ADMIN], is_active=True
        )
        self.fields["owner"].queryset = sellers.distinct().order_by("name", "pk")  # type: ignore[attr-defined]
        self.fields["owner"].required = True

    def told(self) -> dict[str, Any]:
        """What `opportunity.change` is told. Call when the form is valid."""
        said = dict(self.cleaned_data)
        owner = said.pop("owner")
        return said | {"owner_id": owner.pk if owner else None}


class MoveForm(forms.Form):
    """One press on a stage."""

    stage = forms.IntegerField()
    revision = forms.IntegerField()


class WonForm(forms.Form):
    """What was bought, for how much."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    what = forms.CharField(label=_("What they bought"), required=False, max_length=200)
    value = forms.DecimalField(label=_("Value"), required=False, min_value=0, max_digits=14, decimal_places=2)
    currency = forms.ChoiceField(label=_("Currency"), choices=CURRENCIES, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["auto_id"] = "won_%s"  # three forms on one page, no id twice
        super().__init__(*args, **kwargs)


class LostForm(forms.Form):
    """Why, and when to ask again."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    because = forms.CharField(label=_("Why"), required=False, max_length=200)
    until = forms.DateField(
        label=_("Call again on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: the silo looks after them, and they come again when they show interest."),
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        kwargs["auto_id"] = "lost_%s"
        super().__init__(*args, **kwargs)
        self.now = now

    def clean_until(self) -> Any:
        day = self.cleaned_data["until"]
        if day is not None and not dates.is_sensible(day, self.now):
            raise forms.ValidationError(_("Choose a day after today and within five years."))
        return day
