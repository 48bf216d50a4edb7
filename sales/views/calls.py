"""The outcome of a call, and its undo."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts import clock, roles
from contacts.models import Contact
from nurturing.views import colleague
from sales.forms.call import MORE, OutcomeForm
from sales.models import Call
from sales.services import claim, outcome
from sales.views import claims, queue


@roles.require(roles.SALESPERSON, roles.ADMIN)
@require_POST
def record(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Write the outcome; when it needs a date or a reason, ask for it and write nothing yet."""
    now, lane = clock.now(), request.POST.get("lane", "")
    form = OutcomeForm(request.POST, now=now)
    if not form.is_valid():
        return queue.page(request, now=now, contact_id=contact_id, lane=lane, form=form, status=422)
    if form.cleaned_data["outcome"] == MORE:
        return queue.page(request, now=now, contact_id=contact_id, lane=lane, form=form)
    try:
        call = outcome.record(contact_id=contact_id, by=colleague.me(request), now=now, **form.consequences())
    except outcome.Incomplete:
        return queue.page(request, now=now, contact_id=contact_id, lane=lane, form=form)
    except Contact.DoesNotExist:
        raise Http404 from None
    except claim.Taken as taken:
        return claims.refuse(request, contact_id, taken)
    except outcome.AlreadyDone:
        messages.warning(request, _("This was done already. Nothing was written twice."))
        return queue.page(request, now=now, lane=lane, status=409)
    return queue.go(request, after=call.pk)


@roles.require(roles.SALESPERSON, roles.ADMIN)
@require_POST
def undo(request: HttpRequest, call_id: int) -> HttpResponse:
    """Take an outcome back, or say why that is too late."""
    now = clock.now()
    try:
        call = outcome.undo(call_id=call_id, by=colleague.me(request), now=now)
    except Call.DoesNotExist:
        raise Http404 from None
    except outcome.CannotUndo as refused:
        messages.warning(request, str(refused))
        return queue.page(request, now=now, lane=request.POST.get("lane", ""), status=409)
    messages.info(request, _("Taken back. %(name)s is where they were before.") % {"name": call.contact.name})
    return queue.go(request, who=call.contact_id)
