"""The pass that judges hits."""

from celery import shared_task

from contacts import clock
from nurturing.services import evidence


@shared_task(ignore_result=True)
def grade(**_later_arguments: object) -> None:
    """Judge the hits that have settled; goes on until none is left."""
    while evidence.grade(now=clock.now()).more:
        pass
