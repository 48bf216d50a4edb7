"""The project: settings, addresses, the clock's schedule, logins, and the pages that show all three apps."""

from silo.celery import app as celery_app

__all__ = ["celery_app"]
