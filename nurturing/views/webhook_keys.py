"""The addresses for providers' webhooks: what to paste where, the keys, and what came of it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from contacts import clock, keys, roles
from nurturing.forms.webhook_key import WebhookKeyForm
from nurturing.inbound import doors
from nurturing.queries import webhook_key as queries
from nurturing.services import webhook, webhook_key
from nurturing.views.colleague import me
from nurturing.views.webhook_providers import VIEWS

_SHOWN_ONCE = "webhook_password"


@require_safe
@roles.require(roles.ADMIN)
def index(request: HttpRequest) -> HttpResponse:
    """Every provider, and whether it may post to us."""
    states = _states()
    context = {
        "in_use": [one for one in states if one.is_in_use],
        "others": [one for one in states if not one.is_in_use],
    }
    return render(request, "nurturing/webhooks/index.html", context)


@never_cache
@require_safe
@roles.require(roles.ADMIN)
def show(request: HttpRequest, provider: str) -> HttpResponse:
    """What to paste at one provider. A password that was just made is shown this once."""
    state = next((one for one in _states() if one.door.provider == provider), None)
    if state is None:
        raise Http404(_("There is no such provider."))
    name, password = _taken_out(request, provider)
    shown = {
        url: queries.with_password(url, password)
        for one in state.keys
        for _kind, url in one.urls
        if password and one.key.name == name
    }
    lines = [
        (
            one,
            [(kind, url, shown.get(url, "")) for kind, url in one.urls],
            WebhookKeyForm(auto_id=f"{one.key.name}_%s"),
        )
        for one in state.keys
    ]
    context = {"state": state, "door": state.door, "lines": lines, "made": bool(shown)}
    return render(request, "nurturing/webhooks/show.html", context)


@require_POST
@roles.require(roles.ADMIN)
def put(request: HttpRequest, provider: str, name: str) -> HttpResponse:
    """Keep a key that was pasted, or make a password."""
    door, key = _key(provider, name)
    if key.is_made:
        password = webhook_key.make(provider=provider, name=name, by=me(request), now=clock.now())
        request.session[_SHOWN_ONCE] = {"of": [provider, name], "is": keys.encrypt(password)}
        return redirect("nurturing:webhook_door", provider)
    form = WebhookKeyForm(request.POST)
    try:
        secret = form.cleaned_data["secret"] if form.is_valid() else ""
        webhook_key.put(provider=provider, name=name, secret=secret, by=me(request), now=clock.now())
    except webhook_key.Unusable as error:
        messages.error(request, str(error))
    else:
        words = _("Kept. What %(provider)s signs with this key is let in from now on.")
        messages.success(request, words % {"provider": door.label})
    return redirect("nurturing:webhook_door", provider)


@require_POST
@roles.require(roles.ADMIN)
def end_old(request: HttpRequest, provider: str, name: str) -> HttpResponse:
    """The replaced key opens no more."""
    _key(provider, name)
    if webhook_key.end_old(provider=provider, name=name, by=me(request), now=clock.now()):
        messages.success(request, _("Only the new one opens now."))
    return redirect("nurturing:webhook_door", provider)


@require_POST
@roles.require(roles.ADMIN)
def close(request: HttpRequest, provider: str, name: str) -> HttpResponse:
    """Turn everything away that this key opened the door to."""
    door, _same = _key(provider, name)
    if webhook_key.close(provider=provider, name=name, by=me(request), now=clock.now()):
        words = _("Closed. What %(provider)s posts there is turned away from now on.")
        messages.success(request, words % {"provider": door.label})
    return redirect("nurturing:webhook_door", provider)


def _states() -> list[queries.DoorState]:
    set_there = frozenset(at for at, view in VIEWS.items() if any(map(webhook.secret, view.secrets)))
    return queries.overview(now=clock.now(), by_environment=set_there)


def _key(provider: str, name: str) -> tuple[doors.Door, doors.Key]:
    door = doors.DOORS.get(provider)
    key = door.key(name) if door else None
    if door is None or key is None:
        raise Http404(_("There is no such provider."))
    return door, key


def _taken_out(request: HttpRequest, provider: str) -> tuple[str, str]:
    """Name and value of the password that was made a moment ago; the session forgets it."""
    kept = request.session.get(_SHOWN_ONCE)
    if not isinstance(kept, dict) or kept.get("of", [""])[0] != provider:
        return "", ""
    del request.session[_SHOWN_ONCE]
    try:
        return str(kept["of"][1]), keys.decrypt(kept["is"])
    except keys.BadSecret:
        return "", ""
