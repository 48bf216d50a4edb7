"""The reader's own language and clock, once we know who reads; and that what they read stays nowhere."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation


class ReaderMiddleware:
    """Stands behind authentication. The language chosen in the menu (a cookie) beats the one in the colleague's profile."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        if user.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        with timezone.override(_zone(user.time_zone)) if user.time_zone else nullcontext():
            answer = self.get_response(request)
        # Pages are full of people: after logging out the Back button must not show them on a machine that others use.
        answer.headers.setdefault("Cache-Control", "private, no-store")
        return answer


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    """The zone of a profile; one that nobody knows any more is the silo's own."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return timezone.get_default_timezone()
