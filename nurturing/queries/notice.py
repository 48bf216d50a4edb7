"""What stands above every page, asked at once: is sending stopped, does a question wait, do mails leave, who is left alone."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

MOST_NAMES = 3


class Notices(NamedTuple):
    """`hold_at` and `hold_because` belong to the switch that stops all sending, when it is on."""

    hold_at: datetime | None
    hold_because: str
    gap_id: int | None
    went_live: bool
    left_alone: list[str]


def now() -> Notices:
    """What holds at this moment: of every table at most a row or three, by the index that holds what is open."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTICES, [MOST_NAMES])
        return Notices(*cursor.fetchone())


_NOTICES = """
SELECT hold.at, coalesce(hold.because, ''), (SELECT id FROM nurturing_gap WHERE answered_at IS NULL LIMIT 1),
       EXISTS (SELECT 1 FROM nurturing_golive),
       ARRAY(SELECT name FROM nurturing_breaker WHERE closed_at IS NULL ORDER BY opened_at, id LIMIT %s)
FROM (VALUES (1)) AS one
LEFT JOIN (SELECT at, because FROM nurturing_sendinghold WHERE released_at IS NULL LIMIT 1) AS hold ON true
"""
