"""What a bulk change needs to know."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from contacts.bulk import ChangeForm
from contacts.models import Suppression


class TagForm(ChangeForm):
    """One tag."""

    tag = forms.CharField(
        label=_("Tag"), max_length=60, widget=forms.TextInput(attrs={"list": "known-tags", "autofocus": True})
    )

    def clean_tag(self) -> str:
        """Without what would split it in a list of tags."""
        return " ".join(str(self.cleaned_data["tag"]).replace(",", " ").split())


class OwnerForm(ChangeForm):
    """A colleague, or nobody."""

    owner = forms.ChoiceField(label=_("Owner"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = get_user_model()._default_manager.filter(is_active=True).order_by("name", "email")
        choices = [("", _("Choose a colleague")), *((str(one.pk), str(one)) for one in colleagues)]
        self.fields["owner"].choices = [*choices, ("none", _("nobody"))]  # type: ignore[attr-defined]

    def params(self) -> dict[str, Any]:
        """The colleague's id and name: the name is said again when they have left."""
        owner = self.cleaned_data["owner"]
        if owner == "none":
            return {"owner": None, "name": ""}
        known = get_user_model()._default_manager.get(pk=int(owner))
        return {"owner": known.pk, "name": str(known)}


class StopForm(ChangeForm):
    """Mail, calls, or both."""

    channel = forms.ChoiceField(
        label=_("Stop"),
        widget=forms.RadioSelect,
        initial=Suppression.Channel.MAIL,
        choices=[
            (Suppression.Channel.MAIL, _("all mail")),
            (Suppression.Channel.PHONE, _("all calls")),
            (Suppression.Channel.ALL, _("all contact")),
        ],
    )
    source = forms.CharField(
        label=_("Why"),
        max_length=120,
        help_text=_("It stands beside the stop: “agreed with the customer on 3 March”."),
    )
