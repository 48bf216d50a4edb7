"""OAuth 2 for mailboxes: Microsoft 365 and Google take no passwords any more. A stored refresh token becomes an access
token for one look; where the provider hands out a new refresh token, that one is stored.
"""

import base64
import hashlib
import http.client
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from contacts import keys, network
from contacts.models import AuditEvent
from nurturing.inbound import imap
from nurturing.models import Mailbox

TIMEOUT = 20.0
_URLS = {
    Mailbox.SignIn.MICROSOFT: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
    Mailbox.SignIn.GOOGLE: "https://oauth2.googleapis.com/token",
}
_DOORS = {
    Mailbox.SignIn.MICROSOFT: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
    Mailbox.SignIn.GOOGLE: "https://accounts.google.com/o/oauth2/v2/auth",
}
_SCOPES = {
    Mailbox.SignIn.MICROSOFT: "https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
    Mailbox.SignIn.GOOGLE: "https://mail.google.com/",
}
# Google hands out a refresh token only when it is asked like this.
_ALSO = {Mailbox.SignIn.GOOGLE: {"access_type": "offline", "prompt": "consent"}}


class Refused(Exception):
    """The provider gives no access: the consent was taken back, the secret ran out, something is not allowed."""


def door(row: Mailbox, *, state: str, back: str) -> str:
    """Where the mailbox's owner says yes. `back` is our own address, registered with the application."""
    how = Mailbox.SignIn(row.sign_in)
    asked = {
        "client_id": row.client_id,
        "response_type": "code",
        "redirect_uri": back,
        "scope": _SCOPES[how],
        "state": state,
        "login_hint": row.username,
        "code_challenge": _challenge(state),
        "code_challenge_method": "S256",
    }
    return f"{_at(_DOORS, row)}?{urlencode(asked | _ALSO.get(how, {}))}"


def sign_in(
    *, mailbox_id: int, code: str, state: str, back: str, by: AbstractBaseUser, now: datetime
) -> None:
    """Turn the code that the owner came back with into a stored refresh token.

    Raises Refused, OSError, network.Inside, network.Unresolvable.
    """
    row = Mailbox.objects.get(pk=mailbox_id, stopped_at=None)
    said = _ask(
        row,
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": _verifier(state),
        },
    )
    refresh_token = said.get("refresh_token")
    if not isinstance(refresh_token, str) or not refresh_token:
        raise Refused("It gave no refresh token: the application lacks the permission for offline access.")
    with transaction.atomic():
        Mailbox.objects.filter(pk=row.pk, stopped_at=None).update(
            secret=keys.encrypt(refresh_token), trouble="", trouble_since=None
        )
        AuditEvent.objects.create(
            at=now,
            by_id=by.pk,
            verb="mailbox.changed",
            object_type="Mailbox",
            object_id=row.pk,
            detail={"fields": ["secret"]},
        )


def token(row: Mailbox, refresh_token: str, *, now: datetime) -> str:
    """An access token for this mailbox. Raises Refused, OSError, network.Inside, network.Unresolvable."""
    if not refresh_token:
        raise Refused("Nobody has signed in yet.")
    how = Mailbox.SignIn(row.sign_in)
    said = _ask(row, {"grant_type": "refresh_token", "refresh_token": refresh_token, "scope": _SCOPES[how]})
    given = said.get("access_token")
    if not isinstance(given, str):
        raise Refused("It gave no access token.")
    new = said.get("refresh_token")
    if isinstance(new, str) and new and new != refresh_token:
        row.secret = keys.encrypt(new)
        Mailbox.objects.filter(pk=row.pk, stopped_at=None).update(secret=row.secret)
    return given


def _ask(row: Mailbox, asked: dict[str, str]) -> dict[str, Any]:
    secret = keys.decrypt(row.client_secret) if row.client_secret else ""
    form = {"client_id": row.client_id, "client_secret": secret} | asked
    try:
        status, said = network.post_form(
            _at(_URLS, row), {name: value for name, value in form.items() if value}, timeout=TIMEOUT
        )
    except http.client.HTTPException as error:
        raise ConnectionError(imap.one_line(error)) from error
    if status >= 500:
        raise ConnectionError(f"The sign-in server answers {status}.")
    if status != 200:
        raise Refused(str(said.get("error_description") or said.get("error") or f"HTTP {status}")[:200])
    return said


def _at(urls: dict[Mailbox.SignIn, str], row: Mailbox) -> str:
    return urls[Mailbox.SignIn(row.sign_in)].format(tenant=quote(row.tenant or "common", safe=""))


def _verifier(state: str) -> str:
    """PKCE: what only we can say about this attempt (RFC 7636); nothing has to be remembered for it."""
    return keys.sign("mailbox_sign_in", hashlib.sha256(state.encode()).digest())


def _challenge(state: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(_verifier(state).encode()).digest()).rstrip(b"=").decode()
