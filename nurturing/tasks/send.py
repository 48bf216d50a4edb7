"""The hand that sends. What is due is in PostgreSQL: a lost call costs time, a doubled one nothing."""

import os
import socket
import threading

from celery import shared_task

from contacts import clock
from nurturing.services import delivery, gap
from nurturing.tasks import ending


@shared_task(ignore_result=True)
def deliver_due(**_unknown: object) -> None:
    """Deliver batch after batch until nothing is due, or until this worker is to end."""
    gap.notice(now=clock.shared())
    with ending.in_order():
        while (
            not ending.asked()
            and delivery.deliver_due(now=clock.shared(), worker=worker(), ends=ending.asked).claimed
        ):
            pass


def worker() -> str:
    """Our name in the ledger."""
    thread = threading.current_thread()
    name = "" if thread is threading.main_thread() else f"/{thread.native_id}"
    return f"{socket.gethostname()[:50]}{name}:{os.getpid()}"
