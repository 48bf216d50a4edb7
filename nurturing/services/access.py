"""OAuth 2 for mailboxes: Microsoft 365 and Google take no passwords any more. A stored refresh token becomes an access
token for one look; where the provider hands out a new refresh token, that one is stored.
"""

import http.client
from datetime import datetime
from urllib.parse import quote

from contacts import keys, network
from nurturing.inbound import imap
from nurturing.models import Mailbox

TIMEOUT = 20.0
_URLS = {
    Mailbox.SignIn.MICROSOFT: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
    Mailbox.SignIn.GOOGLE: "https://oauth2.googleapis.com/token",
}
_SCOPES = {
    Mailbox.SignIn.MICROSOFT: "https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
    Mailbox.SignIn.GOOGLE: "",
}


class Refused(Exception):
    """The provider gives no access: the consent was taken back, the secret ran out, something is not allowed."""


def token(row: Mailbox, refresh_token: str, *, now: datetime) -> str:
    """An access token for this mailbox. Raises Refused, OSError, network.Inside, network.Unresolvable."""
    if not refresh_token:
        raise Refused("There is no refresh token.")
    form = {
        "client_id": row.client_id,
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "scope": _SCOPES[Mailbox.SignIn(row.sign_in)],
        "client_secret": keys.decrypt(row.client_secret) if row.client_secret else "",
    }
    url = _URLS[Mailbox.SignIn(row.sign_in)].format(tenant=quote(row.tenant or "common", safe=""))
    try:
        status, said = network.post_form(
            url, {name: value for name, value in form.items() if value}, timeout=TIMEOUT
        )
    except http.client.HTTPException as error:
        raise ConnectionError(imap.one_line(error)) from error
    if status >= 500:
        raise ConnectionError(f"The sign-in server answers {status}.")
    given = said.get("access_token")
    if status != 200 or not isinstance(given, str):
        raise Refused(str(said.get("error_description") or said.get("error") or f"HTTP {status}")[:200])
    new = said.get("refresh_token")
    if isinstance(new, str) and new and new != refresh_token:
        row.secret = keys.encrypt(new)
        Mailbox.objects.filter(pk=row.pk, stopped_at=None).update(secret=row.secret)
    return given
