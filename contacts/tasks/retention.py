"""The clock keeps the retention rules."""

from celery import shared_task

from contacts import clock
from contacts.services import retention


@shared_task(ignore_result=True)
def keep_rules(**_later_arguments: object) -> None:
    """One round of every rule that is on. Two rounds at once do no harm: each takes what is left."""
    retention.keep_all(now=clock.now())
