"""Workers killed with -9 while they send: nobody gets a mail twice, and no mail is missing or unaccounted for."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from contacts import clock
from contacts.models import Contact, LegalGround
from nurturing.models import Send
from nurturing.queries import send as queries
from nurturing.services import send
from nurturing.tasks.send import deliver_due
from tests import cast
from tests.nurturing import post_office, posting
from tests.nurturing.post_office import PostOffice

MAILS, KILLS, WORKERS, WINDOW = 500, 10, 3, 10
SEED = 20261121
SECONDS_PER_MAIL = 0.02
LONGEST = 120
SETTINGS = {"SEND_LEASE_SECONDS": "3", "SEND_BATCH": "60", "CELERY_SKIP_CHECKS": "true"}
# Everything is imported once; each line of input then forks a worker that is a process of its own.
NURSERY = """
import ctypes, gc, os, signal, sys, django
django.setup()
import celery.bin.worker, celery.concurrency.solo, celery.worker.consumer, kombu.transport.redis
from silo.celery import app
app.loader.import_default_modules()
gc.collect()
gc.freeze()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for name in sys.stdin:
    pid = os.fork()
    if pid:
        print(pid, flush=True)
        continue
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # no worker outlives its nursery
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(0, 1)
    app.worker_main(["worker", "-P", "solo", "-l", "ERROR", "-n", name.strip(), "--without-gossip",
                     "--without-mingle", "--without-heartbeat"])
"""


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office.opened() as office:
        office.delay = SECONDS_PER_MAIL
        yield office


@pytest.fixture
def workers(process_environment: dict[str, str]) -> Iterator["Workers"]:
    workers = Workers(process_environment | SETTINGS)
    yield workers
    workers.end()


class Workers:
    """Celery workers; there are always three, also when one is shot."""

    def __init__(self, environment: dict[str, str], number: int = WORKERS) -> None:
        self._number = number
        self._nursery = subprocess.Popen(
            [sys.executable, "-c", NURSERY],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._running: list[int] = []

    def fill_up(self) -> None:
        assert self._nursery.stdin is not None and self._nursery.stdout is not None
        while len(self._running) < self._number:
            self._nursery.stdin.write(f"w{time.monotonic_ns()}@test\n")
            self._nursery.stdin.flush()
            self._running.append(int(self._nursery.stdout.readline()))

    def shoot(self, pid: int) -> None:
        self._running.remove(pid)
        os.kill(pid, signal.SIGKILL)

    def end(self) -> None:
        for pid in self._running:
            os.kill(pid, signal.SIGKILL)
        assert self._nursery.stdin is not None
        self._nursery.stdin.close()
        self._nursery.wait()


def people(number: int) -> list[Contact]:
    made = Contact.objects.bulk_create(
        Contact(
            first_name="Liv",
            email=f"liv{one}@malarbygg.example",
            country="SE",
            company=cast.malarbygg(),
            created_at=cast.LONG_AGO,
            updated_at=cast.LONG_AGO,
            informed_at=cast.LONG_AGO,
        )
        for one in range(number)
    )
    LegalGround.objects.bulk_create(
        LegalGround(contact=one, ground=LegalGround.Ground.CONSENT, at=cast.LONG_AGO, source="test")
        for one in made
    )
    return made


def sending_pids() -> list[int]:
    """The processes that have mails in the middle of being handed over."""
    claimed_by = (
        Send.objects.filter(state=Send.State.ATTEMPTING).values_list("claimed_by", flat=True).distinct()
    )
    return sorted(int(name.rpartition(":")[2]) for name in claimed_by)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_ten_kills_while_500_mails_leave(office: PostOffice, workers: Workers) -> None:
    chance = random.Random(SEED)
    posting.live()
    posting.smtp_sender(office.port, window=WINDOW)
    now = clock.now()
    posting.due(*people(MAILS), of=posting.piece(posting.published()), not_before=now, sandbox=False)
    posting.open_always()
    workers.fill_up()

    kills, shot, until = 0, set(), time.monotonic() + LONGEST
    next_kill = next_beat = 0.0
    while Send.objects.waiting().exists() or kills < KILLS:
        assert time.monotonic() < until, queries.equation(now=clock.now())
        if time.monotonic() > next_beat:
            deliver_due.delay()  # as beat does
            next_beat = time.monotonic() + 0.3
        targets = [pid for pid in sending_pids() if pid not in shot]
        if kills < KILLS and targets and time.monotonic() > next_kill:
            time.sleep(chance.uniform(0, 0.6))
            pid = chance.choice(targets)
            workers.shoot(pid)
            shot.add(pid)
            kills += 1
            next_kill = time.monotonic() + chance.uniform(0, 0.5)
            workers.fill_up()
        if not Send.objects.waiting().exists():
            break
        time.sleep(0.1)
    send.reap(now=clock.now())

    sends = dict(Send.objects.values_list("address", "state"))
    accepted = {to for to, state in sends.items() if state == Send.State.ACCEPTED}
    unknown = {to for to, state in sends.items() if state == Send.State.UNKNOWN}
    assert kills == KILLS
    assert office.twice() == {}
    assert accepted | unknown == {f"liv{one}@malarbygg.example" for one in range(MAILS)}
    assert accepted <= set(office.recipients) <= accepted | unknown
    assert 0 < len(unknown) <= WINDOW * KILLS
    found = queries.equation(now=clock.now())
    assert (found.due, found.difference, found.waiting) == (MAILS, 0, 0)
