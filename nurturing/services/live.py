"""Going live: from then on mails leave for real. Once, by a person, and never in the demo."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from contacts.models import AuditEvent
from nurturing.models import Enrollment, GoLive, Send, Sender
from nurturing.queries import live
from nurturing.sending import providers
from nurturing.services import standing

CHUNK = 1000


class NotReady(Exception):
    """The silo cannot go live yet; `missing` says in words what is lacking."""

    def __init__(self, missing: Sequence[object]) -> None:
        self.missing = [str(words) for words in missing]
        super().__init__(", ".join(self.missing))


class OnlyADemo(Exception):
    """The people of the demo are fictional: nothing is ever sent to them."""


def go(*, by: AbstractBaseUser, now: datetime) -> GoLive:
    """Take the silo live.

    What was "sent" in the sandbox reached nobody, so it is no history: mails that wait there are skipped, and
    who is in the middle of a sequence begins it again. Raises OnlyADemo, NotReady.
    """
    if live.is_demo():
        raise OnlyADemo("The demo silo never sends a real mail.")
    sender = Sender.objects.filter(is_default=True).first()
    if sender is None or providers.missing(sender):
        raise NotReady(providers.missing(sender) if sender else [Sender._meta.verbose_name])
    with transaction.atomic():
        written_to = Send.objects.lane().filter(sandbox=True).order_by().values_list("contact_id", flat=True)
        inside = Enrollment.objects.active().order_by().values_list("contact_id", flat=True)
        # Whoever the clock is just coming to is waited for: else it would count a step as sent.
        people = standing.lock(set(written_to.distinct()) | set(inside))
        made, new = GoLive.objects.get_or_create(defaults={"at": now, "by_id": by.pk})
        if not new:
            return made
        Send.objects.filter(sandbox=True, state__in=Send.WAITING).update(
            state=Send.State.SKIPPED, reason="went_live", finished_at=now, lease_until=None
        )
        Enrollment.objects.filter(ended_at=None, started_at__isnull=False).update(
            started_at=now, last_step_key="", last_step_at=None
        )
        for start in range(0, len(people), CHUNK):
            standing.recompute(people[start : start + CHUNK], now=now)
        AuditEvent.objects.create(
            at=now, by_id=by.pk, verb="sending.went_live", object_type="GoLive", object_id=made.pk
        )
    return made
