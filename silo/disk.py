"""A full disk is said in a sentence, with what to do, instead of a broken page; nothing is half done.

While a file is still on its way in, Django parses it before any view is asked: what goes wrong there is a refusal of the request
(`DiskFull`, through handler400). Later the view's own transaction is gone when the exception comes by here.
"""

import contextlib
import errno
from collections.abc import Callable
from typing import Any

import structlog
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views import defaults

from contacts.services import import_work

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
INSUFFICIENT_STORAGE = 507

log = structlog.get_logger(__name__)


class DiskFull(MultiPartParserError):
    """There is no room for what is uploaded."""


class UploadHandler(TemporaryFileUploadHandler):
    """Django's, which gives up with `DiskFull` and leaves nothing behind."""

    def new_file(self, *arguments: Any, **named: Any) -> None:
        self._with_room(lambda: TemporaryFileUploadHandler.new_file(self, *arguments, **named))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self._with_room(lambda: TemporaryFileUploadHandler.receive_data_chunk(self, raw_data, start))
        return None

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        found: UploadedFile[Any] | None = self._with_room(
            lambda: TemporaryFileUploadHandler.file_complete(self, file_size)
        )
        return found

    def _with_room(self, write: Callable[[], Any]) -> Any:
        try:
            return write()
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            if getattr(self, "file", None) is not None:
                with contextlib.suppress(OSError):  # what is in its buffer finds no room either
                    self.file.close()
            raise DiskFull(str(error)) from error


class FullDiskMiddleware:
    """A view that found no room answers 507 with a sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Only for a full disk; everything else goes its way."""
        no_room = isinstance(exception, OSError) and exception.errno in NO_ROOM
        if not no_room and not import_work.disk_is_full(exception):
            return None
        return _said(exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """handler400."""
    if isinstance(exception, DiskFull):
        return _said(exception)
    return defaults.bad_request(request, exception)


def _said(error: Exception) -> HttpResponse:
    log.error("disk_full", error=str(error)[:200])
    words = _("The disk of the server is full: nothing was kept. Ask whoever runs it for room.")
    return HttpResponse(render_to_string("507.html", {"words": words}), status=INSUFFICIENT_STORAGE)
