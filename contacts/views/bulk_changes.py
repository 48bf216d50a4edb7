"""Do something to many people: say what will happen, do it in the background, show what became of it, take it back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import bulk, clock, roles
from contacts.forms.selection import selection_of
from contacts.models import BulkChange
from contacts.queries import bulk_change as queries
from contacts.queries import filters
from contacts.queries.selection import Selection
from contacts.services import bulk_change
from contacts.tasks import bulk_change as tasks

PREFIX = "do"  # the fields of the change, beside those of the list


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(*roles.ALL)
def change_many(request: HttpRequest, name: str) -> HttpResponse:
    """First asks what the change needs to know, then says to how many it will happen and to how many not; POST does it."""
    action = bulk.change(name)
    if action is None:
        raise Http404
    if action not in bulk.changes_for(request.user):
        raise PermissionDenied(_("This page is for: %(roles)s.") % {"roles": ", ".join(action.roles)})
    data = request.POST if request.method == "POST" else request.GET
    selection = selection_of(data)
    if selection is None:
        return render(
            request, "contacts/changes/nobody.html", status=422 if request.method == "POST" else 200
        )
    answered = any(key.startswith(f"{PREFIX}-") for key in data)
    form = action.form(data if answered else None, prefix=PREFIX)
    if not answered or not form.is_valid() or request.method != "POST":
        return _ask(request, action, selection, form, data)
    try:
        made = bulk_change.begin(
            action=action, params=form.params(), selection=selection, by=request.user, now=clock.now()
        )
    except bulk_change.NotNow as refused:
        messages.error(request, str(refused))
        return redirect("contacts:people")
    transaction.on_commit(lambda: tasks.go_on.delay(change_id=made.pk))
    return redirect("contacts:change", made.pk)


def _ask(
    request: HttpRequest, action: bulk.Change, selection: Selection, form: bulk.ChangeForm, data: QueryDict
) -> HttpResponse:
    now = clock.now()
    people = selection.people(now=now)
    ready = form.is_bound and form.is_valid()
    params = form.params() if ready else {}
    context = {
        "action": action,
        "form": form,
        "ready": ready,
        "meant": selection.words(),
        "total": people.order_by().count(),
        "by_hand": not selection.everybody,
        "named": people.select_related("company").order_by("-pk")[:8],
        "what": action.say(params) if ready else action.label,
        "foreseen": [(words, number) for words, number in action.foresee(people, params, now=now) if number]
        if ready
        else [],
        "hidden": [(key, value) for key, values in data.lists() for value in values if _carried(key, ready)],
        "known_tags": filters.known_tags(),
    }
    return render(request, "contacts/changes/confirm.html", context, status=422 if form.errors else 200)


def _carried(key: str, ready: bool) -> bool:
    return key != "csrfmiddlewaretoken" and (ready or not key.startswith(f"{PREFIX}-"))


@require_safe
@roles.require(*roles.ALL)
def index(request: HttpRequest) -> HttpResponse:
    """The latest changes."""
    return render(request, "contacts/changes/index.html", {"changes": queries.newest()[:100]})


@require_safe
@roles.require(*roles.ALL)
def show(request: HttpRequest, change_id: int) -> HttpResponse:
    """How far a change is, or what became of it."""
    change = get_object_or_404(queries.newest(), pk=change_id)
    url = reverse("contacts:change", args=[change.pk])
    parts = queries.parts(change, url=url)
    outcomes = [part.outcome or "waiting" for part in parts]
    asked = request.GET.get("outcome", "")
    chosen = asked if asked in outcomes else outcomes[0] if outcomes else ""
    context = {
        "change": change,
        "parts": parts,
        "reasons": queries.reasons(change),
        "chosen": chosen,
        "people": queries.people(change, chosen),
        "can_undo": bulk_change.can_undo(change, now=clock.now()) and _may(request, change),
        "may_act": _may(request, change),
        **_moving(change),
    }
    return render(request, "contacts/changes/show.html", context)


@require_safe
@roles.require(*roles.ALL)
def progress(request: HttpRequest, change_id: int) -> HttpResponse:
    """The bar alone, asked for every second."""
    change = get_object_or_404(BulkChange, pk=change_id)
    return render(request, "contacts/changes/_progress.html", _moving(change))


def _moving(change: BulkChange) -> dict[str, Any]:
    url = reverse("contacts:change", args=[change.pk])
    known = queries.progress(change, now=clock.now())
    label = _("Being taken back") if change.state == change.State.UNDOING else change.what
    return {
        "moving": change.is_moving,
        "label": f"{label} · {known.words}" if known.words else label,
        "progress": known,
        "progress_url": reverse("contacts:change_progress", args=[change.pk]),
        "finished_url": "" if change.is_moving else url,
    }


@require_POST
@roles.require(*roles.ALL)
def cancel(request: HttpRequest, change_id: int) -> HttpResponse:
    """Stop a change where it is."""
    change = _own(request, change_id)
    try:
        bulk_change.cancel(change_id=change.pk, by=request.user, now=clock.now())
    except bulk_change.NotNow as refused:
        messages.error(request, str(refused))
    return redirect("contacts:change", change_id)


@require_POST
@roles.require(*roles.ALL)
def undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take a change back, in the background."""
    change = _own(request, change_id)
    try:
        bulk_change.begin_undo(change_id=change.pk, by=request.user, now=clock.now())
    except bulk_change.NotNow as refused:
        messages.error(request, str(refused))
    else:
        transaction.on_commit(lambda: tasks.go_on.delay(change_id=change_id))
    return redirect("contacts:change", change_id)


def _own(request: HttpRequest, change_id: int) -> BulkChange:
    change = get_object_or_404(BulkChange, pk=change_id)
    if not _may(request, change):
        raise PermissionDenied(_("Only who made a change, or a marketer, can stop it or take it back."))
    return change


def _may(request: HttpRequest, change: BulkChange) -> bool:
    """Whoever made it, and marketers and admins."""
    return change.created_by_id == request.user.pk or roles.has(request.user, roles.MARKETER)
