"""Forms for the first admin, for invitations and for those who come in by one."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from contacts import roles

ROLE_CHOICES = (
    (roles.SALESPERSON, _("Salesperson: the queue, calls, pipeline")),
    (roles.MARKETER, _("Marketer: sequences, library, imports")),
    (roles.ADMIN, _("Admin: everything, also sending and colleagues")),
)


class ArrivalForm(forms.Form):
    """Name and a password that is not easy to guess."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 10 characters. A short sentence is good."),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password)
        return password


class FirstAdminForm(ArrivalForm):
    """The first person in an empty silo."""

    email = forms.EmailField(
        label=_("Your e-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    field_order = ("name", "email", "password")


class InvitationForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=ROLE_CHOICES, initial=roles.SALESPERSON)


class RolesForm(forms.Form):
    """The roles of one colleague."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=ROLE_CHOICES, required=True, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", False)  # one form per colleague on the page
        super().__init__(*args, **kwargs)
