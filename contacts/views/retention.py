"""How long things are kept: each rule says whom it would touch before it is switched on."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import clock, roles
from contacts.forms.privacy import RuleForm
from contacts.queries import retention as rules
from contacts.services import retention


@require_safe
@roles.require(roles.ADMIN)
def index(request: HttpRequest) -> HttpResponse:
    """All kinds of rules, on and off."""
    return render(request, "contacts/privacy/retention.html", {"rows": rules.rows()})


@require_http_methods(["GET", "HEAD", "POST"])
@roles.require(roles.ADMIN)
def show(request: HttpRequest, kind: str) -> HttpResponse:
    """One rule: how long, whom it touches now, and the button that switches it on with that number."""
    row = _row(kind)
    posted = request.method == "POST"
    form = RuleForm(request.POST if posted else {"days": request.GET.get("days", row.days)})
    days = form.cleaned_data["days"] if form.is_valid() else row.days
    if posted and form.is_valid():
        try:
            retention.switch_on(kind=kind, days=days, by=request.user, now=clock.now())
        except retention.TooShort as short:
            form.add_error("days", _("At least %(least)s days.") % {"least": short.least})
        else:
            messages.success(request, _("The rule is on. The clock keeps it from now on."))
            return redirect("contacts:retention")
    days = max(days, row.kind.least)
    preview = rules.preview(row.kind, days=days, now=clock.now())
    context = {"row": row, "form": form, "preview": preview, "days": days}
    return render(request, "contacts/privacy/rule.html", context, status=422 if posted else 200)


@require_POST
@roles.require(roles.ADMIN)
def switch_off(request: HttpRequest, kind: str) -> HttpResponse:
    """The rule rests."""
    row = _row(kind)
    retention.switch_off(kind=row.kind.name, by=request.user, now=clock.now())
    messages.success(request, _("The rule is off. What it did stays done."))
    return redirect("contacts:retention")


def _row(kind: str) -> rules.Row:
    try:
        return rules.row(kind)
    except KeyError:
        raise Http404 from None
