"""What a person said to a colleague: not tracked, not scored, and that they know where we have their data from."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from contacts import clock, roles
from contacts.models import Contact, Objection
from contacts.services import objection, telling

MADE = {
    Objection.Kind.TRACKING: gettext_lazy(
        "Their clicks are no longer counted: the links in their mails are plain."
    ),
    Objection.Kind.PROFILING: gettext_lazy(
        "They have no temperature any more, and nobody is told that they are hot."
    ),
}
WITHDRAWN = {
    Objection.Kind.TRACKING: gettext_lazy("Their clicks are counted again, from the next mail on."),
    Objection.Kind.PROFILING: gettext_lazy("Their temperature is there again, made of what they did."),
}


@roles.require(*roles.ALL)
@require_POST
def object_to(request: HttpRequest, contact_id: int, kind: str) -> HttpResponse:
    """They told us that they do not want it. With undo."""
    asked = _kind(kind)
    try:
        made = objection.object_to(
            contact_id=contact_id, kind=asked, source=Objection.COLLEAGUE, by=request.user, now=clock.now()
        )
    except Contact.DoesNotExist:
        raise Http404 from None
    if made:
        undo = reverse("contacts:allow", args=[contact_id, asked])
        messages.success(request, MADE[asked], extra_tags=f"undo {undo}")
    return redirect("contact", contact_id)


@roles.require(*roles.ALL)
@require_POST
def allow(request: HttpRequest, contact_id: int, kind: str) -> HttpResponse:
    """Take back what a colleague noted; what they said themselves is theirs to take back."""
    asked = _kind(kind)
    try:
        gone = objection.allow(contact_id=contact_id, kind=asked, by=request.user, now=clock.now())
    except Contact.DoesNotExist:
        raise Http404 from None
    except objection.TheirOwn:
        words = _("They said so themselves: only they can take it back, with the link in any of our mails.")
        messages.error(request, words)
        return redirect("contact", contact_id)
    if gone:
        again = reverse("contacts:object_to", args=[contact_id, asked])
        messages.success(request, WITHDRAWN[asked], extra_tags=f"undo {again}")
    return redirect("contact", contact_id)


@roles.require(*roles.ALL)
@require_POST
def told(request: HttpRequest, contact_id: int) -> HttpResponse:
    """They know where we have their data from. With undo."""
    try:
        noted = telling.note(contact_id=contact_id, by=request.user, now=clock.now())
    except Contact.DoesNotExist:
        raise Http404 from None
    if noted:
        undo = reverse("contacts:not_told", args=[contact_id])
        words = _("Noted: they know where we have their data from.")
        messages.success(request, words, extra_tags=f"undo {undo}")
    return redirect("contact", contact_id)


@roles.require(*roles.ALL)
@require_POST
def not_told(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Undo of `told`."""
    try:
        telling.take_back(contact_id=contact_id, by=request.user, now=clock.now())
    except Contact.DoesNotExist:
        raise Http404 from None
    except telling.NothingToTakeBack:
        messages.error(request, _("Nobody noted that here, or a mail has told them meanwhile."))
        return redirect("contact", contact_id)
    messages.info(request, _("Taken back: they must still be told."))
    return redirect("contact", contact_id)


def _kind(kind: str) -> Objection.Kind:
    if kind not in Objection.Kind.values:
        raise Http404
    return Objection.Kind(kind)
