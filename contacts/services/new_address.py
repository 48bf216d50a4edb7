"""Somebody's mail goes to another address from now on: what held for the old one is looked at again (docs/adr/0015).

The recipient type is read from the new address. A ground given for the old address does not hold for the new one; a colleague who
knows better says so anew. Interest and role addresses stay within one company's domain: the gate judges them by the recipient.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from contacts import spelling
from contacts.models import Contact, LegalGround
from contacts.reading import addresses, person
from contacts.services import ground

G, R = LegalGround.Ground, Contact.Recipient
OF_THE_COMPANY = {G.LEGITIMATE_INTEREST, G.ROLE_ADDRESS}
STRICTNESS = {R.ROLE_ADDRESS: 0, R.COMPANY_ROLE: 1, R.SOLE_TRADER: 2, R.NATURAL_PERSON: 3}


def is_same_mailbox(old: str | None, new: str | None) -> bool:
    """Whether two spellings reach the same person. Dots and tags are not ours to judge."""
    return spelling.normal(old or "") == spelling.normal(new or "")


def recipient(*, there: str, old: tuple[str, str], new: tuple[str, str]) -> str:
    """The recipient type for a new (address, company). What somebody said by hand stays where it is the stricter one."""
    guessed = person.recipient_of(*new)
    by_hand = there != person.recipient_of(*old)
    return there if by_hand and STRICTNESS[R(there)] > STRICTNESS[R(guessed)] else guessed


def drop_grounds(*, contact_id: int, old: str | None, new: str | None, by: Any, now: datetime) -> bool:
    """Grounds that were given for the old address hold no longer; they stay in FormerGround. Whether there were any."""
    if not old or is_same_mailbox(old, new):
        return False
    kept = {G.NONE, *(OF_THE_COMPANY if _one_company(old, new or "") else ())}
    rows = LegalGround.objects.filter(contact_id=contact_id).exclude(ground__in=kept)
    purposes = list(rows.values_list("purpose", flat=True))
    why = _("the ground before was for another address")
    for purpose in purposes:
        ground.keep(contact_id=contact_id, ground=G.NONE, purpose=purpose, source=why, by=by, now=now)
    return bool(purposes)


def _one_company(old: str, new: str) -> bool:
    domains = {spelling.normal(one).rpartition("@")[2] for one in (old, new)}
    return len(domains) == 1 and not addresses.is_free_mail(spelling.normal(new))
