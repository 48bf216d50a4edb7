"""Room for the months to come."""

from celery import shared_task

from contacts import clock
from nurturing.services import partition


@shared_task(ignore_result=True)
def make_months(**_unknown: object) -> None:
    """Make this month's and the next two months' partitions."""
    now = clock.now()
    partition.make_months(first=now, now=now)
