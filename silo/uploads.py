"""A request that is too large is refused by its announced length, before a byte of it is read."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

Answer = Callable[[HttpRequest], HttpResponseBase]


LISTS, REPORTS = "/imports/", "/webhooks/"
VISITORS_BYTES = 1024 * 1024  # a form of ours, with room to spare; nothing of it is put on the disk


class UploadLimitMiddleware:
    """Answer 413 when Content-Length is above the limit. Without a Content-Length WSGI hands over no body at all.

    Stands behind whoever knows the visitor, and before whatever reads a body: only a colleague may fill the disk, only with a list.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        said = request.META.get("CONTENT_LENGTH") or "0"
        length = int(said[:18]) if said.isdecimal() else 0
        if length <= VISITORS_BYTES or length <= (limit := _limit(request)):
            return self.get_response(request)
        is_list = request.path.startswith(LISTS)
        if is_list and length <= settings.UPLOAD_LIMIT_BYTES:
            return redirect_to_login(request.path)  # their session ended
        limit = settings.UPLOAD_LIMIT_BYTES if is_list else limit
        words = _("This file is too large: at most %(limit)s MB can be uploaded at a time.") % {
            "limit": limit // (1024 * 1024)
        }
        return HttpResponse(render_to_string("413.html", {"words": words}), status=413)


def _limit(request: HttpRequest) -> int:
    in_memory = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or VISITORS_BYTES
    if request.path.startswith(REPORTS):
        return in_memory
    if not request.user.is_authenticated:
        return VISITORS_BYTES
    return settings.UPLOAD_LIMIT_BYTES if request.path.startswith(LISTS) else in_memory
