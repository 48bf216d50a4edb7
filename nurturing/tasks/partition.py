"""Room for the months to come."""

from celery import shared_task

from contacts import clock
from nurturing.services import breaker, delivery, partition


@shared_task(ignore_result=True)
def make_months(**_unknown: object) -> None:
    """Make this month's and the next two months' partitions, and forget old batches."""
    now = clock.now()
    partition.make_months(first=now, now=now)
    delivery.forget_old(now=now)
    breaker.forget_old(now=now)
