"""The first page after login: is the silo well, and where does it need a person?"""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from contacts import clock, roles
from silo.models import User
from silo.queries import overview


@require_safe
def show(request: HttpRequest) -> HttpResponseBase:
    """An empty silo leads to the first-run page, a stranger to the login."""
    if not request.user.is_authenticated and not User.objects.exists():
        return redirect("first_run")
    return _overview(request)


@roles.require(*roles.ALL)
def _overview(request: HttpRequest) -> HttpResponse:
    seen = overview.of(now=clock.now())
    if not seen.people:
        return render(request, "silo/first_run/empty.html")
    return render(
        request,
        "silo/dashboard.html",
        {
            "overview": seen,
            "equation": overview.equation_parts(seen.sends),
            "may_write": roles.has(request.user, roles.MARKETER),
        },
    )
