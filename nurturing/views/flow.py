"""The pace of sending: how much is left today, who is left alone, and the figures behind it."""

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import clock, roles
from nurturing.forms.flow import HostForm, LimitForm, WarmUpForm
from nurturing.models import Breaker, MailHost, Sender, WarmUp
from nurturing.queries import limit as queries
from nurturing.sending import outcome
from nurturing.services import breaker, limit, warm_up
from nurturing.views.colleague import me


@require_safe
@roles.require(roles.MARKETER)
def show(request: HttpRequest) -> HttpResponse:
    """What holds mails up just now, and how many more may leave."""
    now = clock.now()
    context = {
        "board": queries.board(now=now),
        "codes": queries.codes(),
        "pauses": outcome.pauses(),
        "may_edit": roles.has(request.user, roles.ADMIN),
        "now": now,
    }
    return render(request, "nurturing/sending/flow.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.ADMIN)
def sender_limits(request: HttpRequest, sender_id: int) -> HttpResponse:
    """The limits of one sender."""
    sender = get_object_or_404(Sender, pk=sender_id)
    form = LimitForm(request.POST or None, initial=LimitForm.of(list(sender.limits.all())))
    if request.method == "POST" and form.is_valid():
        limit.of_sender(sender_id=sender.pk, figures=form.figures, by=me(request), now=clock.now())
        messages.success(request, _("These limits hold from now on. Who waits is asked again."))
        return redirect("nurturing:flow")
    return _page(request, "nurturing/sending/limits.html", form, {"sender": sender})


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.ADMIN)
def host(request: HttpRequest, host_id: int | None = None) -> HttpResponse:
    """One house of mailboxes, or a new one."""
    house = get_object_or_404(MailHost, pk=host_id) if host_id is not None else None
    form = HostForm(request.POST or None, initial=HostForm.of_host(house) if house else None)
    if request.method == "POST" and form.is_valid():
        try:
            limit.of_host(
                host_id=house.pk if house else None,
                name=form.cleaned_data["name"],
                domains=form.cleaned_data["domains"],
                figures=form.figures,
                by=me(request),
                now=clock.now(),
            )
        except limit.DomainTaken as taken:
            words = _("%(domain)s belongs to %(host)s already.")
            form.add_error("domains", words % {"domain": taken.domain, "host": taken.host})
        except limit.NameTaken:
            form.add_error("name", _("There is a house of this name already."))
        else:
            messages.success(request, _("These limits hold from now on. Who waits is asked again."))
            return redirect("nurturing:flow")
    return _page(request, "nurturing/sending/host.html", form, {"house": house})


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.ADMIN)
def plan(request: HttpRequest, warm_up_id: int | None = None) -> HttpResponse:
    """A plan for one domain, or a new one."""
    found = get_object_or_404(_open_plans(), pk=warm_up_id) if warm_up_id is not None else None
    first = {"domain": request.GET.get("domain", "")[:253]} if found is None else None
    form = WarmUpForm(request.POST or None, instance=found, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            saved = warm_up.save(
                warm_up_id=found.pk if found else None,
                fields=form.cleaned_data,
                by=me(request),
                now=clock.now(),
            )
        except warm_up.AlreadyThere:
            form.add_error("domain", _("There is a plan for this domain already."))
        else:
            messages.success(request, _("%(domain)s is made known by this plan.") % {"domain": saved.domain})
            return redirect("nurturing:flow")
    shown = queries.warm(WarmUp.objects.get(pk=found.pk), now=clock.now()) if found else None
    return _page(request, "nurturing/sending/warm_up.html", form, {"warm": shown})


@require_POST
@roles.require(roles.ADMIN)
def end_plan(request: HttpRequest, warm_up_id: int) -> HttpResponse:
    """No limit of this plan any more."""
    found = get_object_or_404(WarmUp, pk=warm_up_id)
    if warm_up.end(warm_up_id=found.pk, by=me(request), now=clock.now()):
        undo = reverse("nurturing:resume_warm_up", args=[found.pk])
        words = _("The plan for %(domain)s is over: its mails leave without its limit.")
        messages.success(request, words % {"domain": found.domain}, extra_tags=f"undo {undo}")
    return redirect("nurturing:flow")


@require_POST
@roles.require(roles.ADMIN)
def resume_plan(request: HttpRequest, warm_up_id: int) -> HttpResponse:
    """Go on where it was ended."""
    found = get_object_or_404(WarmUp, pk=warm_up_id)
    if warm_up.resume(warm_up_id=found.pk, by=me(request), now=clock.now()):
        messages.success(request, _("The plan for %(domain)s goes on.") % {"domain": found.domain})
    return redirect("nurturing:flow")


@require_POST
@roles.require(roles.ADMIN)
def try_receiver(request: HttpRequest, breaker_id: int) -> HttpResponse:
    """Let one mail through now."""
    found = get_object_or_404(Breaker, pk=breaker_id)
    if breaker.try_now(breaker_id=found.pk, by=me(request), now=clock.now()):
        words = _("One mail to %(name)s is let through now. When it is taken, the others follow.")
        messages.success(request, words % {"name": found.name})
    return redirect("nurturing:flow")


@require_POST
@roles.require(roles.ADMIN)
def hold_receiver(request: HttpRequest, breaker_id: int) -> HttpResponse:
    """Nothing goes there before somebody says so."""
    found = get_object_or_404(Breaker, pk=breaker_id)
    if breaker.keep_holding(breaker_id=found.pk, by=me(request), now=clock.now()):
        messages.success(request, _("Mails to %(name)s wait until you try.") % {"name": found.name})
    return redirect("nurturing:flow")


def _open_plans() -> QuerySet[WarmUp]:
    return WarmUp.objects.filter(ended_at=None)


def _page(
    request: HttpRequest,
    template: str,
    form: LimitForm | WarmUpForm,
    context: dict[str, Model | queries.Warm | None],
) -> HttpResponse:
    return render(request, template, {"form": form, **context}, status=422 if form.errors else 200)
