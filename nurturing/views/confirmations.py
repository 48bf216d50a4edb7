"""The page behind the link in a mail that asked something. Looking answers nothing: a scanner looks, too."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from contacts import clock, giving_out
from contacts.keys import BadToken
from nurturing.models import Confirmation
from nurturing.queries import confirmation as confirmations
from nurturing.queries import recipient
from nurturing.sending import tokens
from nurturing.services import joining, rights
from nurturing.views import public

PAGE = "nurturing/joining/confirm.html"
Kind = Confirmation.Kind


@csrf_exempt  # The token is the key, and there is no session.
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """What it is about, with one button."""
    try:
        found = confirmations.behind(tokens.read_answer(token))
    except BadToken:
        found = None
    if found is None:
        return public.broken_link()
    if request.method != "POST":
        return _page(found, token)
    try:
        return _answer(request, found, token)
    except joining.NotOpen:
        return _page(found, token, status=409)


def _answer(request: HttpRequest, found: Confirmation, token: str) -> HttpResponse:
    ip, now = public.address_of(request), clock.now()
    if found.kind == Kind.JOIN:
        joining.confirm(confirmation_id=found.pk, ip=ip, now=now)
    elif found.kind == Kind.ERASE:
        rights.erase(confirmation_id=found.pk, ip=ip, now=now)
    else:
        return _everything(request, found, rights.seen(confirmation_id=found.pk, ip=ip, now=now), token)
    return _page(found, token, done=True)


def _everything(request: HttpRequest, found: Confirmation, contact_id: int, token: str) -> HttpResponse:
    sections = giving_out.everything(contact_id)
    if request.POST.get("as") == "json":
        answer = JsonResponse(
            giving_out.as_json(sections), json_dumps_params={"indent": 2, "ensure_ascii": False}
        )
        answer["Content-Disposition"] = 'attachment; filename="my-data.json"'
        return public.quiet(answer)
    return _page(found, token, sections=sections)


def _page(found: Confirmation, token: str, *, status: int = 200, **more: object) -> HttpResponse:
    who = recipient.of(found.contact_id, found.send_id or 0)
    is_open = found.is_open(clock.now()) or (
        found.kind == Kind.EXPORT and clock.now() < found.expires_at and found.contact.erased_at is None
    )
    context: dict[str, object] = {"asked": found, "who": who, "token": token, "is_open": is_open, **more}
    language = found.form.language if found.form else who.language
    return public.page(PAGE, context, status=status, language=language)
