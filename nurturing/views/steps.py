"""The mails of a sequence: written beside the timeline, added, moved, taken out, tried."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contacts import clock, roles
from nurturing.content import compiling
from nurturing.forms.sequence import MoveForm, StepForm
from nurturing.models import Sequence, Step
from nurturing.queries import preview
from nurturing.queries import sequence as queries
from nurturing.services import sequence
from nurturing.views import previews
from nurturing.views.colleague import me, wants_fragment
from nurturing.views.sequences import READERS

KEPT = "removed_step"


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(*READERS)
def show(request: HttpRequest, sequence_id: int, step_key: str) -> HttpResponseBase:
    """One mail beside the timeline. POST saves it (marketers); the preview beside it shows what was saved."""
    if request.method == "POST":
        return _save(request, sequence_id, step_key)
    return _page(request, sequence_id, step_key)


@roles.require(roles.MARKETER)
def _save(request: HttpRequest, sequence_id: int, step_key: str) -> HttpResponse:
    get_object_or_404(Sequence, pk=sequence_id)
    form = StepForm(request.POST)
    if not form.is_valid():
        return _page(request, sequence_id, step_key, form=form, status=422)
    seen = request.POST.get("overwrite") or request.POST.get("seen", "")
    try:
        sequence.edit_step(
            sequence_id=sequence_id,
            step_key=step_key,
            seen=seen,
            by=me(request),
            now=clock.now(),
            **form.words,
        )
    except sequence.EditedMeanwhile as error:
        return _page(request, sequence_id, step_key, form=form, theirs=error.step, status=409)
    except Step.DoesNotExist as gone:
        raise Http404(_("This step was taken out meanwhile.")) from gone
    if wants_fragment(request):
        return _page(request, sequence_id, step_key, saved=True)
    messages.success(request, _("Saved in the draft. Nobody gets it before you publish."))
    return redirect(_address(request, sequence_id, step_key))


@require_POST
@roles.require(roles.MARKETER)
def add(request: HttpRequest, sequence_id: int) -> HttpResponse:
    """A new, empty mail at the end."""
    get_object_or_404(Sequence, pk=sequence_id)
    try:
        step = sequence.add_step(sequence_id=sequence_id, by=me(request), now=clock.now())
    except sequence.NotReady as error:
        messages.error(request, str(error))
        return redirect("nurturing:sequence", sequence_id)
    return redirect("nurturing:step", sequence_id, step.key)


@require_POST
@roles.require(roles.MARKETER)
def move(request: HttpRequest, sequence_id: int, step_key: str) -> HttpResponse:
    """Up or down by one place."""
    get_object_or_404(Sequence, pk=sequence_id)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return HttpResponse(_("A step moves up (-1) or down (1)."), status=400, content_type="text/plain")
    try:
        sequence.move_step(
            sequence_id=sequence_id,
            step_key=step_key,
            by_places=form.cleaned_data["by_places"],
            by=me(request),
            now=clock.now(),
        )
    except Step.DoesNotExist as gone:
        raise Http404 from gone
    return redirect("nurturing:step", sequence_id, step_key)


@require_POST
@roles.require(roles.MARKETER)
def remove(request: HttpRequest, sequence_id: int, step_key: str) -> HttpResponse:
    """Take a mail out of the draft; undo puts it back."""
    get_object_or_404(Sequence, pk=sequence_id)
    try:
        kept = sequence.remove_step(
            sequence_id=sequence_id, step_key=step_key, by=me(request), now=clock.now()
        )
    except Step.DoesNotExist as gone:
        raise Http404 from gone
    request.session[KEPT] = {"sequence_id": sequence_id, **kept}
    name = kept["subject"] or _("The mail without a subject")
    said = _("“%(name)s” is out of the draft. What is live stays until you publish.") % {"name": name}
    messages.success(request, said, extra_tags=f"undo {reverse('nurturing:put_back', args=[sequence_id])}")
    return redirect("nurturing:sequence", sequence_id)


@require_POST
@roles.require(roles.MARKETER)
def put_back(request: HttpRequest, sequence_id: int) -> HttpResponse:
    """Undo the last removal in this browser."""
    get_object_or_404(Sequence, pk=sequence_id)
    kept: dict[str, Any] = request.session.pop(KEPT, {})
    if kept.pop("sequence_id", None) != sequence_id:
        messages.error(request, _("There is nothing to put back."))
        return redirect("nurturing:sequence", sequence_id)
    step = sequence.add_step(sequence_id=sequence_id, by=me(request), now=clock.now(), **kept)
    return redirect("nurturing:step", sequence_id, step.key)


@require_POST
@roles.require(roles.MARKETER)
def try_out(request: HttpRequest, sequence_id: int, step_key: str) -> HttpResponse:
    """Send this mail to oneself, as the chosen person would get it."""
    step = previews.step_of(sequence_id, step_key)
    compiled = compiling.compile_mail(step.subject, step.preheader, step.body, step.language)
    person = preview.who(request.POST.get("person", ""), language=step.language, prefer_sequence=sequence_id)
    previews.try_out(request, compiled, person)
    return redirect(_address(request, sequence_id, step_key))


def _page(
    request: HttpRequest,
    sequence_id: int,
    step_key: str,
    *,
    form: StepForm | None = None,
    theirs: Step | None = None,
    saved: bool = False,
    status: int = 200,
) -> HttpResponse:
    get_object_or_404(Sequence, pk=sequence_id)
    timeline = queries.timeline(sequence_id)
    row = timeline.row(step_key)
    if row is None:
        raise Http404(_("There is no such step in this sequence."))
    person = preview.who(
        request.GET.get("person", ""), language=row.step.language, prefer_sequence=sequence_id
    )
    context = {
        "timeline": timeline,
        "row": row,
        "form": form or StepForm.of(row.step),
        "seen": request.POST.get("seen")
        if theirs or (form and form.errors)
        else sequence.fingerprint(row.step),
        "theirs": theirs,
        "theirs_by": timeline.version.edited_by if timeline.version else None,
        "theirs_seen": sequence.fingerprint(theirs) if theirs else "",
        "saved_at": clock.now() if saved else None,
        "may_write": roles.has(request.user, roles.MARKETER),
        **previews.context(row.step, person, timeline=timeline),
    }
    return render(request, "nurturing/sequences/show.html", context, status=status)


def _address(request: HttpRequest, sequence_id: int, step_key: str) -> str:
    person = request.POST.get("person", "")
    address = reverse("nurturing:step", args=[sequence_id, step_key])
    return f"{address}?person={person}" if person.replace("-", "").isalnum() else address
