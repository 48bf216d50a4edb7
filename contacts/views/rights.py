"""A person's rights in one click each: everything we have about them, and their erasure."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contacts import clock, giving_out, roles
from contacts.models import Contact, Erasure
from contacts.services import audit, erasure


@require_safe
@roles.require(roles.ADMIN)
def data(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Everything, readable, to be printed or saved for the person. Looking is written down."""
    found = get_object_or_404(Contact.objects.present(), pk=contact_id)
    now = clock.now()
    audit.write(verb="contact.given_out", now=now, by=request.user, contact_id=found.pk, to="page")
    context = {"contact": found, "sections": giving_out.everything(found.pk), "now": now}
    return render(request, "contacts/privacy/data.html", context)


@require_safe
@roles.require(roles.ADMIN)
def data_json(request: HttpRequest, contact_id: int) -> HttpResponse:
    """The same for machines (GDPR 20)."""
    found = get_object_or_404(Contact.objects.present(), pk=contact_id)
    audit.write(verb="contact.given_out", now=clock.now(), by=request.user, contact_id=found.pk, to="json")
    everything = giving_out.as_json(giving_out.everything(found.pk))
    answer = JsonResponse(everything, json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="person-{found.pk}.json"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.ADMIN)
def erase(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Says what goes and what stays, then does it. Final, and named as final."""
    found = get_object_or_404(Contact.objects.present().select_related("company"), pk=contact_id)
    if request.method != "POST":
        return render(request, "contacts/privacy/erase.html", {"contact": found})
    name = found.name
    why = Erasure.Why.PERSON if request.POST.get("asked") else Erasure.Why.COLLEAGUE
    erasure.erase(contact_ids=[found.pk], why=why, by=request.user, now=clock.now())
    messages.success(request, _("%(name)s is erased. No list brings them back.") % {"name": name})
    return redirect("contacts:people")
