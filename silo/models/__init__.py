"""Login: colleagues and their invitations; and which database this silo lives in."""

from silo.models.instance import Instance
from silo.models.invitation import Invitation
from silo.models.user import User

__all__ = ["Instance", "Invitation", "User"]
