"""The public pages of a form: the form, and "look into your mail". Known and unknown addresses see the same."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from contacts import clock
from contacts.reading import reasons, values
from nurturing.forms.joining import WishForm
from nurturing.models import JoinForm
from nurturing.queries import sender
from nurturing.services import joining
from nurturing.views import limits, public

PAGE = "nurturing/joining/join.html"
AN_HOUR = 20


@csrf_exempt  # It changes nothing by itself, is put into pages of other sites, and nobody is logged in.
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """Somebody puts in their address; a mail asks whoever owns it."""
    found = JoinForm.objects.select_related("sender").filter(slug=slug, closed_at=None).first()
    if found is None:
        raise Http404
    with translation.override(found.language):
        if request.method != "POST":
            return _page(found, WishForm(found))
        form = WishForm(found, request.POST)
        if not form.is_valid():
            return _page(found, form, status=422)
        if limits.too_often(request, "join", an_hour=AN_HOUR):
            form.add_error(None, _("Too many have asked from your network. Try again in an hour."))
            return _page(found, form, status=429)
        if not form.is_a_machine:
            try:
                joining.ask(form=found, wish=form.wish(), ip=public.address_of(request), now=clock.now())
            except values.Problem as problem:
                form.add_error("email", reasons.words(reasons.join(problem.code, problem.detail)))
                return _page(found, form, status=422)
        return _page(found, None)


def _page(found: JoinForm, form: WishForm | None, *, status: int = 200) -> HttpResponse:
    who = found.sender or sender.choose(sender.all_senders(), language=found.language)
    context: dict[str, object] = {"join_form": found, "form": form, "sender": who}
    return public.page(PAGE, context, status=status, language=found.language)
