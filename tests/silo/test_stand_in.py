"""Redis is a hint: with the broker gone mail leaves all the same, and the page Health says so. Real processes, a broker of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from contacts import clock
from contacts.models import Contact
from contacts.tasks import import_batch
from nurturing.models import Hit, Send
from nurturing.queries import send as queries
from silo.cache import ForgetfulCache
from silo.embedded import account, binaries, place, valkey
from silo.models import BrokerAbsence
from silo.queries import health
from silo.services import broker_absence
from tests.cast import client_of
from tests.nurturing import mailing, post_office, posting
from tests.nurturing.post_office import PostOffice
from tests.nurturing.test_kill import people

MAILS = 120
SETTINGS = {
    "SEND_LEASE_SECONDS": "5",
    "SEND_BATCH": "20",
    "CELERY_SKIP_CHECKS": "true",
    "LOG_LEVEL": "WARNING",
}


class Broker:
    """A Valkey that can be taken away."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._log = folder, (folder / "log").open("ab")
        self._account = account.pick(folder, folder)
        self._account.own(folder)  # as root: whoever the server runs as puts its socket there
        self.url = f"unix://{folder}/valkey.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        found = binaries.find(self._account, self._folder)
        self._process = valkey.start(
            found, self._folder / "data", self._folder, self._account, self._log, durable=False
        )
        wait_until(lambda: valkey.is_ready(self._folder))

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def wait_until(done: Callable[[], Any], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, queries.equation(now=clock.now())
        time.sleep(0.1)


@pytest.fixture
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    folder = Path(str(place.sockets(tmp_path_factory.mktemp("broker"))))
    folder.mkdir(mode=0o755)
    one = Broker(folder)
    one.start()
    yield one
    one.kill()
    shutil.rmtree(folder)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office.opened() as office:
        office.delay = 0.02
        yield office


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_mail_leaves_without_the_broker_and_nobody_gets_it_twice_when_it_is_back(
    process_environment: dict[str, str], broker: Broker, office: PostOffice, settings: Any, tmp_path: Path
) -> None:
    settings.REDIS_URL = broker.url
    environment = process_environment | SETTINGS | {"REDIS_URL": broker.url}
    posting.live()
    posting.smtp_sender(office.port)
    text = posting.piece(posting.published())
    everybody = people(MAILS)
    posting.open_always()
    posting.due(*everybody[: MAILS // 2], of=text, not_before=clock.now(), sandbox=False)

    with ExitStack() as stack:
        beat = [
            "celery",
            "-A",
            "silo",
            "worker",
            "-B",
            "-s",
            str(tmp_path / "beat"),
            "-c",
            "2",
            "-l",
            "ERROR",
        ]
        for words in ([*beat, "--without-gossip", "--without-mingle"], ["django", "stand_in"]):
            stack.enter_context(running(words, environment))
        wait_until(lambda: len(office.recipients) > 5)
        broker.kill()  # in the middle
        wait_until(lambda: BrokerAbsence.objects.filter(until=None).exists())
        said = next(one for one in health.of(now=clock.now()).lines if one.name == "broker")
        assert said.state == health.WATCH and "Mail leaves by the clock itself, slower" in said.words
        posting.due(*everybody[MAILS // 2 :], of=text, not_before=clock.now(), sandbox=False)
        wait_until(lambda: len(set(office.recipients)) > MAILS // 2 + 5)
        broker.start()  # in the middle again
        wait_until(lambda: not Send.objects.waiting().exists())
        wait_until(lambda: not BrokerAbsence.objects.filter(until=None).exists())
        assert "fine" in next(o.words for o in health.of(now=clock.now()).lines if o.name == "broker")

    assert office.twice() == {}
    assert set(office.recipients) == {one.email for one in everybody}
    found = queries.equation(now=clock.now())
    assert (found.accepted, found.unknown, found.difference) == (MAILS, 0, 0)


class running:
    """A process of the silo, as long as the block runs."""

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        self._words, self._environment = words, environment

    def __enter__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", *self._words],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@pytest.mark.django_db
def test_two_stand_ins_tell_of_one_absence(now: datetime) -> None:
    broker_absence.note(since=now, now=now)
    broker_absence.note(since=now + timedelta(seconds=2), now=now + timedelta(seconds=9))
    absence = BrokerAbsence.objects.get()
    assert (absence.since, absence.seen_at) == (now, now + timedelta(seconds=9))
    broker_absence.end(now=now + timedelta(minutes=1))
    broker_absence.note(since=now + timedelta(hours=1), now=now + timedelta(hours=1))
    assert BrokerAbsence.objects.count() == 2


@pytest.mark.django_db
def test_a_stand_in_that_is_gone_too_is_not_believed(now: datetime, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    broker_absence.note(since=now - timedelta(hours=1), now=now - timedelta(minutes=5))
    said = next(one for one in health.of(now=now).lines if one.name == "broker")
    assert said.state == health.WRONG and "stand_in" in said.words


@pytest.mark.django_db
def test_a_click_is_recorded_and_pages_answer_without_the_broker(
    anna: Contact, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = ForgetfulCache("redis://127.0.0.1:1/0", {})
    monkeypatch.setattr(caches._connections, "default", away, raising=False)
    mail = mailing.sent(anna, at=datetime.now(UTC))
    assert mailing.browser().get(mailing.link(mail)).status_code == 302
    assert Hit.objects.count() == 1
    for address in ("/", "/people/", "/health/"):
        assert client_of(ada).get(address).status_code == 200, address
    assert Client().get("/account/login/").status_code == 200


def test_a_cache_that_is_away_knows_nothing_and_complains_of_nothing() -> None:
    away = ForgetfulCache("redis://127.0.0.1:1/0", {})
    away.set("a", 1)
    assert away.get("a", "nothing") == "nothing"
    assert (away.incr("a"), away.add("a", 1), away.get_many(["a"]), away.delete("a")) == (1, True, {}, False)


def test_a_hint_that_cannot_be_given_is_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    task = import_batch.go_on_with_all
    with task.app.connection_for_write("redis://127.0.0.1:1/0") as nowhere:
        assert task.apply_async(connection=nowhere, retry=False) is None  # type: ignore[call-arg]
