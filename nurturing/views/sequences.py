"""The list of sequences, one sequence with its timeline, and what is live."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import clock, roles
from nurturing.forms.sequence import SequenceForm
from nurturing.models import Sequence, Step
from nurturing.queries import sequence as queries
from nurturing.services import sequence
from nurturing.views.colleague import me

READERS = (roles.MARKETER, roles.SALESPERSON)


@require_safe
@roles.require(*READERS)
def index(request: HttpRequest) -> HttpResponse:
    """Every sequence: what is live, who is in it."""
    context = {"sequences": queries.overview(), "may_write": roles.has(request.user, roles.MARKETER)}
    return render(request, "nurturing/sequences/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.MARKETER)
def make(request: HttpRequest) -> HttpResponse:
    """Begin a sequence; its first mail is written on the next page."""
    form = SequenceForm(request.POST or None, initial={"stops_when": list(Sequence.StopsWhen.values)})
    if form.is_valid():
        wait = form.cleaned_data.pop("waits_at_most_days")
        try:
            made = sequence.make(**form.cleaned_data, by=me(request), now=clock.now())
            sequence.describe(sequence_id=made.pk, by=me(request), now=clock.now(), waits_at_most_days=wait)
        except sequence.NameTaken as error:
            form.add_error("name", str(error))
        else:
            return redirect("nurturing:sequence", made.pk)
    status = 422 if form.errors else 200
    return render(request, "nurturing/sequences/new.html", {"form": form}, status=status)


@require_safe
@roles.require(*READERS)
def show(request: HttpRequest, sequence_id: int) -> HttpResponse:
    """The timeline; the mails open beside it."""
    get_object_or_404(Sequence, pk=sequence_id)
    timeline = queries.timeline(sequence_id)
    context = {"timeline": timeline, "may_write": roles.has(request.user, roles.MARKETER)}
    return render(request, "nurturing/sequences/show.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.MARKETER)
def describe(request: HttpRequest, sequence_id: int) -> HttpResponse:
    """Name, purpose, stop rules, priority: they count at once."""
    found = get_object_or_404(Sequence, pk=sequence_id)
    form = SequenceForm.of(found, request.POST or None)
    if form.is_valid():
        try:
            sequence.describe(sequence_id=found.pk, by=me(request), now=clock.now(), **form.cleaned_data)
        except sequence.NameTaken as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("Changed. This counts at once, also for those who are in it."))
            return redirect("nurturing:sequence", found.pk)
    status = 422 if form.errors else 200
    return render(
        request, "nurturing/sequences/describe.html", {"form": form, "sequence": found}, status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.MARKETER)
def publish(request: HttpRequest, sequence_id: int) -> HttpResponse:
    """Say what will happen, then make the draft live."""
    found = get_object_or_404(Sequence, pk=sequence_id)
    reasons: tuple[tuple[str, str], ...] = ()
    if request.method == "POST":
        try:
            published = sequence.publish(sequence_id=found.pk, by=me(request), now=clock.now())
        except sequence.NotReady as error:
            reasons = error.reasons
        else:
            said = _("%(name)s v%(number)s is live.") % {
                "name": found.name,
                "number": published.version.number,
            }
            undo = reverse("nurturing:undo_publish", args=[found.pk])
            messages.success(request, f"{said} {_people(published.people)}", extra_tags=f"undo {undo}")
            return redirect("nurturing:sequence", found.pk)
    timeline = queries.timeline(found.pk)
    context = {
        "timeline": timeline,
        "reasons": reasons,
        "goes_on": [_goes_on(step, number) for step, number in queries.goes_on(timeline)],
        "next_number": queries.last_number(found.pk) + 1,
    }
    return render(request, "nurturing/sequences/publish.html", context, status=422 if reasons else 200)


@require_POST
@roles.require(roles.MARKETER)
def undo_publish(request: HttpRequest, sequence_id: int) -> HttpResponse:
    """The version before is live again; the words stay as the draft."""
    found = get_object_or_404(Sequence, pk=sequence_id)
    try:
        before = sequence.undo_publish(sequence_id=found.pk, by=me(request), now=clock.now())
    except sequence.NothingToUndo as error:
        messages.error(request, str(error))
        return redirect("nurturing:sequence", found.pk)
    if before is None:
        messages.success(request, _("Nothing of it is live now. The text is your draft."))
    else:
        said = _("v%(number)s is live again. The newer text is your draft.")
        messages.success(request, said % {"number": before.number})
    return redirect("nurturing:sequence", found.pk)


@require_POST
@roles.require(roles.MARKETER)
def discard(request: HttpRequest, sequence_id: int) -> HttpResponse:
    """Throw the draft away; what is live stays."""
    found = get_object_or_404(Sequence, pk=sequence_id)
    try:
        sequence.discard(sequence_id=found.pk, by=me(request), now=clock.now())
    except sequence.NothingToUndo as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The draft is gone. You see what is live."))
    return redirect("nurturing:sequence", found.pk)


def _goes_on(step: Step | None, number: int) -> str:
    if step is None:
        words = ngettext(
            "%(number)s person has had every mail and goes back to the library.",
            "%(number)s people have had every mail and go back to the library.",
            number,
        )
        return words % {"number": number}
    words = ngettext(
        "%(number)s person in it goes on with “%(subject)s”.",
        "%(number)s people in it go on with “%(subject)s”.",
        number,
    )
    return words % {"number": number, "subject": step.subject or _("No subject yet")}


def _people(number: int) -> str:
    if not number:
        return _("Nobody is in it yet: bring people in.")
    words = ngettext(
        "%(number)s person in it goes on from where they are.",
        "%(number)s people in it go on from where they are.",
        number,
    )
    return words % {"number": number}
