"""One field of a person, where it stands."""

from copy import deepcopy
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.forms.details import DetailsForm
from contacts.models import Contact, CustomField
from contacts.services import field

NUMBER = forms.TextInput(attrs={"inputmode": "decimal"})


class FieldForm(forms.Form):
    """`value` is what is to stand there; `seen` what stood there when the form was opened."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)

    def __init__(self, one: Contact, name: str, data: Any = None) -> None:
        """Raises field.NoSuchField."""
        seen = field.seen_of(one, name)
        super().__init__(data, initial={"seen": seen, "value": _initial(name, seen)})
        self.fields["value"] = _control(name)
        self.fields["value"].required = False
        self.fields["value"].widget.attrs["autofocus"] = True

    @property
    def said(self) -> str:
        """What was typed or chosen, as services.field takes it."""
        value = self.cleaned_data["value"]
        if hasattr(value, "pk"):
            return str(value.pk)
        if hasattr(value, "values_list"):
            return ",".join(str(pk) for pk in sorted(value.values_list("pk", flat=True)))
        return str(value or "")


def _initial(name: str, seen: str) -> Any:
    return seen.split(",") if name == "topics" and seen else seen


def _control(name: str) -> forms.Field:
    """The same control as on the page with everything, or one for the company's own field."""
    if name.startswith(field.CUSTOM):
        return _own(name.removeprefix(field.CUSTOM))
    whole = DetailsForm()
    control = deepcopy(whole.fields[name])
    if name == "recipient":
        control.choices = Contact.Recipient.choices  # type: ignore[attr-defined]
    if name == "country":
        control.choices = [("", _("not known")), *control.choices]  # type: ignore[attr-defined]
    control.help_text = ""
    return control


def _own(key: str) -> forms.Field:
    found = CustomField.objects.filter(key=key).first()
    if found is None:
        raise field.NoSuchField
    kind = CustomField.Kind
    if found.kind == kind.CHOICE:
        choices = [("", "–"), *((word, word) for word in found.choices)]
        return forms.ChoiceField(label=found.name, choices=choices)
    if found.kind == kind.YES_NO:
        return forms.ChoiceField(label=found.name, choices=[("", "–"), ("yes", _("yes")), ("no", _("no"))])
    if found.kind == kind.DATE:
        return forms.CharField(label=found.name, widget=forms.TextInput(attrs={"type": "date"}))
    widget = deepcopy(NUMBER) if found.kind == kind.NUMBER else forms.TextInput()
    return forms.CharField(label=found.name, max_length=1_000, widget=widget)
