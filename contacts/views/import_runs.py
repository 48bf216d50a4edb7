"""Imports that were begun: the bar, pause and stop, the report, the rejects and their correction, undo."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_stubs_ext import StrOrPromise

from contacts import bulk, clock, roles, spoken, spreadsheet
from contacts.forms.choices import FIELD_LABELS
from contacts.forms.import_batch import CorrectedForm
from contacts.models import CustomField, ImportBatch
from contacts.queries import import_batch as queries
from contacts.reading import columns, decoding, inspection, verdict
from contacts.services import import_batch as imports
from contacts.services import import_correction, import_layout, import_undo
from contacts.tasks import import_batch as tasks

State = ImportBatch.State
MOVING = (State.RUNNING, State.UNDOING)
STOPPED = (State.FAILED, State.CANCELLED, State.PAUSED)


@dataclass(frozen=True, slots=True)
class Effect:
    """What an import does to one field of people who are here already."""

    label: StrOrPromise
    filled: int
    overwritten: int
    kept: int


@require_POST
@roles.require(roles.MARKETER)
def start(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Bring them in, in the background; also to go on after a stop."""
    get_object_or_404(ImportBatch, pk=batch_id)
    return _begin(request, batch_id, imports.begin, remember=True)


@require_POST
@roles.require(roles.MARKETER)
def pause(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Hold a running import where it is."""
    get_object_or_404(ImportBatch, pk=batch_id)
    return _say(request, batch_id, imports.pause)


@require_POST
@roles.require(roles.MARKETER)
def resume(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Let an import that was held go on."""
    get_object_or_404(ImportBatch, pk=batch_id)
    return _begin(request, batch_id, imports.resume)


@require_POST
@roles.require(roles.MARKETER)
def cancel(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Stop a running import; who came in stays in."""
    get_object_or_404(ImportBatch, pk=batch_id)
    return _say(request, batch_id, imports.cancel)


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.MARKETER)
def undo(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Say what taking the import back will do and what it will keep; then do it, in the background."""
    batch = get_object_or_404(ImportBatch, pk=batch_id)
    if request.method == "POST":
        return _begin(request, batch_id, import_undo.begin)
    now = clock.now()
    if not import_undo.can_undo(batch, now=now):
        messages.error(request, _("This import can no longer be undone."))
        return redirect("contacts:import", batch_id)
    context = {"batch": batch, "preview": import_undo.preview(batch, now=now)}
    return render(request, "contacts/imports/undo.html", context)


@require_POST
@roles.require(roles.MARKETER)
def correct(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Take the corrected rejects into the same import."""
    batch = get_object_or_404(ImportBatch, pk=batch_id)
    form = CorrectedForm(request.POST, request.FILES)
    if not form.is_valid():
        return report(request, batch, corrected=form)
    try:
        import_correction.attach(
            batch_id=batch_id, file=form.cleaned_data["file"], by=request.user, now=clock.now()
        )
    except (imports.NotNow, decoding.Unreadable) as refused:
        form.add_error("file", str(refused))
        return report(request, batch, corrected=form)
    transaction.on_commit(lambda: tasks.go_on.delay(batch_id=batch_id))
    return redirect("contacts:import", batch_id)


@require_safe
@roles.require(roles.MARKETER)
def progress(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The bar alone, asked for every second."""
    batch = get_object_or_404(ImportBatch, pk=batch_id)
    return render(request, "contacts/imports/_progress.html", moving(batch))


@require_safe
@roles.require(roles.MARKETER)
def rejects(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """The rows that did not come in, as they were, with the reason: to correct and bring in again."""
    batch = get_object_or_404(ImportBatch, pk=batch_id)
    delimiter = inspection.Reading(**batch.reading).dialect.delimiter
    body = spreadsheet.lines(imports.rejects_table(batch), delimiter=delimiter)
    answer = StreamingHttpResponse(body, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="not-imported-{batch.pk}.csv"'
    return answer


def report(
    request: HttpRequest, batch: ImportBatch, *, corrected: CorrectedForm | None = None
) -> HttpResponse:
    """What became of every row, and what can be done about it."""
    counts = verdict.counts_of(batch.counts)
    url = reverse("contacts:import", args=[batch.pk])
    asked = request.GET.get("verdict", "")
    chosen = asked if asked in counts else next((one for one in verdict.REJECTED if counts[one]), "new")
    after = request.GET.get("after", "")
    page = queries.rows(
        batch_id=batch.pk, verdict=chosen, after=int(after) if after.isdecimal() and len(after) < 9 else 0
    )
    done = batch.state == State.DONE
    rejected = counts["invalid"] + counts["review"]
    context = {
        "batch": batch,
        "counts": counts,
        "stopped": batch.state in STOPPED,
        "equation": queries.equation(batch),
        "parts": queries.parts(batch, url=url + "?verdict={verdict}#rows"),
        "effects": effects(batch),
        "chosen": chosen,
        "chosen_label": queries.verdict_label(chosen),
        "page": page,
        "next_url": f"{url}?verdict={chosen}&after={page.next_after}#rows" if page.next_after else "",
        "rejected": rejected,
        "corrected": corrected or (CorrectedForm() if done and rejected else None),
        "can_undo": import_undo.can_undo(batch, now=clock.now()),
        "undone": batch.options.get("undo", {}),
        "stayed": queries.kept(batch)[:50] if batch.state == State.UNDONE else [],
        "actions": bulk.actions_for(request.user, batch=True) if done else [],
        **moving(batch),
    }
    status = 422 if corrected is not None and corrected.errors else 200
    return render(request, "contacts/imports/report.html", context, status=status)


def moving(batch: ImportBatch) -> dict[str, Any]:
    """What the bar shows: how far, how fast, how long yet."""
    is_checking = batch.state == State.UPLOADED and bool(batch.options.get("checking"))
    is_moving = batch.state in MOVING or is_checking
    far = queries.progress(batch, now=clock.now()) if is_moving else None
    return {
        "batch": batch,
        "moving": is_moving,
        "far": far,
        "doing": (far.words if far else "")
        or (_("Being checked") if is_checking else batch.get_state_display()),
        "rate": round(far.rate) if far else 0,
        "left": spoken.span(timedelta(seconds=far.seconds_left)) if far and far.seconds_left else "",
        "progress_url": reverse("contacts:import_progress", args=[batch.pk]),
        "finished_url": "" if is_moving else reverse("contacts:import", args=[batch.pk]),
    }


def effects(batch: ImportBatch) -> list[Effect]:
    """Per field what happens to those who are here already; only fields with something to tell."""
    foretold = batch.options.get("effects", {})
    is_own = any(field.startswith(columns.OWN) for field in foretold)
    own = dict(CustomField.objects.values_list("key", "name")) if is_own else {}
    found = []
    for field, said in foretold.items():
        key = field.removeprefix(columns.OWN)
        label = FIELD_LABELS.get(field) or own.get(key) or key
        one = Effect(label, said.get("filled", 0), said.get("overwritten", 0), said.get("kept", 0))
        if one.filled or one.overwritten or one.kept:
            found.append(one)
    return found


def upload_limit() -> int:
    """The largest file, in MB."""
    return int(settings.UPLOAD_LIMIT_BYTES) // (1024 * 1024)


def _begin(
    request: HttpRequest, batch_id: int, begin: Callable[..., ImportBatch], *, remember: bool = False
) -> HttpResponse:
    now = clock.now()
    try:
        batch = begin(batch_id=batch_id, by=request.user, now=now)
    except imports.NotNow as refused:
        messages.error(request, str(refused))
    else:
        if remember:
            import_layout.remember(batch=batch, by=request.user, now=now)
        transaction.on_commit(lambda: tasks.go_on.delay(batch_id=batch_id))
    return redirect("contacts:import", batch_id)


def _say(request: HttpRequest, batch_id: int, act: Callable[..., object]) -> HttpResponse:
    try:
        act(batch_id=batch_id, by=request.user, now=clock.now())
    except imports.NotNow as refused:
        messages.error(request, str(refused))
    return redirect("contacts:import", batch_id)
