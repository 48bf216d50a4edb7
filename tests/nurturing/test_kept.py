"""Numbers for a page: fresh in a small silo, at most a minute old in a large one."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection

from nurturing.queries import kept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clean_cache() -> Iterator[None]:
    cache.delete("kept:number")
    yield
    cache.delete("kept:number")


def _say_that_the_ledger_is_large() -> None:
    with connection.cursor() as cursor:  # as ANALYZE writes it; undone with the test
        cursor.execute("UPDATE pg_class SET reltuples = 1e6 WHERE oid = 'nurturing_send'::regclass")


def test_a_small_silo_is_asked_each_time() -> None:
    answers = iter([1, 2])
    assert [kept.a_minute("number", lambda: next(answers)) for _ in range(2)] == [1, 2]


def test_a_large_silo_is_asked_once_a_minute() -> None:
    _say_that_the_ledger_is_large()
    answers = iter([1, 2])
    assert [kept.a_minute("number", lambda: next(answers)) for _ in range(2)] == [1, 1]


def test_without_the_broker_a_page_is_slower_and_not_gone(settings) -> None:
    _say_that_the_ledger_is_large()
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    answers = iter([1, 2])
    assert [kept.a_minute("number", lambda: next(answers)) for _ in range(2)] == [1, 2]
