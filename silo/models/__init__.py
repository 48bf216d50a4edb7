"""Login: colleagues and their invitations."""

from silo.models.invitation import Invitation
from silo.models.user import User

__all__ = ["Invitation", "User"]
