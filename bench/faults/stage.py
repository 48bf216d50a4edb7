"""What a run is played on: the servers, the filled silo, the fakes that lie, and people who read their mail."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests

from bench.faults.cluster import CHECKOUT, FILLED, Servers
from bench.faults.staff import Staff
from silo.embedded import place


class Fakes:
    """The servers that lie, from our side."""

    def __init__(self) -> None:
        words = [sys.executable, str(CHECKOUT / "bench" / "faults" / "fakes.py")]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.smtp, self.http = (int(word) for word in self._process.stdout.readline().split())
        self._lock = threading.Lock()

    def ask(self, words: str) -> dict[str, Any]:
        """`report`, `calm` or `reset SEED`."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(words + "\n")
            self._process.stdin.flush()
            answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


class Readers:
    """People who press "unsubscribe" in the mails that came. Whoever was told "done" must be stopped."""

    def __init__(self, fakes: Fakes, port: int) -> None:
        self._fakes, self._port, self.told = fakes, port, set[str]()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        tried: set[str] = set()
        while not self._over.wait(0.4):
            try:
                stops: dict[str, str] = self._fakes.ask("report")["stops"]
            except (OSError, ValueError):
                return  # the run was ended
            for address in sorted(set(stops) - tried)[:2]:
                with suppress(requests.RequestException):  # the web server was shot, or the database is away
                    url = f"http://127.0.0.1:{self._port}{stops[address]}"
                    answer = requests.post(url, data={"List-Unsubscribe": "One-Click"}, timeout=5, allow_redirects=False)  # fmt: skip
                    if answer.ok:
                        tried.add(address)
                        self.told.add(address)

    def stop(self) -> set[str]:
        self._over.set()
        self._thread.join(timeout=10)
        return self.told


@contextmanager
def staged(
    folder: Path, *, mails: int, window: int, lease: int, with_web: bool
) -> Iterator[tuple[Servers, Staff, Fakes]]:
    """Servers, fakes and the filled silo; everything that was started here is ended here."""
    servers, fakes, staff = Servers(folder), Fakes(), None
    try:
        servers.start()
        environment = servers.environment() | {"SEND_LEASE_SECONDS": str(lease), "SEND_BATCH": "25"}
        _fill(servers, fakes, environment, mails=mails, window=window)
        staff = Staff(folder, environment, with_web=with_web)
        yield servers, staff, fakes
    finally:
        if staff is not None:
            staff.end()
        fakes.end()
        servers.stop()


def _fill(servers: Servers, fakes: Fakes, environment: dict[str, str], *, mails: int, window: int) -> None:
    servers.ask(f"DROP DATABASE IF EXISTS {FILLED} WITH (FORCE)", name="postgres")
    servers.ask(f"CREATE DATABASE {FILLED}", name="postgres")
    there = environment | {"DATABASE_URL": place.database_url(FILLED, servers.var)}
    words = (
        "import django; django.setup(); from bench.faults import people; "
        f"people.fill(mails={mails}, smtp={fakes.smtp}, http={fakes.http}, window={window})"
    )
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=CHECKOUT, env=there, check=True
    )
    subprocess.run([sys.executable, "-c", words], cwd=CHECKOUT, env=there, check=True)
    servers.ask("UPDATE nurturing_standing SET next_at = now() + interval '30 years'", name=FILLED)
