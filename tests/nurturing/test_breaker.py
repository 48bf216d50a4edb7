"""A receiving server that refuses or puts off too many is left alone, and found out to be well again by one mail."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from contacts.models import AuditEvent
from nurturing.models import Breaker, EngagementEvent, MailHost, ReceiverTrouble, Send, Sender
from nurturing.queries import flow as flow_queries
from nurturing.queries import send as sends
from nurturing.sending import transport, trouble
from nurturing.sending.outcome import Fate, Outcome
from nurturing.sending.trouble import Kind, Trouble
from nurturing.services import breaker, delivery, engagement
from nurturing.services.breaker import Told
from nurturing.services.delivery import Delivered
from silo.models import User
from tests import cast
from tests.cast import NOW
from tests.nurturing import post_office, posting
from tests.nurturing.post_office import PostOffice

State = Send.State
BLOCKED = "550 5.7.1 blocked: your network is on our blacklist"
BUSY = "451 4.3.0 local error in processing"
GONE = "550 5.1.1 no such user here"


@pytest.mark.parametrize(
    ("reply", "for_now", "expected"),
    [
        (BLOCKED, False, Trouble(Kind.BLOCKED, 3)),
        ("554 5.7.1 Message looks like spam", False, Trouble(Kind.BLOCKED, 3)),
        ("550 5.7.515 Access denied, sending domain does not meet", False, Trouble(Kind.BLOCKED, 3)),
        ("421 4.7.0 Too many connections from your network", True, Trouble(Kind.BLOCKED, 3)),
        ("450 4.7.1 unusual rate of unsolicited mail", True, Trouble(Kind.BLOCKED, 3)),
        (BUSY, True, Trouble(Kind.DEFERRED, 1)),
        ("450 please try again later", True, Trouble(Kind.DEFERRED, 1)),
        (GONE, False, Trouble(Kind.GONE, 1)),
        ("450 4.2.0 greylisted, come back in five minutes", True, None),
        ("451 4.7.1 Greylisting in action, please come back later", True, None),
        ("552 5.2.2 mailbox full", False, None),
        ("452 4.2.2 over quota", True, None),
        ("552 5.3.4 message too big for system", False, None),
    ],
)
def test_what_a_refusal_weighs(reply: str, for_now: bool, expected: Trouble | None) -> None:
    assert trouble.of(reply, for_now=for_now) == expected


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office.opened() as office:
        yield office
        transport.close_all()


@pytest.fixture
def sender(office: PostOffice, transactional_db: None) -> Sender:
    posting.live()
    return posting.smtp_sender(office.port, window=5)


def due(number: int, *, first: int = 0, domain: str = "big.example", **more: Any) -> list[Send]:
    people = [
        cast.contact("Liv", f"Moe{one}", email=f"liv{one}@{domain}") for one in range(first, first + number)
    ]
    return posting.due(*people, of=posting.piece(posting.published()), sandbox=False, **more)


def answer(office: PostOffice, text: str, *numbers: int, domain: str = "big.example") -> None:
    office.at_rcpt |= {f"liv{number}@{domain}": text for number in numbers}


def deliver(**options: Any) -> Delivered:
    done = Delivered()
    while (more := delivery.deliver_due(**({"now": NOW, "worker": "test"} | options))).claimed:
        done += more
    return done


def told(reply: str, number: int, *, domain: str = "big.example", for_now: bool = False) -> Told:
    found = trouble.of(reply, for_now=for_now)
    assert found is not None
    return Told(flow_queries.Receiver(domain, domain, 0, (domain,)), number, NOW, found, reply)


def opened(**fields: Any) -> Breaker:
    fields = {
        "receiver": "big.example",
        "name": "big.example",
        "kind": Breaker.Kind.BLOCKED,
        "opened_at": NOW,
        "because": BLOCKED,
        "troubles": 6,
        "seen": 8,
        "pause_minutes": 15,
        "retry_at": NOW + timedelta(minutes=15),
    } | fields
    return Breaker.objects.create(**fields)


@pytest.mark.usefixtures("sender")
@pytest.mark.django_db(transaction=True)
class TestOpening:
    """When it is too much."""

    def test_refusals_because_of_us_stop_the_rest_of_the_batch(self, office: PostOffice) -> None:
        answer(office, BLOCKED, *range(30))
        all_of_them = due(30)
        due(3, first=100, domain="well.example")
        done = deliver()
        # The next window was under way when the first made it too much; another domain goes on.
        assert (done.failed, done.accepted, done.later) == (10, 3, 20)
        shut = Breaker.objects.get()
        assert (shut.receiver, shut.kind, shut.because) == ("big.example", "blocked", BLOCKED)
        assert (shut.troubles, shut.seen) == (5, 5)
        assert shut.retry_at - shut.opened_at == timedelta(minutes=15)
        waits = Send.objects.filter(pk__in=[one.pk for one in all_of_them], state=State.PLANNED)
        assert {one.reason for one in waits} == {"receiver_waits:big.example"}
        assert min(one.not_before for one in waits) == shut.retry_at
        assert "big.example refuses or puts off" in sends.reason_words("receiver_waits:big.example")

    def test_a_few_who_are_gone_open_nothing(self, office: PostOffice) -> None:
        answer(office, GONE, *range(9))
        due(40)
        assert deliver() == Delivered(claimed=40, accepted=31, failed=9)
        assert not Breaker.objects.exists() and ReceiverTrouble.objects.count() == 9

    def test_an_old_list_opens_by_its_rate(self, office: PostOffice) -> None:
        answer(office, GONE, *range(0, 60, 2))
        due(60)
        done = deliver()
        assert Breaker.objects.get().kind == "gone"
        assert done.failed < 30 and done.later > 20

    def test_a_low_rate_among_many_is_no_reason(self, office: PostOffice) -> None:
        answer(office, BUSY, *range(40, 52))
        due(60)
        assert deliver().later == 12
        assert not Breaker.objects.exists()

    def test_greylisting_is_none(self, office: PostOffice) -> None:
        answer(office, "450 4.2.0 greylisted", *range(30))
        due(30)
        assert deliver().later == 30
        assert not Breaker.objects.exists() and not ReceiverTrouble.objects.exists()

    def test_a_server_that_takes_nobody_is_not_the_receivers_fault(self, office: PostOffice) -> None:
        office.at_mail = "550 5.7.1 sender rejected"
        due(30)
        deliver()
        assert not Breaker.objects.exists()

    def test_a_house_of_many_domains_is_one_receiver(self, office: PostOffice) -> None:
        MailHost.objects.create(name="Big", domains=["big.example", "twin.example"], made_at=NOW)
        answer(office, BLOCKED, *range(30))
        due(30)
        due(4, first=50, domain="twin.example")
        deliver()
        assert Breaker.objects.get().name == "Big"
        assert not any(to.endswith("twin.example") for to in office.recipients)

    def test_it_can_be_switched_off(self, office: PostOffice, settings: Any) -> None:
        settings.SEND_BREAKER = False
        answer(office, BLOCKED, *range(30))
        due(30)
        assert deliver().failed == 30 and not Breaker.objects.exists()


@pytest.mark.usefixtures("sender")
@pytest.mark.django_db(transaction=True)
class TestTrying:
    """One mail finds out."""

    def test_after_the_pause_one_goes_and_when_it_is_taken_all_go(self, office: PostOffice) -> None:
        shut = opened()
        due(12)
        assert deliver() == Delivered(claimed=12, later=12)
        assert deliver(now=NOW + timedelta(minutes=14)).accepted == 0
        at = shut.retry_at
        assert deliver(now=at) == Delivered(claimed=12, accepted=1, later=11)
        assert deliver(now=at + timedelta(seconds=9)).accepted == 11
        assert office.recipients[0] == "liv0@big.example"
        shut.refresh_from_db()
        assert shut.closed_at is not None and shut.closed_at >= at

    def test_refused_again_it_waits_twice_as_long(self, office: PostOffice) -> None:
        shut = opened()
        answer(office, "550 5.7.1 still blocked", *range(5))
        due(5)
        deliver()
        done = deliver(now=shut.retry_at)
        assert done.failed == 1
        shut.refresh_from_db()
        assert (shut.tries, shut.pause_minutes, shut.trial_send_id) == (1, 30, None)
        assert shut.closed_at is None and "still blocked" in shut.because
        assert shut.retry_at >= NOW + timedelta(minutes=45)

    def test_the_pause_has_a_longest(self) -> None:
        shut = opened(pause_minutes=200, trial_send_id=7, trial_until=NOW + timedelta(minutes=5))
        refused = Outcome(Fate.REFUSED, "policy", BLOCKED)
        breaker.end_trial(breaker_id=shut.pk, send_id=7, outcome=refused, told=told(BLOCKED, 7), now=NOW)
        shut.refresh_from_db()
        assert shut.pause_minutes == 240

    def test_somebody_who_is_gone_shows_that_the_server_speaks_to_us_again(self, office: PostOffice) -> None:
        shut = opened()
        answer(office, GONE, 0)
        due(4)
        deliver()
        assert deliver(now=shut.retry_at) == Delivered(claimed=4, failed=1, later=3)
        assert deliver(now=shut.retry_at + timedelta(seconds=9)).accepted == 3
        assert not Breaker.objects.filter(closed_at=None).exists()

    def test_what_nobody_knows_decides_nothing(self, office: PostOffice) -> None:
        shut = opened(retry_at=NOW)
        office.drop_after_dot = {"liv0@big.example"}
        due(1)
        assert deliver().unknown == 1
        shut.refresh_from_db()
        assert shut.closed_at is None and shut.trial_send_id is None
        assert NOW < shut.retry_at <= NOW + timedelta(minutes=3)

    def test_a_worker_that_dies_with_the_one_mail_does_not_shut_it_for_ever(self) -> None:
        shut = opened(retry_at=NOW)
        assert breaker.begin_trial(breaker_id=shut.pk, send_id=1, now=NOW)
        assert not breaker.begin_trial(breaker_id=shut.pk, send_id=2, now=NOW + timedelta(minutes=9))
        assert breaker.begin_trial(breaker_id=shut.pk, send_id=2, now=NOW + timedelta(minutes=11))

    def test_who_opens_again_soon_after_is_left_alone_for_longer(self) -> None:
        opened(closed_at=NOW - timedelta(hours=2), pause_minutes=30)
        breaker.note([told(BLOCKED, number) for number in range(6)], now=NOW)
        assert Breaker.objects.get(closed_at=None).pause_minutes == 60

    def test_what_was_before_it_closed_does_not_open_it_again(self) -> None:
        breaker.note([told(BLOCKED, number) for number in range(6)], now=NOW)
        Breaker.objects.update(closed_at=NOW + timedelta(minutes=1))
        assert breaker.note([told(BLOCKED, 99)], now=NOW + timedelta(minutes=2)) == []


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_opens_it_and_one_tries() -> None:
    together = threading.Barrier(5)

    def work(number: int) -> tuple[int, bool]:
        try:
            together.wait()
            made = breaker.note([told(BLOCKED, number * 10 + one) for one in range(6)], now=NOW)
            together.wait()
            shut = Breaker.objects.get()
            at = shut.retry_at
            return len(made), breaker.begin_trial(breaker_id=shut.pk, send_id=number, now=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        done = list(pool.map(work, range(5)))
    assert sum(made for made, _tried in done) == 1
    assert sum(tried for _made, tried in done) == 1


@pytest.mark.django_db
class TestPeople:
    """What a person decides."""

    def test_held_it_waits_until_a_person_lets_one_go(self, ada: User) -> None:
        shut = opened(retry_at=NOW)
        assert breaker.keep_holding(breaker_id=shut.pk, by=ada, now=NOW)
        assert not breaker.keep_holding(breaker_id=shut.pk, by=ada, now=NOW)
        assert not breaker.begin_trial(breaker_id=shut.pk, send_id=1, now=NOW + timedelta(days=1))
        later = NOW + timedelta(days=1)
        assert breaker.try_now(breaker_id=shut.pk, by=ada, now=later)
        assert breaker.begin_trial(breaker_id=shut.pk, send_id=1, now=later)
        verbs = AuditEvent.objects.filter(object_type="Breaker").order_by("pk").values_list("verb", flat=True)
        assert list(verbs) == ["receiver.held", "receiver.tried"]

    def test_what_is_closed_is_neither_tried_nor_held(self, ada: User) -> None:
        shut = opened(closed_at=NOW)
        assert not breaker.try_now(breaker_id=shut.pk, by=ada, now=NOW)
        assert not breaker.keep_holding(breaker_id=shut.pk, by=ada, now=NOW)


@pytest.mark.django_db
class TestComingBack:
    """A provider takes everything, and tells later."""

    def event(self, number: int, kind: str, **detail: Any) -> engagement.NewEvent:
        posting.sender() if not Sender.objects.exists() else None
        (row,) = due(1, first=number)
        Send.objects.filter(pk=row.pk).update(
            state=State.ACCEPTED, finished_at=NOW, address=f"liv{number}@big.example", sandbox=False
        )
        return engagement.NewEvent(
            contact_id=row.contact_id,
            type=kind,
            at=NOW,
            source="mailgun",
            key=f"event {number}",
            send_id=row.pk,
            what=str(detail.get("reason", "")),
            detail=detail,
        )

    def test_bounces_of_a_provider_open_it_too(self) -> None:
        events = [self.event(number, "bounced", reason=BLOCKED, hard=False) for number in range(6)]
        engagement.record(events, now=NOW)
        assert Breaker.objects.get().receiver == "big.example"

    def test_mails_that_arrived_count_against_it(self) -> None:
        for number in range(50, 90):
            self.event(number, "delivered")
        engagement.record([self.event(number, "bounced", reason=BLOCKED) for number in range(4)], now=NOW)
        engagement.record([self.event(number, "deferred", reason=BUSY) for number in range(4, 6)], now=NOW)
        assert ReceiverTrouble.objects.count() == 6 and not Breaker.objects.exists()

    def test_the_same_mail_put_off_again_and_again_is_one(self) -> None:
        one = self.event(1, "deferred", reason=BUSY)
        for number in range(30):
            again = engagement.NewEvent(
                contact_id=one.contact_id, type="deferred", at=NOW, source="mailgun", key=f"again {number}",
                send_id=one.send_id, detail={"reason": BUSY},
            )  # fmt: skip
            engagement.record([again], now=NOW)
        assert not Breaker.objects.exists()

    def test_old_news_is_none(self) -> None:
        events = [self.event(number, "bounced", reason=BLOCKED) for number in range(6)]
        engagement.record(events, now=NOW + timedelta(hours=3))
        assert EngagementEvent.objects.count() == 6 and not Breaker.objects.exists()


def test_old_troubles_are_thrown_away(db: None) -> None:
    breaker.note([told(BUSY, 1, for_now=True)], now=NOW)
    assert breaker.forget_old(now=NOW + timedelta(days=13)) == 0
    assert breaker.forget_old(now=NOW + timedelta(days=15)) == 1
