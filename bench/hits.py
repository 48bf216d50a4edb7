#!/usr/bin/env python3
"""How many clicks a second are led on, each written down before; and how many reports of a provider are taken.

    python bench/hits.py --json [--clicks 100000] [--connections 64] [--posts 2000] [--kill 2] [--times 3] [--keep DIR]

Makes a cluster of its own (PostgreSQL with fsync on, Valkey), starts the web server by the words with which `make run`
starts it, and presses links from a process of its own: plain sockets, kept open, one request at a time on each. Every
click is another mail and another link, from another address, with a browser's headers. In the run with kills web
processes are ended with -9 (`--kill` times); the server starts them again by itself. A click counts as answered when its
redirect was read; whose line broke presses once more, as a browser does. At the end each answered click must be a row.
The last line is JSON:

    clicks_per_second, p50_ms, p99_ms    from the first byte sent to the last byte read, in the run without a kill (the median of `--times`)
    answered, recorded, lost             in the runs with a kill: clicks that got their redirect, rows, and the first without the second
    killed, broken                       web processes killed, and lines that broke with a click under way
    web_us_per_click, db_us_per_click, load_us_per_click    processor time: web processes, PostgreSQL, whoever presses
    posts_per_second, posts_p50_ms, posts_p99_ms, post_web_us    a provider's reports that mails of ours arrived, one each, without a kill
    posts_recorded, posts_lost           the same in a run with a kill
"""

import argparse
import base64
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

PORT = 8097
PASSWORD = "bench:bench"
LOAD = CHECKOUT / "bench" / "load.py"


def main() -> int:
    """Start, press, kill, compare, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clicks", type=int, default=60_000)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--posts", type=int, default=3_000)
    parser.add_argument("--kill", type=int, default=2, help="web processes to kill in the run that kills")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--keep", type=Path, help="make the cluster here, and leave it")
    parser.add_argument("--json", action="store_true", help="only the last line")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended."))
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="silo-bench-"))
    from bench import send
    from silo.embedded import port

    if complaint := port.complaint(str(asked.port)):
        raise SystemExit(complaint)
    try:
        with send.cluster(folder) as membership:
            membership.drop_database(send.RUN)
            membership.make_database(send.RUN)
            os.environ |= {"TRUSTED_PROXIES": "1", "WEBHOOK_SECRET": PASSWORD}
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=CHECKOUT, check=True
            )
            with closing(send._connect()) as line, web(asked.port, folder) as server:
                result = Bench(asked, line, server, folder).run()
    finally:
        if not asked.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(result))
    return 0 if not result["lost"] and not result["posts_lost"] else 1


@contextmanager
def web(port: int, folder: Path) -> Iterator[Any]:
    """The web server as `make run` starts it."""
    import psutil

    from silo.embedded import serve

    words = [sys.executable, "-m", *serve.web_words(port)]
    with (folder / "web.log").open("ab") as log:
        process = subprocess.Popen(
            words, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # also one that was started again while it ended
        process.wait()


class Bench:
    """The runs, over one server and one database."""

    def __init__(self, asked: argparse.Namespace, line: Any, server: Any, folder: Path) -> None:
        import django

        django.setup()
        from bench import send

        self.asked, self.line, self.server = asked, line, server
        self.database = send._postmaster(folder)
        self.folder = folder
        self.first = 1

    def run(self) -> dict[str, Any]:
        """Measured undisturbed, then with kills."""
        self._press(2_000, self._clicks)  # everything is imported, every kind of request is known
        runs = [self._measured(self.asked.clicks, self._clicks) for _ in range(self.asked.times)]
        middle = sorted(runs, key=lambda run: run["per_second"])[len(runs) // 2]
        killed = self._measured(self.asked.clicks, self._clicks, kill=self.asked.kill)
        self._mails()
        posts = self._measured(self.asked.posts, self._posts)
        torn = self._measured(self.asked.posts, self._posts, kill=min(1, self.asked.kill))
        return {
            "clicks_per_second": middle["per_second"],
            "p50_ms": middle["p50_ms"],
            "p99_ms": middle["p99_ms"],
            "answered": killed["answered"],
            "recorded": killed["recorded"],
            "lost": killed["lost"] + sum(run["lost"] for run in runs),
            "killed": killed["killed"],
            "broken": killed["broken"],
            "clicks_per_second_with_kills": killed["per_second"],
            "web_us_per_click": middle["web_us"],
            "db_us_per_click": middle["db_us"],
            "load_us_per_click": middle["load_us"],
            "posts_per_second": posts["per_second"],
            "posts_p50_ms": posts["p50_ms"],
            "posts_p99_ms": posts["p99_ms"],
            "posts_recorded": torn["recorded"],
            "posts_lost": posts["lost"] + torn["lost"],
            "post_web_us": posts["web_us"],
            "clicks": self.asked.clicks,
            "connections": self.asked.connections,
            "load": round(os.getloadavg()[0], 1),
        }

    def _mails(self) -> None:
        """The mails that the reports are about, each to a person of its own."""
        from bench import due

        number = 2 * self.asked.posts
        due.fill(silo=number, mails=number, sink_port=9, window=10)
        with self.line.cursor() as cursor:
            cursor.execute(_MAILS, [self.first])

    def _measured(self, number: int, write: Any, *, kill: int = 0) -> dict[str, Any]:
        web_before, db_before = self._web_cpu(), self._db_cpu()
        hand = Killer(self.server, kill) if kill else None
        report = self._press(number, write)
        if hand:
            hand.stop()
        web_used, db_used = self._web_cpu() - web_before, self._db_cpu() - db_before
        answered = set(report.pop("answered"))
        recorded = self._recorded(write)
        return report | {
            "answered": len(answered),
            "recorded": len(recorded & answered),
            "lost": len(answered - recorded),
            "killed": hand.killed if hand else 0,
            "web_us": round(web_used * 1e6 / number, 1),
            "db_us": round(db_used * 1e6 / number, 1),
        }

    def _press(self, number: int, write: Any) -> dict[str, Any]:
        """`number` requests by the process that presses. Returns what it saw."""
        requests = self.folder / "requests"
        first, self.first = self.first, self.first + number
        with requests.open("wb") as file:
            for one in range(first, first + number):
                raw = write(one)
                file.write(b"%d %d\n%b" % (one, len(raw), raw))
        expect = "302" if write == self._clicks else "200"
        words = [
            sys.executable,
            str(LOAD),
            str(requests),
            str(self.asked.port),
            str(self.asked.connections),
            expect,
        ]
        done = subprocess.run(words, stdout=subprocess.PIPE, check=True)
        report: dict[str, Any] = json.loads(done.stdout)
        if report["other"]:
            print(f"{report['other']} other answers, as {report['samples']}", file=sys.stderr)
        report["load_us"] = round(report.pop("cpu") * 1e6 / number, 1)
        return report

    def _clicks(self, one: int) -> bytes:
        from nurturing.sending import tokens

        token = tokens.click_token(one, one % 8, f"https://nordvik.example/sida-{one % 40}?a=1&b=2")
        return (
            f"GET /c/{token} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {_address(one)}\r\n"
            f"User-Agent: {AGENT}\r\nAccept: text/html\r\nAccept-Language: sv-SE,sv;q=0.9\r\n\r\n"
        ).encode()

    def _posts(self, one: int) -> bytes:
        report = {
            "RecordType": "Delivery", "MessageID": f"{one:08d}-aaaa-bbbb-cccc-000000000000",
            "Recipient": f"p{one}@verkstad.example",
            "DeliveredAt": "2026-11-20T10:00:00Z", "Details": "250 OK", "Tag": "", "ServerID": 1, "MessageStream": "outbound",
            "Metadata": {},
        }  # fmt: skip
        body = json.dumps(report)
        allowed = base64.b64encode(PASSWORD.encode()).decode()
        return (
            f"POST /webhooks/postmark/tracking/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {_address(one)}\r\n"
            f"Authorization: Basic {allowed}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def _recorded(self, write: Any) -> set[int]:
        with self.line.cursor() as cursor:
            if write == self._clicks:
                cursor.execute("SELECT DISTINCT send_id FROM nurturing_hit WHERE kind = 'click'")
            else:
                cursor.execute(
                    "SELECT left(provider_id, 8)::int FROM nurturing_send WHERE delivered_at IS NOT NULL"
                )
            return {number for (number,) in cursor.fetchall()}

    def _web_cpu(self) -> float:
        """All web processes, those that were killed too."""
        own = self.server.cpu_times()
        ended = own.children_user + own.children_system
        living = sum(sum(child.cpu_times()[:2]) for child in self.server.children(recursive=True))
        return float(own.user + own.system + ended + living)

    def _db_cpu(self) -> float:
        from bench import send

        return send._cpu_of(self.database)


_MAILS = """
INSERT INTO nurturing_send (contact_id, kind, dedupe_key, sandbox, state, enrollment_id, step_key, address, planned_at, not_before,
                            latest_at, finished_at, provider_id)
SELECT c.id, 'step', 'step:' || e.id || ':x', false, 'accepted', e.id, 'x', c.email, at, at, at + interval '30 days', at,
       lpad((%s - 1 + row_number() OVER (ORDER BY c.id))::text, 8, '0') || '-aaaa-bbbb-cccc-000000000000'
FROM contacts_contact c JOIN nurturing_enrollment e ON e.contact_id = c.id, (VALUES ('2026-11-20T09:00Z'::timestamptz)) v(at)
"""


class Killer:
    """Ends web processes with -9 at moments of its own choice, while links are pressed."""

    def __init__(self, server: Any, times: int) -> None:
        self._server, self._times, self._end, self.killed = server, times, threading.Event(), 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        chance = random.Random(20261122)
        while self.killed < self._times and not self._end.wait(0.5 + chance.random()):
            children = sorted(self._server.children(), key=lambda child: child.create_time())
            if len(children) > 1:
                children[0].kill()  # the oldest: one that dies twice within seconds is given up, and rightly
                self.killed += 1

    def stop(self) -> None:
        """No more."""
        self._end.set()
        self._thread.join()


AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"


def _address(one: int) -> str:
    return f"{11 + one % 180}.{one // 180 % 250}.{one // 45000 % 250}.{1 + one % 250}"


if __name__ == "__main__":
    sys.exit(main())
