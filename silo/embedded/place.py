"""Where the embedded servers live: their data under `var/`, their sockets in a short folder of the system's `/tmp`.

Both servers listen on Unix sockets only: no port is taken, nothing is reachable from the network, and a folder that
only its owner may enter guards them. A socket's path must be shorter than 108 characters, hence not under `var/`.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

VAR = Path(os.environ.get("SILO_VAR") or Path(__file__).resolve().parent.parent.parent / "var").absolute()
REAL, DEMO = "silo", "silo_demo"


def sockets(var: Path = VAR) -> Path:
    """The folder of both sockets, the same for everybody who works with this `var/`."""
    key = hashlib.sha256(os.fsencode(os.path.realpath(var))).hexdigest()[:12]
    return Path("/tmp") / f"silo-{key}"  # noqa: S108 - the owner of the folder is checked before it is used


@dataclass(frozen=True)
class Current:
    """Which silo was served last, and under which address: commands without a DATABASE_URL work on that one."""

    demo: bool = False
    public_url: str = "http://127.0.0.1:8000"

    @property
    def database(self) -> str:
        return DEMO if self.demo else REAL

    @property
    def broker_number(self) -> int:
        return 1 if self.demo else 0


def current(var: Path = VAR) -> Current:
    """What `remember` noted, or the plain silo."""
    try:
        return Current(**json.loads((var / "current.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Current()


def remember(served: Current, var: Path = VAR) -> None:
    """Note which silo is served, for the commands that come after."""
    part = var / "current.json.part"
    part.write_text(json.dumps(asdict(served)), encoding="utf-8")
    part.rename(var / "current.json")


def database(var: Path = VAR) -> dict[str, Any]:
    """Django's settings for the embedded PostgreSQL, for tools that load the settings without `manage.py`."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": current(var).database,
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
