"""`make demo` and `make run`: the whole silo on one machine, until Ctrl-C.

    python -m silo.embedded.serve [--demo] --port 8000

Starts or joins the embedded servers, brings the tables up to date, loads the demo when it is not there yet, and runs
the web server, one worker with the clock, and who stands in while the broker is away. Whatever ends this process ends
all of them: Ctrl-C in order, `kill -9` through the kernel (the children ask to be told) and the guard of the servers.
"""

import argparse
import fcntl
import hashlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from silo.embedded import account, place, port, servers

CHECKOUT = Path(__file__).resolve().parent.parent.parent
WEB_SECONDS = 60
LOG_LIMIT = 20 * 1024 * 1024
LOGINS = "salesperson@demo.example", "marketer@demo.example", "admin@demo.example"


class Failed(Exception):
    """The silo cannot be served; the text says why, for a person."""


class Stopped(Exception):
    """Somebody pressed Ctrl-C, or asked us to end."""


@dataclass(frozen=True)
class Part:
    """A process of the silo, and the two signals that end it: in order, and at once."""

    name: str
    process: subprocess.Popen[bytes]
    in_order: signal.Signals
    at_once: signal.Signals
    log: Path


def main(words: list[str] | None = None) -> int:
    """Serve until somebody stops us."""
    parser = argparse.ArgumentParser(prog="serve")
    parser.add_argument(
        "--demo", action="store_true", help="the silo with fictional people and public logins"
    )
    parser.add_argument("--port", default="8000")
    parser.add_argument("--with-parent", action="store_true", help="end when the parent (make) is killed")
    asked = parser.parse_args(words)
    if asked.with_parent:
        account.ask_to_die_with_parent(signal.SIGTERM)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        complaint = port.complaint(asked.port)
        if complaint:
            raise Failed(complaint)
        served = place.Current(demo=asked.demo, public_url=f"http://{port.LOCAL}:{asked.port}")
        with _only_one(served):
            _serve(served, int(asked.port))
    except Stopped:
        print("\nEverything has ended.")
        return 0
    except (Failed, servers.ServersFailed) as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def _stop(number: int, _frame: FrameType | None) -> None:
    # A second Ctrl-C must not interrupt the stopping.
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    raise Stopped(number)


@contextmanager
def _only_one(served: place.Current) -> Iterator[None]:
    """One serving process for one checkout; the lock goes with the process, however it ends."""
    place.VAR.mkdir(parents=True, exist_ok=True)
    try:
        lock = (place.VAR / "serve.lock").open("a+")
    except PermissionError as error:
        raise Failed(
            f"{error.filename} belongs to another user, who started the silo before: start it as that user."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Failed(
                f"This silo is being served already, at {lock.read().strip()}: stop that one first."
            ) from None
        lock.truncate(0)
        lock.write(served.public_url)
        lock.flush()
        yield


def _serve(served: place.Current, number: int) -> None:
    began = time.monotonic()
    membership = servers.Membership()
    parts: list[Part] = []
    try:
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "silo.settings", "PYTHONUNBUFFERED": "1"}
        if servers.named_elsewhere():
            environment |= {"PUBLIC_URL": os.environ.get("PUBLIC_URL") or served.public_url}
            _manage(environment, "migrate", "--verbosity", "0")
        else:
            print("Starting PostgreSQL and Valkey …", flush=True)
            membership.join()
            _tell_where_the_data_is()
            environment |= servers.addresses(served, asked=os.environ)
            _bring_up_to_date(membership, served, environment)
            place.remember(served)
            _erase_again(served, environment)
        print("Starting the web server, the worker and the clock …", flush=True)
        parts.append(_web(environment, number))
        _wait_for_first_page(parts, number)
        # Afterwards: somebody is waiting for the first page.
        parts += [_worker(environment), _stand_in(environment)]
        _greet(served, time.monotonic() - began)
        while True:
            _complain_if_ended(parts)
            time.sleep(0.2)
    finally:
        for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(one, signal.SIG_IGN)
        _end(parts)
        membership.leave()


def _tell_where_the_data_is() -> None:
    note = place.VAR / "data-folder.txt"
    if note.exists():
        folder = note.read_text(encoding="utf-8").strip()
        print(
            f"PostgreSQL does not run as root, and its user may not enter this folder: its data is in {folder}."
        )


def _bring_up_to_date(
    membership: servers.Membership, served: place.Current, environment: dict[str, str]
) -> None:
    """Make or update the tables. The demo is loaded beside its place, then renamed: a kill leaves no half of it."""
    if served.demo and not membership.has_database(served.database):
        part = f"{served.database}_part"
        membership.drop_database(part)
        membership.make_database(part)
        loading = environment | {"DATABASE_URL": place.database_url(part)}
        print("Making the tables …", flush=True)
        _manage(loading, "migrate", "--verbosity", "0")
        print("Loading the demo: a year of a fictional company, lived through by the real code …", flush=True)
        _manage(loading, "load_demo")
        membership.note(part, _migrations())
        membership.rename_database(part, served.database)
        return
    membership.make_database(served.database)
    if membership.noted(served.database) != _migrations():
        print("Bringing the tables up to date …", flush=True)
        _manage(environment, "migrate", "--verbosity", "0")
        membership.note(served.database, _migrations())


def _erase_again(served: place.Current, environment: dict[str, str]) -> None:
    """Whom a restored backup brought back is erased before a page is served; without a ledger nobody ever was."""
    ledger = place.VAR / ("erasures-demo.jsonl" if served.demo else "erasures.jsonl")
    if ledger.exists() or environment.get("ERASURE_LEDGER"):
        _manage(environment, "replay_erasures", "--verbosity", "0")


def _migrations() -> str:
    """A short name for the state of the tables that this code wants."""
    known = hashlib.sha256()
    for path in sorted([*CHECKOUT.glob("*/migrations/*.py"), CHECKOUT / "requirements" / "app.txt"]):
        known.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"tables {known.hexdigest()[:16]}"


def _manage(environment: dict[str, str], *words: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=account.dies_with_parent(signal.SIGKILL),
    )
    try:
        if process.wait() != 0:
            raise Failed(f"manage.py {words[0]} did not finish: its message stands above.")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def web_words(number: int) -> list[str]:
    """The web server: two processes, so that one that dies leaves one that serves until it is started again.

    Each has one event loop for links, and threads for pages (silo/pages.py).
    """
    words = ["granian", "--interface", "asginl", "--no-ws", "--host", port.LOCAL, "--port", str(number)]
    words += ["--workers", "2", "--respawn-failed-workers", "--respawn-interval", "0.5"]
    return [*words, "silo.asgi:application"]


def _web(environment: dict[str, str], number: int) -> Part:
    return _part("web", web_words(number), environment, signal.SIGTERM, signal.SIGTERM)


def _worker(environment: dict[str, str]) -> Part:
    words = ["celery", "-A", "silo", "worker", "--beat", "--schedule", str(place.VAR / "beat-schedule")]
    words += ["--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    # Celery ends in order at SIGTERM (what runs is finished) and at once at SIGQUIT.
    return _part("worker", words, environment, signal.SIGTERM, signal.SIGQUIT)


def _stand_in(environment: dict[str, str]) -> Part:
    """Does the clock's work while the broker is away."""
    words = ["django", "stand_in"]
    return _part("stand-in", words, environment, signal.SIGTERM, signal.SIGKILL)


def _part(
    name: str,
    words: list[str],
    environment: dict[str, str],
    in_order: signal.Signals,
    at_once: signal.Signals,
) -> Part:
    path = place.VAR / "log" / f"{name}.log"
    path.parent.mkdir(exist_ok=True)
    with _opened(path) as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C reaches us alone; we end the others in order.
            preexec_fn=account.dies_with_parent(at_once),
        )
    return Part(name, process, in_order, at_once, path)


def _opened(path: Path) -> IO[bytes]:
    large = path.exists() and path.stat().st_size > LOG_LIMIT
    return path.open("wb" if large else "ab")


def _wait_for_first_page(parts: list[Part], number: int) -> None:
    deadline = time.monotonic() + WEB_SECONDS
    while time.monotonic() < deadline:
        _complain_if_ended(parts)
        line = http.client.HTTPConnection(port.LOCAL, number, timeout=10)
        try:
            line.request("GET", "/account/login/")
            status = line.getresponse().status
        except OSError:
            time.sleep(0.1)
            continue
        finally:
            line.close()
        if status >= 500:
            raise Failed(f"The first page could not be shown (status {status}): {parts[0].log} says why.")
        return
    raise Failed(f"The web server did not answer within {WEB_SECONDS} s: {parts[0].log} says why.")


def _complain_if_ended(parts: list[Part]) -> None:
    for part in parts:
        if part.process.poll() is not None:
            last = part.log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
            raise Failed(
                f"The {part.name} ended by itself. The last lines of {part.log}:\n" + "\n".join(last)
            )


def _greet(served: place.Current, seconds: float) -> None:
    print(
        f"\n  The silo is at {served.public_url}   (started in {seconds:.0f} s; logs are in {place.VAR / 'log'})\n"
    )
    if served.demo:
        for login in LOGINS:
            print(f"    {login:<28} password: demo")
        print("\n  Its people are fictional, and no mail leaves this machine.")
    print("  Ctrl-C ends it.\n", flush=True)


def _end(parts: list[Part]) -> None:
    """Ask in order, then at once, then by force; 6 seconds at most."""
    for seconds, how in ((3.0, "in_order"), (2.0, "at_once"), (1.0, "")):
        alive = [part for part in parts if part.process.poll() is None]
        for part in alive:
            if how:
                part.process.send_signal(getattr(part, how))
            else:
                os.killpg(part.process.pid, signal.SIGKILL)
        deadline = time.monotonic() + seconds
        for part in alive:
            try:
                part.process.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue
    for part in parts:
        with suppress(ProcessLookupError):
            os.killpg(part.process.pid, signal.SIGKILL)  # a child that was started while its parent ended


if __name__ == "__main__":
    raise SystemExit(main())
