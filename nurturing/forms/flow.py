"""How fast mails leave: limits, houses of mailboxes, plans for new domains."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nurturing.models import MailHost, SendLimit, WarmUp
from nurturing.sending import pace

MOST = 10_000_000
DOMAINS = 200
_DOMAIN = re.compile(r"[a-z0-9åäöæøéü-]+(\.[a-z0-9åäöæøéü-]+)+", re.IGNORECASE)


def _figure(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=MOST, required=False)


class LimitForm(forms.Form):
    """The most in a minute, an hour and a day; empty: no limit."""

    minute = _figure(_("Mails a minute"))
    hour = _figure(_("Mails an hour"))
    day = _figure(_("Mails a day"))

    @staticmethod
    def of(limits: list[SendLimit]) -> dict[str, int]:
        """What stands in the form at first."""
        return {one.period: one.most for one in limits}

    @property
    def figures(self) -> dict[str, int | None]:
        """By period, as `services.limit` takes them."""
        return {period: self.cleaned_data.get(period) for period in pace.PERIODS}


class HostForm(LimitForm):
    """A house: its name, the domains whose mailboxes it keeps, its limits."""

    name = forms.CharField(label=_("Name"), max_length=60)
    domains = forms.CharField(
        label=_("Domains"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One on each line, as in gmail.com. They share the limits."),
    )
    field_order = ("name", "domains", "minute", "hour", "day")

    @staticmethod
    def of_host(host: MailHost) -> dict[str, Any]:
        """What stands in the form at first."""
        return {
            "name": host.name,
            "domains": "\n".join(host.domains),
            **LimitForm.of(list(host.limits.all())),
        }

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean_domains(self) -> list[str]:
        found = [
            word.lstrip("@").lower() for word in re.split(r"[\s,;]+", self.cleaned_data["domains"]) if word
        ]
        wrong = next((word for word in found if len(word) > 253 or not _DOMAIN.fullmatch(word)), None)
        if wrong is not None:
            raise forms.ValidationError(_("“%(word)s” is no domain."), params={"word": wrong[:80]})
        if len(found) > DOMAINS:
            raise forms.ValidationError(_("At most %(most)s domains."), params={"most": DOMAINS})
        return list(dict.fromkeys(found))


class WarmUpForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A plan: where it starts, how it grows, where it ends."""

    class Meta:
        model = WarmUp
        fields = ("domain", "first", "factor", "step", "until")

    domain = forms.CharField(
        label=_("Domain"), max_length=253, help_text=_("What stands behind the @ of the sender.")
    )
    first = forms.IntegerField(label=_("Mails on the first day"), min_value=1, max_value=MOST, initial=20)
    factor = forms.FloatField(
        label=_("Each day so many times as many"),
        min_value=1,
        max_value=10,
        initial=2,
        help_text=_("2: twice as many as the day before. 1: as many."),
    )
    step = forms.IntegerField(label=_("And so many more"), min_value=0, max_value=MOST, initial=0)
    until = forms.IntegerField(
        label=_("No limit from"),
        min_value=1,
        max_value=MOST,
        initial=5_000,
        help_text=_("Once a day would let so many through, the plan is over."),
    )

    def clean_domain(self) -> str:
        domain = str(self.cleaned_data["domain"]).strip().lstrip("@").lower()
        if not _DOMAIN.fullmatch(domain):
            raise forms.ValidationError(_("“%(word)s” is no domain."), params={"word": domain[:80]})
        return domain

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("factor") == 1 and cleaned.get("step") == 0:
            self.add_error(
                "step", _("With these two figures no day would let more through than the one before.")
            )
        return cleaned
