"""Hits that could not be written down at once."""

from datetime import datetime
from typing import Any

from celery import shared_task
from django.db import InterfaceError, OperationalError

from contacts import clock
from nurturing.services import hit


@shared_task(  # type: ignore[call-overload, untyped-decorator]  # celery-types does not know attributes of our own Task
    ignore_result=True,
    is_a_hint=False,  # the click is nowhere else
    autoretry_for=(InterfaceError, OperationalError),
    retry_backoff=5,
    retry_backoff_max=300,
    max_retries=None,
)
def record(said: dict[str, Any], **_later_arguments: object) -> None:
    """Write down a hit that the database could not take when it came; while it is away, it tries again."""
    at = datetime.fromisoformat(said["at"])
    hit.record([hit.NewHit(**(said | {"at": at}))], now=clock.now())
