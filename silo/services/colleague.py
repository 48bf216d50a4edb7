"""Colleagues: the first admin, roles, leaving."""

from collections.abc import Sequence
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils.translation import gettext as _

from contacts import roles
from contacts.models import AuditEvent
from silo.models import User

FIRST_ADMIN_LOCK = 5_104_001  # any number of our own for pg_advisory_xact_lock


class NotPossible(Exception):
    """Says in words why."""


@transaction.atomic
def make_first_admin(*, email: str, password: str, name: str, now: datetime) -> User:
    """The admin of an empty silo. Two at one moment: the second is told. Raises NotPossible when there is a colleague."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIRST_ADMIN_LOCK])
    if User.objects.exists():
        raise NotPossible(_("This silo has an admin already. Log in, or ask them for an invitation."))
    user = User.objects.create_user(email, password, name=name)
    user.groups.set(Group.objects.filter(name=roles.ADMIN))
    _audit("colleague.made", user, user, now, [roles.ADMIN])
    return user


@transaction.atomic
def set_roles(*, user_id: int, names: Sequence[str], by: User, now: datetime) -> User:
    """Give a colleague these roles and no others. Raises NotPossible when no admin would be left."""
    user = User.objects.select_for_update().get(pk=user_id)
    if roles.ADMIN not in names:
        _somebody_else_is_admin(user)
    user.groups.set(Group.objects.filter(name__in=[name for name in names if name in roles.ALL]))
    _audit("colleague.roles", user, by, now, list(names))
    return user


@transaction.atomic
def end_second_step(*, user_id: int, by: User, now: datetime) -> User:
    """The colleague's password alone is enough again: for a lost phone, when no recovery code is left either."""
    user = User.objects.select_for_update().get(pk=user_id)
    Authenticator.objects.filter(user=user).delete()
    _audit("colleague.one_step", user, by, now, [])
    return user


@transaction.atomic
def let_go(*, user_id: int, by: User, now: datetime) -> User:
    """Nobody can log in as this colleague any more; what they did stays. Raises NotPossible for the last admin."""
    user = User.objects.select_for_update().get(pk=user_id)
    _somebody_else_is_admin(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    _audit("colleague.let_go", user, by, now, [])
    return user


@transaction.atomic
def take_back(*, user_id: int, by: User, now: datetime) -> User:
    """The colleague can log in again."""
    user = User.objects.select_for_update().get(pk=user_id)
    user.is_active = True
    user.save(update_fields=["is_active"])
    _audit("colleague.taken_back", user, by, now, [])
    return user


def _somebody_else_is_admin(user: User) -> None:
    admins = User.objects.select_for_update().filter(groups__name=roles.ADMIN, is_active=True)
    if not [admin for admin in admins if admin.pk != user.pk]:
        raise NotPossible(
            _("%(name)s is the only admin. Make another colleague an admin first.") % {"name": user}
        )


def _audit(verb: str, user: User, by: User, now: datetime, names: list[str]) -> None:
    AuditEvent.objects.create(
        at=now, by=by, verb=verb, object_type="user", object_id=user.pk, detail={"roles": names}
    )
