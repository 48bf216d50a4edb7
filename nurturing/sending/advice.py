"""What to do about a way out that is shut: a sentence for whoever set it up, beside the server's own words."""

from collections.abc import Mapping
from typing import Any, Protocol

from django.utils.translation import gettext as _

from nurturing.sending import providers
from nurturing.sending.words import REASONS


class Shut(Protocol):
    """The part of a sender that the sentences speak of."""

    email: str
    transport: str
    transport_settings: Any
    secret: str
    plus_addresses: bool


def of(sender: Shut, reason: str, reply: str) -> str:
    """What is wrong and what to do, for a reason code and what the server said."""
    given = providers.server(sender.transport, sender.transport_settings or {})
    provider = providers.PROVIDERS.get(sender.transport)
    words = {
        "host": given.get("host") or given.get("api_url") or (provider.label if provider else "?"),
        "port": given.get("port") or 587,
        "email": sender.email,
        "user": given.get("username", ""),
    }
    match reason:
        case "login" if provider is not None:
            said = _(
                "%(host)s does not accept the key. Make a new one there that is allowed to send, and paste it here."
            )
        case "login":
            said = _login(sender, given)
        case "tls":
            said = _tls(reply)
        case "unreachable":
            said = _unreachable(given, reply, is_api=provider is not None)
        case "no_server":
            said = _("There is no server named %(host)s. Look at the spelling.")
        case "inside":
            said = _(
                "%(host)s is inside our own network. If that is right, tick “The server is inside our own network”."
            )
        case "sender_refused":
            said = _(
                "The server does not let us send as %(email)s. Confirm this address or its domain there, or write from "
                "the address that the user name belongs to."
            )
            if sender.plus_addresses:
                said += " " + _(
                    "It may also be the plus-address that it refuses: switch it off and try again."
                )
        case "server_busy":
            said = _("The server asks us to come back later. Nothing is wrong with the set-up.")
        case _:
            said = str(REASONS.get(reason, reason)).replace("%", "%%")
    return said % words


def _login(sender: Shut, given: Mapping[str, Any]) -> str:
    if not given.get("username"):
        return _("%(host)s asks for a user name and a password, and none is set.")
    if not sender.secret:
        return _("No password is stored for %(user)s. Type it in once more.")
    return _(
        "%(host)s does not accept %(user)s with this password. Many providers want an app password or an API key here, not "
        "the password that you log in with."
    )


def _tls(reply: str) -> str:
    said = reply.lower()
    if "mismatch" in said or "doesn't match" in said or "not valid for" in said:
        return _(
            "The certificate of the server is for another name than %(host)s. Write the name that your provider gives for it."
        )
    if "expired" in said:
        return _("The certificate of %(host)s has expired. Whoever runs the server must renew it.")
    if "starttls" in said:
        return _(
            "%(host)s offers no encryption at port %(port)s. Choose “TLS from the first byte” with port 465, if it has that."
        )
    if (
        "wrong version" in said
        or "wrong_version" in said
        or "record layer" in said
        or "unknown protocol" in said
    ):
        return _(
            "%(host)s does not speak TLS from the first byte at port %(port)s. Choose STARTTLS, usual with port 587, or the "
            "port 465."
        )
    if "self-signed" in said or "self signed" in said or "unable to get" in said or "certificate" in said:
        return _("Nobody that this machine trusts vouches for the certificate of %(host)s.")
    return _("%(host)s and we could not agree on encryption. Look at port and encryption.")


def _unreachable(given: Mapping[str, Any], reply: str, *, is_api: bool) -> str:
    if is_api:
        return _(
            "%(host)s could not be reached at this address. Look at the address of the API, or try again later."
        )
    if str(given.get("port")) == "465" and given.get("security") != "tls":
        return _("Port 465 wants “TLS from the first byte”: choose that, or port 587 with STARTTLS.")
    if str(given.get("port")) == "25":
        return _(
            "%(host)s does not answer at port 25. Most networks close that port to the outside: try 587 with STARTTLS."
        )
    if "refused" in reply.lower():
        return _(
            "Nothing listens at port %(port)s of %(host)s. Usual are 587 with STARTTLS, and 465 with TLS."
        )
    return _(
        "%(host)s does not answer at port %(port)s. Usual are 587 with STARTTLS, and 465 with TLS. A firewall may be in between."
    )
