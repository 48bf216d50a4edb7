"""The hand that sends. What is due is in PostgreSQL: a lost call costs time, a doubled one nothing."""

import os
import socket

from celery import shared_task

from contacts import clock
from nurturing.services import delivery


@shared_task(ignore_result=True)
def deliver_due(**_unknown: object) -> None:
    """Deliver batch after batch until nothing is due."""
    worker = f"{socket.gethostname()}:{os.getpid()}"
    while delivery.deliver_due(now=clock.now(), worker=worker).claimed:
        pass
