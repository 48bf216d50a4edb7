"""The public page of rights: an address, a wish, and the same answer for everybody."""

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from contacts import clock
from contacts.reading import reasons, values
from nurturing.forms.joining import RightsForm
from nurturing.queries import sender
from nurturing.services import rights
from nurturing.views import limits, public

PAGE = "nurturing/joining/your_data.html"
AN_HOUR = 10


@csrf_exempt  # Nobody is logged in, and pressing it only sends a mail to the owner of the address.
@require_http_methods(["GET", "HEAD", "POST"])
def your_data(request: HttpRequest) -> HttpResponse:
    """See or erase what is stored: the link goes to the address, if we know it."""
    if request.method != "POST":
        return _page(RightsForm())
    form = RightsForm(request.POST)
    if not form.is_valid():
        return _page(form, status=422)
    if limits.too_often(request, "rights", an_hour=AN_HOUR):
        form.add_error(None, _("Too many have asked from your network. Try again in an hour."))
        return _page(form, status=429)
    said = form.cleaned_data
    if not said["website"]:
        try:
            rights.ask(email=said["email"], kind=said["kind"], ip=public.address_of(request), now=clock.now())
        except values.Problem as problem:
            form.add_error("email", reasons.words(reasons.join(problem.code, problem.detail)))
            return _page(form, status=422)
    return _page(None)


def _page(form: RightsForm | None, *, status: int = 200) -> HttpResponse:
    who = sender.choose(sender.all_senders(), language=translation.get_language() or "en")
    return public.page(PAGE, {"form": form, "sender": who}, status=status)
