"""Imports in the background. A doubled or lost call does no harm: where an import stands is in PostgreSQL."""

from celery import shared_task

from contacts import clock
from contacts.models import ImportBatch
from contacts.services import import_undo, import_work


@shared_task(ignore_result=True)
def check(batch_id: int, **_later_arguments: object) -> None:
    """The dry run."""
    import_work.check(batch_id=batch_id, now=clock.now())


@shared_task(ignore_result=True)
def go_on(batch_id: int, **_later_arguments: object) -> None:
    """Bring in, or take back, what is left of one import."""
    if ImportBatch.objects.filter(pk=batch_id, state=ImportBatch.State.UNDOING).exists():
        import_undo.run(batch_id=batch_id, now=clock.now())
    else:
        import_work.run(batch_id=batch_id, now=clock.now())


@shared_task(ignore_result=True)
def go_on_with_all(**_later_arguments: object) -> None:
    """Take up the imports whose worker died; those that are moving are left alone by their lock."""
    for batch_id in import_work.unfinished():
        go_on.delay(batch_id=batch_id)
    import_work.tidy(now=clock.now())
