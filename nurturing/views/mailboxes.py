"""The mailboxes that answers and bounces come back to: set up, tried out, stopped."""

from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import clock, roles
from nurturing.forms.mailbox import MailboxForm
from nurturing.models import Mailbox
from nurturing.queries import mailbox as queries
from nurturing.services import mailbox
from nurturing.views import mailbox_access
from nurturing.views.colleague import me


@require_safe
@roles.require(roles.ADMIN)
def index(request: HttpRequest) -> HttpResponse:
    """Which are read, when last, and what keeps us from it."""
    return render(request, "nurturing/mailboxes/index.html", {"mailboxes": queries.in_use()})


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.ADMIN)
def make(request: HttpRequest) -> HttpResponse:
    """A new one."""
    return _form(request, Mailbox(port=993))


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.ADMIN)
def show(request: HttpRequest, mailbox_id: int) -> HttpResponse:
    """How it is set up."""
    return _form(request, _one(mailbox_id))


@require_POST
@roles.require(roles.ADMIN)
def try_out(request: HttpRequest, mailbox_id: int) -> HttpResponse:
    """Open it once, and read nothing."""
    row = _one(mailbox_id)
    found = mailbox.try_out(mailbox_id=row.pk, now=clock.now())
    if found.trouble:
        messages.error(request, found.trouble)
    else:
        words = ngettext(
            "The door opens. %(n)s mail lies there.", "The door opens. %(n)s mails lie there.", found.seen
        )
        messages.success(request, words % {"n": found.seen})
    return redirect("nurturing:mailbox", mailbox_id=row.pk)


@require_POST
@roles.require(roles.ADMIN)
def stop(request: HttpRequest, mailbox_id: int) -> HttpResponse:
    """Read it no more."""
    row = _one(mailbox_id)
    mailbox.stop(mailbox_id=row.pk, by=me(request), now=clock.now())
    messages.success(
        request,
        _("%(address)s is not read any more, and its password is forgotten.") % {"address": row.address},
    )
    return redirect("nurturing:mailboxes")


def _form(request: HttpRequest, row: Mailbox) -> HttpResponse:
    form = MailboxForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            saved = mailbox.save(
                mailbox_id=row.pk,
                fields=form.values,
                secret=cleaned["secret"],
                client_secret=cleaned["client_secret"],
                by=me(request),
                now=clock.now(),
            )
        except IntegrityError:
            form.add_error("host", _("This folder is read already."))
        else:
            words = (
                _("Saved. Now sign in.")
                if saved.waits_for_sign_in
                else _("Saved. %(address)s is read every two minutes.")
            )
            messages.success(request, words % {"address": saved.address})
            return redirect("nurturing:mailbox", mailbox_id=saved.pk)
    status = 422 if form.errors else 200
    # What was typed stays in the form alone; the page speaks of the mailbox as it is.
    stored = queries.one(row.pk) if row.pk else None
    context = {"form": form, "mailbox": stored, "back_address": mailbox_access.back_address()}
    return render(request, "nurturing/mailboxes/show.html", context, status=status)


def _one(mailbox_id: int) -> Mailbox:
    found = queries.one(mailbox_id)
    if found is None:
        raise Http404(_("There is no such mailbox."))
    return found
