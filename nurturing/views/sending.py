"""How mails leave: the sender's set-up, the switch, and going live."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contacts import clock, roles
from nurturing.forms.sending import SenderForm, StopForm, TestMailForm, WayForm
from nurturing.models import Sender
from nurturing.queries import limit, live
from nurturing.queries import send as sends
from nurturing.queries import sender as queries
from nurturing.sending import advice, providers
from nurturing.sending.outcome import Fate
from nurturing.services import hold, sender, trial
from nurturing.services import live as going
from nurturing.views.colleague import address, me


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.ADMIN)
def show(request: HttpRequest) -> HttpResponse:
    """Who the mails come from, what is missing, the test mail and the switch. POST saves the sender."""
    chosen = _chosen(request)
    way = WayForm(request.GET if "transport" in request.GET else {"transport": chosen.transport})
    transport = way.cleaned_data["transport"] if way.is_valid() else chosen.transport
    now = clock.now()
    form = SenderForm(request.POST or None, instance=chosen, transport=transport, now=now)
    if request.method == "POST" and form.is_valid():
        saved = sender.save(
            sender_id=chosen.pk, fields=form.values, secret=form.secret, by=me(request), now=now
        )
        messages.success(request, _("Saved. Mails leave as “%(name)s” from now on.") % {"name": saved.name})
        return redirect(f"{request.path}?sender={saved.pk}")
    status = 422 if form.errors else 200
    return render(request, "nurturing/sending/show.html", _page(request, chosen, way, form), status=status)


@require_POST
@roles.require(roles.ADMIN)
def try_out(request: HttpRequest) -> HttpResponse:
    """A test mail through the real door."""
    form = TestMailForm(request.POST)
    chosen = _chosen(request)
    back = redirect(f"{reverse('nurturing:sending')}?sender={chosen.pk or ''}")
    if not form.is_valid():
        messages.error(request, _("Write an address for the test mail."))
        return back
    to = form.cleaned_data["to"]
    try:
        outcome = trial.send(to=to, now=clock.now(), sender_id=chosen.pk)
    except trial.CannotTry as error:
        messages.error(request, str(error))
        return back
    if outcome.reason == "sandbox":
        messages.success(
            request, _("The test mail to %(to)s is in the outbox: nothing leaves here.") % {"to": to}
        )
    elif outcome.fate is Fate.ACCEPTED:
        messages.success(request, _("The mail server took the test mail to %(to)s.") % {"to": to})
    else:
        words = {"why": advice.of(chosen, outcome.reason, outcome.reply), "said": outcome.reply}
        said = (
            _("The test mail did not leave. %(why)s The server said: “%(said)s”")
            if outcome.reply
            else "%(why)s"
        )
        messages.error(request, said % words)
    return back


@require_POST
@roles.require(roles.ADMIN)
def stop(request: HttpRequest) -> HttpResponse:
    """Stop all sending at once."""
    form = StopForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why sending stops: your colleagues read it on every page."))
        return redirect("nurturing:sending")
    hold.stop(because=form.cleaned_data["because"], by=me(request), now=clock.now())
    messages.success(
        request, _("All sending is stopped. Nothing is lost: mails wait until you start it again.")
    )
    return redirect("nurturing:sending")


@require_POST
@roles.require(roles.ADMIN)
def release(request: HttpRequest) -> HttpResponse:
    """Let mails go again."""
    if hold.release(by=me(request), now=clock.now()):
        messages.success(request, _("Mails go out again. What waited too long to make sense is skipped."))
    return redirect("nurturing:sending")


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.ADMIN)
def go_live(request: HttpRequest) -> HttpResponse:
    """What going live means, in numbers; POST does it."""
    if request.method == "POST":
        try:
            going.go(by=me(request), now=clock.now())
        except going.OnlyADemo:
            messages.error(request, _("This is the demo silo: it never sends a real mail."))
        except going.NotReady as error:
            messages.error(request, _("Still missing: %(what)s.") % {"what": ", ".join(error.missing)})
        else:
            messages.success(request, _("The silo is live: mails leave from now on."))
            return redirect("nurturing:sending")
    chosen = _chosen(request)
    context = {
        "sender": chosen,
        "missing": providers.missing(chosen),
        "means": live.consequences(),
        "demo": live.is_demo(),
        "is_live": live.is_live(),
    }
    return render(request, "nurturing/sending/live.html", context)


def _chosen(request: HttpRequest) -> Sender:
    """The sender the address names, else the default, else a new one."""
    named = request.GET.get("sender", "")
    if named == "new":
        return queries.blank()
    known = queries.all_senders()
    if named:
        found = next((one for one in known if str(one.pk) == named), None)
        if found is None:
            raise Http404(_("There is no such sender."))
        return found
    return known[0] if known else queries.blank()


def _page(request: HttpRequest, chosen: Sender, way: WayForm, form: SenderForm) -> dict[str, object]:
    return {
        "sender": chosen,
        "senders": queries.all_senders(),
        "way": way,
        "form": form,
        "missing": providers.missing(chosen),
        "advice": advice.of(chosen, chosen.trouble, chosen.trouble_reply) if chosen.trouble else "",
        "hold": live.open_hold(),
        "waiting": sends.waiting_number(),
        "went_live": live.went_live(),
        "is_live": live.is_live(),
        "demo": live.is_demo(),
        "test_form": TestMailForm(initial={"to": address(request)}),
        "stop_form": StopForm(),
        "board": limit.board(now=clock.now()),
    }
