"""The search field of the frame."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from contacts import roles


@require_safe
@roles.require(*roles.ALL)
def find(request: HttpRequest) -> HttpResponse:
    """The list of people is the answer: one place that searches, one way it looks."""
    return redirect(f"/people/?{urlencode({'q': request.GET.get('q', '')[:200]})}")
