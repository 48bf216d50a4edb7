"""The salesperson's room: claims, calls and outcomes, opportunities, purchases, referrals."""

from sales.models.call import Call
from sales.models.claim import Claim
from sales.models.opportunity import Opportunity, Purchase, Referral, Stage, StageMove

__all__ = ["Call", "Claim", "Opportunity", "Purchase", "Referral", "Stage", "StageMove"]
