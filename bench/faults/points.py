"""The named points at which a fault is put into a process of the silo. The product holds nothing of this: a process that the harness
starts is armed here, before it does anything, and only when the harness says so in its environment (`SILO_FAULTS`, a folder).

    clock       what a process takes for the present: the world's clock, and each worker machine's own, are moved from outside
    lease       how long a claim lasts (by the setting SEND_LEASE_SECONDS), and how long a server may keep us waiting
    beat        how often the clock is woken
    disk        PostgreSQL refuses to write the ledger: SQLSTATE 53100, raised by the database itself (see people.DISK)
"""

import mmap
import os
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ARMED = "SILO_FAULTS"
CELL = "SILO_FAULTS_MACHINE"
CELLS = 16
WORLD = 0
SERVER_PATIENCE = 2.5  # seconds
POISON_TEMPLATES, POISON_PEOPLE = 3, 2
STOCKHOLM = ZoneInfo("Europe/Stockholm")


class Clocks:
    """Seconds by which clocks are wrong, in a file that all processes share: the world's, then one for each machine."""

    def __init__(self, folder: Path) -> None:
        path = folder / "clocks"
        if not path.exists():
            path.write_bytes(bytes(8 * CELLS))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), 8 * CELLS)

    def get(self, cell: int) -> float:
        """By how much this clock is ahead of the real one."""
        found: float = struct.unpack_from("d", self._shared, 8 * cell)[0]
        return found

    def set(self, cell: int, seconds: float) -> None:
        struct.pack_into("d", self._shared, 8 * cell, seconds)

    def world(self) -> datetime:
        """The right time, in this world."""
        return datetime.now(UTC) + timedelta(seconds=self.get(WORLD))


def arm() -> None:
    """Put the points into this process. Refused without the harness."""
    folder = os.environ.get(ARMED)
    if not folder:
        raise RuntimeError(f"{ARMED} is not set: only the harness arms a process.")
    from contacts import clock
    from nurturing.sending import transport

    clocks = Clocks(Path(folder))

    def now() -> datetime:
        machine = int(os.environ.get(CELL) or WORLD)
        own = clocks.get(machine) if machine != WORLD else 0.0
        return clocks.world() + timedelta(seconds=own)

    clock.now = now
    database = clock.shared
    clock.shared = lambda: database() + timedelta(seconds=clocks.get(WORLD))
    transport.TIMEOUT = SERVER_PATIENCE  # type: ignore[assignment] # halves of seconds will do here


def night_of_change(after: datetime, *, spring: bool) -> datetime:
    """The next moment at which Sweden moves its clocks, in UTC."""
    month = 3 if spring else 10
    for year in (after.year, after.year + 1):
        last = max(day for day in range(25, 32) if datetime(year, month, day, tzinfo=UTC).weekday() == 6)
        moment = datetime(year, month, last, 1, tzinfo=UTC)
        before, behind = (
            each.astimezone(STOCKHOLM).utcoffset() for each in (moment - timedelta(seconds=1), moment)
        )
        if moment > after and before != behind:
            return moment
    raise RuntimeError("Sweden no longer moves its clocks.")
