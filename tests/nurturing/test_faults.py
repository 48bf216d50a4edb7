"""The fault harness in short: real workers and a beat, some of them killed, between servers that lie.

The whole of it, with PostgreSQL and the broker torn down, a full disk and clocks that jump, is `make faults` (docs/faults.md).
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import connection

from bench.faults import people
from bench.faults.director import Director
from bench.faults.staff import Staff
from bench.faults.stage import Fakes

KILLS, MAILS, WINDOW, LEASE, SEED = 4, 120, 10, 4, "short"


class OurServers:
    """The servers of this test run: other tests need them, so nobody tears them down."""

    def connect(self) -> Any:
        here = connection.settings_dict
        line = psycopg2.connect(host=here["HOST"], port=here["PORT"], user=here["USER"], dbname=here["NAME"])
        line.autocommit = True
        return line

    def ask(self, sql: str, values: Any = None) -> list[tuple[Any, ...]]:
        with closing(self.connect()) as line, line.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def new_database(self) -> None:
        """It is fresh."""

    def disk(self, *, full: bool) -> None:
        """Never full."""


@pytest.fixture
def fakes() -> Iterator[Fakes]:
    fakes = Fakes()
    yield fakes
    fakes.end()


@pytest.fixture
def staff(tmp_path: Path, process_environment: dict[str, str]) -> Iterator[Staff]:
    settings = {
        "SEND_LEASE_SECONDS": str(LEASE),
        "SEND_BATCH": "25",
        "LOG_LEVEL": "ERROR",
        "CELERY_SKIP_CHECKS": "true",
    }
    staff = Staff(tmp_path, process_environment | settings, with_web=False, workers=1)
    yield staff
    staff.end()


@pytest.mark.django_db(transaction=True)
def test_workers_killed_between_servers_that_lie(fakes: Fakes, staff: Staff) -> None:
    people.fill(mails=MAILS, smtp=fakes.smtp, http=fakes.http, window=WINDOW, disk=False)
    director = Director(
        OurServers(),  # type: ignore[arg-type]
        staff,
        fakes,
        seed=SEED,
        lease=LEASE,
        kills=KILLS,
        kinds={"hand": 0.7, "worker": 0.3},
        beside={"machine clock": 1.0},
        worlds={"today": 1.0},
        aimed=1.0,
        patience=20.0,
    )
    done = director.play(1)

    found = done.found
    assert found is not None
    assert done.kills["hand"] + done.kills["worker"] == KILLS
    assert (found.due, found.twice, found.missing, found.leaks) == (MAILS, [], [], [])
    assert found.states["unknown"] <= done.hands * WINDOW + found.drops
    assert found.states["accepted"] > MAILS // 2
    assert found.poison == 5
