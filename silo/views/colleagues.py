"""Colleagues and invitations (admins), and the page behind an invitation's link."""

from typing import cast

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import clock, roles
from silo.forms.colleague import ArrivalForm, InvitationForm, RolesForm
from silo.models import Invitation, User
from silo.services import colleague, invitation


@require_safe
@roles.require(roles.ADMIN)
def index(request: HttpRequest) -> HttpResponse:
    """Who is here, who is invited, and a form to invite one more."""
    return _page(request, InvitationForm())


@require_POST
@roles.require(roles.ADMIN)
def invite(request: HttpRequest) -> HttpResponse:
    """Make an invitation and mail its link; the link is shown too, in case the mail does not arrive."""
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        made = invitation.invite(**form.cleaned_data, by=_me(request), now=clock.now())
    except invitation.CannotInvite as error:
        form.add_error("email", str(error))
        return _page(request, form, status=422)
    link = settings.PUBLIC_URL + reverse("invitation", args=[made.token])
    transaction.on_commit(lambda: _mail(made.invitation, link))
    messages.success(
        request,
        _("%(email)s gets a mail with a link that works for 14 days.") % {"email": made.invitation.email},
        extra_tags=f"undo {reverse('withdraw_invitation', args=[made.invitation.pk])}",
    )
    return redirect("colleagues")


@require_POST
@roles.require(roles.ADMIN)
def withdraw(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Close an invitation."""
    found = get_object_or_404(Invitation, pk=invitation_id)
    invitation.withdraw(invitation_id=found.pk, by=_me(request), now=clock.now())
    messages.success(request, _("The link for %(email)s does not work any more.") % {"email": found.email})
    return redirect("colleagues")


@require_POST
@roles.require(roles.ADMIN)
def set_roles(request: HttpRequest, user_id: int) -> HttpResponse:
    """Change what a colleague may do."""
    user = get_object_or_404(User, pk=user_id)
    form = RolesForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("%(name)s needs at least one role.") % {"name": user})
        return redirect("colleagues")
    try:
        colleague.set_roles(
            user_id=user.pk, names=form.cleaned_data["roles"], by=_me(request), now=clock.now()
        )
        messages.success(
            request, _("The new roles of %(name)s hold from the next click on.") % {"name": user}
        )
    except colleague.NotPossible as error:
        messages.error(request, str(error))
    return redirect("colleagues")


@require_POST
@roles.require(roles.ADMIN)
def end_second_step(request: HttpRequest, user_id: int) -> HttpResponse:
    """A colleague has lost the phone."""
    user = get_object_or_404(User, pk=user_id)
    colleague.end_second_step(user_id=user.pk, by=_me(request), now=clock.now())
    messages.success(
        request,
        _("%(name)s logs in with the password alone until they set two-step login up again.")
        % {"name": user},
    )
    return redirect("colleagues")


@require_POST
@roles.require(roles.ADMIN)
def let_go(request: HttpRequest, user_id: int) -> HttpResponse:
    """A colleague leaves."""
    user = get_object_or_404(User, pk=user_id)
    try:
        colleague.let_go(user_id=user.pk, by=_me(request), now=clock.now())
        messages.success(
            request,
            _("%(name)s cannot log in any more. What they did stays.") % {"name": user},
            extra_tags=f"undo {reverse('take_back_colleague', args=[user.pk])}",
        )
    except colleague.NotPossible as error:
        messages.error(request, str(error))
    return redirect("colleagues")


@require_POST
@roles.require(roles.ADMIN)
def take_back(request: HttpRequest, user_id: int) -> HttpResponse:
    """A colleague comes back."""
    user = get_object_or_404(User, pk=user_id)
    colleague.take_back(user_id=user.pk, by=_me(request), now=clock.now())
    messages.success(request, _("%(name)s can log in again.") % {"name": user})
    return redirect("colleagues")


@require_http_methods(["GET", "HEAD", "POST"])
def arrive(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link: name and password, then straight in, or to the login where a second step still stands.

    Public: the token is the key.
    """
    try:
        found = invitation.read(token=token, now=clock.now())
    except invitation.InvitationClosed as error:
        return render(request, "silo/colleagues/closed.html", {"sentence": str(error)}, status=404)
    form = ArrivalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = invitation.accept(token=token, **form.cleaned_data, now=clock.now())
        except invitation.InvitationClosed as error:
            return render(request, "silo/colleagues/closed.html", {"sentence": str(error)}, status=404)
        if Authenticator.objects.filter(user=user).exists():
            messages.success(request, _("%(name)s can log in again.") % {"name": user})
            return redirect("account_login")
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return redirect("dashboard")
    status = 422 if form.errors else 200
    return render(request, "silo/colleagues/arrive.html", {"form": form, "invitation": found}, status=status)


def _page(request: HttpRequest, form: InvitationForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "colleagues": [
            (user, RolesForm(initial={"roles": [group.name for group in user.groups.all()]}))
            for user in User.objects.prefetch_related("groups")
            .annotate(has_second_step=Exists(Authenticator.objects.filter(user=OuterRef("pk"))))
            .order_by("-is_active", "name", "email")
        ],
        "invitations": Invitation.objects.filter(accepted_at=None, withdrawn_at=None).order_by("-invited_at"),
    }
    return render(request, "silo/colleagues/index.html", context, status=status)


def _mail(made: Invitation, link: str) -> None:
    """A mail to a colleague: through Django's own mail settings, not through the outbox of the silo."""
    text = render_to_string("silo/colleagues/invitation.txt", {"invitation": made, "link": link})
    send_mail(_("You are invited to the sales silo"), text, None, [made.email], fail_silently=True)


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)  # the view's guard let nobody else in
