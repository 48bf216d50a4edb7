"""Limits: never more than they say, whoever counts and whoever dies; and everybody who waits has their turn."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts import clock
from contacts.models import Contact
from nurturing.models import MailHost, Send, Sender, SendLimit, WarmUp
from nurturing.queries import flow as queries
from nurturing.queries import send as sends
from nurturing.sending import pace, transport
from nurturing.services import delivery, flow
from nurturing.services import limit as limits
from nurturing.services.delivery import Delivered
from silo.models import User
from tests import cast
from tests.cast import NOW
from tests.nurturing import post_office, posting
from tests.nurturing.post_office import PostOffice

State = Send.State
PERIODS = {name: timedelta(seconds=seconds) for name, seconds in pace.PERIODS.items()}


def limit(most: int, period: str = "minute", **owner: Any) -> SendLimit:
    return SendLimit.objects.create(most=most, period=period, counts=pace.empty(period), **owner)


def host(name: str, *domains: str, most: int) -> MailHost:
    made = MailHost.objects.create(name=name, domains=list(domains), made_at=NOW)
    limit(most, host=made)
    return made


def plan(domain: str = "nordvik.example", **fields: Any) -> WarmUp:
    return WarmUp.objects.create(domain=domain, began_at=NOW, **fields)


def letters(sender: Sender, *domains: str) -> list[Any]:
    return [
        SimpleNamespace(
            claimed=SimpleNamespace(id=number), person=SimpleNamespace(address=f"x@{domain}"), sender=sender
        )
        for number, domain in enumerate(domains)
    ]


def take(sender: Sender, *domains: str, now: datetime) -> list[str]:
    """The domains of the mails that may leave."""
    gate = flow.Gate()
    gate._state = queries.load(now=now)
    going, refused = gate.take(letters(sender, *domains), now=now)
    assert len(going) + len(refused) == len(domains)
    return [one.person.address.partition("@")[2] for one in going]


@pytest.mark.django_db
class TestTaking:
    """The one statement that takes places, against the sums in Python."""

    @given(
        steps=st.lists(
            st.tuples(
                st.sampled_from([0, 1, 3, 5, 30, 59, 61, 290, 3_600, 50_000]),
                st.lists(
                    st.sampled_from(["big.example", "other.example", "own.example"]), min_size=1, max_size=8
                ),
            ),
            min_size=1,
            max_size=12,
        ),
        most=st.tuples(st.integers(1, 12), st.integers(1, 20), st.integers(1, 25), st.integers(1, 6)),
    )
    @settings(max_examples=60)
    def test_never_more_than_the_limit_in_any_period(
        self, steps: list[tuple[int, list[str]]], most: tuple[int, int, int, int]
    ) -> None:
        Sender.objects.all().delete()
        MailHost.objects.all().delete()
        sender = posting.sender()
        for period, number in zip(pace.PERIODS, most, strict=False):
            limit(number, period, sender=sender)
        host("Big", "big.example", "other.example", most=most[3])
        at, left = NOW, []
        for seconds, domains in steps:
            at += timedelta(seconds=seconds)
            own = {one.counter.period: one.counter for one in queries.load(now=at).of_sender[sender.pk]}
            room = min(counter.room(at) for counter in own.values())
            went = take(sender, *domains, now=at)
            assert len(went) <= room
            if len(went) < min(room, len(domains)):
                assert any(domain != "own.example" for domain in domains)  # the house had no room
            left += [(at, domain) for domain in went]
        for moment, _domain in left:
            for period, number in zip(pace.PERIODS, most, strict=False):
                assert sum(moment <= other < moment + PERIODS[period] for other, _d in left) <= number
            to_big = [other for other, domain in left if domain != "own.example"]
            assert sum(moment <= other < moment + PERIODS["minute"] for other in to_big) <= most[3]

    def test_in_order_and_all_who_fit(self) -> None:
        sender = posting.sender()
        limit(4, sender=sender)
        host("Big", "big.example", "twin.example", most=2)
        went = take(
            sender,
            *["big.example", "a.example", "twin.example", "big.example", "b.example", "c.example"],
            now=NOW,
        )
        assert went == ["big.example", "a.example", "twin.example", "b.example"]
        assert take(sender, "d.example", now=NOW + timedelta(seconds=59)) == []
        assert take(sender, "d.example", now=NOW + timedelta(seconds=66)) == ["d.example"]

    def test_a_counter_from_the_future_is_brought_back(self) -> None:
        sender = posting.sender()
        limit(5, sender=sender)
        assert len(take(sender, *["a.example"] * 3, now=NOW + timedelta(hours=1))) == 3
        assert len(take(sender, *["a.example"] * 9, now=NOW)) == 2
        assert take(sender, "a.example", now=NOW + timedelta(seconds=59)) == []
        assert len(take(sender, *["a.example"] * 9, now=NOW + timedelta(seconds=66))) == 5

    def test_where_no_limit_concerns_a_window_nothing_is_asked(self) -> None:
        sender = posting.sender()
        with CaptureQueriesContext(connection) as asked:
            gate = flow.Gate()
            assert len(gate.take(letters(sender, "own.example"), now=NOW)[0]) == 1
        assert len(asked) == 0


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_take_as_many_as_there_are_and_not_one_more() -> None:
    sender = posting.sender()
    limit(200, sender=sender)
    limit(150, "hour", sender=sender)
    host("Big", "big.example", most=37)
    together = threading.Barrier(6)

    def work(number: int) -> list[str]:
        try:
            together.wait()
            went = []
            for turn in range(8):
                domains = ["big.example", "own.example", "own.example", "big.example"] * 2
                went += take(sender, *domains, now=NOW + timedelta(milliseconds=100 * turn + number))
            return went
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        went = [domain for some in pool.map(work, range(6)) for domain in some]
    assert len(went) == 150
    assert went.count("big.example") == 37
    assert sum(SendLimit.objects.get(period="hour").counts) == 150


def deliver(**options: Any) -> Delivered:
    done = Delivered()
    while (more := delivery.deliver_due(**({"now": NOW, "worker": "test"} | options))).claimed:
        done += more
    return done


def due(number: int, *, first: int = 0, domain: str = "fjordmek.example", **more: Any) -> list[Send]:
    """Mails to so many people at one domain."""
    people = [
        cast.contact("Liv", f"Moe{one}", email=f"liv{one}@{domain}") for one in range(first, first + number)
    ]
    return posting.due(*people, of=posting.piece(posting.published()), sandbox=False, **more)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office.opened() as office:
        yield office
        transport.close_all()


@pytest.fixture
def sender(office: PostOffice, transactional_db: None) -> Sender:
    """The silo is live, and mails leave through the server of this test."""
    posting.live()
    return posting.smtp_sender(office.port)


def waiting(sends: list[Send]) -> list[str]:
    rows = Send.objects.filter(pk__in=[one.pk for one in sends], state=State.PLANNED).order_by(
        "not_before", "pk"
    )
    return [row.reason.partition(":")[0] for row in rows]


@pytest.mark.usefixtures("sender")
@pytest.mark.django_db(transaction=True)
class TestWaiting:
    """Through the real hand-over, to a real server."""

    def test_who_finds_no_room_waits_and_leaves_in_order(self, office: PostOffice, sender: Sender) -> None:
        limit(4, sender=sender)
        sends_ = due(10)
        assert deliver() == Delivered(claimed=10, accepted=4, later=6)
        assert waiting(sends_) == ["limit_sender"] * 6
        (one,) = Send.objects.filter(pk=sends_[4].pk)
        assert NOW < one.not_before <= NOW + timedelta(seconds=66)
        assert "Åsa på Nordvik" in sends.reason_words(one.reason) and one.tries == 0
        at = NOW
        while Send.objects.waiting().exists():
            at += timedelta(seconds=10)
            deliver(now=at)
        assert office.recipients == [f"liv{number}@fjordmek.example" for number in range(10)]
        assert at <= NOW + timedelta(minutes=3)

    def test_who_comes_new_stands_behind_those_who_wait(self, office: PostOffice, sender: Sender) -> None:
        limit(2, sender=sender)
        due(6)
        deliver()
        at = NOW
        for number in range(24):
            at += timedelta(seconds=10)
            due(1, first=10 + number, not_before=at)
            deliver(now=at)
        assert office.recipients[:6] == [f"liv{number}@fjordmek.example" for number in range(6)]
        assert office.recipients[6:8] == ["liv10@fjordmek.example", "liv11@fjordmek.example"]

    def test_other_hosts_are_not_held_up(self, office: PostOffice) -> None:
        host("Big", "big.example", most=2)
        due(5, domain="big.example")
        due(5, first=5)
        assert deliver() == Delivered(claimed=10, accepted=7, later=3)
        assert sum(to.endswith("@big.example") for to in office.recipients) == 2

    def test_who_could_not_leave_before_it_made_no_sense_is_skipped_with_that_reason(
        self, office: PostOffice, sender: Sender
    ) -> None:
        limit(1, sender=sender)
        sends_ = due(3, latest=NOW + timedelta(seconds=30))
        assert deliver() == Delivered(claimed=3, accepted=1, skipped=2)
        assert {Send.objects.get(pk=one.pk).reason for one in sends_[1:]} == {"limit_sender:Åsa på Nordvik"}

    def test_the_last_chance_is_taken_before_it_is_too_late(self, office: PostOffice, sender: Sender) -> None:
        limit(1, "hour", sender=sender)
        sends_ = due(2, latest=NOW + timedelta(minutes=30))
        deliver()
        waits = Send.objects.get(pk=sends_[1].pk)
        assert (waits.state, waits.not_before) == (State.PLANNED, NOW + timedelta(minutes=29))

    def test_a_line_in_which_nobody_stands_any_more_is_none(self, office: PostOffice, sender: Sender) -> None:
        limit(2, sender=sender)
        sends_ = due(6)
        deliver()
        Send.objects.filter(pk__in=[one.pk for one in sends_], state=State.PLANNED).update(
            state=State.SKIPPED, reason="stopped", finished_at=NOW
        )
        at = NOW + timedelta(seconds=66)
        due(1, first=9, not_before=at)
        assert deliver(now=at).accepted == 1

    def test_what_somebody_waits_for_passes_the_line_but_not_the_limit(
        self, office: PostOffice, sender: Sender
    ) -> None:
        limit(2, sender=sender)
        due(6)
        deliver()
        at = NOW + timedelta(seconds=66)
        (asked,) = due(1, first=9, not_before=at)
        Send.objects.filter(pk=asked.pk).update(kind=Send.Kind.ASK)
        deliver(now=at)
        assert "liv9@fjordmek.example" in office.recipients and len(office.recipients) == 4

    def test_a_limit_that_was_raised_lets_those_who_wait_go_at_once(
        self, office: PostOffice, sender: Sender, ada: User
    ) -> None:
        limits.of_sender(sender_id=sender.pk, figures={"hour": 1}, by=ada, now=NOW)
        due(5)
        assert deliver().accepted == 1
        limits.of_sender(sender_id=sender.pk, figures={"hour": 3}, by=ada, now=NOW)
        assert deliver().accepted == 2  # what has left goes on counting
        limits.of_sender(sender_id=sender.pk, figures={}, by=ada, now=NOW)
        assert deliver().accepted == 2

    def test_a_way_out_that_is_shut_uses_nothing_up(self, office: PostOffice, sender: Sender) -> None:
        limit(6, "day", sender=sender)
        plan(first=6, factor=2, until=100)
        due(12)
        open_way = sender.transport_settings
        Sender.objects.update(transport_settings={**open_way, "port": 1})
        for minutes in (0, 10, 20):
            assert deliver(now=NOW + timedelta(minutes=minutes)).accepted == 0
        assert [sum(row.counts) for row in SendLimit.objects.filter(host=None)] == [0, 0]
        Sender.objects.update(transport_settings=open_way)
        office.at_rcpt["liv2@fjordmek.example"] = "421 4.3.2 shutting down"
        assert deliver(now=NOW + timedelta(minutes=40)).accepted == 2
        office.at_rcpt.clear()
        deliver(now=NOW + timedelta(minutes=60))
        assert len(office.mails) == 6
        assert [sum(row.counts) for row in SendLimit.objects.filter(host=None)] == [6, 6]

    def test_a_kill_lets_fewer_through_and_never_more(
        self, office: PostOffice, sender: Sender, process_environment: dict[str, str]
    ) -> None:
        limit(8, sender=sender)
        Sender.objects.update(window=3)
        due(20, not_before=clock.now() - timedelta(seconds=1))
        posting.open_always()
        office.delay = 0.2
        work = (
            "import django; django.setup();"
            "from contacts import clock; from nurturing.services import delivery;"
            "delivery.deliver_due(now=clock.now(), worker='victim')"
        )
        victim = subprocess.Popen([sys.executable, "-c", work], env=process_environment)
        until = time.monotonic() + 60
        while not office.mails and time.monotonic() < until:
            time.sleep(0.02)
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()
        at_kill = len(office.mails)
        assert 0 < at_kill < 8
        office.delay = 0
        done = deliver(now=clock.now() + timedelta(seconds=1))
        Send.objects.filter(state=State.CLAIMED).update(lease_until=clock.now() - timedelta(days=1))
        done += deliver(now=clock.now() + timedelta(seconds=2))
        assert len(office.mails) <= 8 and office.twice() == {}
        assert sum(SendLimit.objects.get(sender=sender).counts) == 8


@pytest.mark.usefixtures("sender")
@pytest.mark.django_db(transaction=True)
class TestWarmUp:
    """A new domain makes itself known day by day."""

    def days(self) -> list[tuple[str, int, int]]:
        rows = SendLimit.objects.exclude(warm_up=None).order_by("day")
        return [(f"{row.day:%a}", row.most, row.counts[0]) for row in rows]

    def test_each_day_on_which_mails_leave_lets_more_through(self, office: PostOffice) -> None:
        plan(first=2, factor=2, until=8)
        due(9, latest=NOW + timedelta(days=30))
        assert deliver() == Delivered(claimed=9, accepted=2, later=7)
        first = Send.objects.waiting().order_by("not_before").first()
        assert first is not None and first.reason == "warm_up:nordvik.example"
        assert first.not_before == datetime(
            2026, 11, 18, 7, 30, tzinfo=NOW.tzinfo
        )  # the office opens, Wednesday
        at = NOW
        for _ in range(3 * 24):
            at += timedelta(hours=1)
            deliver(now=at)
        # A day would let eight through on Thursday, and that is where the plan ends.
        assert self.days() == [("Tue", 2, 2), ("Wed", 4, 4)]
        assert len(office.mails) == 9

    def test_a_day_without_mails_is_not_counted(self, office: PostOffice) -> None:
        plan(first=2, factor=2, until=100)
        due(1)
        deliver()
        later = NOW + timedelta(days=7)
        due(1, first=1, not_before=later)
        deliver(now=later)
        assert self.days() == [("Tue", 2, 1), ("Tue", 4, 1)]

    def test_the_plan_ends_by_itself_and_then_there_is_no_limit(self, office: PostOffice) -> None:
        made = plan(first=4, factor=2, until=5)
        due(1)
        deliver()
        later = NOW + timedelta(days=1)
        due(20, first=1, not_before=later)
        assert deliver(now=later).accepted == 20
        made.refresh_from_db()
        assert made.ended_at is not None

    def test_the_tighter_of_two_wins(self, office: PostOffice, sender: Sender) -> None:
        plan(first=5, factor=2, until=100)
        limit(3, "hour", sender=sender)
        due(10)
        assert deliver().accepted == 3
        assert deliver(now=NOW + timedelta(hours=2)).accepted == 2

    def test_another_domain_is_not_concerned(self, office: PostOffice) -> None:
        plan("brand-new.example", first=1, factor=2, until=100)
        due(5)
        assert deliver().accepted == 5


def test_people_of_the_cast_are_not_at_a_large_host(db: None, anna: Contact) -> None:
    """Limits are there from the first day, for the large hosts only."""
    state = queries.load(now=NOW)
    assert state.receiver("a@GMAIL.com").name == "Gmail" and state.of_host
    assert state.receiver(str(anna.email)).host_id == 0
