"""Duplicates in the background. A doubled or lost call does no harm: where a run stands is in PostgreSQL."""

from celery import shared_task

from contacts import clock
from contacts.services import duplicate, field


@shared_task(ignore_result=True)
def refresh(**_later_arguments: object) -> None:
    """Look over the silo for people who are there twice, and let go of what is too old to undo."""
    duplicate.refresh(now=clock.now())
    field.forget_old(now=clock.now())


@shared_task(ignore_result=True)
def go_on(run_id: int, **_later_arguments: object) -> None:
    """Merge, or part, what is left of one run."""
    duplicate.run(run_id=run_id, now=clock.now())


@shared_task(ignore_result=True)
def go_on_with_all(**_later_arguments: object) -> None:
    """Take up the runs whose worker died; those that are moving are left alone by their lock."""
    for run_id in duplicate.unfinished():
        go_on.delay(run_id=run_id)
