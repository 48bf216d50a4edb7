"""Whom to bring into which sequence."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nurturing.models import Sequence
from nurturing.queries import sequence as sequences

MOST_AT_ONCE = 50_000


class _Ids(forms.Field):
    """Any number of `contact=12` (or `ids=12,13`) in one form."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        written = [part for one in value or () for part in str(one).split(",") if part.strip()]
        if not all(part.strip().isdecimal() and len(part.strip()) < 19 for part in written):
            raise forms.ValidationError(_("These are not people of the silo."))
        if len(written) > MOST_AT_ONCE:
            raise forms.ValidationError(_("At most %(most)s at once.") % {"most": MOST_AT_ONCE})
        return list(dict.fromkeys(int(part) for part in written))


class EnrollForm(forms.Form):
    """People by their ids."""

    contact = _Ids(required=False)
    ids = _Ids(required=False)
    next = forms.CharField(required=False, widget=forms.HiddenInput)
    sequence = forms.ModelChoiceField(
        label=_("Sequence"), queryset=Sequence.objects.none(), empty_label=_("Choose a sequence")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sequence"].queryset = sequences.live_ones()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Somebody must be meant."""
        cleaned = super().clean() or {}
        if not (cleaned.get("contact") or cleaned.get("ids")):
            raise forms.ValidationError(_("Nobody is chosen. Choose people in the list first."))
        return cleaned

    @property
    def contact_ids(self) -> list[int]:
        return [*self.cleaned_data["contact"], *self.cleaned_data["ids"]]
