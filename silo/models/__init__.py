"""Login: colleagues and their invitations; which database this silo lives in; when its broker was away."""

from silo.models.broker_absence import BrokerAbsence
from silo.models.instance import Instance
from silo.models.invitation import Invitation
from silo.models.user import User

__all__ = ["BrokerAbsence", "Instance", "Invitation", "User"]
