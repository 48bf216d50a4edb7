"""Colleagues write the forms by which people come in."""

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import clock, roles
from contacts.models import Contact
from nurturing.forms.joining import JoinFormForm
from nurturing.models import JoinForm
from nurturing.services import joining


@require_safe
@roles.require(roles.MARKETER)
def index(request: HttpRequest) -> HttpResponse:
    """All forms, with how many asked and how many said yes."""
    forms = JoinForm.objects.annotate(
        asked=Count("confirmations"),
        yes=Count("confirmations", filter=Q(confirmations__answered_at__isnull=False)),
    ).order_by("closed_at", "name")
    return render(request, "nurturing/joining/forms.html", {"forms": forms})


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.MARKETER)
def make(request: HttpRequest) -> HttpResponse:
    """A new form."""
    return _edit(request, JoinForm())


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.MARKETER)
def show(request: HttpRequest, form_id: int) -> HttpResponse:
    """Change a form; its public address and a snippet for one's own site."""
    return _edit(request, get_object_or_404(JoinForm, pk=form_id))


def _edit(request: HttpRequest, join_form: JoinForm) -> HttpResponse:
    form = JoinFormForm(request.POST or None, instance=join_form)
    if request.method == "POST" and form.is_valid():
        made = joining.save_form(
            form=form.save(commit=False), topics=form.cleaned_data["topics"], by=request.user, now=clock.now()
        )
        messages.success(
            request, _("The form is saved. Whoever agreed before agreed to the words of that time.")
        )
        return redirect("nurturing:join_form", made.pk)
    address = f"{settings.PUBLIC_URL}/join/{join_form.slug}/" if join_form.pk else ""
    context = {"form": form, "join_form": join_form, "address": address}
    status = 422 if request.method == "POST" else 200
    return render(request, "nurturing/joining/form.html", context, status=status)


@require_POST
@roles.require(roles.MARKETER)
def set_open(request: HttpRequest, form_id: int) -> HttpResponse:
    """Close the public page, or open it again."""
    found = get_object_or_404(JoinForm, pk=form_id)
    wanted = request.POST.get("open") == "1"
    joining.set_open(form=found, is_open=wanted, by=request.user, now=clock.now())
    messages.success(
        request, _("The form is open.") if wanted else _("The form is closed. Nobody is asked by it.")
    )
    return redirect("nurturing:join_form", found.pk)


@require_POST
@roles.require(roles.MARKETER)
def ask(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Ask somebody whom we may write to for a consent, by a mail with a link."""
    found = get_object_or_404(Contact.objects.present(), pk=contact_id)
    chosen = request.POST.get("form", "")
    join_form = get_object_or_404(JoinForm, pk=int(chosen) if chosen.isdecimal() and len(chosen) < 18 else 0)
    try:
        joining.ask_known(contact_id=found.pk, form=join_form, by=request.user, now=clock.now())
    except joining.NotAllowed as refused:
        words = _("Asking for a consent is advertising itself: %(because)s") % {
            "because": refused.verdict.words
        }
        messages.error(request, words)
    except joining.NotOpen:
        messages.error(request, _("They were asked often enough lately."))
    else:
        messages.success(request, _("%(name)s gets the question by mail.") % {"name": found.name})
    return redirect("contacts:grounds", found.pk)
