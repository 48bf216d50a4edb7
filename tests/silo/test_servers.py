"""The servers of the test run are the real ones."""

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection


@pytest.mark.django_db
def test_the_database_is_postgresql_18_with_a_utf8_locale() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, lower('ÅÖ')")
        version, lowered = cursor.fetchone()
    assert version >= 180000
    assert lowered == "åö"


@pytest.mark.django_db
def test_the_extensions_of_the_design_can_be_made() -> None:
    wanted = {"pg_trgm", "citext", "unaccent", "btree_gin", "pg_stat_statements"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_available_extensions WHERE name = ANY(%s)", [list(wanted)])
        found = {row[0] for row in cursor.fetchall()}
    assert found == wanted


def test_each_worker_has_a_broker_of_its_own(valkey, worker_id) -> None:
    number = 0 if worker_id == "master" else int(worker_id.removeprefix("gw")) + 1
    assert settings.CELERY_BROKER_URL.endswith(f"?virtual_host={number}")
    assert valkey.ping()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_rows_made_by_migrations_survive_a_test_with_real_transactions(turn: int) -> None:
    assert Group.objects.filter(name="salesperson").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_partitioned_tables_are_empty_after_a_test_with_real_transactions(turn: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM nurturing_hit")
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "INSERT INTO nurturing_hit (at, kind, send_id, method) VALUES (now(), 'click', 1, 'GET')"
        )
