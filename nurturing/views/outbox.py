"""The outbox: every mail, what became of it and why, and each one as its recipient has it."""

from csp.decorators import csp
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from contacts import clock, roles
from nurturing.models import SandboxMail, Send
from nurturing.queries import live
from nurturing.queries import send as queries
from nurturing.services import reprint, unknown
from nurturing.services.reprint import Reprint
from nurturing.views.colleague import me
from nurturing.views.previews import FRAME_POLICY

LANES = {
    "": gettext_lazy("All"),
    "waiting": gettext_lazy("Waiting"),
    "accepted": gettext_lazy("Sent"),
    "skipped": gettext_lazy("Not sent on purpose"),
    "failed": gettext_lazy("Refused"),
    "unknown": gettext_lazy("Unknown"),
}


@require_safe
@roles.require(roles.MARKETER)
def index(request: HttpRequest) -> HttpResponse:
    """The mails, newest first, by what became of them."""
    state = request.GET.get("state", "")
    if state not in queries.FILTERS:
        raise Http404(_("There is no such list."))
    person = _number(request, "contact")
    page = queries.outbox(state=state, before=_number(request, "before"), contact_id=person)
    beside = {"contact": str(person)} if person else {}
    context = {
        "page": page,
        "rows": [(send, queries.reason_words(send.reason)) for send in page.rows],
        "equation": queries.equation_for_a_page(now=clock.now()),
        "lanes": _lanes(state, beside),
        "state": state,
        "older": _address(state=state, before=str(page.older), **beside) if page.older else "",
        "tests": queries.test_mails() if not state and not person else [],
        "may_decide": roles.has(request.user, roles.ADMIN),
        "is_live": live.is_live(),
    }
    return render(request, "nurturing/outbox/index.html", context)


@require_safe
@roles.require(*roles.ALL)
def show(request: HttpRequest, send_id: int) -> HttpResponse:
    """One mail: what became of it, and how it looks."""
    send = _send(send_id)
    context = {
        "send": send,
        "reason": queries.reason_words(send.reason),
        "details": queries.details(send.pk),
        "mail": reprint.of(send, now=clock.now()),
        "frame": reverse("nurturing:mail_frame", args=[send.pk]),
        "raw": reverse("nurturing:mail_raw", args=[send.pk]),
        "may_decide": roles.has(request.user, roles.ADMIN),
    }
    return render(request, "nurturing/outbox/show.html", context)


@require_safe
@csp(FRAME_POLICY)  # type: ignore[arg-type]  # typed for views without arguments
@roles.require(*roles.ALL)
def frame(request: HttpRequest, send_id: int) -> HttpResponse:
    """The HTML of a mail for the sandboxed frame."""
    return _framed(reprint.of(_send(send_id), now=clock.now()))


@require_safe
@roles.require(*roles.ALL)
def raw(request: HttpRequest, send_id: int) -> HttpResponse:
    """The bytes, as a mail program opens them."""
    return _download(reprint.of(_send(send_id), now=clock.now()), f"mail-{send_id}.eml")


@require_safe
@roles.require(*roles.ALL)
def show_test(request: HttpRequest, mail_id: int) -> HttpResponse:
    """A test mail that stayed in the sandbox."""
    kept = get_object_or_404(SandboxMail, pk=mail_id, send=None)
    context = {
        "kept": kept,
        "mail": reprint.of_bytes(bytes(kept.raw)),
        "frame": reverse("nurturing:test_mail_frame", args=[mail_id]),
        "raw": reverse("nurturing:test_mail_raw", args=[mail_id]),
    }
    return render(request, "nurturing/outbox/show.html", context)


@require_safe
@csp(FRAME_POLICY)  # type: ignore[arg-type]
@roles.require(*roles.ALL)
def test_frame(request: HttpRequest, mail_id: int) -> HttpResponse:
    """The HTML of a test mail for the sandboxed frame."""
    return _framed(reprint.of_bytes(bytes(get_object_or_404(SandboxMail, pk=mail_id, send=None).raw)))


@require_safe
@roles.require(*roles.ALL)
def test_raw(request: HttpRequest, mail_id: int) -> HttpResponse:
    """The bytes of a test mail."""
    kept = get_object_or_404(SandboxMail, pk=mail_id, send=None)
    return _download(reprint.of_bytes(bytes(kept.raw)), f"test-{mail_id}.eml")


@require_POST
@roles.require(roles.ADMIN)
def count_as_sent(request: HttpRequest, send_id: int) -> HttpResponse:
    """Nobody knows whether it left: leave it."""
    send = _send(send_id)
    try:
        unknown.count_as_sent(send_id=send_id, by=me(request), now=clock.now())
    except unknown.NotUnknown:
        messages.error(request, _("This mail is no longer unknown: nothing was changed."))
    else:
        said = _("It counts as sent: %(name)s gets nothing more of it.") % {"name": send.contact.name}
        messages.success(request, said)
    return redirect("nurturing:mail", send_id)


@require_POST
@roles.require(roles.ADMIN)
def send_again(request: HttpRequest, send_id: int) -> HttpResponse:
    """Nobody knows whether it left: send it once more."""
    send = _send(send_id)
    try:
        unknown.send_again(send_id=send_id, by=me(request), now=clock.now())
    except unknown.NotUnknown:
        messages.error(request, _("This mail is no longer unknown: nothing was changed."))
    else:
        said = _("It is back in the queue. If it had left, %(name)s gets it twice.") % {
            "name": send.contact.name
        }
        messages.success(request, said)
    return redirect("nurturing:mail", send_id)


def _send(send_id: int) -> Send:
    return get_object_or_404(Send.objects.select_related("contact", "mail", "sender"), pk=send_id)


def _number(request: HttpRequest, name: str) -> int:
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0


def _address(**values: str) -> str:
    return f"{reverse('nurturing:outbox')}?{urlencode({k: v for k, v in values.items() if v})}"


def _lanes(state: str, beside: dict[str, str]) -> list[dict[str, object]]:
    return [
        {
            "label": label,
            "url": _address(state=code, **beside),
            "current": code == state,
        }
        for code, label in LANES.items()
    ]


def _framed(mail: Reprint) -> HttpResponse:
    response = HttpResponse(mail.html)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _download(mail: Reprint, name: str) -> HttpResponse:
    if not mail.raw:
        raise Http404(_("The bytes of this mail are gone."))
    response = HttpResponse(mail.raw, content_type="message/rfc822")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
