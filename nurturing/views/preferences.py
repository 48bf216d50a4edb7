"""The page behind the stop link. Looking at it changes nothing; every change is a POST."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from contacts import clock
from contacts.keys import BadToken
from nurturing.forms.preference import PreferenceForm
from nurturing.models import Hit
from nurturing.queries import recipient
from nurturing.sending import tokens
from nurturing.services import preference
from nurturing.services.preference import Choice
from nurturing.views import hits, public

PAGE = "nurturing/public/preferences.html"


@csrf_exempt  # The token is the key: a mailbox provider posts here without cookies (RFC 8058).
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """`/u/<token>`: what this person wants from us, and the one-click stop of their mail program."""
    try:
        link = tokens.read_stop(token)
    except BadToken:
        return public.broken_link()
    who = recipient.of(link.contact_id, link.send_id)
    if request.method != "POST":
        hits.record(public.new_hit(request, Hit.Kind.STOP_PAGE, who.send_id))
        return show(who, PreferenceForm(), token)
    if request.POST.get("List-Unsubscribe", "").strip().lower() == "one-click":
        preference.stop(contact_id=who.contact_id, send_id=who.send_id, how="one-click", now=clock.now())
        return public.quiet(HttpResponse("No more mail goes to this address.\n", content_type="text/plain"))
    form = PreferenceForm(request.POST)
    if not form.is_valid():
        return show(who, form, token, status=400)
    try:
        decided = decide(who, form)
    except preference.NothingToTakeBack:
        return show(who, form, token, status=409)
    return show(recipient.of(link.contact_id, link.send_id), PreferenceForm(), token, decided=decided)


def decide(who: recipient.Recipient, form: PreferenceForm) -> preference.Decided:
    """The one service call behind each button."""
    now = clock.now()
    choice = Choice(form.cleaned_data["choice"])
    person = {"contact_id": who.contact_id, "send_id": who.send_id}
    if choice == Choice.STOP or not who.is_present:
        return preference.stop(**person, how="stop page", now=now)
    if choice == Choice.RESUME:
        return preference.resume(**person, now=now)
    if choice == Choice.SEPTEMBER:
        return preference.september(**person, zone=who.zone, now=now)
    if choice == Choice.CALL_ME:
        phone, note = form.cleaned_data["phone"], form.cleaned_data["note"]
        return preference.call_me(**person, phone=phone, note=note, now=now)
    if choice in preference.OBJECTS:
        return preference.objects(contact_id=who.contact_id, choice=choice, now=now)
    return preference.less_often(**person, choice=choice, now=now)


def show(
    who: recipient.Recipient,
    form: PreferenceForm,
    token: str,
    *,
    status: int = 200,
    decided: preference.Decided | None = None,
) -> HttpResponse:
    """The page, in the contact's language."""
    september = preference.next_september(clock.now(), who.zone)
    context = {"who": who, "form": form, "token": token, "decided": decided, "september": september}
    return public.page(PAGE, context, status=status, language=who.language)
