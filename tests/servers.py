"""The test run's own PostgreSQL and Valkey: on sockets, in a throw-away folder, gone when the run has ended.

One pair of servers for a whole run; each worker of pytest-xdist has a database and a numbered Valkey database of its
own.
"""

import os
import re
import tempfile
from pathlib import Path

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
_share: object = None


def start() -> None:
    """Start the servers (the workers of a run find them in the environment) and load Django's settings on them."""
    if not WORKER:
        _start_servers()
    os.environ["REDIS_URL"] = f"{os.environ['SILO_TEST_BROKER']}?db={_number()}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "silo.settings"
    import django

    django.setup()
    # The workers load the settings after they have chosen their own Valkey database, so they must not find this early.
    del os.environ["DJANGO_SETTINGS_MODULE"]


def _start_servers() -> None:
    global _share  # The share lives as long as the process; the guard stops the servers when it is gone.
    var = Path(tempfile.mkdtemp(prefix="silo-test-", dir="/tmp"))
    for name in ("DATABASE_URL", "REDIS_URL", "SILO_ENV", "SILO_DEMO", "DEBUG", "PUBLIC_URL"):
        os.environ.pop(name, None)
    os.environ["SILO_VAR"] = str(var)
    from silo.embedded import place, servers

    membership = servers.Membership(var, durable=False)
    membership.join()
    _share = membership
    os.environ["DATABASE_URL"] = place.database_url("postgres", var)
    os.environ["SILO_TEST_BROKER"] = place.broker_url(0, var).split("?")[0]


def _number() -> int:
    """0 for a run without workers, else one more than the worker's number."""
    digits = re.sub(r"\D", "", WORKER)
    return int(digits) + 1 if digits else 0
