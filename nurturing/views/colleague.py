"""Who is asking: the colleague behind a request that `roles.require` has let in."""

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def me(request: HttpRequest) -> AbstractBaseUser:
    """The logged-in colleague."""
    if not isinstance(request.user, AbstractBaseUser):
        raise PermissionDenied
    return request.user


def address(request: HttpRequest) -> str:
    """Where a test mail to oneself goes."""
    return str(getattr(request.user, "email", ""))


def wants_fragment(request: HttpRequest) -> bool:
    """The page asks for a part of itself (htmx)."""
    return request.headers.get("HX-Request") == "true"
