"""May we write to …? The answer per purpose, its proof and its history."""

from datetime import UTC, datetime, time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts import clock, panels, roles
from contacts.forms.privacy import GroundForm
from contacts.models import Contact
from contacts.queries import ground as grounds
from contacts.services import ground


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(*roles.ALL)
def show(request: HttpRequest, contact_id: int) -> HttpResponse:
    """What the gate says about each kind of mail, and the form that stores another ground."""
    found = get_object_or_404(Contact.objects.present().select_related("company"), pk=contact_id)
    form = GroundForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        day = said.pop("on")
        at = datetime.combine(day, time(12), tzinfo=UTC) if day else None
        ground.keep(contact_id=found.pk, at=at, by=request.user, now=clock.now(), **said)
        words = _("The ground is stored. What may go out is judged anew before the next mail.")
        messages.success(request, words)
        return redirect("contacts:grounds", found.pk)
    context = {
        "contact": found,
        "grounds": grounds.of(found),
        "form": form,
        "panels": panels.of(found, request.user),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "contacts/privacy/grounds.html", context, status=status)
