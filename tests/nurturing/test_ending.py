"""Workers that are asked to end, and workers that were stopped beyond their lease and wake up: nobody gets a mail twice,
and what is known stays known.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

import psutil
import pytest

from contacts import clock
from nurturing.models import Send
from nurturing.queries import send as queries
from nurturing.services import send
from nurturing.tasks.send import deliver_due
from tests.nurturing import post_office, posting
from tests.nurturing.post_office import PostOffice
from tests.nurturing.test_kill import Workers, people, sending_pids

LONGEST = 150
RESTARTS = int(
    os.environ.get("RESTARTS", "2")
)  # 20 of them, as docs/faults.md tells: RESTARTS=20 make test-all TESTS=…
State = Send.State


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office.opened() as office:
        office.delay = 0.01
        yield office


def due(office: PostOffice, number: int) -> None:
    posting.live()
    posting.smtp_sender(office.port, window=10)
    now = clock.now()
    posting.due(*people(number), of=posting.piece(posting.published()), not_before=now, sandbox=False)
    posting.open_always()


def until(true: Callable[[], object], hint: bool = True) -> None:
    deadline, next_hint = time.monotonic() + LONGEST, 0.0
    while not true():
        assert time.monotonic() < deadline, queries.equation(now=clock.now())
        if hint and time.monotonic() > next_hint:
            deliver_due.delay()
            next_hint = time.monotonic() + 0.5
        time.sleep(0.02)


def under_way(office: PostOffice, number: int) -> bool:
    return len(office.mails) >= number and bool(sending_pids())


def all_went_once(office: PostOffice, number: int) -> None:
    assert office.twice() == {}
    assert len(office.mails) == number
    assert Send.objects.filter(state=State.ACCEPTED).count() == number


@pytest.mark.slow
@pytest.mark.parametrize("told", ["the parent", "the whole group", "nobody, and the parent is killed"])
@pytest.mark.django_db(transaction=True)
def test_a_rolling_restart_leaves_nothing_unknown(
    told: str, office: PostOffice, process_environment: dict[str, str]
) -> None:
    mails = max(400, 60 * (RESTARTS + 2))
    due(office, mails)
    words = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "silo",
        "worker",
        "-c",
        "2",
        "-l",
        "ERROR",
        "--without-gossip",
        "--without-mingle",
    ]
    for restart in range(RESTARTS):
        worker = subprocess.Popen(
            words, env=process_environment | {"SEND_BATCH": "60"}, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            until(partial(under_way, office, 60 * (restart + 1)))
            children = psutil.Process(worker.pid).children()
            if told == "the parent":
                worker.send_signal(signal.SIGTERM)
            elif told == "nobody, and the parent is killed":
                worker.kill()
            else:
                os.killpg(worker.pid, signal.SIGTERM)
            worker.wait(timeout=LONGEST)
            psutil.wait_procs(children, timeout=LONGEST)
        finally:
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGKILL)
                worker.wait()
        states = set(Send.objects.values_list("state", flat=True))
        assert states <= {State.PLANNED, State.ACCEPTED}
        assert Send.objects.filter(state=State.ACCEPTED).count() == len(office.mails)
    while send_the_rest():
        pass
    all_went_once(office, mails)


def send_the_rest() -> int:
    from nurturing.services import delivery

    return delivery.deliver_due(now=clock.now(), worker="test").claimed


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_stopped_beyond_its_lease_sends_the_mail_in_hand_and_writes_nothing_stale(
    office: PostOffice, process_environment: dict[str, str]
) -> None:
    office.delay = 0.1
    due(office, 40)
    workers = Workers(
        process_environment | {"SEND_LEASE_SECONDS": "2", "SEND_BATCH": "40", "CELERY_SKIP_CHECKS": "true"},
        number=1,
    )
    try:
        workers.fill_up()
        until(lambda: sending_pids() and len(office.mails) >= 13)
        (sleeper,) = sending_pids()
        os.kill(sleeper, signal.SIGSTOP)
        time.sleep(2.5)  # the lease is over, and whatever was on its way has arrived
        before = list(office.recipients)
        recorded = Send.objects.filter(state=State.ACCEPTED).count()
        send.reap(now=clock.now())
        lost = dict(Send.objects.filter(state=State.UNKNOWN).values_list("address", "pk"))
        office.delay = 0.01
        while send_the_rest():  # another worker takes what was never tried
            pass
        others = len(office.mails) - len(before)
        os.kill(sleeper, signal.SIGCONT)
        time.sleep(2)
        until(lambda: not Send.objects.waiting().exists())

        late = office.recipients[len(before) + others :]
        assert len(late) <= 1 and set(late) <= set(lost), "the mail in hand, which nobody else sends"
        assert office.twice() == {}
        assert 0 < len(lost) <= 10
        assert recorded + len(lost) + others == 40
        assert set(Send.objects.filter(pk__in=lost.values()).values_list("state", flat=True)) == {
            State.UNKNOWN
        }
        assert Send.objects.filter(state=State.ACCEPTED).count() == 40 - len(lost)
    finally:
        workers.end()
