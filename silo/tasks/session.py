"""Logins whose time is over."""

from celery import shared_task
from django.contrib.sessions.models import Session

from contacts import clock


@shared_task(ignore_result=True)
def forget_old(**_unknown: object) -> None:
    """Throw away sessions that have run out: nobody reads them any more."""
    Session.objects.filter(expire_date__lt=clock.now()).delete()
