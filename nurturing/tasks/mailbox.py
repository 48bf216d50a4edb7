"""Looks into the mailboxes that answers and bounces come back to."""

from celery import shared_task

from contacts import clock
from nurturing.models import Mailbox
from nurturing.services import mailbox


@shared_task(ignore_result=True)
def read_all(**_unknown: object) -> None:
    """Wake a look into every mailbox in use."""
    for mailbox_id in Mailbox.objects.to_look_into(clock.now()).values_list("pk", flat=True):
        read_one.delay(mailbox_id=mailbox_id)


@shared_task(ignore_result=True)
def read_one(*, mailbox_id: int, **_unknown: object) -> None:
    """One look; when there is more than a look takes, another follows at once."""
    if mailbox.read(mailbox_id=mailbox_id, now=clock.now()).more:
        read_one.delay(mailbox_id=mailbox_id)
