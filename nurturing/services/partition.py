"""Monthly partitions of what grows: raw hits and the detail of sends."""

from datetime import datetime, timedelta

from django.db import connection

AHEAD = timedelta(days=62)


def make_months(*, first: datetime, now: datetime) -> int:
    """Make every month from the one of `first` until two months after `now`; answers how many were new.

    A month without its own partition is not an error: its rows lie in the rest table until somebody moves them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nurturing_make_months(%s, %s)", [first, now + AHEAD])
        made: int = cursor.fetchone()[0]
    return made
