"""Handing over: judged once more, written down first, every refusal with its reason.

Through a real SMTP server.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, LegalGround
from contacts.services import suppression
from nurturing.models import SandboxMail, Send, SendDetail, Sender, Standing
from nurturing.queries import send as queries
from nurturing.sending import tokens, transport
from nurturing.services import delivery, hold
from nurturing.services import send as send_ledger
from nurturing.services.delivery import Delivered
from silo.models import User
from tests import cast
from tests.cast import NOW
from tests.nurturing import post_office, posting
from tests.nurturing.post_office import PostOffice

State = Send.State


def deliver(**options: Any) -> Delivered:
    return delivery.deliver_due(**({"now": NOW, "worker": "test"} | options))


def state_of(send: Send) -> tuple[str, str]:
    send.refresh_from_db()
    return send.state, send.reason


def read(raw: bytes) -> EmailMessage:
    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage) and not parsed.defects
    return parsed


@pytest.mark.django_db
class TestSandbox:
    """Nothing leaves, everything is kept, and every question is asked as if it left."""

    @pytest.fixture(autouse=True)
    def _sender(self) -> Sender:
        return posting.sender()

    def test_a_mail_is_kept_whole(self, anna: Contact) -> None:
        (send,) = posting.due(anna, of=posting.piece(posting.published()))

        assert deliver() == Delivered(claimed=1, accepted=1)
        assert state_of(send) == (State.ACCEPTED, "")
        assert send.finished_at == NOW
        kept = SandboxMail.objects.get(send=send)
        parsed = read(bytes(kept.raw))
        assert (kept.to, parsed["To"]) == (anna.email, f"Anna Lind <{anna.email}>")
        assert tokens.read_message_id(parsed["Message-ID"]) == send.pk
        plain = parsed.get_body(("plain",))
        assert plain is not None and "Hej Anna!" in plain.get_content()
        assert SendDetail.objects.get(send_id=send.pk).merge == {"contact.first_name": "Anna"}

    def test_nothing_is_due_means_nothing_happens(self, anna: Contact) -> None:
        posting.due(anna, of=posting.piece(posting.published()), not_before=NOW + timedelta(hours=1))
        assert deliver() == Delivered()

    def test_who_opted_out_since_gets_nothing(self, anna: Contact) -> None:
        (send,) = posting.due(anna, of=posting.piece(posting.published()))
        assert anna.email
        suppression.stop(address=anna.email, channel="mail", reason="unsubscribed", source="test", now=NOW)
        assert deliver() == Delivered(claimed=1, skipped=1)
        assert state_of(send) == (State.SKIPPED, "suppressed:unsubscribed")

    def test_a_norwegian_without_consent_gets_nothing(self) -> None:
        olav = cast.contact(ground=LegalGround.Ground.LEGITIMATE_INTEREST)
        (send,) = posting.due(olav, of=posting.piece(posting.published()))
        deliver()
        assert state_of(send) == (State.SKIPPED, "norway_needs_consent")

    def test_too_late_is_skipped(self, anna: Contact) -> None:
        (send,) = posting.due(anna, of=posting.piece(posting.published()), latest=NOW + timedelta(days=1))
        deliver(now=NOW + timedelta(days=2))
        assert state_of(send) == (State.SKIPPED, "too_late")

    @pytest.mark.parametrize("state", ["hot", "with_sales", "paused"])
    def test_no_drip_in_the_middle_of_a_conversation(self, anna: Contact, state: str) -> None:
        (send,) = posting.due(anna, of=posting.piece(posting.published()))
        Standing.objects.filter(pk=anna.pk).update(state=state)

        assert deliver() == Delivered(claimed=1, later=1)
        assert state_of(send) == (State.PLANNED, state)
        assert send.not_before == NOW + timedelta(hours=4)
        deliver(now=NOW + timedelta(days=6, hours=23))
        assert state_of(send) == (State.SKIPPED, state)

    def test_the_weekly_cap_holds_up_a_third_mail_also_within_one_batch(self, anna: Contact) -> None:
        sends = [
            posting.due(anna, of=posting.piece(posting.published(f"Nummer {number}")))[0]
            for number in range(3)
        ]
        assert deliver() == Delivered(claimed=3, accepted=2, later=1)
        assert [state_of(send)[1] for send in sends] == ["", "", "cap"]
        later = NOW + timedelta(days=1, minutes=1)
        assert deliver(now=later) == Delivered(claimed=1, later=1)

    def test_a_mail_that_had_to_wait_leaves_in_the_morning_and_not_at_night(self, anna: Contact) -> None:
        (send,) = posting.due(anna, of=posting.piece(posting.published()))
        sunday = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
        assert deliver(now=sunday) == Delivered(claimed=1, later=1)
        assert state_of(send) == (State.PLANNED, "closed")
        assert "office is open again" in queries.reason_words(send.reason)
        monday = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)  # 08:30 in Stockholm
        assert monday <= send.not_before < monday + timedelta(minutes=150)
        assert deliver(now=send.not_before) == Delivered(claimed=1, accepted=1)

    def test_a_batch_that_was_in_hand_when_the_office_closed_still_leaves(self, anna: Contact) -> None:
        posting.due(anna, of=posting.piece(posting.published()))
        closed = datetime(2026, 11, 17, 15, 30, tzinfo=UTC)  # 16:30 in Stockholm
        assert deliver(now=closed + timedelta(minutes=20)) == Delivered(claimed=1, accepted=1)

    def test_what_would_be_late_in_the_morning_is_skipped_at_night(self, anna: Contact) -> None:
        night = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
        of = posting.piece(posting.published())
        (send,) = posting.due(anna, of=of, latest=night + timedelta(hours=4))
        deliver(now=night)
        assert state_of(send) == (State.SKIPPED, "too_late")

    def test_a_retired_piece_is_not_sent(self, anna: Contact) -> None:
        piece = posting.piece(posting.published())
        (send,) = posting.due(anna, of=piece)
        piece.retired_at = NOW
        piece.save(update_fields=["retired_at"])
        deliver()
        assert state_of(send) == (State.SKIPPED, "piece_retired")

    def test_a_missing_merge_field_is_never_sent_as_a_gap(self) -> None:
        nameless = cast.contact("", "", email="nn@fjordmek.example")
        (send,) = posting.due(nameless, of=posting.piece(posting.published()))
        deliver()
        assert state_of(send) == (State.SKIPPED, "missing:first_name")

    def test_poison_is_set_aside_and_the_batch_goes_on(self, anna: Contact) -> None:
        bad = posting.published("Trasig")
        bad.compiled = {"links": [{"no": "such field"}]}
        bad.save(update_fields=["compiled"])
        (poisoned,) = posting.due(anna, of=posting.piece(bad))
        liv = cast.contact("Liv", "Moe")
        (healthy,) = posting.due(liv, of=posting.piece(posting.published()))

        assert deliver() == Delivered(claimed=2, accepted=1, failed=1)
        assert state_of(poisoned) == (State.FAILED, "error")
        assert "Traceback" in SendDetail.objects.get(send_id=poisoned.pk).response
        assert state_of(healthy)[0] == State.ACCEPTED

    def test_a_forged_header_in_a_name_never_becomes_one(self) -> None:
        forger = cast.contact("Anna\r\nBcc: all@evil.example", "Lind", email="f@fjordmek.example")
        (send,) = posting.due(forger, of=posting.piece(posting.published()))

        deliver()
        assert state_of(send) == (State.FAILED, "header_injection")
        assert not SandboxMail.objects.exists()
        assert "line break" in queries.reason_words(send.reason)

    def test_who_comes_from_a_list_is_told_so_in_the_first_mail(self, settings: Any) -> None:
        settings.SILO_DEMO = True
        liv = cast.contact("Liv", "Moe", obtained="list", informed_at=None, language="sv")
        posting.due(liv, of=posting.piece(posting.published()))

        deliver()
        plain = read(bytes(SandboxMail.objects.get().raw)).get_body(("plain",))
        assert plain is not None
        assert "Dina uppgifter kommer från the tests' cast." in plain.get_content()
        liv.refresh_from_db()
        assert liv.informed_at == NOW

    def test_without_a_sender_mail_waits(self, anna: Contact) -> None:
        Sender.objects.all().delete()
        (send,) = posting.due(anna, of=posting.piece(posting.published()))
        assert deliver() == Delivered(claimed=1, later=1)
        assert state_of(send) == (State.PLANNED, "sender_incomplete")

    def test_the_number_of_statements_does_not_grow_with_the_batch(self, anna: Contact) -> None:
        piece = posting.piece(posting.published())
        posting.due(anna, of=piece)
        deliver()
        people = [cast.contact("Liv", f"Moe{number}") for number in range(12)]

        def statements(*some: Contact) -> int:
            posting.due(*some, of=piece)
            with CaptureQueriesContext(connection) as asked:
                assert deliver().accepted == len(some)
            return len(asked)

        assert statements(people[0]) == statements(*people[1:])


def outside(work: Callable[[], Any]) -> Any:
    """Do it on a connection of its own, as another worker would."""

    def run() -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


REFUSALS = [
    ("450 4.2.1 greylisted", State.PLANNED, "mailbox_busy"),
    ("451 4.3.0 local error", State.PLANNED, "server_error"),
    ("452 4.3.1 disk full", State.PLANNED, "storage"),
    ("550 5.1.1 no such user", State.FAILED, "no_mailbox"),
    ("550 5.7.1 blocked", State.FAILED, "policy"),
    ("552 5.2.2 mailbox full", State.FAILED, "mailbox_full"),
    ("554 5.7.1 spam", State.FAILED, "policy"),
]


@pytest.mark.django_db(transaction=True)
class TestSmtp:
    """Over a real line to a real server."""

    @pytest.fixture
    def office(self) -> Iterator[PostOffice]:
        with post_office.opened() as office:
            yield office
            transport.close_all()

    @pytest.fixture(autouse=True)
    def _live(self, office: PostOffice) -> Sender:
        posting.live()
        return posting.smtp_sender(office.port)

    def due(self, *people: Contact) -> list[Send]:
        return posting.due(*people, of=posting.piece(posting.published()), sandbox=False)

    def people(self, number: int) -> list[Contact]:
        return [cast.contact("Liv", f"Moe{one}", email=f"liv{one}@fjordmek.example") for one in range(number)]

    def test_the_bytes_that_arrive(self, office: PostOffice, sam: User) -> None:
        anna = cast.contact("Åse", "Ørjasæter-Öberg", email="ase@fjordmek.example", owner=sam)
        (send,) = self.due(anna)

        assert deliver() == Delivered(claimed=1, accepted=1)
        raw = office.raw_to(str(anna.email))
        mail = read(raw)
        assert mail["From"] == "Åsa på Nordvik <asa@nordvik.example>"
        assert mail["To"] == f"Åse Ørjasæter-Öberg <{anna.email}>"
        assert mail["Subject"] == "Så gjorde Fjordmek"
        assert mail["Reply-To"] == f"Åsa på Nordvik <asa@nordvik.example>, Sam <{sam.email}>"
        *_fields, who = mail["Feedback-ID"].split(":")
        assert mail["Feedback-ID"].startswith(f"text-{send.mail_id}:") and 5 <= len(who) <= 15
        for single in ("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "List-Id", "Feedback-ID"):
            assert len(mail.get_all(single)) == 1, single
        assert tokens.read_message_id(mail["Message-ID"]) == send.pk
        assert mail["Auto-Submitted"] is None
        assert "Date" in mail and "MIME-Version" in mail
        stop = mail["List-Unsubscribe"].partition(">")[0].lstrip("<")
        assert tokens.read_stop(stop.rpartition("/u/")[2]) == tokens.Stop(anna.pk, send.pk)
        plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert plain is not None and html is not None
        for part in (plain.get_content(), html.get_content()):
            assert "Nordvik Underhåll AB" in part and "556000-0000" in part and stop in part
        click = plain.get_content().partition("/c/")[2].split()[0].rstrip(")>")
        assert tokens.read_click(click).url == "https://nordvik.example/fjordmek?a=1&b=2"
        assert b"\n" not in raw.replace(b"\r\n", b"")
        send.refresh_from_db()
        assert (send.state, send.provider_id, send.address) == (State.ACCEPTED, "000001", anna.email)
        assert not SandboxMail.objects.exists()

    def test_one_line_serves_many_batches(self, office: PostOffice) -> None:
        self.due(*self.people(25))
        assert deliver(limit=10) + deliver(limit=10) + deliver(limit=10) == Delivered(claimed=25, accepted=25)
        assert office.twice() == {}
        assert office.connections == 1

    @pytest.mark.parametrize("step", ["at_rcpt", "at_data"])
    def test_a_refusal_concerns_that_mail_only(self, office: PostOffice, step: str) -> None:
        sends = self.due(*self.people(len(REFUSALS) + 2))
        answers = getattr(office, step)
        for number, (answer, _state, _reason) in enumerate(REFUSALS):
            answers[f"liv{number}@fjordmek.example"] = answer

        assert deliver() == Delivered(claimed=9, accepted=2, later=3, failed=4)
        for send, (answer, state, reason) in zip(sends, REFUSALS, strict=False):
            assert state_of(send) == (state, reason)
            assert SendDetail.objects.exclude(response="").get(send_id=send.pk).response == answer
            put_off = state == State.PLANNED
            assert send.tries == int(put_off)
            assert (send.not_before > NOW + timedelta(minutes=5)) == put_off
        answers.clear()
        assert deliver(now=NOW + timedelta(minutes=7)) == Delivered(claimed=3, accepted=3)
        assert office.twice() == {}

    def test_put_off_again_and_again_it_fails_when_it_makes_no_sense_any_more(
        self, office: PostOffice
    ) -> None:
        (send,) = self.due(*self.people(1))
        office.at_rcpt["liv0@fjordmek.example"] = "450 4.2.1 greylisted"
        at = NOW
        for _ in range(40):
            if not deliver(now=at).later:
                break
            send.refresh_from_db()
            at = send.not_before
        # by day the server's last word, by night that there is no day left
        assert state_of(send) in {(State.FAILED, "mailbox_busy"), (State.SKIPPED, "too_late")}
        assert send.tries < 20

    def test_421_stops_the_batch_and_blames_nobody(self, office: PostOffice) -> None:
        sends = self.due(*self.people(5))
        office.at_rcpt["liv1@fjordmek.example"] = "421 4.3.2 shutting down"

        assert deliver() == Delivered(claimed=5, accepted=1, later=4)
        assert [state_of(send)[0] for send in sends] == [State.ACCEPTED] + [State.PLANNED] * 4
        assert [send.tries for send in sends] == [0, 1, 0, 0, 0]
        office.at_rcpt.clear()
        assert deliver(now=NOW + timedelta(minutes=10)) == Delivered(claimed=4, accepted=4)
        assert office.twice() == {}

    def test_a_refused_from_address_is_no_fault_of_the_recipients(self, office: PostOffice) -> None:
        sends = self.due(*self.people(3))
        office.at_mail = "550 5.7.1 sender rejected"
        assert deliver() == Delivered(claimed=3, later=3)
        assert {state_of(send) for send in sends} == {(State.PLANNED, "sender_refused")}

    def test_a_line_that_drops_after_the_dot_leaves_one_unknown_that_is_never_sent_again(
        self, office: PostOffice
    ) -> None:
        sends = self.due(*self.people(3))
        office.drop_after_dot = {"liv1@fjordmek.example"}

        assert deliver() == Delivered(claimed=3, accepted=2, unknown=1)
        assert state_of(sends[1]) == (State.UNKNOWN, "no_answer")
        assert deliver(now=NOW + timedelta(days=1)) == Delivered()
        assert office.recipients.count("liv1@fjordmek.example") == 1

    def test_a_line_that_drops_before_the_dot_is_opened_again(self, office: PostOffice) -> None:
        self.due(*self.people(3))
        office.drop_before_dot = {"liv1@fjordmek.example"}

        assert deliver() == Delivered(claimed=3, accepted=3)
        assert office.twice() == {}
        assert office.connections == 2

    def test_a_shut_door_puts_all_off(self, office: PostOffice) -> None:
        Sender.objects.update(transport_settings={"host": "127.0.0.1", "port": 1, "security": "none"})
        sends = self.due(*self.people(3))
        assert deliver() == Delivered(claimed=3, later=3)
        assert {state_of(send) for send in sends} == {(State.PLANNED, "unreachable")}

    def test_without_a_complete_footer_no_real_mail_leaves(self, office: PostOffice) -> None:
        Sender.objects.update(org_number="")
        sends = self.due(*self.people(2))
        assert deliver() == Delivered(claimed=2, later=2)
        assert {state_of(send) for send in sends} == {(State.PLANNED, "sender_incomplete")}
        assert office.mails == []

    def test_the_switch_stops_a_batch_under_way(self, office: PostOffice, ada: User) -> None:
        Sender.objects.update(window=3)
        sends = self.due(*self.people(10))

        def turn(to: str) -> None:
            if to == "liv1@fjordmek.example":
                outside(lambda: hold.stop(because="wrong text", by=None, now=NOW))

        office.on_mail = turn
        done = deliver()
        assert (done.accepted, done.later) == (3, 7)
        assert deliver() == Delivered()
        assert {state_of(send) for send in sends[3:]} == {(State.PLANNED, "on_hold")}
        hold.release(by=ada, now=NOW)
        assert deliver() == Delivered(claimed=7, accepted=7)
        assert office.twice() == {}

    def test_everything_is_committed_before_a_byte_leaves(self, office: PostOffice) -> None:
        Sender.objects.update(window=2)
        self.due(*self.people(5))
        seen: list[list[str]] = []
        office.on_mail = lambda to: seen.append(
            outside(lambda: list(Send.objects.values_list("state", flat=True)))
        )

        deliver()
        assert [states.count(State.ATTEMPTING) for states in seen] == [2, 2, 2, 2, 1]
        assert [states.count(State.ACCEPTED) for states in seen] == [0, 0, 2, 2, 4]

    def test_a_worker_whose_rows_were_taken_sends_only_the_mail_in_hand(
        self, office: PostOffice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(delivery, "LOOK_EVERY", -1.0)
        sends = self.due(*self.people(6))
        office.on_mail = lambda to: outside(lambda: send_ledger.reap(now=NOW + timedelta(days=1)))

        deliver()
        assert office.recipients == ["liv0@fjordmek.example"]
        assert {state_of(send) for send in sends} == {(State.UNKNOWN, "worker_lost")}

    def test_two_workers_at_once_send_each_mail_once(self, office: PostOffice) -> None:
        self.due(*self.people(60))
        together = threading.Barrier(3)

        def work(name: str) -> Delivered:
            together.wait()
            done = Delivered()
            while (more := deliver(worker=name, limit=7)).claimed:
                done += more
            transport.close_all()
            connection.close()
            return done

        with ThreadPoolExecutor(3) as pool:
            done = list(pool.map(work, "abc"))
        assert sum(one.accepted for one in done) == 60
        assert office.twice() == {} and len(office.mails) == 60

    def test_who_stops_while_a_slow_batch_is_under_way_gets_nothing(
        self, office: PostOffice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(delivery, "JUDGE_EVERY", 0.0)
        Sender.objects.update(window=2)
        sends = self.due(*self.people(5))

        def stop_the_last(to: str) -> None:
            last = {"address": "liv4@fjordmek.example", "channel": "mail", "reason": "unsubscribed"}
            if to == "liv0@fjordmek.example":
                outside(lambda: suppression.stop(**last, source="test", now=NOW))

        office.on_mail = stop_the_last
        assert deliver() == Delivered(claimed=5, accepted=4, skipped=1)
        assert state_of(sends[4]) == (State.SKIPPED, "suppressed:unsubscribed")

    def test_inside_a_transaction_nothing_is_handed_over(self, office: PostOffice) -> None:
        self.due(*self.people(1))
        with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
            deliver()
        assert office.mails == []

    def test_who_is_told_for_real_is_marked_as_told(self, office: PostOffice) -> None:
        liv = cast.contact("Liv", "Moe", obtained="list", informed_at=None)
        boris = cast.contact("Boris", "Moe", obtained="list", informed_at=None, email="b@fjordmek.example")
        office.at_rcpt["b@fjordmek.example"] = "550 5.1.1 gone"
        self.due(liv, boris)
        deliver()
        liv.refresh_from_db()
        boris.refresh_from_db()
        assert liv.informed_at is not None
        assert boris.informed_at is None

    def test_sandbox_mail_never_leaves_also_when_the_silo_is_live(
        self, office: PostOffice, anna: Contact
    ) -> None:
        (send,) = self.due(anna)
        Send.objects.update(sandbox=True)
        deliver()
        assert state_of(send) == (State.SKIPPED, "went_live")
        assert office.mails == []
