"""The hourly comparison of ledger and database."""

from celery import shared_task

from contacts import clock
from contacts.services import erasure


@shared_task(ignore_result=True)
def replay(**_later_arguments: object) -> None:
    """Erase again whom a restored backup brought back; complete the ledger."""
    erasure.replay(now=clock.now())
