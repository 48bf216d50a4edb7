"""How mails leave: who they come from, through which door, and the switch."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nurturing.content import words
from nurturing.models import Sender
from nurturing.sending import providers

_LANGUAGES = {"sv": _("Swedish"), "nb": _("Norwegian"), "en": _("English")}
OF_MODEL = ("name", "email", "reply_to", "language", "company", "postal_address", "org_number")
OWN = (*OF_MODEL, "website", "window")


class WayForm(forms.Form):
    """Which door: decides which fields the form below has."""

    transport = forms.ChoiceField(
        label=_("Way out"),
        choices=[
            (value, label)
            for value, label in Sender.Transport.choices
            if value in ("sandbox", "smtp") or value in providers.PROVIDERS
        ],
    )


class SenderForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """One sender. The secret is never shown again; left empty, the stored one stays."""

    class Meta:
        model = Sender
        fields = OF_MODEL
        widgets = {"postal_address": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "reply_to": _("Empty: to the salesperson of each recipient."),
        }

    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")
    window = forms.IntegerField(
        label=_("Mails at risk in a crash"),
        min_value=1,
        max_value=100,
        help_text=_("So many mails per worker may end as “unknown” when a machine dies. More is faster."),
    )

    def __init__(self, *arguments: Any, transport: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.transport = transport
        for name in ("website", "window"):
            self.fields[name].initial = getattr(self.instance, name)
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"), choices=[(code, _LANGUAGES[code]) for code in words.LANGUAGES]
        )
        given = self.instance.transport_settings if self.instance.transport == transport else {}
        for name, field in self._way_out().items():
            self.fields[f"way_{name}"] = field
            field.initial = given.get(name, field.initial)
        if transport != Sender.Transport.SANDBOX:
            self.fields["secret"] = self._secret()

    @property
    def way_out(self) -> list[forms.BoundField]:
        """What the chosen door must be told."""
        return [self[name] for name in self.fields if name.startswith("way_") or name == "secret"]

    def _way_out(self) -> dict[str, forms.Field]:
        if self.transport == Sender.Transport.SMTP:
            return {
                "host": forms.CharField(
                    label=_("Mail server"), max_length=253, help_text=_("smtp.example.com")
                ),
                "port": forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=587),
                "security": forms.ChoiceField(label=_("Encryption"), choices=providers.SECURITY),
                "username": forms.CharField(label=_("User name"), max_length=254, required=False),
            }
        provider = providers.PROVIDERS.get(self.transport)
        if provider is None:
            return {}
        return {
            name: forms.CharField(
                label=providers.SETTING_LABELS[name], max_length=300, required=name in provider.needs
            )
            for name in (*provider.needs, *provider.may)
        }

    def _secret(self) -> forms.Field:
        provider = providers.PROVIDERS.get(self.transport)
        stored = bool(self.instance.secret) and self.instance.transport == self.transport
        return forms.CharField(
            label=provider.secret_label if provider else _("Password"),
            required=False,
            max_length=1000,
            strip=True,
            widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
            help_text=_("One is stored. Leave this empty to keep it.")
            if stored
            else _("Kept encrypted, never shown again."),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        host = str(cleaned.get("way_host", ""))
        if any(char.isspace() or char in "/@:" for char in host):
            self.add_error("way_host", _("Write the server's name only, as in smtp.example.com."))
        for name in ("name", "company", "postal_address"):
            # They stand in headers and under every mail.
            cleaned[name] = (
                " ".join(str(cleaned.get(name, "")).split())
                if name != "postal_address"
                else cleaned.get(name, "")
            )
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        """The fields as `services.sender.save` takes them."""
        own = {name: self.cleaned_data[name] for name in OWN}
        way = {
            name.removeprefix("way_"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("way_") and value not in ("", None)
        }
        return {**own, "transport": self.transport, "transport_settings": way}

    @property
    def secret(self) -> str:
        return str(self.cleaned_data.get("secret", ""))


class TestMailForm(forms.Form):
    """To which colleague."""

    __test__ = False  # not a test, whatever its name

    to = forms.EmailField(label=_("To"))


class StopForm(forms.Form):
    """Why everything stops."""

    because = forms.CharField(label=_("Why"), max_length=300)
