"""The people who should have been told where we have their data from, and the two things to do: tell them, or erase them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from contacts import clock, roles
from contacts.models import Erasure
from contacts.queries import untold
from contacts.services import erasure
from nurturing.services import notice


@require_safe
@roles.require(roles.ADMIN)
def index(request: HttpRequest) -> HttpResponse:
    """The overdue and those of the coming week, fifty at a time."""
    after = request.GET.get("after", "")
    now = clock.now()
    page = untold.page(now=now, after=int(after) if after.isdecimal() and len(after) < 18 else 0)
    context = {
        "page": page,
        "counts": untold.counts(now=now),
        "next_url": f"?after={page.next}" if page.next else "",
    }
    return render(request, "nurturing/told/index.html", context)


@require_POST
@roles.require(roles.ADMIN)
def send(request: HttpRequest) -> HttpResponse:
    """The notice goes to those who were ticked, as far as the gate lets it."""
    told = notice.send(contact_ids=_ticked(request), by=request.user, now=clock.now())
    said = ngettext("%(count)s person gets the notice.", "%(count)s people get the notice.", told.planned)
    if told.planned:
        messages.success(request, said % {"count": told.planned})
    if told.refused:
        messages.error(
            request,
            _("%(count)s may not be written to: tell them by phone, or erase them.")
            % {"count": told.refused},
        )
    return redirect("nurturing:told")


@require_POST
@roles.require(roles.ADMIN)
def erase(request: HttpRequest) -> HttpResponse:
    """Those who were ticked are erased, for good."""
    ids = untold.untold().filter(pk__in=_ticked(request)).values_list("pk", flat=True)
    count = erasure.erase(contact_ids=ids, why=Erasure.Why.COLLEAGUE, by=request.user, now=clock.now())
    said = ngettext("%(count)s person is erased.", "%(count)s people are erased.", count)
    messages.success(request, said % {"count": count})
    return redirect("nurturing:told")


def _ticked(request: HttpRequest) -> list[int]:
    return [int(one) for one in request.POST.getlist("contact") if one.isdecimal() and len(one) < 18][
        : notice.MOST
    ]
