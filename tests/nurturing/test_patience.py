"""What a worker knows about mails that have left is not lost while the database is away, nor while a server is slow; and
no machine's own clock takes a mail out of another's hand.
"""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.db import DatabaseError, DataError, InterfaceError, OperationalError, connection

from contacts import clock
from nurturing.away import is_away
from nurturing.models import Send
from nurturing.sending import transport
from nurturing.services import delivery, send
from nurturing.services.delivery import Delivered
from nurturing.tasks import send as tasks
from tests.nurturing import post_office, posting
from tests.nurturing.post_office import PostOffice
from tests.nurturing.test_kill import people

State = Send.State
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office.opened() as office:
        posting.live()
        posting.smtp_sender(office.port, window=5)
        yield office
        transport.close_all()


def due(number: int) -> None:
    now = clock.now()
    posting.due(*people(number), of=posting.piece(posting.published()), not_before=now, sandbox=False)
    posting.open_always()


def cut_the_line_to_the_database(_to: str = "") -> None:
    """As a restart of PostgreSQL does it; from a line of our own."""
    here = connection.settings_dict
    line = psycopg2.connect(host=here["HOST"], port=here["PORT"], user=here["USER"], dbname=here["NAME"])
    with line, line.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    line.close()


def test_a_database_that_goes_away_while_mails_leave_makes_none_unknown(office: PostOffice) -> None:
    due(12)
    office.on_mail = cut_the_line_to_the_database
    done = delivery.deliver_due(now=clock.now(), worker="test")
    while delivery.deliver_due(now=clock.now(), worker="test").claimed:  # what went back unsent
        pass
    assert done.unknown == 0
    assert office.twice() == {} and len(office.mails) == 12
    assert set(Send.objects.values_list("state", flat=True)) == {State.ACCEPTED}


def test_a_disk_that_is_full_for_a_while_makes_none_unknown(office: PostOffice) -> None:
    due(6)
    with connection.cursor() as cursor:
        cursor.execute(DISK)

    def fills_and_is_cleared(_to: str) -> None:
        if len(office.mails) == 3:
            switch("INSERT INTO disk_is_full VALUES (1)")
            threading.Timer(0.7, switch, ["DELETE FROM disk_is_full"]).start()

    office.on_mail = fills_and_is_cleared
    try:
        assert delivery.deliver_due(now=clock.now(), worker="test") == Delivered(claimed=6, accepted=6)
        assert office.twice() == {} and len(office.mails) == 6
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE disk_is_full; DROP FUNCTION disk_is_full() CASCADE")


def test_a_mail_that_cannot_be_written_down_costs_no_result_of_those_before_it(office: PostOffice) -> None:
    due(6)
    with connection.cursor() as cursor:
        cursor.execute(POISON % Send.objects.order_by("-pk").values_list("pk", flat=True)[0])
    try:
        with pytest.raises(DataError):
            delivery.deliver_due(now=clock.now(), worker="test")
    finally:
        switch("DROP FUNCTION poison() CASCADE")
    assert len(office.mails) == 5
    assert list(Send.objects.order_by("pk").values_list("state", flat=True)) == ["accepted"] * 5 + ["claimed"]


# No fault of the machine's: to ask again would not help.
POISON = """
CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'poison' USING ERRCODE = '22000';
END $$;
CREATE TRIGGER poison BEFORE UPDATE ON nurturing_send FOR EACH ROW
WHEN (NEW.id = %s AND NEW.state = 'attempting') EXECUTE FUNCTION poison();
"""


# The database refuses as it does when its disk is full; what a statement began is rolled back.
DISK = """
CREATE TABLE disk_is_full (n int);
CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM disk_is_full) THEN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER disk_is_full BEFORE UPDATE ON nurturing_send FOR EACH STATEMENT EXECUTE FUNCTION disk_is_full();
"""


def switch(sql: str) -> None:
    here = connection.settings_dict
    line = psycopg2.connect(host=here["HOST"], port=here["PORT"], user=here["USER"], dbname=here["NAME"])
    with line, line.cursor() as cursor:
        cursor.execute(sql)
    line.close()


def test_a_window_at_a_slow_server_stays_ours_for_longer_than_a_lease(
    office: PostOffice, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "LOOK_EVERY", 0.2)
    settings.SEND_LEASE_SECONDS = 1
    office.delay = 0.5
    due(5)
    reaped: list[tuple[int, int]] = []

    def look() -> None:
        reaped.append(send.reap(now=clock.now()))
        connection.close()

    def somebody_else_looks(_to: str) -> None:
        other = threading.Thread(target=look)
        other.start()
        other.join()

    office.on_mail = somebody_else_looks
    assert delivery.deliver_due(now=clock.now(), worker="test") == Delivered(claimed=5, accepted=5)
    assert reaped == [(0, 0)] * 5


def test_a_machine_whose_clock_is_an_hour_ahead_takes_nothing_out_of_anothers_hand(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    due(1)
    (claimed,) = send.claim(worker="another machine", now=clock.shared(), limit=1)
    monkeypatch.setattr(clock, "now", lambda: clock.shared() + timedelta(hours=1))
    tasks.deliver_due()
    found = Send.objects.get()
    assert (found.state, found.claimed_by, found.attempt) == (
        State.CLAIMED,
        "another machine",
        claimed.attempt,
    )


def test_a_line_that_breaks_without_a_name_is_told_from_a_wrong_question() -> None:
    assert is_away(DatabaseError("server closed the connection unexpectedly"))
    assert is_away(OperationalError("the database system is starting up")) and is_away(InterfaceError())
    assert not is_away(DataError("invalid input")) and not is_away(ValueError("no such kind"))
