"""Taking a person in hand and putting them back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts import clock, roles, spoken
from contacts.models import Contact
from nurturing.views import colleague
from sales.services import claim
from sales.views import queue


@roles.require(roles.SALESPERSON, roles.ADMIN)
@require_POST
def take(request: HttpRequest, contact_id: int) -> HttpResponse:
    now = clock.now()
    try:
        claim.take(contact_id=contact_id, by=colleague.me(request), now=now)
    except Contact.DoesNotExist:
        raise Http404 from None
    except claim.Taken as taken:
        return refuse(request, contact_id, taken)
    return queue.go(request, who=contact_id)


@roles.require(roles.SALESPERSON, roles.ADMIN)
@require_POST
def release(request: HttpRequest, contact_id: int) -> HttpResponse:
    if not Contact.objects.present().filter(pk=contact_id).exists():
        raise Http404
    if not claim.release(contact_id=contact_id, by=colleague.me(request), now=clock.now()):
        messages.info(request, _("You did not hold them any more."))
    return queue.go(request, who=contact_id)


def refuse(request: HttpRequest, contact_id: int, taken: claim.Taken) -> HttpResponse:
    """The same card, now with the name of the colleague who was faster."""
    now = clock.now()
    words = _("%(who)s has them in hand until %(time)s. Nothing was changed.")
    messages.warning(request, words % {"who": taken.by, "time": spoken.moment(taken.until, now=now)})
    return queue.page(request, now=now, contact_id=contact_id, lane=request.POST.get("lane", ""), status=409)
