"""Inviting colleagues, and letting them in."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contacts import keys, roles
from contacts.models import AuditEvent
from silo.models import Invitation, User

OPEN_FOR = timedelta(days=14)


class CannotInvite(Exception):
    """Says in words why."""


class InvitationClosed(Exception):
    """The link was used, withdrawn, is too old, or is not ours."""


@dataclass(frozen=True, slots=True)
class Invited:
    """The open invitation and the token of its link."""

    invitation: Invitation
    token: str


@transaction.atomic
def invite(*, email: str, role: str, by: User, now: datetime) -> Invited:
    """Invite an address to a role; inviting it again renews the invitation and its link.

    Raises CannotInvite when a colleague has the address, or the role is unknown.
    """
    email = email.strip().lower()
    if role not in roles.ALL:
        raise CannotInvite(_("Choose one of the three roles."))
    if User.objects.filter(email=email, is_active=True).exists():
        raise CannotInvite(_("%(email)s is a colleague already.") % {"email": email})
    Invitation.objects.filter(email=email, accepted_at=None, withdrawn_at=None).update(withdrawn_at=now)
    invitation = Invitation.objects.create(email=email, role=role, invited_by=by, invited_at=now)
    _audit("invitation.made", invitation, by, now)
    return Invited(invitation, token(invitation))


@transaction.atomic
def withdraw(*, invitation_id: int, by: User, now: datetime) -> None:
    """Close an open invitation; its link stops working. Does nothing when it is closed already."""
    changed = Invitation.objects.filter(pk=invitation_id, accepted_at=None, withdrawn_at=None).update(
        withdrawn_at=now
    )
    if changed:
        _audit("invitation.withdrawn", Invitation.objects.get(pk=invitation_id), by, now)


def token(invitation: Invitation) -> str:
    """The part of the link that lets one person in."""
    return keys.sign("invite", json.dumps([invitation.pk, invitation.email]).encode())


def read(*, token: str, now: datetime) -> Invitation:
    """The open invitation behind a link. Raises InvitationClosed."""
    closed = InvitationClosed(
        _("This invitation does not work any more. Ask the colleague who invited you for a new one.")
    )
    try:
        pk, email = json.loads(keys.unsign("invite", token))
    except (keys.BadToken, ValueError) as error:
        raise closed from error
    found = Invitation.objects.filter(pk=pk, email=email, accepted_at=None, withdrawn_at=None).first()
    if found is None or now - found.invited_at > OPEN_FOR:
        raise closed
    return found


@transaction.atomic
def accept(*, token: str, name: str, password: str, now: datetime) -> User:
    """Make the colleague. The link works once: two clicks at one moment make one colleague.

    Raises InvitationClosed.
    """
    invitation = read(token=token, now=now)
    if not Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(accepted_at=now):
        raise InvitationClosed(_("This invitation was used already. Log in instead."))
    user = User.objects.filter(email=invitation.email).first()
    try:
        if user is None:
            user = User.objects.create_user(invitation.email, password, name=name)
        else:  # somebody who left and comes back
            user.name, user.is_active = name, True
            user.set_password(password)
            user.save(update_fields=["name", "is_active", "password"])
    except IntegrityError as error:
        raise InvitationClosed(_("This invitation was used already. Log in instead.")) from error
    user.groups.set(Group.objects.filter(name=invitation.role))
    Invitation.objects.filter(pk=invitation.pk).update(accepted_by=user)
    _audit("invitation.accepted", invitation, user, now)
    return user


def _audit(verb: str, invitation: Invitation, by: User, now: datetime) -> None:
    AuditEvent.objects.create(
        at=now,
        by=by,
        verb=verb,
        object_type="invitation",
        object_id=invitation.pk,
        detail={"role": invitation.role},
    )
