"""Bulk changes in the background. A doubled or lost call does no harm: who still waits is in PostgreSQL."""

from celery import shared_task
from django.db import OperationalError
from django.utils.translation import gettext as _

from contacts import clock
from contacts.services import bulk_change


@shared_task(ignore_result=True)
def go_on(change_id: int, **_later_arguments: object) -> None:
    """Do what is left of one change, or of taking it back."""
    try:
        bulk_change.run(change_id=change_id, clock=clock.now)
    except (
        OperationalError
    ):  # two transactions waited for one another, or the database went away: the clock takes it up again
        raise
    except Exception:
        bulk_change.fail(
            change_id=change_id,
            sentence=_("It stopped at an error. What is done stays, and can be taken back."),
        )
        raise


@shared_task(ignore_result=True)
def go_on_with_all(**_later_arguments: object) -> None:
    """Take up the changes whose worker died; those that are moving are left alone by their lock."""
    for change_id in bulk_change.unfinished():
        go_on.delay(change_id=change_id)
