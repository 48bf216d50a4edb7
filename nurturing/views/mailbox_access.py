"""Signing in to a mailbox at Microsoft or Google, and coming back."""

import secrets

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contacts import clock, network, roles
from nurturing.models import Mailbox
from nurturing.queries import mailbox as queries
from nurturing.services import access
from nurturing.services import mailbox as mailboxes
from nurturing.views.colleague import me

SALT = "mailbox sign-in"
MINUTES = 15


@require_safe
@roles.require(roles.ADMIN)
def ask(request: HttpRequest, mailbox_id: int) -> HttpResponse:
    """Off to the provider, with a note of who asked for which mailbox."""
    row = _oauth(mailbox_id)
    said = {"mailbox": row.pk, "user": me(request).pk, "nonce": secrets.token_urlsafe(8)}
    state = signing.dumps(said, salt=SALT, compress=True)
    return redirect(access.door(row, state=state, back=back_address()))


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.ADMIN)
def answered(request: HttpRequest) -> HttpResponse:
    """Back from the provider. Looking changes nothing: the code is used when the admin presses the button."""
    given = request.POST if request.method == "POST" else request.GET
    state, code = given.get("state", ""), given.get("code", "")
    try:
        said = signing.loads(state, salt=SALT, max_age=MINUTES * 60)
    except signing.BadSignature:
        messages.error(request, _("This sign-in is too old, or was not begun here. Begin it again."))
        return redirect("nurturing:mailboxes")
    if said["user"] != me(request).pk:
        messages.error(request, _("A colleague began this sign-in. Begin your own."))
        return redirect("nurturing:mailboxes")
    row = _oauth(int(said["mailbox"]))
    if not code:
        why = given.get("error_description") or given.get("error") or "?"
        messages.error(request, _("No access was given. They said: %(why)s") % {"why": why[:200]})
        return redirect("nurturing:mailbox", mailbox_id=row.pk)
    if request.method != "POST":
        return render(
            request,
            "nurturing/mailboxes/signed_in.html",
            {"mailbox": row, "code": code[:4000], "state": state},
        )
    try:
        access.sign_in(
            mailbox_id=row.pk, code=code, state=state, back=back_address(), by=me(request), now=clock.now()
        )
    except (access.Refused, network.Inside, network.Unresolvable, OSError) as error:
        messages.error(request, mailboxes.trouble_words(row, error))
    else:
        messages.success(
            request, _("%(address)s is open to us. It is read every two minutes.") % {"address": row.address}
        )
    return redirect("nurturing:mailbox", mailbox_id=row.pk)


def back_address() -> str:
    """The address that is registered with the application."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("nurturing:mailbox_signed_in")


def _oauth(mailbox_id: int) -> Mailbox:
    row = queries.one(mailbox_id)
    if row is None or row.sign_in == Mailbox.SignIn.PASSWORD:
        raise Http404(_("There is no such mailbox."))
    return row
