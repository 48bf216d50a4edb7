"""The page of the company's own fields: make, rename, widen, retire, each with its undo."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contacts import clock, roles
from contacts.forms.custom_field import MakeForm
from contacts.models import CustomField
from contacts.queries import custom_field as queries
from contacts.reading import reasons, values
from contacts.services import custom_field as fields

REFUSED = (fields.AlreadyThere, fields.NoName, fields.NoChoices, values.Problem)


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.MARKETER, roles.ADMIN)
def index(request: HttpRequest) -> HttpResponse:
    """The fields with what uses them; the form makes one more."""
    form = MakeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = fields.make(by=request.user, now=clock.now(), **form.cleaned_data)
        except REFUSED as refused:
            form.add_error("choices" if isinstance(refused, fields.NoChoices) else "name", words(refused))
        else:
            undo = reverse("contacts:retire_field", args=[made.pk])
            said = _("“%(name)s” is there: on every person's page, in imports and in segments.")
            messages.success(request, said % {"name": made.name}, extra_tags=f"undo {undo}")
            return redirect("contacts:custom_fields")
    status = 422 if form.errors else 200
    return render(
        request, "contacts/custom_fields/index.html", {"form": form, "uses": queries.uses()}, status=status
    )


@require_POST
@roles.require(roles.MARKETER, roles.ADMIN)
def rename(request: HttpRequest, field_id: int) -> HttpResponse:
    """Another name; the values stay. The undo renames it back."""
    found = _field(field_id)
    name = request.POST.get("name") or request.GET.get("name", "")
    try:
        changed = fields.rename(field_id=found.pk, name=name, by=request.user, now=clock.now())
    except REFUSED as refused:
        messages.error(request, words(refused))
        return redirect("contacts:custom_fields")
    if changed:
        undo = f"{reverse('contacts:rename_field', args=[found.pk])}?{urlencode({'name': found.name})}"
        said = _("“%(old)s” is now called “%(new)s”.") % {"old": found.name, "new": " ".join(name.split())}
        messages.success(request, said, extra_tags=f"undo {undo}")
    return redirect("contacts:custom_fields")


@require_POST
@roles.require(roles.MARKETER, roles.ADMIN)
def widen(request: HttpRequest, field_id: int) -> HttpResponse:
    """More words to choose from."""
    found = _field(field_id)
    try:
        new = fields.add_choices(
            field_id=found.pk,
            choices=request.POST.get("choices", "").splitlines(),
            by=request.user,
            now=clock.now(),
        )
    except REFUSED as refused:
        messages.error(request, words(refused))
        return redirect("contacts:custom_fields")
    if new:
        at = len(found.choices)
        undo = reverse("contacts:narrow_field", args=[found.pk, at])
        messages.success(
            request,
            _("New in “%(name)s”: %(words)s.") % {"name": found.name, "words": ", ".join(new)},
            extra_tags=f"undo {undo}",
        )
    return redirect("contacts:custom_fields")


@require_POST
@roles.require(roles.MARKETER, roles.ADMIN)
def narrow(request: HttpRequest, field_id: int, first: int) -> HttpResponse:
    """Undo of `widen`: the words from the one of this number on go. A value that somebody has meanwhile stays."""
    found = _field(field_id)
    gone = fields.take_choices_back(
        field_id=found.pk, choices=found.choices[first:] if first else [], by=request.user, now=clock.now()
    )
    messages.info(request, _("Taken back: %(words)s.") % {"words": ", ".join(gone) or "–"})
    return redirect("contacts:custom_fields")


@require_POST
@roles.require(roles.MARKETER, roles.ADMIN)
def retire(request: HttpRequest, field_id: int) -> HttpResponse:
    """Offered no longer. Values stay where they are."""
    found = _field(field_id)
    if fields.retire(field_id=found.pk, by=request.user, now=clock.now()):
        undo = reverse("contacts:bring_field_back", args=[found.pk])
        said = _("“%(name)s” is offered no longer. Values that are there stay.")
        messages.success(request, said % {"name": found.name}, extra_tags=f"undo {undo}")
    return redirect("contacts:custom_fields")


@require_POST
@roles.require(roles.MARKETER, roles.ADMIN)
def bring_back(request: HttpRequest, field_id: int) -> HttpResponse:
    """Offered again."""
    found = _field(field_id)
    if fields.bring_back(field_id=found.pk, by=request.user, now=clock.now()):
        messages.success(request, _("“%(name)s” is offered again.") % {"name": found.name})
    return redirect("contacts:custom_fields")


def words(refused: Exception) -> str:
    """A refusal as a sentence."""
    if isinstance(refused, fields.AlreadyThere):
        if refused.field.retired_at:
            return _("“%(name)s” was retired. Bring it back instead.") % {"name": refused.field.name}
        return _("“%(name)s” is there already.") % {"name": refused.field.name}
    if isinstance(refused, fields.NoName):
        return _("A field needs a name.")
    if isinstance(refused, fields.NoChoices):
        return _("A choice needs words to choose from, one on each line.")
    if isinstance(refused, values.Problem):
        return reasons.words(reasons.join(refused.code, refused.detail))
    raise refused


def _field(field_id: int) -> CustomField:
    return get_object_or_404(CustomField, pk=field_id)
