"""The pipeline and the page of one opportunity."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts import clock, roles
from nurturing.views import colleague
from sales.forms.opportunity import LostForm, MoveForm, OpportunityForm, WonForm
from sales.models import Call, Opportunity, Stage
from sales.queries import opportunity as pipeline
from sales.services import claim, opportunity, outcome

READERS = (roles.SALESPERSON, roles.MARKETER, roles.ADMIN)


@roles.require(*READERS)
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Every open opportunity by its stage, and what ended last."""
    shown = request.GET.get("show", "")
    now = clock.now()
    ended = pipeline.closed(kind=shown) if shown in (Stage.Kind.WON, Stage.Kind.LOST) else None
    mine = request.user.pk if shown == "mine" else None
    stages = [] if ended is not None else pipeline.pipeline(now=now, owner_id=mine)
    return render(
        request,
        "sales/opportunities/board.html",
        {"stages": stages, "ended": ended, "shown": shown, "count": sum(len(one.deals) for one in stages)},
    )


@roles.require(*READERS)
@require_safe
def show(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    return _page(request, opportunity_id, clock.now())


@roles.require(roles.SALESPERSON, roles.ADMIN)
@require_POST
def change(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """What it is about, its worth, the next step."""
    now, deal = clock.now(), _found(opportunity_id)
    form = OpportunityForm(request.POST, instance=deal)
    if not form.is_valid():
        return _page(request, opportunity_id, now, form=form, status=422)

    def write() -> None:
        opportunity.change(opportunity_id=opportunity_id, by=colleague.me(request), now=now, **form.told())

    return _try(request, opportunity_id, write, _("Kept."))


@roles.require(roles.SALESPERSON, roles.ADMIN)
@require_POST
def move(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """One press on a stage."""
    _found(opportunity_id)
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise Http404
    said = form.cleaned_data

    def write() -> None:
        opportunity.move(
            opportunity_id=opportunity_id,
            stage_id=said["stage"],
            revision=said["revision"],
            by=colleague.me(request),
            now=clock.now(),
        )

    return _try(request, opportunity_id, write)


@roles.require(roles.SALESPERSON, roles.ADMIN)
@require_POST
def won(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """Bought: the same consequences as the outcome of a call."""
    now, deal = clock.now(), _found(opportunity_id)
    form = WonForm(request.POST)
    if not form.is_valid():
        return _page(request, opportunity_id, now, won=form, status=422)
    said = form.cleaned_data
    written: list[Call] = []

    def write() -> None:
        call = outcome.record(
            contact_id=deal.contact_id,
            by=colleague.me(request),
            outcome=Call.Outcome.BOUGHT,
            now=now,
            what=said["what"],
            value=said["value"],
            currency=said["currency"] or deal.currency,
            opportunity_id=opportunity_id,
            revision=said["revision"],
        )
        written.append(call)

    answer = _try(request, opportunity_id, write)
    if written:
        words = _("Won. %(name)s is a customer now.") % {"name": written[0].contact.name}
        undo = reverse("sales:undo", args=[written[0].pk])
        messages.success(request, words, extra_tags=f"undo {undo}")
        return redirect("sales:purchase", written[0].before["purchase"])
    return answer


@roles.require(roles.SALESPERSON, roles.ADMIN)
@require_POST
def lost(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """Lost for now: back in the silo, with a date when there is one."""
    now, deal = clock.now(), _found(opportunity_id)
    form = LostForm(request.POST, now=now)
    if not form.is_valid():
        return _page(request, opportunity_id, now, lost=form, status=422)

    def write() -> None:
        opportunity.lose(
            opportunity_id=opportunity_id, by=colleague.me(request), now=now, **form.cleaned_data
        )

    words = _("Lost for now. %(name)s is back in the silo.") % {"name": deal.contact.name}
    return _try(request, opportunity_id, write, words, undo=reverse("sales:reopen", args=[opportunity_id]))


@roles.require(roles.SALESPERSON, roles.ADMIN)
@require_POST
def reopen(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """Take back that it was lost."""
    _found(opportunity_id)

    def write() -> None:
        opportunity.reopen(opportunity_id=opportunity_id, by=colleague.me(request), now=clock.now())

    return _try(request, opportunity_id, write, _("Open again, at the stage where it was."))


def _found(opportunity_id: int) -> Opportunity:
    found = Opportunity.objects.select_related("contact").filter(pk=opportunity_id).first()
    if found is None:
        raise Http404
    return found


def _try(
    request: HttpRequest, opportunity_id: int, write: Callable[[], None], words: str = "", undo: str = ""
) -> HttpResponse:
    """Write, and go back to the page; or show it as it is now, with the reason why nothing was written."""
    try:
        write()
    except opportunity.Stale:
        refused = _(
            "A colleague changed this a moment ago. Here is how it is now; nothing of yours was written."
        )
    except opportunity.Closed:
        refused = _("This opportunity has ended already. Nothing was changed.")
    except opportunity.NotAStage:
        refused = _("There is no such stage to move to. Nothing was changed.")
    except claim.Taken as taken:
        refused = _("%(who)s has them in hand just now. Nothing was changed.") % {"who": taken.by}
    else:
        if words:
            messages.success(request, words, extra_tags=f"undo {undo}" if undo else "")
        return redirect("sales:opportunity", opportunity_id)
    messages.warning(request, refused)
    return _page(request, opportunity_id, clock.now(), status=409)


def _page(
    request: HttpRequest, opportunity_id: int, now: datetime, *, status: int = 200, **forms: Any
) -> HttpResponse:
    _found(opportunity_id)
    deal = pipeline.one(opportunity_id, now=now)
    known = deal.opportunity
    revision = {"revision": known.revision}
    context = {
        "deal": deal,
        "opportunity": known,
        "moves": pipeline.moves(opportunity_id),
        "stages": Stage.objects.filter(kind=Stage.Kind.OPEN).order_by("position"),
        "questions": known.stage.questions.splitlines(),
        "may_act": roles.has(request.user, roles.SALESPERSON),
        "form": OpportunityForm(instance=known, initial=revision),
        "won": WonForm(
            initial=revision | {"what": known.title, "value": known.value, "currency": known.currency}
        ),
        "lost": LostForm(initial=revision, now=now),
    }
    return render(request, "sales/opportunities/show.html", context | forms, status=status)
