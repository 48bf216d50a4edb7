"""The list of stops, and stopping mail, calls or all contact by hand."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from contacts import clock, roles
from contacts.forms.privacy import FindStopsForm, LiftForm, StopForm
from contacts.models import Contact, Suppression
from contacts.queries import suppression as stops
from contacts.services import suppression

SHOWN_WRONG = 5


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.ADMIN)
def index(request: HttpRequest) -> HttpResponse:
    """Everything that is stopped, with search; and a form that stops one address or a pasted list."""
    if request.method != "POST":
        return _list(request, StopForm(initial={"channel": Suppression.Channel.MAIL}))
    form = StopForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    pasted = suppression.stop_many(**form.cleaned_data, by=request.user, now=clock.now())
    said = ngettext("%(count)s is stopped.", "%(count)s are stopped.", pasted.stopped) % {
        "count": pasted.stopped
    }
    if pasted.known:
        said += " " + _("%(count)s were stopped before.") % {"count": pasted.known}
    if pasted.stopped or pasted.known:
        messages.success(request, said)
    if not pasted.not_understood:
        return redirect("contacts:suppressions")
    form = StopForm({**form.cleaned_data, "text": "\n".join(pasted.not_understood)})
    words = _("These are no address, number or domain of one company: %(words)s")
    form.add_error("text", words % {"words": ", ".join(pasted.not_understood[:SHOWN_WRONG])})
    return _list(request, form, status=422)


def _list(request: HttpRequest, form: StopForm, status: int = 200) -> HttpResponse:
    find = FindStopsForm(request.GET)
    said = find.cleaned_data if find.is_valid() else {}
    before = request.GET.get("before", "")
    page = stops.page(
        words=said.get("q", ""),
        reason=said.get("reason", ""),
        lifted=bool(said.get("lifted")),
        before=int(before) if before.isdecimal() and len(before) < 18 else 0,
    )
    query = request.GET.copy()
    query["before"] = str(page.next)
    context = {
        "page": page,
        "find": find,
        "form": form,
        "next_url": f"?{query.urlencode()}" if page.next else "",
        "lifted": bool(said.get("lifted")),
        "looked": bool(said.get("q") or said.get("reason")),
    }
    return render(request, "contacts/privacy/suppressions.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.ADMIN)
def take_back(request: HttpRequest, suppression_id: int) -> HttpResponse:
    """A page that asks before a stop is taken back: a person's own only on their documented request."""
    found = get_object_or_404(Suppression.objects.in_force(), pk=suppression_id)
    form = LiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data["request"]
        try:
            suppression.lift_by_hand(
                suppression_id=found.pk, documented=said, by=request.user, now=clock.now()
            )
        except suppression.NotDocumented:
            words = _("They said so themselves. Write down who asked for the change, when and how.")
            form.add_error("request", words)
        else:
            messages.success(request, _("The stop is taken back. The next mail is judged anew."))
            return redirect("contacts:suppressions")
    status = 422 if request.method == "POST" else 200
    return render(request, "contacts/privacy/take_back.html", {"stop": found, "form": form}, status=status)


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
