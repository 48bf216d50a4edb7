"""The silo's processes in a run: workers with their children, beat and the web server, each of which may be killed."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.faults import points
from bench.faults.cluster import CHECKOUT
from silo.embedded import account

WORKERS = 2
ORDERLY = 60  # seconds in which whoever is asked to end has ended


@dataclass
class Worker:
    """A Celery worker and, as far as known, the children that hand mails over."""

    parent: psutil.Process
    machine: int
    hands: list[psutil.Process] = field(default_factory=list)


class Staff:
    """There are always so many workers, one beat and one web server, also when one was shot."""

    def __init__(
        self, folder: Path, environment: dict[str, str], *, with_web: bool, workers: int = WORKERS
    ) -> None:
        self.folder, self.with_web, self._wanted = folder, with_web, workers
        self._environment = environment | {points.ARMED: str(folder)}
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "bench.faults.nursery"],
            cwd=CHECKOUT, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            start_new_session=True,  # ends with its input, and then ends what it forked
            stderr=(folder / "nursery.log").open("ab"),
        )  # fmt: skip
        self.workers: list[Worker] = []
        self.orphans: list[psutil.Process] = []
        self.beat: psutil.Process | None = None
        self.web: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self._number = 0
        self.ended_alone = 0

    # -- there are always enough ---------------------------------------------------------------------------------------

    def fill_up(self) -> None:
        """Whoever is gone comes back."""
        for worker in [one for one in self.workers if not _runs(one.parent)]:
            self.workers.remove(worker)
            self.ended_alone += 1
            self.orphans += [hand for hand in worker.hands if _runs(hand)]
        while len(self.workers) < self._wanted:
            taken = {one.machine for one in self.workers}
            machine = next(number for number in range(1, points.CELLS) if number not in taken)
            self._number += 1
            self.workers.append(Worker(self._fork(f"worker w{self._number}@m{machine} {machine}"), machine))
        if self.beat is None or not _runs(self.beat):
            self.beat = self._fork("beat")
        if self.with_web and (self.web is None or self.web.poll() is not None):
            self.web = self._serve()

    def look(self) -> list[tuple[Worker, psutil.Process]]:
        """The hands that live now."""
        for worker in self.workers:
            with suppress(psutil.Error):
                worker.hands = worker.parent.children()
        return [(worker, hand) for worker in self.workers for hand in worker.hands if _runs(hand)]

    def pids(self) -> set[int]:
        """Of all that may still hand over a mail."""
        self.orphans = [one for one in self.orphans if _runs(one)]
        return {hand.pid for _worker, hand in self.look()} | {one.pid for one in self.orphans}

    # -- and each may be killed ----------------------------------------------------------------------------------------

    def shoot_group(self, worker: Worker) -> int:
        """A worker with all its children, at one instant: a machine is lost. How many hands that were."""
        hands = [hand for one, hand in self.look() if one is worker]
        self.workers.remove(worker)
        with suppress(ProcessLookupError):
            os.killpg(worker.parent.pid, signal.SIGKILL)
        return len(hands)

    def shoot_parent(self, worker: Worker) -> None:
        """The worker alone: its children finish what they have in hand, and go."""
        self.orphans += [hand for one, hand in self.look() if one is worker]
        self.workers.remove(worker)
        worker.parent.kill()

    def shoot_beat(self) -> None:
        if self.beat is not None and _runs(self.beat):
            _kill(self.beat)
        self.beat = None

    def shoot_web(self) -> None:
        """Both of granian's processes."""
        if self.web is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.web.pid, signal.SIGKILL)
            self.web.wait(timeout=10)
        self.web = None

    # -- or be relieved, as a deploy does it -----------------------------------------------------------------------------

    def relieve(self) -> None:
        """One after another, workers, beat and web get SIGTERM, finish what they have in hand, and their successor comes."""
        for worker in list(self.workers):
            self.look()
            worker.parent.terminate()
            _wait_for([worker.parent, *worker.hands])
            self.workers.remove(worker)
            self.fill_up()
        if self.beat is not None:
            self.beat.terminate()
            _wait_for([self.beat])
        if self.web is not None:
            self._wait_for_web()
            self.web.terminate()
            self.web.wait(timeout=ORDERLY)
        self.fill_up()

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + ORDERLY
        while not self.web_answers() and time.monotonic() < deadline:
            time.sleep(0.1)

    def dismiss(self) -> None:
        """All workers, and what they left."""
        for worker in list(self.workers):
            self.shoot_group(worker)
        for one in self.orphans:
            _kill(one)

    # -- others --------------------------------------------------------------------------------------------------------

    def doctor(self, path: Path) -> str:
        """What `manage.py doctor --json` says, by the world's clock."""
        path.unlink(missing_ok=True)
        process = self._fork(f"doctor {path}")
        deadline = time.monotonic() + 90
        while _runs(process):
            if time.monotonic() > deadline:
                process.kill()
                raise RuntimeError("the doctor did not come to an end")
            time.sleep(0.02)
        return path.read_text(encoding="utf-8").strip().splitlines()[-1] if path.exists() else ""

    def web_answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
            line.request("GET", "/healthz")
            return line.getresponse().status < 500
        return False

    def end(self) -> None:
        """Everything that was started here."""
        for worker in self.workers:
            for one in [worker.parent, *worker.hands]:
                _kill(one)
        for one in self.orphans:
            _kill(one)
        self.shoot_beat()
        self.shoot_web()
        assert self._nursery.stdin is not None
        with suppress(OSError):
            self._nursery.stdin.close()
        try:
            self._nursery.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._nursery.kill()
            self._nursery.wait(timeout=10)

    def _fork(self, words: str) -> psutil.Process:
        assert self._nursery.stdin is not None and self._nursery.stdout is not None
        self._nursery.stdin.write(words + "\n")
        self._nursery.stdin.flush()
        return psutil.Process(int(self._nursery.stdout.readline()))

    def _serve(self) -> subprocess.Popen[bytes]:
        words = [
            "granian",
            "--interface",
            "asginl",
            "--no-ws",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--workers",
            "1",
        ]
        with (self.folder / "web.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", *words, "bench.faults.web:application"],
                cwd=CHECKOUT, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=account.dies_with_parent(signal.SIGKILL),
            )  # fmt: skip


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _wait_for(processes: list[psutil.Process]) -> None:
    deadline = time.monotonic() + ORDERLY
    while any(_runs(one) for one in processes):
        if time.monotonic() > deadline:
            raise RuntimeError(f"asked to end {ORDERLY} s ago, and still there: {processes}")
        time.sleep(0.02)


def _kill(process: psutil.Process) -> None:
    with suppress(psutil.Error):
        process.kill()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
