"""Where the embedded servers live: their data under `var/`, their sockets in a short folder of the system's `/tmp`.

Both servers listen on Unix sockets only: no port is taken, nothing is reachable from the network, and a folder that only
its owner may enter guards them. A socket's path must be shorter than 108 characters, hence not under `var/`.
"""

import hashlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

VAR = Path(os.environ.get("SILO_VAR") or Path(__file__).resolve().parent.parent.parent / "var").absolute()
REAL, DEMO = "silo", "silo_demo"


def sockets(var: Path = VAR) -> Path:
    """The folder of both sockets, the same for everybody who works with this `var/`."""
    key = hashlib.sha256(os.fsencode(os.path.realpath(var))).hexdigest()[:12]
    return Path("/tmp") / f"silo-{key}"  # noqa: S108 - the owner of the folder is checked before it is used


def demo_is_current(var: Path = VAR) -> bool:
    """Whether the demo silo was served last: then commands without a DATABASE_URL work on it."""
    try:
        return (var / "current").read_text(encoding="utf-8").strip() == DEMO
    except FileNotFoundError:
        return False


def make_current(*, demo: bool, var: Path = VAR) -> None:
    """Remember which silo is served, for the commands that come after."""
    var.mkdir(parents=True, exist_ok=True)
    (var / "current").write_text(f"{DEMO if demo else REAL}\n", encoding="utf-8")


def database(name: str | None = None, var: Path = VAR) -> dict[str, Any]:
    """Django's settings for the embedded PostgreSQL."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name or (DEMO if demo_is_current(var) else REAL),
        "USER": "postgres",
        "PASSWORD": "",
        "HOST": str(sockets(var)),
        "PORT": "5432",
    }


def database_url(name: str, var: Path = VAR) -> str:
    """The embedded PostgreSQL as a DATABASE_URL."""
    return f"postgres://postgres@{quote(str(sockets(var)), safe='')}:5432/{name}"


def broker_url(number: int = 0, var: Path = VAR) -> str:
    """The embedded Valkey as a REDIS_URL."""
    return f"unix://{sockets(var)}/valkey.sock?db={number}"
