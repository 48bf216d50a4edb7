"""The audit log in the browser."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts import roles
from contacts.forms.privacy import FindLinesForm
from contacts.queries import audit


@require_safe
@roles.require(roles.ADMIN)
def index(request: HttpRequest) -> HttpResponse:
    """Who looked at, changed, brought in, gave out and erased whom; newest first."""
    form = FindLinesForm(request.GET)
    form.is_valid()
    page = audit.page(form.asked(request.GET.get("before", "")))
    query = request.GET.copy()
    query["before"] = page.next
    context = {
        "form": form,
        "page": page,
        "next_url": f"?{query.urlencode()}" if page.next else "",
        "looked": bool(request.GET),
    }
    return render(request, "contacts/privacy/audit.html", context)
