"""The clock's hand: wakes the tick. What is due is in PostgreSQL, so a lost or doubled call does no harm."""

from celery import shared_task

from contacts import clock
from nurturing.services import delivery, gap
from nurturing.services import tick as ticks
from nurturing.tasks import ending
from nurturing.tasks.send import deliver_due, worker

HINT_SECONDS = 10
# A round goes by one moment, and mails are handed over in it: after so long the next one looks at the clock anew.
LONGEST_SECONDS = 30


@shared_task(ignore_result=True)
def tick(**_unknown: object) -> None:
    """Plan for everybody whose moment has come, and deliver what was planned."""
    now = clock.shared()
    gap.notice(now=now)
    _go_round(ticks.begin(now=now, worker=worker()))


@shared_task(ignore_result=True)
def help_tick(**_unknown: object) -> None:
    """Take part in a round that is larger than one batch."""
    _go_round(ticks.join(now=clock.shared(), worker=worker()))


def _go_round(running: ticks.Round) -> None:
    """Batch by batch: what was planned leaves before the next is, and while there is more, one more worker may come along."""
    called = False
    with ending.in_order():
        for batch in running.batches():
            if batch.due >= running.size and not called:
                help_tick.apply_async(expires=HINT_SECONDS)
                called = True
            if running.claims:
                running.remember()
                delivery.deliver(running.claims, now=clock.shared(), worker=worker(), ends=ending.asked)
            elif batch.planned:
                deliver_due.apply_async(expires=HINT_SECONDS)
            if ending.asked():
                break
            if running.seconds > LONGEST_SECONDS:
                help_tick.apply_async(expires=HINT_SECONDS)
                break
    running.remember()
