"""Change what we know about somebody, on a page of its own."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts import clock, roles
from contacts.forms.details import DetailsForm, known
from contacts.models import Contact, LegalGround
from contacts.reading import reasons, values
from contacts.services import contact as contacts
from contacts.services import details
from contacts.views import fields


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(*roles.ALL)
def edit(request: HttpRequest, contact_id: int) -> HttpResponse:
    """All fields in one form. Whoever saves over a colleague's newer words is shown both and nothing is lost."""
    found = get_object_or_404(Contact.objects.present().select_related("company"), pk=contact_id)
    ground = LegalGround.objects.filter(contact=found, purpose=LegalGround.Purpose.MARKETING).first()
    initial = known(
        found, ground=ground.ground if ground else "none", ground_source=ground.source if ground else ""
    )
    if request.method != "POST":
        return _page(request, found, DetailsForm(initial=initial))
    form = DetailsForm(request.POST, initial=initial)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    said: dict[str, Any] = dict(form.cleaned_data)
    try:
        changed = details.save(
            contact_id=found.pk, seen=said.pop("seen"), said=said, by=request.user, now=clock.now()
        )
    except details.ChangedMeanwhile:
        again = request.POST.copy()
        again["seen"] = found.updated_at.isoformat()
        form = DetailsForm(again, initial=initial)
        form.add_error(
            None, _("A colleague changed this person meanwhile. Look at your words below, then save again.")
        )
        return _page(request, found, form, status=409)
    except contacts.AlreadyHere as other:
        one = Contact.objects.get(pk=other.contact_id)
        words = _("{} has this address already: <a href='{}'>open the page</a>.")
        form.add_error("email", format_html(words, one.name, one.get_absolute_url()))
        return _page(request, found, form, status=422)
    except values.Problem as problem:
        form.add_error(None, reasons.words(reasons.join(problem.code, problem.detail)))
        return _page(request, found, form, status=422)
    if details.GROUND_DROPPED in changed:
        messages.success(request, fields.say_anew(found))
    elif changed:
        messages.success(request, _("Saved. What the silo may send is judged anew before the next mail."))
    return redirect(found.get_absolute_url())


def _page(request: HttpRequest, found: Contact, form: DetailsForm, status: int = 200) -> HttpResponse:
    return render(request, "contacts/people/edit.html", {"contact": found, "form": form}, status=status)
