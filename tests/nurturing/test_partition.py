"""What grows without an end is trimmed, and an erasure finds what it looks for without reading all of it."""

from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts import clock, erasing
from nurturing.models import TickRun
from nurturing.services import delivery, objection
from silo.tasks import session

pytestmark = pytest.mark.django_db


def test_rounds_of_the_clock_are_kept_for_a_month(now: datetime) -> None:
    for days in (40, 29, 0):
        TickRun.objects.create(at=now - timedelta(days=days))
    assert delivery.forget_old(now=now) == 1
    assert TickRun.objects.count() == 2


def test_the_newest_round_stays_so_that_a_long_gap_is_seen(now: datetime) -> None:
    TickRun.objects.create(at=now - timedelta(days=90))
    assert delivery.forget_old(now=now) == 0
    assert TickRun.objects.count() == 1


def test_sessions_that_have_run_out_are_forgotten(now: datetime) -> None:
    for key, days in (("over", -1), ("runs", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=now + timedelta(days=days))
    with clock.at(now):
        session.forget_old()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["runs"]


def test_an_erasure_finds_an_address_by_an_index(now: datetime) -> None:
    with CaptureQueriesContext(connection) as asked:
        objection.mentions(erasing.Who((1,), ("anna.lind@fjordmek.example",)), now=now)
    plans = ""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for one in asked.captured_queries:
            cursor.execute("EXPLAIN " + one["sql"])
            plans += "\n".join(line for (line,) in cursor.fetchall())
    assert "provider_event_by_recipient" in plans and "reply_of_strangers" in plans
