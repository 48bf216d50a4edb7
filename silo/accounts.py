"""Logging in: by e-mail, by invitation only, and never with the demo's password outside the demo."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from contacts import keys, roles
from nurturing.views import public
from silo.models import User

DEMO_PASSWORD = "demo"  # noqa: S105 - meant to be known


class NotTheDemoPassword:
    """A password validator: the demo's password is public, so it opens nothing else."""

    def validate(self, password: str, user: object | None = None) -> None:
        if password == DEMO_PASSWORD and not settings.SILO_DEMO:
            raise ValidationError(
                _("This is the password of the demo, which everybody knows. Choose another one.")
            )

    def get_help_text(self) -> str:
        return _("The password of the demo does not work here.")


class Backend(AuthenticationBackend):
    """allauth's. Every page asks who reads it: the colleague comes with the names of their roles, by one plain statement."""

    def get_user(self, user_id: int) -> User | None:
        user = next(iter(User.objects.raw(_USER, [user_id])), None)
        if user is None or not self.user_can_authenticate(user):
            return None
        roles.remember(user, user.role_names)  # type: ignore[attr-defined]
        return user


_USER = """
SELECT u.*, ARRAY(SELECT g.name FROM auth_group g JOIN silo_user_groups m ON m.group_id = g.id WHERE m.user_id = u.id) AS role_names
FROM silo_user u WHERE u.id = %s
"""


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: the first admin is made on the first-run page, colleagues come by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The visitor's, as everywhere else: limits are one visitor's, not the proxy's."""
        return public.address_of(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Refuse the demo's password outside the demo, also for accounts that a demo left behind."""
        if credentials.get("password") == DEMO_PASSWORD and not settings.SILO_DEMO:
            credentials["password"] = ""
        return super().authenticate(request, **credentials)


class MFAAdapter(DefaultMFAAdapter):
    """Second factors, their secrets stored encrypted with the ring of stored secrets."""

    def encrypt(self, text: str) -> str:
        return keys.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return keys.decrypt(encrypted_text)
