"""Those who wait for a limit: each has a moment at which their turn comes, at the pace of the limit.

The moment is a guess and no right: at its turn a mail takes a place like any other, and finds none when others were
quicker; then it stands in front.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from django.db import connection, transaction

from nurturing.models import SendLimit
from nurturing.planning import calendar
from nurturing.queries import flow
from nurturing.queries.flow import Limit
from nurturing.sending import pace

# A shorter wait does not ask whether the office is open: the mail was on its way already.
SHORT = timedelta(hours=1)


class Mail(Protocol):
    """One that must wait. `waited`: it did so before, and stands in front of those who come new."""

    waited: bool

    @property
    def in_lane(self) -> bool: ...


def is_one(limit: Limit, *, now: datetime) -> bool:
    """Others wait already; when all of them have gone elsewhere meanwhile, there is no line."""
    if not limit.has_line(now):
        return False
    if flow.somebody_waits(limit.reason, now=now):
        return True
    SendLimit.objects.filter(pk=limit.id, tail_at=limit.tail_at).update(tail_at=None)
    return False


def join(joining: Sequence[tuple[Mail, Sequence[Limit]]], *, now: datetime) -> list[tuple[datetime, str]]:
    """Give each a place in the lines of the limits that refused it. Returns the latest of their turns, and what for."""
    if not joining:
        return []
    with transaction.atomic():
        ids = {limit.id for _mail, refusing in joining for limit in refusing}
        rows = SendLimit.objects.select_for_update().filter(pk__in=ids).order_by("pk")
        lines = {row.pk: _Line(row, now) for row in rows}
        turns = [
            # A limit that was taken away meanwhile refuses nobody any more.
            max((lines[one.id].place(mail) if one.id in lines else now, one.reason) for one in refusing)
            for mail, refusing in joining
        ]
        for pk, line in lines.items():
            SendLimit.objects.filter(pk=pk).update(tail_at=line.tail)
    return turns


class _Line:
    """Those who wait for one limit, at its pace."""

    def __init__(self, row: SendLimit, now: datetime) -> None:
        counter = pace.Counter(row.period, row.most, row.head, row.counts)
        self._now, self._calendar = now, flow.office_hours()
        if row.period == pace.WARM_UP:
            zone = calendar.zone_of(self._calendar.zone)
            tomorrow = datetime.combine(flow.today(now) + timedelta(days=1), self._calendar.opens, zone)
            self._first = calendar.next_open(self._calendar, tomorrow)
            self._spacing = timedelta(0)  # the next day's first are those who wait, in their order
        else:
            self._first, self._spacing = counter.free_at(now), counter.spacing
        self._front = self._first
        waits = row.tail_at is not None and row.tail_at > self._first
        self.tail = row.tail_at if waits and row.tail_at is not None else self._first

    def place(self, mail: Mail) -> datetime:
        """When its turn comes; who waited before stands in front of those who come new."""
        if mail.waited:
            turn = self._front = self._open(self._front, mail)
            self._front += self._spacing
            self.tail += self._spacing
            return turn
        turn = self.tail = self._open(self.tail, mail)
        self.tail += self._spacing
        return turn

    def _open(self, turn: datetime, mail: Mail) -> datetime:
        """A mail of the clock does not go out at night because it had to wait."""
        if not mail.in_lane or turn - self._now < SHORT:
            return turn
        return calendar.next_open(self._calendar, turn)


def wake(reason: str, *, now: datetime) -> int:
    """All who wait for this reason are asked again now, in the old order. Returns how many.

    One that is in a worker's hand just now is left to it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WAKE, [now, now, reason[:300]])
        return int(cursor.rowcount)


_WAKE = """
UPDATE nurturing_send SET not_before = %s
WHERE id IN (SELECT id FROM nurturing_send
             WHERE state = 'planned' AND NOT held AND not_before > %s AND reason = %s FOR UPDATE SKIP LOCKED)
"""
