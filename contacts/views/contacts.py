"""The list of people, and adding one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contacts import bulk, clock, roles
from contacts.forms.contact import AddForm
from contacts.models import Contact
from contacts.queries import columns, filters
from contacts.queries import contact as people
from contacts.queries import saved_view as views
from contacts.services import contact
from contacts.views import people_list
from contacts.views.colleague import me


@require_safe
@roles.require(*roles.ALL)
def index(request: HttpRequest) -> HttpResponse:
    """Everybody, or those who fit; how to arrange them; what can be done with those who are chosen."""
    user_id = me(request)
    if not request.GET and (opening := views.opening(user_id)):
        return redirect(people_list.url_of(opening))
    shown = people_list.shown(request.GET, user_id=user_id)
    now = clock.now()
    page = people.page(shown.asked, columns=shown.columns, now=now)
    total = page.total
    if total is None and "count" in request.GET:
        total = people.count(shown.asked.filters, now=now)
    context = {
        "shown": shown,
        "form": shown.form,
        "page": page,
        "total": total,
        "count_url": shown.url(to=reverse("contacts:people_count")),
        "count_here_url": shown.url(count="1"),
        "older_url": shown.url(older=page.older) if page.older else "",
        "newer_url": shown.url(newer=page.newer) if page.newer else "",
        "changes": bulk.changes_for(request.user),
        "actions": [action for action in bulk.actions_for(request.user) if not action.takes_batch],
        "may_export": roles.has(request.user, roles.MARKETER),
        "may_import": roles.has(request.user, roles.MARKETER),
        "known_tags": filters.known_tags(),
        "views": [(one, people_list.url_of(one)) for one in views.offered_to(user_id)],
        "all_columns": columns.pickable(shown.known_columns, shown.columns),
    }
    return render(request, "contacts/people/index.html", context)


@require_safe
@roles.require(*roles.ALL)
def count(request: HttpRequest) -> HttpResponse:
    """How many fit, exactly: asked for when the page stands already."""
    shown = people_list.shown(request.GET, user_id=me(request))
    total = people.count(shown.asked.filters, now=clock.now())
    return render(request, "contacts/people/_count.html", {"shown": shown, "total": total})


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
