#!/usr/bin/env python3
"""How fast mail leaves, through everything that stands between a due person and the mail server's "250".

    python bench/send.py --mails 10000 --silo 10000 --json [--times 3] [--workers 2] [--window 10] [--no-ratio] [--keep DIR]

Makes a cluster of its own (PostgreSQL with fsync on, Valkey), fills it with `--silo` people of whom `--mails` are due one step of a
sequence each (personalised, eight tracked links, one-click headers), starts the real Celery workers and a counting mail server on
loopback, sends the hints that beat would send, and waits until the last result is committed. The clock's part is inside the time. Each run
begins with a fresh copy of the filled database. The last line is JSON:

    mails, seconds, mails_per_second      from the first hint to the last result; the median run of `--times`
    planning_seconds, handing_over_seconds     the two shares by our own watches, of all workers together
    cpu_ms_per_mail                       our processes: the workers with all their children; database and sink apart
    db_ms_per_mail, sink_ms_per_mail      what PostgreSQL and the sink used beside it
    peak_mb                               the largest proportional set size of one worker process
    sink_accepted, duplicates, missing, unknown     what the sink saw, against the ledger
    post_office_per_second, ratio         the same mails through django-post_office into the same sink, in the same run
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

FILLED, RUN = "bench_filled", "bench_run"
LINKS = 8
LONGEST = 1800
QUIET = 3  # seconds in which nothing came


def main() -> int:
    """Fill, run, compare, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument(
        "--silo", type=int, default=10_000, help="people in the silo (at least as many as mails)"
    )
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2, help="worker processes")
    parser.add_argument("--pool", choices=("prefork", "threads"), default="prefork")
    parser.add_argument("--window", type=int, default=10)
    parser.add_argument("--plain", action="store_true", help="a mail server without PIPELINING")
    parser.add_argument("--no-ratio", action="store_true", help="leave django-post_office out")
    parser.add_argument("--keep", type=Path, help="make the cluster here, leave it, and use it again")
    parser.add_argument("--json", action="store_true", help="only the last line")
    asked = parser.parse_args()
    said = (lambda *_words: None) if asked.json else print
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended."))  # what was started is ended with us
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="silo-bench-"))
    with cluster(folder) as membership, sink(asked.plain) as counter:
        _fill(membership, asked, counter.port, said)
        runs = []
        for number in range(asked.times):
            runs.append(_run(membership, asked, counter, folder))
            said(f"run {number + 1}: {json.dumps(runs[-1])}")
        result = sorted(runs, key=lambda run: run["cpu_ms_per_mail"] + run["db_ms_per_mail"])[len(runs) // 2]
        if not asked.no_ratio:
            from bench import ratio

            theirs = ratio.run(membership, asked.mails, counter, asked.workers)
            result |= theirs | {
                "ratio": round(result["mails_per_second"] / theirs["post_office_per_second"], 2)
            }
    if not asked.keep:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(result))
    return 0 if not result["duplicates"] and not result["missing"] and not result["unknown"] else 1


class Counter:
    """The sink, from our side."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process, self.port = process, port

    def ask(self, word: str) -> dict[str, Any]:
        """`report` or `reset`."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@contextmanager
def sink(plain: bool) -> Iterator[Counter]:
    """The counting mail server, as long as the block runs."""
    words = [sys.executable, str(CHECKOUT / "bench" / "sink.py"), *(["--plain"] if plain else [])]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Counter(process, int(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()


@contextmanager
def cluster(folder: Path) -> Iterator[Any]:
    """A PostgreSQL and a Valkey of our own, and the environment that names them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("DATABASE_URL", "REDIS_URL", "SILO_ENV", "SILO_DEMO", "DEBUG"):
        os.environ.pop(name, None)
    os.environ |= {"SILO_VAR": str(folder), "PUBLIC_URL": "https://silo.example"}
    from silo.embedded import place, servers

    membership = servers.Membership(folder)
    membership.join()
    try:
        os.environ |= {
            "DATABASE_URL": place.database_url(RUN, folder),
            "REDIS_URL": place.broker_url(0, folder),
            "DJANGO_SETTINGS_MODULE": "silo.settings",
            "LOG_LEVEL": "WARNING",
        }
        yield membership
    finally:
        membership.leave()


def _fill(membership: Any, asked: argparse.Namespace, port: int, said: Any) -> None:
    """The filled database, made once per cluster; only the sink's port changes."""
    silo = max(asked.silo, asked.mails)
    migrations = sorted(CHECKOUT.glob("*/migrations/*.py"))
    tables = zlib.crc32(b"".join(path.name.encode() + path.read_bytes() for path in migrations))
    note = f"{silo} people, {asked.mails} due, tables {tables:08x}"
    if membership.noted(FILLED) != note:
        said(f"Filling a silo with {note} …")
        began = time.monotonic()
        membership.drop_database(RUN)
        membership.make_database(RUN)
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=CHECKOUT, check=True)
        import django

        django.setup()
        from django.db import connection

        from bench import due

        due.fill(silo=silo, mails=asked.mails, sink_port=port, window=asked.window)
        connection.close()
        membership.drop_database(FILLED)
        membership.rename_database(RUN, FILLED)
        membership.note(FILLED, note)
        said(f"… in {time.monotonic() - began:.0f} s.")


def _connect() -> Any:
    import psycopg2

    from silo.embedded import place

    line = psycopg2.connect(
        host=str(place.sockets(Path(os.environ["SILO_VAR"]))), port=5432, user="postgres", dbname=RUN
    )
    line.autocommit = True
    return line


def _run(membership: Any, asked: argparse.Namespace, counter: Counter, folder: Path) -> dict[str, Any]:

    membership.drop_database(RUN)
    membership._ask(f"CREATE DATABASE {RUN} TEMPLATE {FILLED} STRATEGY FILE_COPY")
    counter.ask("reset")
    with closing(_connect()) as line, line.cursor() as cursor:
        cursor.execute(
            'UPDATE nurturing_sender SET transport_settings = transport_settings || %s, "window" = %s',
            [json.dumps({"port": counter.port}), asked.window],
        )
        cursor.execute("UPDATE nurturing_standing SET next_at = now() WHERE next_what = 'step'")
        cursor.execute("SELECT count(*) FROM contacts_contact")
        cursor.execute("VACUUM nurturing_standing")
        cursor.execute("CHECKPOINT")
        with _workers(asked, folder) as worker:
            family = [worker, *worker.children(recursive=True)]
            server = _postmaster(folder)
            before, db_before, sink_before = _cpu(family), _cpu_of(server), counter.ask("report")["cpu"]
            peak = _Peak(family)
            began = time.monotonic()
            _hints(cursor, asked.mails, counter)
            seconds = time.monotonic() - began
            time.sleep(0.5)  # who has just ended closes their line: its time would be counted nowhere
            ours, theirs = _cpu(family) - before, _cpu_of(server) - db_before
            report = counter.ask("report")
            peak.stop()
        cursor.execute(
            "SELECT coalesce(sum(seconds), 0), coalesce(sum(planned), 0) FROM nurturing_tickrun WHERE at > now() - interval '1 hour'"
        )
        ticked, planned = cursor.fetchone()
        cursor.execute(
            "SELECT coalesce(sum(seconds), 0) FROM nurturing_deliveryrun WHERE at > now() - interval '1 hour'"
        )
        handed_over = cursor.fetchone()[0]
        cursor.execute("SELECT state, count(*) FROM nurturing_send GROUP BY 1")
        states = dict(cursor.fetchall())
    _look(report["kept"])
    return {
        "mails": asked.mails,
        "silo": max(asked.silo, asked.mails),
        "workers": asked.workers,
        "window": asked.window,
        "seconds": round(seconds, 3),
        "mails_per_second": round(asked.mails / seconds),
        "planning_seconds": round(ticked - handed_over, 3),  # a round hands over what it planned
        "handing_over_seconds": round(handed_over, 3),
        "cpu_ms_per_mail": round(ours * 1000 / asked.mails, 4),
        "db_ms_per_mail": round(theirs * 1000 / asked.mails, 4),
        "sink_ms_per_mail": round((report["cpu"] - sink_before) * 1000 / asked.mails, 4),
        "peak_mb": round(peak.mb, 1),
        "sink_accepted": report["accepted"],
        "duplicates": report["duplicates"],
        "missing": asked.mails - report["recipients"],
        "unknown": states.get("unknown", 0),
        "recorded": states.get("accepted", 0),
        "decided": planned,
        "mail_bytes": report["bytes"] // max(report["accepted"], 1),
        "load": round(os.getloadavg()[0], 1),
    }


def _hints(cursor: Any, mails: int, counter: Counter) -> None:
    """What beat does: wake the clock, wake the hands, again and again; until every mail has its end.

    The ledger is only asked once the sink has them all, or nothing has come for a while: to count a hundred thousand rows twenty
    times a second was a fifth of what PostgreSQL did.
    """
    from silo.celery import app

    deadline = time.monotonic() + LONGEST
    hinted, came, changed = 0.0, 0, time.monotonic()
    while time.monotonic() < deadline:
        if time.monotonic() - hinted > 10:
            for name in ("nurturing.tasks.tick.tick", "nurturing.tasks.send.deliver_due"):
                app.send_task(name, expires=30)
            hinted = time.monotonic()
        before, came = came, counter.ask("count")["accepted"]
        changed = time.monotonic() if came != before else changed
        if came >= mails or time.monotonic() - changed > QUIET:
            cursor.execute(
                "SELECT (SELECT count(*) FROM nurturing_decision) >= %s AND NOT EXISTS "
                "(SELECT 1 FROM nurturing_send WHERE state IN ('planned', 'claimed', 'attempting'))",
                [mails],
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise TimeoutError(f"not done after {LONGEST} s")


@contextmanager
def _workers(asked: argparse.Namespace, folder: Path) -> Iterator[Any]:
    """The real worker, ready: it has answered before the watch starts."""
    import psutil

    from silo.celery import app

    app.control.purge()
    words = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "silo",
        "worker",
        "--pool",
        asked.pool,
        "--concurrency",
        str(asked.workers),
    ]
    words += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    with (folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(words, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while not app.control.inspect(timeout=0.5).ping():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The worker did not start: see {folder / 'worker.log'}.")
        for _ in range(asked.workers * 2):
            app.send_task("nurturing.tasks.evidence.grade")  # every hand has imported all and opened its line
        time.sleep(1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()


def _cpu(processes: list[Any]) -> float:
    return float(sum(sum(one.cpu_times()[:2]) for one in processes if one.is_running()))


def _postmaster(folder: Path) -> Any:
    import psutil

    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or [""]
        if words[0].endswith("postgres") and str(folder) in " ".join(words):
            return process
    raise RuntimeError("The database's process was not found.")


def _cpu_of(server: Any) -> float:
    """All of PostgreSQL: those that run, and those that have ended."""
    own = server.cpu_times()
    return float(own.user + own.system + own.children_user + own.children_system) + _cpu(
        server.children(recursive=True)
    )


class _Peak:
    """The largest proportional set size of one of our processes, looked at twice a second."""

    def __init__(self, family: list[Any]) -> None:
        self._family, self._end, self.mb = family, threading.Event(), 0.0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._end.wait(0.5):
            for one in self._family:
                try:
                    lines = Path(f"/proc/{one.pid}/smaps_rollup").read_text()
                except OSError:
                    continue
                pss = next(int(row.split()[1]) for row in lines.splitlines() if row.startswith("Pss:"))
                self.mb = max(self.mb, pss / 1024)

    def stop(self) -> None:
        """Look a last time."""
        self._end.set()
        self._thread.join()


def _look(kept: list[str]) -> None:
    """A mail that came is one that a person can read, stop, and follow: eight links that lead where the author said."""
    import django

    django.setup()
    from nurturing.sending import tokens

    for raw in kept:
        mail = message_from_bytes(raw.encode("latin-1"), policy=policy.default)
        assert not mail.defects, mail.defects
        send_id = tokens.read_message_id(str(mail["Message-ID"]))
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        for kind in ("plain", "html"):
            part = mail.get_body((kind,))
            text = part.get_content()
            found = {piece.split('"')[0].split()[0].rstrip(")>,.") for piece in text.split("/c/")[1:]}
            clicks = [tokens.read_click(token) for token in found]
            assert {click.send_id for click in clicks} == {send_id}
            assert len({click.link_no for click in clicks}) == LINKS, clicks
            assert str(mail["To"]).split()[0].strip('"') in text


if __name__ == "__main__":
    sys.exit(main())
