"""Where a mailbox is, and how it is opened."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts import network
from nurturing.models import Mailbox

_OWN = (
    "address",
    "host",
    "port",
    "security",
    "sign_in",
    "username",
    "folder",
    "client_id",
    "tenant",
    "inside_allowed",
)


class MailboxForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """One mailbox. Neither secret is ever shown again; left empty, the stored one stays."""

    class Meta:
        model = Mailbox
        fields = _OWN
        help_texts = {
            "host": _("imap.example.com; Microsoft 365: outlook.office365.com; Google: imap.gmail.com"),
            "username": _("Empty: the address."),
            "folder": _("INBOX, unless a rule moves answers elsewhere."),
            "client_id": _("Of the application that you registered with Microsoft or Google."),
            "tenant": _("Microsoft only."),
            "inside_allowed": _("Else a name that leads into our own network is refused."),
        }

    secret = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=4000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    client_secret = forms.CharField(
        label=_("Client secret"),
        required=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("If the application has one."),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["username"].required = False
        self.fields["secret"].help_text = (
            _("One is stored. Leave this empty to keep it.")
            if self.instance.secret
            else _("Kept encrypted, never shown again. OAuth 2 has none: save, then sign in.")
        )

    @property
    def of_oauth(self) -> list[forms.BoundField]:
        return [self["client_id"], self["tenant"], self["client_secret"]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["username"] = cleaned.get("username") or cleaned.get("address", "")
        for name in ("host", "username", "folder", "secret", "client_id", "tenant", "client_secret"):
            if any(ord(char) < 32 or ord(char) == 127 for char in str(cleaned.get(name, ""))):
                self.add_error(name, _("This holds a line break or another control character."))
        host = str(cleaned.get("host", ""))
        if any(char.isspace() or char in "/@:" for char in host):
            self.add_error("host", _("Write the server's name only, as in imap.example.com."))
        elif host and not cleaned.get("inside_allowed"):
            self._refuse_inside(host, int(cleaned.get("port") or 993))
        if cleaned.get("security") == Mailbox.Security.NONE and not cleaned.get("inside_allowed"):
            self.add_error("security", _("Without encryption the password would be read on the way."))
        if cleaned.get("sign_in") != Mailbox.SignIn.PASSWORD and not cleaned.get("client_id"):
            self.add_error("client_id", _("OAuth 2 needs the id of an application."))
        by_password = cleaned.get("sign_in") == Mailbox.SignIn.PASSWORD
        if by_password and not cleaned.get("secret") and not self.instance.secret:
            self.add_error("secret", _("It cannot be opened without one."))
        return cleaned

    def _refuse_inside(self, host: str, port: int) -> None:
        try:
            network.resolve(host, port)
        except network.Inside:
            self.add_error(
                "host", _("This name leads into our own network. Tick the box below if that is right.")
            )
        except network.Unresolvable:
            self.add_error("host", _("There is no server of this name."))

    @property
    def values(self) -> dict[str, Any]:
        """The fields as `services.mailbox.save` takes them."""
        return {name: self.cleaned_data[name] for name in _OWN}
