"""For load balancers and containers: is this process able to answer?"""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe


@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """200 as long as the process serves; says nothing about the silo itself (that is the doctor's page)."""
    return JsonResponse({"alive": True})
