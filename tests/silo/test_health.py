"""The page for whoever is on call, and the addresses for machines."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from django.db import connection
from django.test import Client

from nurturing.models import DeliveryRun, TickRun
from nurturing.services import hold
from silo import heartbeat, metrics
from silo.queries import health
from tests.cast import client_of

pytestmark = pytest.mark.django_db


def line(found: health.Health, name: str) -> health.Line:
    return next(one for one in found.lines if one.name == name)


@pytest.fixture
def worker(valkey: "redis.Redis") -> None:
    valkey.hset(heartbeat.KEY, "celery@here", datetime.now(UTC).isoformat())


def test_it_says_how_long_ago_the_clock_went_round(now: datetime) -> None:
    assert line(health.of(now=now), "clock").state == health.WRONG
    TickRun.objects.create(at=now - timedelta(seconds=4))
    said = line(health.of(now=now), "clock")
    assert said.state == health.FINE and "4 s ago" in said.words
    late = line(health.of(now=now + timedelta(seconds=113)), "clock")
    assert late.state == health.WATCH and "It is late" in late.words
    later = line(health.of(now=now + timedelta(hours=1)), "clock")
    assert later.state == health.WRONG and "stands still" in later.words


def test_it_counts_the_mails_of_the_last_minute(now: datetime) -> None:
    nothing = {"worker": "w", "seconds": 1.0, "skipped": 0, "failed": 0, "unknown": 0, "later": 0}
    DeliveryRun.objects.create(at=now - timedelta(seconds=30), claimed=500, accepted=480, **nothing)
    DeliveryRun.objects.create(at=now - timedelta(seconds=90), claimed=500, accepted=500, **nothing)
    assert health.of(now=now).figures.mails_per_second == 8
    assert "8.0 mails/s" in line(health.of(now=now), "sending").words


def test_a_hold_is_told_with_its_reason(now: datetime) -> None:
    hold.stop(because="the wrong price stood in it", by=None, now=now)
    assert "the wrong price stood in it" in line(health.of(now=now), "sending").words


def test_workers_are_heard_and_forgotten(worker: None, valkey: "redis.Redis") -> None:
    now = datetime.now(UTC)
    valkey.hset(heartbeat.KEY, "celery@gone", (now - timedelta(days=2)).isoformat())
    assert line(health.of(now=now), "broker").state == health.FINE
    assert [one.name for one in heartbeat.workers()] == ["celery@here"]
    silent = health.of(now=now + timedelta(minutes=1))
    assert line(silent, "broker").state == health.WRONG


def test_a_broker_that_is_away_is_told_and_the_page_still_answers(
    settings: Any, now: datetime, ada: Any
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    found = health.of(now=now)
    assert "The broker does not answer" in line(found, "broker").words
    assert found.figures.workers is None
    assert b"silo_broker_up 0.0" in metrics.text(now=now)
    assert client_of(ada).get("/health/").status_code == 200


def test_machines_learn_whether_visitors_may_come(client: Client) -> None:
    assert client.get("/healthz").json() == {"alive": True}
    answer = client.get("/readyz")
    assert answer.status_code == 200 and answer.json() == {"ready": True, "because": ""}


def test_metrics_are_told_only_to_whoever_has_the_token(client: Client, settings: Any) -> None:
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "a-token-of-this-test"
    assert client.get("/metrics").status_code == 401
    answer = client.get("/metrics", headers={"Authorization": "Bearer a-token-of-this-test"})
    assert answer.status_code == 200
    assert b"silo_mails_due_total" in answer.content and b'silo_people{state="nurtured"}' in answer.content


def test_only_admins_see_the_page(sam: Any, mira: Any, ada: Any) -> None:
    assert client_of(sam).get("/health/").status_code == 403
    assert client_of(mira).get("/health/").status_code == 403
    page = client_of(ada).get("/health/")
    assert page.status_code == 200 and "The clock" in page.content.decode()


def test_errors_leave_without_people() -> None:
    from silo import watching

    event = {
        "message": "could not write to åsa.berg@example.se",
        "user": {"email": "sam@example.se"},
        "request": {
            "url": "https://silo.example/people/7/",
            "data": "email=anna@example.se",
            "cookies": {"a": "b"},
        },
    }
    sent = watching.without_people(event)
    assert "example.se" not in str(sent)
    assert sent["request"] == {"url": "https://silo.example/people/7/"}


@pytest.mark.parametrize("room", ["c", "t", "u", "confirm", "invitation", "account/password/reset/key"])
def test_errors_leave_without_the_links_that_open_something(room: str) -> None:
    from silo import watching

    path = f"/{room}/b-dGVzdA9_x/y"
    event = {
        "transaction": path,
        "request": {
            "url": f"https://silo.example{path}",
            "headers": {"Referer": f"https://silo.example{path}"},
        },
        "breadcrumbs": {"values": [{"message": f"Not Found: {path}/"}]},
    }
    sent = watching.without_people(event)
    assert "dGVzdA9" not in str(sent)
    assert sent["request"]["url"] == f"https://silo.example/{room}/(token)"


def test_readiness_asks_the_database_and_looks_for_its_tables_only_until_they_are_there(
    client: Client, django_assert_num_queries: Any
) -> None:
    client.get("/readyz")
    with django_assert_num_queries(1):
        assert client.get("/readyz").status_code == 200


def test_a_line_that_broke_unseen_is_told_and_no_error() -> None:
    def asked_on_a_broken_line() -> str:
        try:
            connection.ensure_connection()
            connection.connection.close()
            return health.is_ready()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:  # which has a line of its own
        assert threads.submit(asked_on_a_broken_line).result() == "the database does not answer"
