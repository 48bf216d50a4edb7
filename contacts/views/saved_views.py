"""Saved views of the list, and its columns."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts import clock, roles
from contacts.forms.saved_view import RenameForm, SaveForm, ticked_columns
from contacts.models import SavedView
from contacts.queries import saved_view as queries
from contacts.services import saved_view
from contacts.views import people_list
from contacts.views.colleague import me


@require_safe
@roles.require(*roles.ALL)
def index(request: HttpRequest) -> HttpResponse:
    """All views that a colleague sees: rename, share, throw away, open the list with one."""
    opening = queries.opening(me(request))
    seen = [
        (one, people_list.url_of(one), people_list.words_of(one), one.by_id == me(request))
        for one in queries.seen_by(me(request))
    ]
    return render(request, "contacts/views/index.html", {"views": seen, "opening": opening})


@require_POST
@roles.require(*roles.ALL)
def save(request: HttpRequest) -> HttpResponse:
    """Keep what the list shows now, under a new name or in the view it came from."""
    shown = people_list.shown(request.GET, user_id=me(request))
    said: dict[str, Any] = {"asked": shown.asked.filters, "order": shown.asked.order}
    said["columns"] = [one.name for one in shown.columns]
    form = SaveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the view a name of at most 80 characters."))
        return redirect(reverse("contacts:people") + shown.url())
    if form.cleaned_data["view"]:
        saved_view.change(view_id=form.cleaned_data["view"], by_id=me(request), **said)
        return redirect(reverse("contacts:people") + shown.url())
    try:
        made = saved_view.save(
            name=form.cleaned_data["name"],
            shared=form.cleaned_data["shared"],
            by_id=me(request),
            now=clock.now(),
            **said,
        )
    except saved_view.NameTaken as taken:
        messages.error(request, str(taken))
        return redirect(reverse("contacts:people") + shown.url())
    messages.success(request, _("“%(name)s” stands above the list now.") % {"name": made.name})
    return redirect(people_list.url_of(made))


@require_POST
@roles.require(*roles.ALL)
def rename(request: HttpRequest, view_id: int) -> HttpResponse:
    """Another name for a view of one's own, and who sees it."""
    _own(request, view_id)
    form = RenameForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the view a name of at most 80 characters."))
        return redirect("contacts:views")
    try:
        saved_view.rename(view_id=view_id, by_id=me(request), **form.cleaned_data)
    except saved_view.NameTaken as taken:
        messages.error(request, str(taken))
    return redirect("contacts:views")


@require_POST
@roles.require(*roles.ALL)
def delete(request: HttpRequest, view_id: int) -> HttpResponse:
    """Throw a view away, with a way back."""
    _own(request, view_id)
    saved_view.delete(view_id=view_id, by_id=me(request), now=clock.now())
    undo = reverse("contacts:restore_view", args=[view_id])
    messages.success(request, _("The view is gone. Nobody's data changed."), extra_tags=f"undo {undo}")
    return redirect("contacts:views")


@require_POST
@roles.require(*roles.ALL)
def restore(request: HttpRequest, view_id: int) -> HttpResponse:
    """Bring a view back."""
    get_object_or_404(SavedView, pk=view_id, by=me(request))
    try:
        saved_view.restore(view_id=view_id, by_id=me(request))
    except saved_view.NameTaken as taken:
        messages.error(request, str(taken))
    return redirect("contacts:views")


@require_POST
@roles.require(*roles.ALL)
def open_with(request: HttpRequest, view_id: int) -> HttpResponse:
    """The list opens with this view; with 0 it shows everybody again."""
    if view_id:
        get_object_or_404(SavedView.objects.seen_by(me(request)), pk=view_id)
    saved_view.open_with(view_id=view_id or None, user_id=me(request))
    return redirect("contacts:views")


@require_POST
@roles.require(*roles.ALL)
def columns(request: HttpRequest) -> HttpResponse:
    """Remember the columns: of the view that is open when it is one's own, else for the whole list."""
    shown = people_list.shown(request.GET, user_id=me(request))
    names = ticked_columns(request.POST)
    if shown.view and shown.view.by_id == me(request):
        saved_view.change(
            view_id=shown.view.pk,
            asked=shown.view.asked,
            order=shown.view.order,
            columns=names,
            by_id=me(request),
        )
    else:
        saved_view.choose_columns(columns=names, user_id=me(request))
    return redirect(reverse("contacts:people") + shown.url())


def _own(request: HttpRequest, view_id: int) -> SavedView:
    """Only who made a view changes it."""
    return get_object_or_404(SavedView.objects.kept(), pk=view_id, by=me(request))
