"""Is a sender's domain set up so that its mails are believed?"""

from datetime import timedelta

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts import clock, roles
from nurturing.forms.domain_check import DomainCheckForm
from nurturing.queries import domain_check as queries
from nurturing.queries import sender as senders
from nurturing.services import domain_check
from nurturing.tasks import domain_check as tasks
from nurturing.views.colleague import me

# A look takes half a minute at most: after that no worker has taken it.
LOST = timedelta(minutes=2)


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.ADMIN)
def check(request: HttpRequest, sender_id: int) -> HttpResponse:
    """What was found last. POST looks again, in the background."""
    sender = next((one for one in senders.all_senders() if one.pk == sender_id), None)
    if sender is None:
        raise Http404(_("There is no such sender."))
    now = clock.now()
    shown = queries.shown(sender_id)
    form = DomainCheckForm(request.POST or None, initial={"selectors": ", ".join(shown.selectors)})
    if request.method == "POST" and form.is_valid():
        selectors = form.cleaned_data["selectors"]
        asked = domain_check.ask(sender_id=sender_id, selectors=selectors, by=me(request), now=now)
        transaction.on_commit(lambda: tasks.run.delay(check_id=asked.pk))
        return redirect("nurturing:check_domain", sender_id)
    lost = shown.pending is not None and now - shown.pending.asked_at > LOST
    context = {"sender": sender, "shown": shown, "form": form, "lost": lost}
    status = 422 if form.errors else 200
    return render(request, "nurturing/sending/domain.html", context, status=status)
