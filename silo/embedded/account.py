"""PostgreSQL refuses to run as root: started by root, the embedded servers run as an ordinary user of the system."""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIKELY = ("postgres", "nobody")
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Account:
    """The user under whom the servers run."""

    name: str
    uid: int
    gid: int
    home: str

    @property
    def is_ours(self) -> bool:
        """Whether this process runs under it already."""
        return self.uid == os.geteuid()

    def popen_arguments(self) -> dict[str, Any]:
        """What `subprocess.Popen` needs to drop to this user."""
        if self.is_ours:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def environment(self) -> dict[str, str]:
        """A small environment: nothing of the caller's (PGHOST, LD_PRELOAD, …) reaches the servers."""
        return {"PATH": os.defpath, "HOME": self.home, "LANG": "C.UTF-8", "TZ": "UTC"}

    def own(self, path: Path) -> None:
        """Make `path` and what is in it the user's."""
        if self.is_ours:
            return
        for folder, _folders, files in os.walk(path):
            os.chown(folder, self.uid, self.gid)
            for file in files:
                os.chown(Path(folder) / file, self.uid, self.gid, follow_symlinks=False)

    def reaches(self, path: Path) -> bool:
        """Whether the user may enter the folder or run the program, tried for real in a child that dropped to it."""
        if self.is_ours:
            return os.access(path, os.X_OK)
        child = os.fork()
        if child == 0:
            try:
                os.setgroups([])
                os.setgid(self.gid)
                os.setuid(self.uid)
                os._exit(0 if os.access(path, os.X_OK) else 1)
            finally:
                os._exit(2)
        _pid, status = os.waitpid(child, 0)
        return status == 0


def of(uid: int) -> Account:
    """The account with this number."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(name=str(uid), uid=uid, gid=os.getegid(), home="/")
    return Account(name=entry.pw_name, uid=uid, gid=entry.pw_gid, home=entry.pw_dir)


def pick(data: Path, checkout: Path) -> Account:
    """Ourselves; for root: the owner of the data, else of the checkout, else `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return of(os.geteuid())
    for path in (data, checkout):
        owner = path.stat().st_uid if path.exists() else 0
        if owner != 0:
            return of(owner)
    for name in LIKELY:
        try:
            return of(pwd.getpwnam(name).pw_uid)
        except KeyError:
            continue
    raise RuntimeError(
        "PostgreSQL does not run as root, and this system has neither a user postgres nor a user nobody."
    )


def dies_with_parent(with_signal: signal.Signals) -> Callable[[], None] | None:
    """For `preexec_fn`: the kernel sends the signal when the starter dies, however it dies (Linux only)."""
    if sys.platform != "linux":
        return None
    starter = os.getpid()

    def in_the_child() -> None:
        ask_to_die_with_parent(with_signal)
        if os.getppid() != starter:
            os._exit(1)

    return in_the_child


def ask_to_die_with_parent(with_signal: signal.Signals) -> None:
    """Let the kernel send this process the signal when its parent dies (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(with_signal))
