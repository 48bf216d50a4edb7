"""Imports: upload, settle, see what will happen, bring in, report, undo."""

from itertools import chain
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import bulk, clock, roles, spreadsheet
from contacts.forms.import_batch import ReadForm, SettleForm, UploadForm
from contacts.models import ImportBatch
from contacts.queries import gate
from contacts.queries import import_batch as queries
from contacts.reading import decoding, inspection, reasons, verdict
from contacts.services import import_batch as imports
from contacts.services import import_undo
from contacts.tasks import import_batch as tasks

State = ImportBatch.State
AT_ONCE = 512 * 1024  # bytes; a larger file is checked in the background
OPEN = (State.UPLOADED, State.CHECKED)
MOVING = (State.RUNNING, State.UNDOING)


@require_safe
@roles.require(roles.MARKETER)
def index(request: HttpRequest) -> HttpResponse:
    """The imports, newest first."""
    return render(request, "contacts/imports/index.html", {"batches": queries.newest()[:100]})


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.MARKETER)
def new(request: HttpRequest) -> HttpResponse:
    """Take a file; one that cannot be read is refused with a sentence and not kept."""
    posted = request.method == "POST"
    form = UploadForm(request.POST, request.FILES) if posted else UploadForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            batch = imports.receive(name=file.name, file=file, by=request.user, now=clock.now())
        except decoding.Unreadable as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("contacts:import", batch.pk)
    return render(request, "contacts/imports/new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@roles.require(roles.MARKETER)
def show(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One import in whatever state it is: four steps that fill downward, a progress bar, or the report."""
    batch = get_object_or_404(ImportBatch.objects.select_related("created_by", "undone_by"), pk=batch_id)
    if batch.state in OPEN:
        return _steps(request, batch)
    return _report(request, batch)


@require_POST
@roles.require(roles.MARKETER)
def read_again(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Read the file with other letters or another delimiter."""
    batch = get_object_or_404(ImportBatch, pk=batch_id, state__in=OPEN)
    form = ReadForm(request.POST)
    if not form.is_valid():
        return _steps(request, batch, read_form=form)
    try:
        imports.read_again(batch=batch, **form.cleaned_data)
    except decoding.Unreadable as refused:
        form.add_error(None, str(refused))
        return _steps(request, batch, read_form=form)
    return redirect("contacts:import", batch.pk)


@require_POST
@roles.require(roles.MARKETER)
def check(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Keep what the columns are and on what ground, and see what would happen."""
    batch = get_object_or_404(ImportBatch, pk=batch_id, state__in=OPEN)
    form = SettleForm(request.POST, batch=batch)
    if not form.is_valid():
        return _steps(request, batch, form=form)
    said = {name: form.cleaned_data[name] for name in ("ground", "source", "country", "tags", "fill_only")}
    imports.settle(batch=batch, fields=form.mapping(), **said)
    if batch.size <= AT_ONCE:
        imports.check(batch_id=batch.pk, now=clock.now())
    else:
        imports.expect_check(batch=batch)
        transaction.on_commit(lambda: tasks.check.delay(batch_id=batch.pk))
    return redirect(reverse("contacts:import", args=[batch.pk]) + "#what")


@require_POST
@roles.require(roles.MARKETER)
def start(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Bring them in, in the background; also to go on after a stop."""
    get_object_or_404(ImportBatch, pk=batch_id)
    return _begin(request, batch_id, imports.begin)


@require_POST
@roles.require(roles.MARKETER)
def undo(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Take the whole import back, in the background."""
    get_object_or_404(ImportBatch, pk=batch_id)
    return _begin(request, batch_id, import_undo.begin)


def _begin(request: HttpRequest, batch_id: int, begin: Any) -> HttpResponse:
    try:
        begin(batch_id=batch_id, by=request.user, now=clock.now())
    except imports.NotNow as refused:
        messages.error(request, str(refused))
    else:
        transaction.on_commit(lambda: tasks.go_on.delay(batch_id=batch_id))
    return redirect("contacts:import", batch_id)


@require_POST
@roles.require(roles.MARKETER)
def cancel(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Stop a running import; who came in stays in."""
    get_object_or_404(ImportBatch, pk=batch_id)
    try:
        imports.cancel(batch_id=batch_id, by=request.user, now=clock.now())
    except imports.NotNow as refused:
        messages.error(request, str(refused))
    return redirect("contacts:import", batch_id)


@require_safe
@roles.require(roles.MARKETER)
def progress(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The bar alone, asked for every second."""
    batch = get_object_or_404(ImportBatch, pk=batch_id)
    return render(request, "contacts/imports/_progress.html", _moving(batch))


@require_safe
@roles.require(roles.MARKETER)
def rejects(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """The rows that did not come in, as they were, with the reason: to correct and bring in again."""
    batch = get_object_or_404(ImportBatch, pk=batch_id)
    reading = inspection.Reading(**batch.reading)
    header = [*reading.labels(), _("Line"), _("Reason")]
    width = len(header) - 2
    rows = (
        [*row.raw[:width], *[""] * (width - len(row.raw)), str(row.line), words]
        for row, words in imports.rejected(batch)
    )
    body = spreadsheet.lines(chain([header], rows), delimiter=reading.dialect.delimiter)
    answer = StreamingHttpResponse(body, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="not-imported-{batch.pk}.csv"'
    return answer


def _steps(
    request: HttpRequest,
    batch: ImportBatch,
    *,
    form: SettleForm | None = None,
    read_form: ReadForm | None = None,
) -> HttpResponse:
    initial = {
        "ground": batch.ground,
        **{key: batch.options.get(key) for key in ("source", "country", "fill_only")},
    }
    initial["tags"] = ", ".join(batch.options.get("tags", []))
    faulty = (form is not None and form.errors) or (read_form is not None and read_form.errors)
    samples = batch.options.get("samples", {})
    context = {
        "batch": batch,
        "reading": inspection.Reading(**batch.reading),
        "form": form or SettleForm(batch=batch, initial=initial),
        "read_form": read_form or ReadForm(),
        "checked": batch.state == State.CHECKED and form is None,
        "checking": batch.state == State.UPLOADED and batch.options.get("checking") and form is None,
        "parts": queries.parts(batch, url="#sample-{verdict}"),
        "people_in": queries.people_in(batch),
        "samples": [
            (word, queries.verdict_label(word), _in_words(samples[word]))
            for word in verdict.VERDICTS
            if word in samples
        ],
        "silent": [
            (number, gate.Verdict(reason).words) for reason, number in batch.options.get("silent", {}).items()
        ],
        **_moving(batch),
    }
    return render(request, "contacts/imports/steps.html", context, status=422 if faulty else 200)


def _in_words(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "words": reasons.words(row["reason"])} for row in rows]


def _report(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    counts = verdict.counts_of(batch.counts)
    url = reverse("contacts:import", args=[batch.pk])
    asked = request.GET.get("verdict", "")
    chosen = asked if asked in counts else next((one for one in verdict.REJECTED if counts[one]), "new")
    after = request.GET.get("after", "")
    page = queries.rows(
        batch_id=batch.pk, verdict=chosen, after=int(after) if after.isdecimal() and len(after) < 9 else 0
    )
    context = {
        "batch": batch,
        "counts": counts,
        "parts": queries.parts(batch, url=url + "?verdict={verdict}#rows"),
        "chosen": chosen,
        "chosen_label": queries.verdict_label(chosen),
        "page": page,
        "next_url": f"{url}?verdict={chosen}&after={page.next_after}#rows" if page.next_after else "",
        "rejected": counts["invalid"] + counts["review"],
        "can_undo": import_undo.can_undo(batch, now=clock.now()),
        "undone": batch.options.get("undo", {}),
        "actions": bulk.actions_for(request.user, batch=True) if batch.state == State.DONE else [],
        **_moving(batch),
    }
    return render(request, "contacts/imports/report.html", context)


def _moving(batch: ImportBatch) -> dict[str, Any]:
    checking = batch.state == State.UPLOADED and batch.options.get("checking")
    label = {State.RUNNING: _("Coming in"), State.UNDOING: _("Being undone")}.get(
        State(batch.state), _("Being checked")
    )
    moving = batch.state in MOVING or checking
    return {
        "batch": batch,
        "moving": moving,
        "label": label,
        "progress_url": reverse("contacts:import_progress", args=[batch.pk]),
        "finished_url": "" if moving else reverse("contacts:import", args=[batch.pk]),
    }
