"""The list of people, and adding one."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contacts import bulk, clock, lenses, roles
from contacts.forms.contact import AddForm, FindForm
from contacts.models import Contact
from contacts.queries import contact as people
from contacts.services import contact


@require_safe
@roles.require(*roles.ALL)
def index(request: HttpRequest) -> HttpResponse:
    """Everybody, the newest first; search and filters; what can be done with those who are chosen."""
    form = FindForm(request.GET)
    asked = form.asked
    found = people.matching(words=asked["q"], ground=asked["ground"], country=asked["country"])
    found = lenses.narrowed(found, asked)
    older, newer = request.GET.get("older", ""), request.GET.get("newer", "")
    page = people.page(found, older_than=older, newer_than=newer, now=clock.now())
    context = {
        "form": form,
        "page": page,
        "total": people.count(found),
        "searching": any(asked.values()),
        "older_url": _url(asked, older=page.older),
        "newer_url": _url(asked, newer=page.newer),
        "actions": bulk.actions_for(request.user),
        "may_import": roles.has(request.user, roles.MARKETER),
    }
    return render(request, "contacts/people/index.html", context)


def _url(asked: dict[str, str], **cursor: str) -> str:
    if not all(cursor.values()):
        return ""
    return "?" + urlencode({name: value for name, value in {**asked, **cursor}.items() if value})


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(*roles.ALL)
def add(request: HttpRequest) -> HttpResponse:
    """A form for one person; whoever is here already is named with a link."""
    form = AddForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _form(request, form)
    said = form.cleaned_data
    try:
        made = contact.add(**said, obtained=_obtained(said["way_in"]), by=request.user, now=clock.now())
    except contact.AlreadyHere as known:
        one = Contact.objects.get(pk=known.contact_id)
        words = format_html(
            _("{} is in the silo already: <a href='{}'>open the page</a>."), one.name, one.get_absolute_url()
        )
        form.add_error(None, words)
        return _form(request, form)
    messages.success(request, _("%(name)s is in the silo.") % {"name": made.name})
    return redirect(made.get_absolute_url())


def _form(request: HttpRequest, form: AddForm) -> HttpResponse:
    return render(request, "contacts/people/add.html", {"form": form}, status=422 if form.errors else 200)


def _obtained(way_in: str) -> str:
    """Who gave us the data: it decides whether the person must be told where we got it."""
    if way_in in (Contact.WayIn.LIST, Contact.WayIn.COLD_CALL):
        return Contact.Obtained.LIST
    if way_in in (Contact.WayIn.REFERRAL_INTERNAL, Contact.WayIn.REFERRAL_EXTERNAL):
        return Contact.Obtained.COLLEAGUE
    return Contact.Obtained.SELF
