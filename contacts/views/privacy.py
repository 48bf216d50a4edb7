"""Where whoever answers for privacy begins: one page, one line for each thing to look after."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from contacts import clock, roles
from contacts.forms.privacy import BalancingForm
from contacts.models import Erasure, Suppression
from contacts.queries import ground, retention, untold
from contacts.services import balancing


@require_safe
@roles.require(roles.ADMIN)
def show(request: HttpRequest) -> HttpResponse:
    """What is kept, what is due, what was done."""
    context = {
        "untold": untold.counts(now=clock.now()),
        "stops": Suppression.objects.in_force().count(),
        "erased": Erasure.objects.count(),
        "rules_on": [row for row in retention.rows() if row.is_on],
        "balancing": ground.balancing_in_force(),
        "on_balancing": ground.rest_on_balancing(),
        "tracking": settings.SILO_TRACKING,
    }
    return render(request, "contacts/privacy/show.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.ADMIN)
def weigh(request: HttpRequest) -> HttpResponse:
    """The balancing text and its versions; a first draft stands ready to be made one's own."""
    known = ground.balancing_in_force()
    form = BalancingForm(request.POST or None, initial={"text": known.text if known else DRAFT})
    if request.method == "POST" and form.is_valid():
        balancing.write(text=form.cleaned_data["text"], by=request.user, now=clock.now())
        messages.success(request, _("The balancing text is kept. Earlier versions stay below."))
        return redirect("contacts:balancing")
    context = {
        "form": form,
        "known": known,
        "versions": ground.balancing_versions(),
        "number": ground.rest_on_balancing(),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "contacts/privacy/balancing.html", context, status=status)


DRAFT = gettext_lazy(
    "Purpose: we tell people who buy or decide about what we sell about it, by e-mail at work, a few times a year.\n\n"
    "Why it is necessary: our customers are companies, and these are the people there whose work it concerns. We know no"
    " milder way that reaches them.\n\n"
    "What weighs on their side: their name, work address, title, and which of our mails they read. Nothing sensitive,"
    " nothing private. They can expect mail about their work in their role.\n\n"
    "What we do to keep it light: a calm rhythm, a stop link in every mail that works at once and for ever, the source of"
    " their data in the first mail, no temperature for whoever refuses it, erasure on request, and nothing to private"
    " persons, sole traders or named persons in Norway without their consent.\n\n"
    "Result: our interest weighs more for people in a company role in Sweden, as long as the above is kept."
)
