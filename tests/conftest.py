"""What every test may ask for. The servers are started before Django's settings are read."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests import servers

servers.start()

import hypothesis  # noqa: E402
import pytest  # noqa: E402 - the settings must not be read before the servers are named
import redis  # noqa: E402
from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.db.backends.postgresql.operations import DatabaseOperations  # noqa: E402

from tests import rows, schema  # noqa: E402

pytest_plugins = ["tests.cast", "tests.world"]
# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile(
    "silo", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("silo")

DatabaseOperations.sql_flush = rows.flush  # type: ignore[method-assign, assignment]

# Hashing a password is slow on purpose; no test here is about that.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

CHECKOUT = Path(__file__).resolve().parent.parent
REMEMBERED = pytest.StashKey[tuple[rows.Rows, Any]]()
REAL_TRANSACTIONS = {"transactional_db", "live_server", "django_db_reset_sequences"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any
) -> None:
    """Copy the test database from a migrated template; migrating again is not needed."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"] |= {"TEMPLATE": schema.make_template(), "MIGRATE": False}


@pytest.fixture
def now() -> datetime:
    """A Tuesday morning in Stockholm, far from every holiday and change of clocks."""
    return datetime(2026, 11, 17, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of example data beside the checkout; tests over it are skipped where it is absent."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no example data beside the checkout ({folder.relative_to(CHECKOUT.parent)})")
    return folder


@pytest.fixture(scope="session")
def valkey() -> Iterator["redis.Redis"]:
    """This worker's own database of the run's Valkey."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client


@pytest.fixture(autouse=True)
def _empty_valkey(valkey: "redis.Redis") -> None:
    """No task, rate limit or cached value of an earlier test is left."""
    valkey.flushdb(asynchronous=True)


@pytest.fixture(scope="session")
def rows_of_migrations(django_db_setup: None, django_db_blocker: Any, request: pytest.FixtureRequest) -> None:
    """Remember the roles, stages and first rules that migrations wrote."""
    # Django would put them back at the start of the *next* test with real transactions, and leave the tests between without.
    connection._test_serialized_contents = "[]"  # type: ignore[attr-defined]
    with django_db_blocker.unblock():
        request.config.stash[REMEMBERED] = (rows.remember(), django_db_blocker)


@pytest.fixture(autouse=True)
def _rows_are_remembered(rows_of_migrations: None, django_db_serialized_rollback: None) -> None:
    """Before any test writes."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """A test with real transactions empties every table of Django when it ends; what migrations wrote is put back at once.

    The tables that Django does not manage (partitioned by month) are ours to empty.
    """
    yield
    mark = item.get_closest_marker("django_db")
    fixtures = set(getattr(item, "fixturenames", ()))
    there_is_a_next = nextitem is not None  # else the database is gone by now
    if (
        there_is_a_next
        and REMEMBERED in item.config.stash
        and ((mark and mark.kwargs.get("transaction")) or REAL_TRANSACTIONS & fixtures)
    ):
        remembered, blocker = item.config.stash[REMEMBERED]
        partitioned = [model._meta.db_table for model in apps.get_models() if not model._meta.managed]
        with blocker.unblock():
            rows.put_back(remembered, also_empty=partitioned)


@pytest.fixture
def broker_url() -> str:
    """The broker in Celery's spelling."""
    return str(settings.CELERY_BROKER_URL)


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """The environment for a process of its own (a worker, a command) on this test's database and broker."""
    now = connection.settings_dict
    address = f"postgres://{now['USER']}@{quote(str(now['HOST']), safe='')}:{now['PORT']}/{now['NAME']}"
    return os.environ | {
        "DATABASE_URL": address,
        "REDIS_URL": str(settings.REDIS_URL),
        "DJANGO_SETTINGS_MODULE": "silo.settings",
        "PYTHONPATH": str(CHECKOUT),
    }


def _browser_program() -> str | None:
    named = os.environ.get("CHROMIUM", "")
    if named:
        return shutil.which(named)
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser(rows_of_migrations: None) -> Iterator[Any]:
    """A headless Chromium or Chrome, driven by playwright."""
    program = _browser_program()
    if program is None:
        words = "no Chromium or Chrome found: install one, or name it with CHROMIUM=/path/to/chromium"
        if os.environ.get("SILO_REQUIRE_BROWSER") == "1":
            pytest.fail(words, pytrace=False)
        pytest.skip(f"BROWSER TEST SKIPPED: {words}")
    from playwright.sync_api import sync_playwright

    # Playwright's loop makes Django think that we are async; these tests are not.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        # As long as the loop runs, Django keeps another connection for this thread.
        connection._test_serialized_contents = "[]"  # type: ignore[attr-defined]
        running = playwright.chromium.launch(executable_path=program, args=BROWSER_ARGUMENTS)
        yield running
        running.close()
        connections.close_all()  # Else it would stand in the way of dropping the test database.


@pytest.fixture
def page(browser: Any, live_server: Any) -> Iterator[Any]:
    """A page in a fresh browser profile, with the live server as its base; an error in the console fails the test."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, base_url=live_server.url, locale="en-GB"
    )
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield opened
    context.close()
    assert not complaints, f"the browser's console complained: {complaints}"
