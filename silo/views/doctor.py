"""The doctor's page for admins."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts import clock, roles
from nurturing.models import Standing
from silo.queries import doctor


@require_safe
@roles.require(roles.ADMIN)
def show(request: HttpRequest) -> HttpResponse:
    """The same examination as `manage.py doctor`, in words."""
    report = doctor.examine(now=clock.now())
    standings = [(Standing.words(state), count) for state, count in report.standings.items()]
    return render(request, "silo/doctor.html", {"report": report, "standings": standings})
