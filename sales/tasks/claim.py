"""The clock of claims."""

from typing import Any

from celery import shared_task

from contacts import clock
from sales.services import claim


@shared_task
def expire(**_: Any) -> int:
    """Let go of everybody whose half hour is over."""
    return claim.expire(now=clock.now())
