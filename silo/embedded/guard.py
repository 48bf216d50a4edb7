"""The guard: one small process that starts both servers, and stops them when nobody uses them any more.

Every user of the servers (a command, `make demo`, a test run) holds a shared lock on `users.lock` for as long as it
lives. The guard asks for the same lock exclusively: the moment it gets it, the last user has left, also one that was
killed with `kill -9`. So nobody has to count, and nothing is left behind.

Started by `silo.embedded.servers`, never by hand: `python -m silo.embedded.guard VAR durable|throwaway`. It says
`ready`, or one sentence about what went wrong, on its standard output.
"""

import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import IO

from silo.embedded import account as accounts
from silo.embedded import binaries as programs
from silo.embedded import place, postgres, valkey
from silo.embedded.account import Account

CHECKOUT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60
LOG_LIMIT = 20 * 1024 * 1024


class Guard:
    """Both servers of one `var/`."""

    def __init__(self, var: Path, *, durable: bool) -> None:
        self.var = var
        self.durable = durable
        self.asked_to_stop = False
        self.sockets = place.sockets(var)
        self.postgres: subprocess.Popen[bytes] | None = None
        self.valkey: subprocess.Popen[bytes] | None = None
        self._valkey: Callable[[IO[bytes]], subprocess.Popen[bytes]] | None = None
        self._valkey_again_at = 0.0
        self._is_up = False

    def start(self) -> None:
        """Start both servers and wait until they answer."""
        account = accounts.pick(data_folder(self.var) / "postgres", CHECKOUT)
        base = self._base_for(account)
        binaries = programs.find(account, base)
        _private_folder(self.sockets, account)
        data = base / "postgres"
        postgres.initialise(binaries, data, account)
        self._valkey = lambda log: valkey.start(
            binaries, base / "valkey", self.sockets, account, log, durable=self.durable
        )
        with _log(self.var) as log:
            self.postgres = postgres.start(binaries, data, self.sockets, account, log, durable=self.durable)
            self.valkey = self._valkey(log)
        deadline = time.monotonic() + START_SECONDS
        while not (postgres.is_ready(data) and valkey.is_ready(self.sockets)):
            self._complain_if_ended()
            if time.monotonic() > deadline:
                raise RuntimeError(
                    f"The embedded servers did not come up in {START_SECONDS} s: see {self.var / 'log'}."
                )
            time.sleep(0.02)
        self._is_up = True

    def _base_for(self, account: Account) -> Path:
        """`var/`, or a folder of the system when root works in a place where the servers' account may not go."""
        base = data_folder(self.var)
        if base == self.var and not account.is_ours:
            self.var.chmod(self.var.stat().st_mode | 0o011)
        if base == self.var and not account.reaches(self.var):
            base = _system_folder(self.var)
            (self.var / "data-folder.txt").write_text(f"{base}\n", encoding="utf-8")
        base.mkdir(parents=True, exist_ok=True)
        if base != self.var:
            base.chmod(0o755)
        return base

    def _complain_if_ended(self) -> None:
        broker = None if self._is_up else self.valkey
        for name, process in (("PostgreSQL", self.postgres), ("Valkey", broker)):
            if process is not None and process.poll() is not None:
                raise RuntimeError(
                    f"The embedded {name} ended by itself: the last lines of {_log_path(self.var)} say why.\n"
                    + "\n".join(_log_path(self.var).read_text(errors="replace").splitlines()[-8:])
                )

    def watch(self, users: IO[str]) -> None:
        """Return when the last user has left, when we are asked to stop, or when a server ended."""
        while not self.asked_to_stop:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                time.sleep(0.1)
            self._start_valkey_again()
            self._complain_if_ended()

    def _start_valkey_again(self) -> None:
        """The broker carries hints only, so its end is nobody's end; every second it is tried again."""
        ended = self.valkey is not None and self.valkey.poll() is not None
        if (
            not ended
            or self._valkey is None
            or self.asked_to_stop
            or time.monotonic() < self._valkey_again_at
        ):
            return
        self._valkey_again_at = time.monotonic() + 1
        with _log(self.var) as log:
            self.valkey = self._valkey(log)

    def stop(self) -> None:
        """Stop both; nobody is left who could miss them."""
        (self.var / "serving").unlink(missing_ok=True)
        if self.valkey is not None:
            valkey.stop(self.valkey)
        if self.postgres is not None:
            postgres.stop(self.postgres, durable=self.durable)
        shutil.rmtree(self.sockets, ignore_errors=True)
        if not self.durable:
            shutil.rmtree(self.var, ignore_errors=True)

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.asked_to_stop = True


def data_folder(var: Path) -> Path:
    """Where the data is: under `var/`, or where a note in it says."""
    note = var / "data-folder.txt"
    return Path(note.read_text(encoding="utf-8").strip()) if note.exists() else var


def _system_folder(var: Path) -> Path:
    return Path("/var/lib/sales-silo") / place.sockets(var).name


def _private_folder(path: Path, account: Account) -> None:
    """A folder in /tmp that only the servers' account may enter; one that somebody else put there is refused."""
    try:
        path.mkdir(mode=0o700)
        account.own(path)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {account.uid, os.geteuid()}:
            raise RuntimeError(f"{path} belongs to somebody else: remove it and start again.") from None
        account.own(path)
        path.chmod(0o700)


def _log_path(var: Path) -> Path:
    return var / "log" / "servers.log"


def _log(var: Path) -> IO[bytes]:
    path = _log_path(var)
    path.parent.mkdir(exist_ok=True)
    fresh = not path.exists() or path.stat().st_size > LOG_LIMIT
    return path.open("wb" if fresh else "ab")


def main() -> int:
    """Guard the servers of the `var/` named on the command line."""
    var, durable = Path(sys.argv[1]), sys.argv[2] == "durable"
    guard = Guard(var, durable=durable)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, guard.on_signal)
    with (var / "guard.lock").open("w") as alive, (var / "users.lock").open("r") as users:
        fcntl.flock(alive, fcntl.LOCK_EX)
        try:
            guard.start()
            (var / "serving").write_text(f"{os.getpid()}\n", encoding="utf-8")
            print("ready", flush=True)
            guard.watch(users)
        except RuntimeError as error:
            print(error, flush=True)
            return 1
        finally:
            guard.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
