"""The clock's hand: wakes the tick. What is due is in PostgreSQL, so a lost or doubled call does no harm."""

from celery import shared_task

from contacts import clock
from nurturing.services import gap
from nurturing.services import tick as ticks
from nurturing.tasks import ending
from nurturing.tasks.send import deliver_due

HINT_SECONDS = 10


@shared_task(ignore_result=True)
def tick(**_unknown: object) -> None:
    """Plan for everybody whose moment has come."""
    now = clock.shared()
    gap.notice(now=now)
    _go_round(ticks.begin(now=now))


@shared_task(ignore_result=True)
def help_tick(**_unknown: object) -> None:
    """Take part in a round that is larger than one batch."""
    _go_round(ticks.join(now=clock.shared()))


def _go_round(running: ticks.Round) -> None:
    """Batch by batch: what was planned may leave at once, and while there is more, one more worker may come along."""
    called = False
    for batch in running.batches():
        if batch.planned:
            deliver_due.apply_async(expires=HINT_SECONDS)
        if batch.due >= running.size and not called:
            help_tick.apply_async(expires=HINT_SECONDS)
            called = True
        if ending.asked():
            break
    running.remember()
