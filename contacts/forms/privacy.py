"""The forms of the privacy pages."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from contacts.forms.choices import GROUNDS
from contacts.models import LegalGround, Suppression
from contacts.queries import audit


class FindStopsForm(forms.Form):
    """Search and filter of the list of stops."""

    q = forms.CharField(label=_("Address, number or @domain"), required=False, max_length=254)
    reason = forms.ChoiceField(
        label=_("Reason"), required=False, choices=[("", _("any")), *Suppression.Reason.choices]
    )
    lifted = forms.ChoiceField(
        label=_("Show"), required=False, choices=[("", _("in force")), ("1", _("taken back"))]
    )


class StopForm(forms.Form):
    """One stop, or a pasted list of them."""

    text = forms.CharField(
        label=_("Addresses, numbers or domains"),
        help_text=_("One a line. @firma.no stops everybody there, and below it (mail.firma.no), too."),
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )
    channel = forms.ChoiceField(label=_("What stops"), choices=Suppression.Channel.choices)
    source = forms.CharField(
        label=_("Who said so, and when"), max_length=160, help_text=_("A mail of 12 May, a call, a letter.")
    )


class LiftForm(forms.Form):
    """Why a stop is taken back."""

    request = forms.CharField(
        label=_("How they asked for it"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class GroundForm(forms.Form):
    """The ground for one purpose, with its proof."""

    purpose = forms.ChoiceField(label=_("For"), choices=LegalGround.Purpose.choices)
    ground = forms.ChoiceField(label=_("Ground"), choices=GROUNDS)
    on = forms.DateField(
        label=_("Since"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("The day they agreed or bought. Empty: today."),
    )
    source = forms.CharField(
        label=_("Where it comes from"),
        required=False,
        max_length=200,
        help_text=_("A mail, a meeting, a form on paper."),
    )
    wording = forms.CharField(
        label=_("What they agreed to, word for word"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        consent = said.get("ground") == LegalGround.Ground.CONSENT
        if consent and not (said.get("source") and said.get("wording")):
            words = _("A consent needs its proof: where it comes from, and what they agreed to.")
            self.add_error("wording", words)
        return said


class BalancingForm(forms.Form):
    """A version of the balancing text."""

    text = forms.CharField(
        label=_("Our balancing text"),
        min_length=80,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 18}),
    )


class RuleForm(forms.Form):
    """How long a rule lets things stay."""

    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=36_500)


class FindLinesForm(forms.Form):
    """Search of the audit log."""

    person = forms.CharField(
        label=_("Person"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"placeholder": _("A name, an address, a number, or #17.")}),
    )
    colleague = forms.ChoiceField(label=_("Colleague"), required=False)
    verb = forms.ChoiceField(label=_("What was done"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = [(str(pk), name) for pk, name in audit.colleagues()]
        self.fields["colleague"].choices = [("", _("anybody")), *colleagues]  # type: ignore[attr-defined]
        verbs = sorted(((verb, str(words)) for verb, words in audit.VERBS.items()), key=lambda pair: pair[1])
        self.fields["verb"].choices = [("", _("anything")), *verbs]  # type: ignore[attr-defined]

    def asked(self, before: str) -> audit.Asked:
        """What the fields ask for, once validated; a field that cannot be read asks for nothing."""
        said = self.cleaned_data
        return audit.Asked(
            person=said.get("person") or "",
            colleague=int(said["colleague"]) if said.get("colleague") else None,
            verb=said.get("verb") or "",
            since=_midnight(said.get("since")),
            until=_midnight(said.get("until"), next_day=True),
            before=before,
        )


def _midnight(day: Any, *, next_day: bool = False) -> datetime | None:
    if day is None or not 1970 <= day.year <= 9000:
        return None
    moment = datetime.combine(day, time(), tzinfo=ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)
    return moment + timedelta(days=1) if next_day else moment
