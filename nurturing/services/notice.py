"""Tell people from a list where we have their data from (GDPR 14), by a mail of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from contacts.models import Contact
from contacts.queries import gate, untold
from contacts.services import audit
from nurturing.content import answers
from nurturing.services import asking

MOST = 500


@dataclass(frozen=True, slots=True)
class Told:
    """How many get the notice, and how many the gate refuses."""

    planned: int
    refused: int


@transaction.atomic
def send(*, contact_ids: Iterable[int], by: Any, now: datetime) -> Told:
    """Plan the notice for those of these people who were not told yet; `informed_at` is set when it is accepted."""
    ids = sorted(set(contact_ids))[:MOST]
    people = {one.pk: one for one in untold.untold().filter(pk__in=ids)}
    verdicts = gate.verdicts(list(people), purpose=gate.NOTICE)
    allowed = [one for pk, one in people.items() if verdicts[pk].allowed]
    planned = [one.pk for one in allowed if _plan(one, now=now)]
    audit.write_for(verb="contact.told", contact_ids=planned, now=now, by=by)
    return Told(planned=len(planned), refused=len(people) - len(allowed))


def _plan(contact: Contact, *, now: datetime) -> bool:
    # once a day at most: who asks twice in a minute sends it once
    key = f"notice:{contact.pk}:{now:%Y%m%d}"
    return asking.plan(contact=contact, kind=answers.NOTICE, key=key, now=now) is not None
