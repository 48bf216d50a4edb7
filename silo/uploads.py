"""A request that is too large is refused by its announced length, before a byte of it is read."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

Answer = Callable[[HttpRequest], HttpResponseBase]


class UploadLimitMiddleware:
    """Answer 413 when Content-Length is above the limit. Without a Content-Length WSGI hands over no body at all."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or (len(length) < 19 and int(length) <= settings.UPLOAD_LIMIT_BYTES):
            return self.get_response(request)
        limit = settings.UPLOAD_LIMIT_BYTES // (1024 * 1024)
        words = _("This file is too large: at most %(limit)s MB can be uploaded at a time.") % {
            "limit": limit
        }
        return HttpResponse(render_to_string("413.html", {"words": words}), status=413)
