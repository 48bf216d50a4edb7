"""Forks the silo's processes: everything is imported once, so that a killed worker is back within a moment.

Each line of input starts one: `worker NAME MACHINE`, `beat` or `doctor FILE`; the answer is its process id. A worker is Celery's own,
with a pool of two children, in a session of its own, so that it can be killed with its children, without them, or one of them. When the
input ends, whatever still runs is ended.
"""

import contextlib
import ctypes
import gc
import io
import os
import signal
import sys
from pathlib import Path

HANDS = 2
BEAT = {"tick": 0.7, "deliver": 0.4, "grade": 3.0}
COMMON = ["--without-gossip", "--without-mingle", "--without-heartbeat"]


def main() -> None:
    """Fork until the input ends."""
    import django

    django.setup()
    import kombu.transport.redis  # noqa: F401 - that no child has to

    from bench.faults import points
    from silo.celery import app
    from silo.queries import doctor  # noqa: F401

    points.arm()
    app.loader.import_default_modules()
    app.conf.beat_schedule = {
        name: entry | {"schedule": BEAT[name], "options": {"expires": 5}}
        for name, entry in app.conf.beat_schedule.items()
        if name in BEAT
    }
    gc.collect()
    gc.freeze()
    started: set[int] = set()
    for line in sys.stdin:
        _forget_the_dead(started)
        pid = os.fork()
        if pid:
            started.add(pid)
            print(pid, flush=True)
            continue
        os.setsid()
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # nothing outlives its nursery
        _become(line.split(), app)
        os._exit(0)
    for pid in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _forget_the_dead(started: set[int]) -> None:
    while True:
        try:
            pid, _status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        started.discard(pid)


def _become(words: list[str], app: object) -> None:
    from bench.faults import points

    folder = Path(os.environ[points.ARMED])
    log = os.open(folder / f"{words[0]}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.stdin = io.StringIO()
    if words[0] == "worker":
        os.environ[points.CELL] = words[2]
        app.worker_main(["worker", "-c", str(HANDS), "-l", "ERROR", "-n", words[1], *COMMON])  # type: ignore[attr-defined]
    elif words[0] == "beat":
        app.start(["beat", "-l", "ERROR", "-s", str(folder / "beat-schedule"), "--pidfile", ""])  # type: ignore[attr-defined]
    else:
        from django.core.management import call_command

        said = io.StringIO()
        with contextlib.suppress(SystemExit):
            call_command("doctor", "--json", stdout=said)
        Path(words[1]).write_text(said.getvalue(), encoding="utf-8")


if __name__ == "__main__":
    main()
