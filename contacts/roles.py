"""Who may do what: three roles, kept as Django groups, asked for by every view.

`require` sits on each view: an anonymous visitor is sent to the login page, a colleague without the role gets a 403.
An admin may do everything.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SALESPERSON = "salesperson"
MARKETER = "marketer"
ADMIN = "admin"
ALL = (SALESPERSON, MARKETER, ADMIN)
WORDS = {
    SALESPERSON: gettext_lazy("Salesperson"),
    MARKETER: gettext_lazy("Marketer"),
    ADMIN: gettext_lazy("Admin"),
}

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def of(user: object) -> frozenset[str]:
    """The role names of a user, asked of the database once per user object."""
    if not getattr(user, "is_authenticated", False) or isinstance(user, AnonymousUser):
        return frozenset()
    known: frozenset[str] | None = getattr(user, "_role_names", None)
    if known is None:
        known = frozenset(user.groups.values_list("name", flat=True))  # type: ignore[attr-defined]
        remember(user, known)
    return known


def remember(user: object, names: Iterable[str]) -> None:
    """Whoever loads a user may bring the roles along."""
    user._role_names = frozenset(names)  # type: ignore[attr-defined]


def has(user: object, *names: str) -> bool:
    """True when the user holds one of the roles, or is an admin."""
    held = of(user)
    return ADMIN in held or not held.isdisjoint(names)


def require(*names: str) -> Callable[[View[P]], View[P]]:
    """Let only the named roles (and admins) into the view.

    Raises PermissionDenied (403) for a colleague without the role; redirects an anonymous visitor to the login page.
    """

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not has(request.user, *names):
                words = ", ".join(str(WORDS[name]).lower() for name in names)
                raise PermissionDenied(_("This page is for: %(roles)s.") % {"roles": words})
            return view(request, *args, **kwargs)

        guarded.required_roles = names  # type: ignore[attr-defined]
        return cast(View[P], guarded)

    return guard
