"""The clock's hand: wakes the tick. What is due is in PostgreSQL, so a lost or doubled call does no harm."""

from celery import shared_task

from contacts import clock
from nurturing.services import tick as ticks


@shared_task(ignore_result=True)
def tick(**_unknown: object) -> None:
    """Plan for everybody whose moment has come."""
    ticks.tick(now=clock.now())
