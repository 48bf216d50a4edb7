"""The contact's whole page: all three rooms about one person."""

from datetime import datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from contacts import clock, roles
from contacts.models import Contact
from contacts.queries import filters, merge
from contacts.services import field
from silo.queries import person, timeline, why

JUST_NOW = timedelta(microseconds=1)  # what happened at this very moment is on the page too


@require_safe
@roles.require(*roles.ALL)
def show(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Standing in one sentence, temperature with receipts, timeline; the rest folds. That somebody looked is written down."""
    now = clock.now()
    try:
        contact = _contact(contact_id)
    except Http404:
        kept = merge.kept_for(contact_id)  # an old link to somebody who was merged
        if kept is None:
            raise
        return redirect("contact", kept)
    field.looked_at(contact_id=contact.pk, by=request.user, now=now)
    group = request.GET.get("only", "")
    return render(
        request,
        "silo/contact/show.html",
        {
            "contact": contact,
            "person": person.of(contact, now=now),
            "timeline": timeline.of(contact.pk, before=now + JUST_NOW, group=group),
            "groups": timeline.lanes(contact, group),
            "group": group,
            "may_sell": roles.has(request.user, roles.SALESPERSON),
            "may_erase": contact.erased_at is None and roles.has(request.user, roles.ADMIN),
            "tags_known": filters.known_tags(),
        },
    )


@require_safe
@roles.require(*roles.ALL)
def earlier(request: HttpRequest, contact_id: int) -> HttpResponse:
    """The next stretch of the timeline, as a fragment or as a page of its own without JavaScript."""
    contact = _contact(contact_id)
    before = _moment(request.GET.get("before", ""))
    group = request.GET.get("only", "")
    template = (
        "silo/contact/_timeline.html" if request.headers.get("HX-Request") else "silo/contact/timeline.html"
    )
    context = {
        "contact": contact,
        "timeline": timeline.of(contact.pk, before=before, group=group),
        "group": group,
    }
    return render(request, template, context)


@require_safe
@roles.require(*roles.ALL)
def explain(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Why this person did or did not get each mail."""
    contact = _contact(contact_id)
    return render(
        request, "silo/contact/why.html", {"contact": contact, "why": why.of(contact, now=clock.now())}
    )


def _moment(text: str) -> datetime:
    """The moment in an address; what is none leads nowhere."""
    try:
        found = parse_datetime(text)
    except ValueError:  # in the form of a moment, with a month 13
        found = None
    if found is None or found.tzinfo is None or found.year < 1970:
        raise Http404
    return found


def _contact(contact_id: int) -> Contact:
    return get_object_or_404(Contact.objects.select_related("company", "owner"), pk=contact_id)
