"""What broke on our side, for an admin: who and which mail, and where in the code."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts import clock, roles
from nurturing.queries import broken as queries


@require_safe
@roles.require(roles.ADMIN)
def index(request: HttpRequest) -> HttpResponse:
    """People who were set aside and mails that broke, each with its traceback."""
    people = queries.people()
    context = {
        "people": people[: queries.SHOWN],
        "total": people.count(),
        "mails": queries.mails(now=clock.now()),
    }
    return render(request, "nurturing/broken/index.html", context)
