"""Is this process alive, may it get visitors, and does the silo run?"""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from contacts import clock, roles
from silo import metrics
from silo.queries import health


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """200 as long as the process serves; says nothing about the silo itself (that is the page Health)."""
    return JsonResponse({"alive": True})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when visitors may be sent here: the database answers and its tables are of this version. Else 503, with the reason."""
    why_not = health.is_ready()
    return JsonResponse({"ready": not why_not, "because": why_not}, status=503 if why_not else 200)


@require_safe
@never_cache
@roles.require(roles.ADMIN)
def show(request: HttpRequest) -> HttpResponse:
    """How the silo runs, in plain words; the list renews itself."""
    return render(request, "silo/health.html", {"health": health.of(now=clock.now())})


@require_safe
@never_cache
def measure(request: HttpRequest) -> HttpResponse:
    """The figures for Prometheus. Without METRICS_TOKEN there is no such page; with it, only whoever says it reads."""
    if not settings.METRICS_TOKEN:
        raise Http404
    said = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not constant_time_compare(said, settings.METRICS_TOKEN):
        return HttpResponse("Say METRICS_TOKEN as a bearer token.\n", status=401, content_type="text/plain")
    return HttpResponse(metrics.text(now=clock.now()), content_type=CONTENT_TYPE_LATEST)
