"""Exports in the background, and the end of their files."""

from celery import shared_task
from django.utils.translation import gettext as _

from contacts import clock
from contacts.services import export


@shared_task(ignore_result=True)
def write(export_id: int, **_later_arguments: object) -> None:
    """Write the file of one export."""
    try:
        export.write(export_id=export_id, clock=clock.now)
    except Exception:
        export.fail(
            export_id=export_id,
            sentence=_("The file could not be written. Export again; if it fails again, the log says why."),
        )
        raise


@shared_task(ignore_result=True)
def go_on_with_all(**_later_arguments: object) -> None:
    """Take up the exports whose worker died, and delete the files whose time is over."""
    export.delete_old(now=clock.now())
    for export_id in export.unfinished():
        write.delay(export_id=export_id)
