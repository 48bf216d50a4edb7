"""Asks the name servers about a sender's domain, beside the page that waits for it."""

from celery import shared_task

from contacts import clock
from nurturing.services import domain_check


@shared_task(ignore_result=True)
def run(*, check_id: int, **_unknown: object) -> None:
    """One look."""
    domain_check.run(check_id=check_id, now=clock.now())
