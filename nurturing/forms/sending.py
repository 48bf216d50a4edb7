"""How mails leave: who they come from, through which door, and the switch."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from contacts import network, spoken
from nurturing.content import words
from nurturing.models import Sender
from nurturing.sending import providers

_LANGUAGES = {"sv": _("Swedish"), "nb": _("Norwegian"), "en": _("English")}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
OF_MODEL = (
    *("name", "email", "reply_to", "language", "company", "postal_address", "org_number"),
    *("answers_to_owner", "bounces_to", "plus_addresses", "inside_allowed"),
)
OWN = (*OF_MODEL, "website", "window")


class WayForm(forms.Form):
    """Which door: decides which fields the form below has."""

    transport = forms.ChoiceField(
        label=_("Way out"),
        choices=[
            (value, label)
            for value, label in Sender.Transport.choices
            if value in ("sandbox", "smtp") or value in providers.PROVIDERS or value in providers.MAIL_SERVERS
        ],
    )


class SenderForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """One sender. The secret is never shown again; left empty, the stored one stays."""

    class Meta:
        model = Sender
        fields = OF_MODEL
        widgets = {"postal_address": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "reply_to": _(
                "Empty: to the from address. It must be one that the silo reads (Mailboxes, Webhooks)."
            ),
            "answers_to_owner": _(
                "Beside the address above, so that an answer reaches the silo and stops the sequence."
            ),
            "bounces_to": _("Empty: to the from address. Its domain should be the one of the from address."),
            "plus_addresses": _(
                "Then answers and bounces come back to svar+NUMBER@…, and are told apart whatever they say. Tick it when a "
                "mail to your address with “+test” before the @ reaches you; send a test mail afterwards."
            ),
            "inside_allowed": _("Else a name that leads into our own network is refused."),
        }

    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")
    window = forms.IntegerField(
        label=_("Mails at risk in a crash"),
        min_value=1,
        max_value=100,
        help_text=_("So many mails per worker may end as “unknown” when a machine dies. More is faster."),
    )

    def __init__(self, *arguments: Any, transport: str, now: datetime, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.transport, self._now = transport, now
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

    @property
    def asks_for_a_server(self) -> bool:
        """Its name may lead into our own network."""
        return any(name in self.fields for name in ("way_host", "way_api_url"))

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
        if self.transport in providers.MAIL_SERVERS:
            return {
                "region": forms.RegexField(
                    providers.REGION,
                    label=_("Region"),
                    max_length=30,
                    help_text=_("As in eu-north-1."),
                    error_messages={"invalid": _("Write the region as Amazon does, as in eu-north-1.")},
                ),
                "username": forms.CharField(label=_("SMTP user name"), max_length=254),
            }
        provider = providers.PROVIDERS.get(self.transport)
        if provider is None:
            return {}
        return {
            name: forms.CharField(
                label=capfirst(providers.SETTING_LABELS[name]),
                max_length=300,
                required=name in provider.needs,
            )
            for name in (*provider.needs, *provider.may)
        }

    def _secret(self) -> forms.Field:
        provider = providers.PROVIDERS.get(self.transport)
        return forms.CharField(
            label=capfirst(provider.secret_label) if provider else _("Password"),
            required=False,
            max_length=1000,
            strip=True,
            widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
            help_text=self._stored(),
        )

    def _stored(self) -> Any:
        if not self.instance.secret or self.instance.transport != self.transport:
            return _("Kept encrypted, never shown again.")
        if self.instance.secret_at is None:
            return _("One is stored. Leave this empty to keep it.")
        at = spoken.moment(self.instance.secret_at, now=self._now)
        return _("Stored: %(at)s. Leave this empty to keep it.") % {"at": at}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, value in list(cleaned.items()):
            if isinstance(value, str) and name != "postal_address" and _CONTROL.search(value):
                self.add_error(name, _("This holds a line break or another control character."))
        self._check_server(cleaned)
        for name in ("name", "company", "postal_address"):
            # They stand in headers and under every mail.
            cleaned[name] = (
                " ".join(str(cleaned.get(name, "")).split())
                if name != "postal_address"
                else cleaned.get(name, "")
            )
        return cleaned

    def _check_server(self, cleaned: dict[str, Any]) -> None:
        """A server's name is a name, leads out of our own network, and is spoken to with encryption."""
        allowed = bool(cleaned.get("inside_allowed"))
        host, where = str(cleaned.get("way_host", "")), "way_host"
        if any(char.isspace() or char in "/@:" for char in host):
            self.add_error("way_host", _("Write the server's name only, as in smtp.example.com."))
            return
        if cleaned.get("way_security") == "none" and not allowed:
            self.add_error("way_security", _("Without encryption the password would be read on the way."))
        if url := cleaned.get("way_api_url"):
            host, where = _host_of(str(url)), "way_api_url"
            if not host or (not url.startswith("https://") and not allowed):
                self.add_error(where, _("Write the whole address, as in https://api.example.com/."))
                return
        if host and not allowed:
            try:
                network.resolve(host, 443)
            except network.Inside:
                self.add_error(
                    where,
                    _("This name leads into our own network. If that is right, tick “%(box)s”.")
                    % {"box": self.fields["inside_allowed"].label},
                )
            except network.Unresolvable:
                """Name servers have bad moments: the test mail says it in time."""

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


def _host_of(url: str) -> str:
    """The server in the address of an API; nothing when it is none, or carries a name and password."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or "@" in parts.netloc or (parts.port or 1) < 1:
            return ""
        return parts.hostname or ""
    except ValueError:
        return ""


class TestMailForm(forms.Form):
    """To which colleague."""

    __test__ = False  # not a test, whatever its name

    to = forms.EmailField(label=_("To"))


class StopForm(forms.Form):
    """Why everything stops."""

    because = forms.CharField(label=_("Why"), max_length=300)
