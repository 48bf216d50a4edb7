"""Take people out of the silo as a file: CSV or XLSX, noted in the audit log."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contacts import clock, roles
from contacts.forms.export import ExportForm
from contacts.forms.selection import selection_of
from contacts.models import Export
from contacts.services import export as exports
from contacts.tasks import export as tasks
from contacts.views.colleague import me

AT_ONCE = 2_000  # people whose file is written while the browser waits


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.MARKETER)
def new(request: HttpRequest) -> HttpResponse:
    """GET asks for the kind of file and its columns; POST writes it, at once or in the background."""
    data = request.POST if request.method == "POST" else request.GET
    selection = selection_of(data)
    if selection is None:
        return render(
            request, "contacts/changes/nobody.html", status=422 if request.method == "POST" else 200
        )
    if selection.is_the_whole_silo and not roles.has(request.user, roles.ADMIN):
        raise PermissionDenied(_("Only an admin takes everybody out of the silo. Set a filter first."))
    form = ExportForm(request.POST if request.method == "POST" else None, initial=_like_last_time(request))
    if not form.is_valid():
        context = {
            "form": form,
            "meant": selection.words(),
            "total": selection.people(now=clock.now()).order_by().count(),
            "hidden": [
                (key, value)
                for key, values in data.lists()
                for value in values
                if key not in ("csrfmiddlewaretoken", "kind", "columns")
            ],
            "days": exports.KEPT.days,
        }
        return render(request, "contacts/exports/new.html", context, status=422 if form.errors else 200)
    made = exports.begin(
        selection=selection,
        language=translation.get_language() or "",
        by=request.user,
        now=clock.now(),
        **form.cleaned_data,
    )
    if made.total <= AT_ONCE:
        exports.write(export_id=made.pk, clock=clock.now)
    else:
        transaction.on_commit(lambda: tasks.write.delay(export_id=made.pk))
    return redirect("contacts:export_file", made.pk)


def _like_last_time(request: HttpRequest) -> dict[str, Any]:
    last = Export.objects.filter(created_by_id=me(request)).order_by("-pk").first()
    return {"kind": last.kind, "columns": last.columns} if last else {}


@require_safe
@roles.require(roles.MARKETER)
def index(request: HttpRequest) -> HttpResponse:
    """Who took whom out; an admin sees everybody's, a marketer their own."""
    found = Export.objects.select_related("created_by").order_by("-pk")
    if not roles.has(request.user, roles.ADMIN):
        found = found.filter(created_by_id=me(request))
    return render(request, "contacts/exports/index.html", {"exports": found[:100]})


@require_safe
@roles.require(roles.MARKETER)
def show(request: HttpRequest, export_id: int) -> HttpResponse:
    """A file that is being written, or waits to be fetched."""
    return render(request, "contacts/exports/show.html", _moving(_own(request, export_id)))


@require_safe
@roles.require(roles.MARKETER)
def progress(request: HttpRequest, export_id: int) -> HttpResponse:
    """The bar alone, asked for every second."""
    return render(request, "contacts/exports/_progress.html", _moving(_own(request, export_id)))


@require_safe
@roles.require(roles.MARKETER)
def download(request: HttpRequest, export_id: int) -> HttpResponseBase:
    """The file."""
    export = _own(request, export_id)
    if export.state != Export.State.DONE or not export.file:
        raise Http404
    suffix = "xlsx" if export.kind == Export.Kind.XLSX else "csv"
    name = f"{_('people')}-{export.created_at:%Y-%m-%d}-{export.pk}.{suffix}"
    return FileResponse(export.file.open("rb"), as_attachment=True, filename=name)


def _own(request: HttpRequest, export_id: int) -> Export:
    """A colleague's own file; an admin may fetch anybody's."""
    found = get_object_or_404(Export.objects.select_related("created_by"), pk=export_id)
    if found.created_by_id != request.user.pk and not roles.has(request.user, roles.ADMIN):
        raise Http404
    return found


def _moving(export: Export) -> dict[str, Any]:
    moving = export.state == Export.State.RUNNING
    return {
        "export": export,
        "moving": moving,
        "label": _("The file is being written"),
        "progress_url": reverse("contacts:export_progress", args=[export.pk]),
        "finished_url": "" if moving else reverse("contacts:export_file", args=[export.pk]),
    }
