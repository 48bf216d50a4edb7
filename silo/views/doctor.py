"""The doctor's page for admins."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts import clock, roles
from nurturing.models import Standing
from silo.queries import overview


@require_safe
@roles.require(roles.ADMIN)
def show(request: HttpRequest) -> HttpResponse:
    """The same examination as `manage.py doctor`, in words; in a large silo the last one, with its time."""
    now = clock.now()
    report = overview.report_for_a_page(now=now)
    standings = [(Standing.words(state), count) for state, count in report.standings.items()]
    context = {"report": report, "standings": standings, "is_fresh": report.at == now}
    return render(request, "silo/doctor.html", context)
