"""The stand-in: while the broker is away, the clock's work is done here, slower; what is due is in PostgreSQL anyhow.

It looks for the broker every other second. When it has not answered for a while, those entries of `silo/schedule.py` without which mail
would stand still run in this process, each in a thread of its own and at its own interval, until it answers again. Workers that live on
do no harm meanwhile, and neither do more stand-ins: whoever works claims his rows in the database first.
"""

import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from types import FrameType

import redis
import structlog
from django.db import Error, close_old_connections

from contacts import clock
from nurturing.models import Mailbox
from nurturing.services import mailbox
from nurturing.tasks import ending
from nurturing.tasks import evidence as evidence_tasks
from nurturing.tasks import send as send_tasks
from nurturing.tasks import tick as tick_tasks
from sales.tasks import claim as claim_tasks
from silo import heartbeat, schedule
from silo.celery import app
from silo.services import broker_absence

LOOK_EVERY = 2.0  # seconds
# A restart of the broker takes less; for that nobody has to stand in.
AWAY_AFTER = timedelta(seconds=5)

log = structlog.get_logger(__name__)


def read_mailboxes() -> None:
    """One look into each; elsewhere a task wakes a task per mailbox."""
    for pk in Mailbox.objects.to_look_into(clock.now()).values_list("pk", flat=True):
        mailbox.read(mailbox_id=pk, now=clock.now())


WORK: dict[str, Callable[[], object]] = {
    "tick": tick_tasks.tick,
    "deliver": send_tasks.deliver_due,
    "grade": evidence_tasks.grade,
    "read mailboxes": read_mailboxes,
    "release claims": claim_tasks.expire,
}


class StandIn:
    """One process that stands in."""

    def __init__(self) -> None:
        self._ends = threading.Event()
        self._needed = threading.Event()

    def run(self) -> None:
        """Until somebody ends us. In the main thread, which hears the signals."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        app.conf.task_publish_retry = False  # what our work would wake is done here a few seconds later
        hands = [threading.Thread(target=self._work, args=one, name=one[0]) for one in WORK.items()]
        for hand in hands:
            hand.start()
        self._watch()
        for hand in hands:
            hand.join()

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        ending.ask()  # the mail in hand is finished, the rest of its batch is put back
        self._ends.set()

    def _watch(self) -> None:
        heard, silent_since = time.monotonic(), clock.now()
        known_as_away = True  # until the first look says otherwise: a stand-in before us may have died
        while not self._ends.wait(LOOK_EVERY):
            if _answers():
                heard, silent_since = time.monotonic(), clock.now()
                if known_as_away:
                    known_as_away = not _noted(broker_absence.end)
                self._needed.clear()
            elif time.monotonic() - heard >= AWAY_AFTER.total_seconds():
                known_as_away = True
                if not self._needed.is_set():
                    log.warning("broker_away", since=silent_since.isoformat())
                self._needed.set()
                _noted(lambda *, now, since=silent_since: broker_absence.note(since=since, now=now))

    def _work(self, name: str, do: Callable[[], object]) -> None:
        every = float(schedule.EVERYTHING[name]["schedule"])
        while not self._ends.is_set():
            if not self._needed.wait(timeout=1.0):
                continue
            began = time.monotonic()
            try:
                close_old_connections()
                do()
            except Exception:  # the database may be away too, and must not take us along
                log.exception("stand_in_failed", entry=name)
            finally:
                close_old_connections()
            self._ends.wait(max(0.5, every - (time.monotonic() - began)))


def _answers() -> bool:
    try:
        heartbeat.ping()
    except redis.RedisError:
        return False
    return True


def _noted(write: Callable[..., object]) -> bool:
    """Whether the row could be written: for the page Health alone, so a failure stops nothing."""
    now: datetime = clock.now()
    try:
        close_old_connections()
        write(now=now)
    except Error:
        log.exception("absence_not_noted")
        return False
    return True
