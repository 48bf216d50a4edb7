"""Imports before anything is written: the list of them, upload, how the file is read, what its columns are, what would happen."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import clock, roles
from contacts.forms.import_batch import ReadForm, SettleForm, UploadForm
from contacts.models import CustomField, ImportBatch, ImportLayout
from contacts.queries import gate
from contacts.queries import import_batch as queries
from contacts.queries import import_layout as layout_queries
from contacts.reading import decoding, inspection, reasons, verdict
from contacts.services import import_batch as imports
from contacts.services import import_discard, import_fields, import_layout, import_work
from contacts.tasks import import_batch as tasks
from contacts.views import import_runs

State = ImportBatch.State
AT_ONCE = 512 * 1024  # bytes; a larger file is checked in the background
OPEN = (State.UPLOADED, State.CHECKED)


@require_safe
@roles.require(roles.MARKETER)
def index(request: HttpRequest) -> HttpResponse:
    """The imports, newest first, and the layouts that are known."""
    context = {"batches": queries.newest()[:100], "layouts": layout_queries.newest()[:50]}
    return render(request, "contacts/imports/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.MARKETER)
def new(request: HttpRequest) -> HttpResponse:
    """Take a file; one that cannot be read is refused with a sentence and not kept."""
    form = UploadForm()
    if request.method == "POST":
        try:
            form = UploadForm(request.POST, request.FILES)
            if form.is_valid() and (batch := _received(request, form)):
                return redirect("contacts:import", batch.pk)
        except OSError as error:
            if not import_work.disk_is_full(error):
                raise
            form.add_error(
                None, _("The disk of the server is full: nothing was kept. Ask whoever runs it for room.")
            )
    context = {"form": form, "limit": import_runs.upload_limit()}
    return render(request, "contacts/imports/new.html", context, status=422 if form.errors else 200)


def _received(request: HttpRequest, form: UploadForm) -> ImportBatch | None:
    file = form.cleaned_data["file"]
    try:
        batch = imports.receive(name=file.name, file=file, by=request.user, now=clock.now())
    except decoding.Unreadable as refused:
        form.add_error("file", str(refused))
        return None
    import_layout.recall(batch=batch)
    return batch


@require_safe
@roles.require(roles.MARKETER)
def show(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One import in whatever state it is: four steps that fill downward, a progress bar, or the report."""
    batch = get_object_or_404(ImportBatch.objects.select_related("created_by", "undone_by"), pk=batch_id)
    if batch.state in OPEN:
        return _steps(request, batch)
    return import_runs.report(request, batch)


@require_POST
@roles.require(roles.MARKETER)
def read_again(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Read the file with other letters, another delimiter, header line or sheet, or with the letters put back."""
    batch = get_object_or_404(ImportBatch, pk=batch_id, state__in=OPEN)
    form = ReadForm(request.POST, batch=batch)
    if not form.is_valid():
        return _steps(request, batch, read_form=form)
    try:
        imports.read_again(batch=batch, **form.cleaned_data)
    except decoding.Unreadable as refused:
        form.add_error(None, str(refused))
        return _steps(request, batch, read_form=form)
    import_layout.recall(batch=batch)
    return redirect("contacts:import", batch.pk)


@require_POST
@roles.require(roles.MARKETER)
def check(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Keep what the columns are and on what ground, and see what would happen."""
    batch = get_object_or_404(ImportBatch, pk=batch_id, state__in=OPEN)
    form = SettleForm(request.POST, batch=batch, own=_own())
    if not form.is_valid():
        return _steps(request, batch, form=form)
    now = clock.now()
    try:
        fields = import_fields.make_new(batch=batch, fields=form.mapping(), by=request.user, now=now)
    except import_fields.CannotMake as refused:
        form.add_error(f"column_{refused.column}", str(refused))
        return _steps(request, batch, form=form)
    said = {name: form.cleaned_data[name] for name in ("ground", "source", "country", "tags")}
    policy = {"policy": form.policy(), "policy_default": form.cleaned_data["known"]}
    imports.settle(
        batch=batch, fields=fields, capitals=form.cleaned_data.get("capitals", ""), **said, **policy
    )
    if batch.size <= AT_ONCE:
        import_work.check(batch_id=batch.pk, now=now)
    else:
        imports.expect_check(batch=batch)
        transaction.on_commit(lambda: tasks.check.delay(batch_id=batch.pk))
    return redirect(reverse("contacts:import", args=[batch.pk]) + "#what")


@require_POST
@roles.require(roles.MARKETER)
def discard(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Throw away a file of which nothing came in."""
    batch = get_object_or_404(ImportBatch, pk=batch_id, state__in=OPEN, started_at=None)
    import_discard.discard(batch_id=batch.pk, by=request.user, now=clock.now())
    messages.info(
        request, _("“%(name)s” is thrown away. Nothing of it was in the silo.") % {"name": batch.name}
    )
    return redirect("contacts:imports")


@require_POST
@roles.require(roles.MARKETER)
def forget_layout(request: HttpRequest, layout_id: int) -> HttpResponse:
    """The next file with these columns is read as if it were the first."""
    layout = get_object_or_404(ImportLayout, pk=layout_id)
    import_layout.forget(layout_id=layout.pk, by=request.user, now=clock.now())
    messages.info(request, _("Forgotten. The next file with these columns is looked at afresh."))
    back = request.POST.get("batch", "")
    if back.isdecimal() and len(back) < 10 and ImportBatch.objects.filter(pk=back).exists():
        return redirect("contacts:import", int(back))
    return redirect("contacts:imports")


def _own() -> list[CustomField]:
    return list(CustomField.objects.filter(retired_at=None))


def _initial(batch: ImportBatch) -> dict[str, Any]:
    options = batch.options
    return {
        "ground": batch.ground or options.get("ground", ""),
        "source": options.get("source", ""),
        "country": options.get("country", ""),
        "known": options.get("policy_default") or "overwrite",
        "tags": ", ".join(options.get("tags", [])),
        "capitals": options.get("capitals") or "write",
    }


def _steps(
    request: HttpRequest,
    batch: ImportBatch,
    *,
    form: SettleForm | None = None,
    read_form: ReadForm | None = None,
) -> HttpResponse:
    faulty = (form is not None and form.errors) or (read_form is not None and read_form.errors)
    samples, chosen = batch.options.get("samples", {}), batch.options.get("chosen", {})
    context = {
        "batch": batch,
        "reading": inspection.Reading(**batch.reading),
        "layout": layout_queries.of(batch),
        "twin": layout_queries.same_file(batch),
        "form": form or SettleForm(batch=batch, own=_own(), initial=_initial(batch)),
        "read_form": read_form or ReadForm(batch=batch),
        "chosen": [(name, "tab" if value == "\t" else value) for name, value in chosen.items()],
        "checked": batch.state == State.CHECKED and form is None,
        "checking": batch.state == State.UPLOADED and batch.options.get("checking") and form is None,
        "parts": queries.parts(batch, url="#sample-{verdict}"),
        "people_in": queries.people_in(batch),
        "effects": import_runs.effects(batch),
        "samples": [
            (word, queries.verdict_label(word), batch.counts.get(word, 0), _in_words(samples[word]))
            for word in verdict.VERDICTS
            if samples.get(word)
        ],
        "reasons": layout_queries.reasons_of(batch),
        "silent": [
            (number, gate.Verdict(reason).words) for reason, number in batch.options.get("silent", {}).items()
        ],
        **import_runs.moving(batch),
    }
    return render(request, "contacts/imports/steps.html", context, status=422 if faulty else 200)


def _in_words(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "words": reasons.words(row["reason"])} for row in rows]
