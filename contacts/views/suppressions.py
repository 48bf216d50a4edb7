"""Stop all mail, all calls or all contact to one person, and take that back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts import clock, roles
from contacts.models import Contact, Suppression
from contacts.services import suppression


@require_POST
@roles.require(*roles.ALL)
def stop(request: HttpRequest, contact_id: int) -> HttpResponse:
    """A colleague's stop; can be taken back at once or later."""
    found = get_object_or_404(Contact.objects.present(), pk=contact_id)
    channel = request.POST.get("channel", "")
    try:
        made = suppression.stop_person(
            contact_id=found.pk,
            channel=channel,
            source=_("by %(name)s") % {"name": request.user},
            by=request.user,
            now=clock.now(),
        )
    except suppression.NothingToStop:
        messages.error(request, _("%(name)s has no address or number of that kind.") % {"name": found.name})
        return redirect(found.get_absolute_url())
    ids = ",".join(str(row.pk) for row in made)
    words = {
        Suppression.Channel.MAIL: _("%(name)s gets no more mail."),
        Suppression.Channel.PHONE: _("Nobody calls %(name)s any more."),
        Suppression.Channel.ALL: _("Nobody writes to %(name)s or calls them any more."),
    }[Suppression.Channel(channel)]
    undo = f"{reverse('contacts:lift', args=[found.pk])}?stops={ids}"
    messages.success(request, words % {"name": found.name}, extra_tags=f"undo {undo}")
    return redirect(found.get_absolute_url())


@require_POST
@roles.require(*roles.ALL)
def lift(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Take back stops that a colleague, a list or a server caused. What somebody asked for themselves stays."""
    found = get_object_or_404(Contact.objects.present(), pk=contact_id)
    asked = request.GET.get("stops") or request.POST.get("stops", "")
    lifted = suppression.lift_for(
        contact_id=found.pk,
        suppression_ids=[int(word) for word in asked.split(",") if word.isdecimal() and len(word) < 19],
        by=request.user,
        now=clock.now(),
    )
    if lifted:
        messages.success(request, _("The stop is taken back. The next mail is judged anew."))
    else:
        messages.error(request, _("Only they themselves can take that back: it was their own wish."))
    return redirect(found.get_absolute_url())
