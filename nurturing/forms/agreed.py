"""Dates that a colleague agrees with somebody: silence until, call on."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MORNING = time(8)


class FutureDateField(forms.DateField):
    """A day after today by the silo's calendar."""

    def __init__(self, *, now: datetime | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.now = now

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and self.now is not None and day <= timezone.localdate(self.now):
            raise forms.ValidationError(_("Pick a day after today."))
        if day is not None and self.now is not None and day.year > self.now.year + 10:
            raise forms.ValidationError(_("Pick a day within the next ten years."))
        return day


class PauseForm(forms.Form):
    """No mail until a day."""

    until = FutureDateField(label=_("No mail until"))
    because = forms.CharField(label=_("Because"), max_length=200, required=False)

    def __init__(self, *arguments: Any, now: datetime, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["until"].now = now  # type: ignore[attr-defined]

    @property
    def moment(self) -> datetime:
        """The silence ends when that day begins."""
        return timezone.make_aware(datetime.combine(self.cleaned_data["until"], time(0)))


class ReminderForm(forms.Form):
    """Back in the queue on a day."""

    on = FutureDateField(label=_("On"))
    because = forms.CharField(label=_("Because"), max_length=200)

    def __init__(self, *arguments: Any, now: datetime, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["on"].now = now  # type: ignore[attr-defined]

    @property
    def moment(self) -> datetime:
        """In the morning of that day, before the first calls."""
        return timezone.make_aware(datetime.combine(self.cleaned_data["on"], MORNING))


class RhythmForm(forms.Form):
    """Days between two mails to one person."""

    days = forms.FloatField(label=_("Days between two mails"))
