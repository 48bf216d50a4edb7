"""The erasure ledger: a file beside the database, one line for each erased person, only ever added to.

It holds what is needed to erase somebody again after a backup was restored, and nothing that tells who they were:
the contact's number, when it was made, and keyed hashes (contacts.keys) of the addresses. See docs/adr/0009.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Line:
    """One erased contact. `stop`: they asked for it, so that their addresses stay stopped for ever."""

    contact_id: int
    made_at: datetime
    at: datetime
    why: str
    hashes: tuple[str, ...]
    stop: bool

    @property
    def key(self) -> tuple[int, datetime]:
        return self.contact_id, self.made_at

    def as_text(self) -> str:
        said: dict[str, Any] = asdict(self) | {
            "made_at": self.made_at.isoformat(),
            "at": self.at.isoformat(),
        }
        return json.dumps(said, separators=(",", ":")) + "\n"


def path() -> Path:
    """Where it lies."""
    return Path(settings.ERASURE_LEDGER)


def append(lines: Iterable[Line]) -> None:
    """Add lines and do not come back before they are on the disk. Raises OSError."""
    text = "".join(line.as_text() for line in lines).encode()
    if not text:
        return
    where = path()
    where.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(where, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            text = b"\n" + text  # a line that was torn by a full disk stays alone
        while text:
            text = text[os.write(handle, text) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    folder = os.open(where.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(file: Path | None = None) -> Iterator[Line]:
    """Every whole line, of the ledger or of a copy of it.

    A torn one is passed over, because the database still knows it (services.erasure).
    """
    try:
        with (file or path()).open(encoding="utf-8") as lines:
            for text in lines:
                if (line := _parsed(text)) is not None:
                    yield line
    except FileNotFoundError:
        return


def _parsed(text: str) -> Line | None:
    try:
        said = json.loads(text)
        return Line(
            contact_id=int(said["contact_id"]),
            made_at=datetime.fromisoformat(said["made_at"]),
            at=datetime.fromisoformat(said["at"]),
            why=str(said["why"]),
            hashes=tuple(str(one) for one in said["hashes"]),
            stop=bool(said["stop"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
