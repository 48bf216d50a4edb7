"""Poison: whoever or whatever raises is set aside with its traceback after it failed once, the others go on, nothing loops."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from contacts import clock
from contacts.models import Contact
from nurturing.models import Handoff, Reminder, Send, SendDetail, SetAside, Standing
from nurturing.queries import send as queries
from nurturing.services import delivery, send, standing, tick
from nurturing.services.delivery import Delivered
from nurturing.services.send import Move
from silo.models import User
from silo.queries import health
from tests import cast
from tests.cast import NOW, client_of
from tests.nurturing import posting

State = Send.State


def told(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The lines of the log, as machines read them."""
    return [record.msg for record in caplog.records if isinstance(record.msg, dict)]


def deliver(now: datetime = NOW) -> Delivered:
    return delivery.deliver_due(now=now, worker="test")


@pytest.mark.django_db
class TestSending:
    """A batch in which one mail cannot be judged or filled in."""

    @pytest.fixture(autouse=True)
    def _sender(self) -> None:
        posting.sender()

    def test_a_person_over_whose_rows_a_whole_batch_falls_is_found_and_set_aside(self) -> None:
        people = [cast.contact("Liv", f"Moe{one}", email=f"liv{one}@fjordmek.example") for one in range(11)]
        Contact.objects.filter(pk=people[6].pk).update(custom=["no", "such", "fields"])
        sends = posting.due(*people, of=posting.piece(posting.published()))

        assert deliver() == Delivered(claimed=11, accepted=10, failed=1)
        poisoned = Send.objects.get(contact=people[6])
        assert (poisoned.state, poisoned.reason, poisoned.attempt) == (State.FAILED, "error", 1)
        assert "Traceback" in SendDetail.objects.get(send_id=poisoned.pk).response
        assert deliver(NOW + timedelta(hours=1)) == Delivered(), "nothing loops"
        assert len(sends) == 11 and queries.equation(now=NOW).difference == 0

    def test_the_log_names_the_mail_that_broke_with_its_traceback(
        self, anna: Contact, caplog: pytest.LogCaptureFixture
    ) -> None:
        Contact.objects.filter(pk=anna.pk).update(custom=["no", "such", "fields"])
        (poisoned,) = posting.due(anna, of=posting.piece(posting.published()))
        deliver()
        (line,) = [one for one in told(caplog) if one["event"] == "mail_broke"]
        assert line["send"] == poisoned.pk and "Traceback" in line["exception"]
        assert line["level"] == "error", "Sentry hears of errors"

    def test_the_log_names_what_was_refused_and_whose_worker_was_lost(
        self, anna: Contact, dana: Contact, caplog: pytest.LogCaptureFixture
    ) -> None:
        posting.due(anna, dana, of=posting.piece(posting.published()))
        first, second = send.claim(worker="test", now=NOW, limit=2)
        send.move([Move(first, State.FAILED, "no_mailbox", detail=f"550 {anna.email}")], now=NOW)
        send.reap(now=NOW + timedelta(days=1))
        lines = [(one["event"], one["send"], one["why"]) for one in told(caplog)]
        assert lines == [
            ("mail_refused", first.id, "no_mailbox"),
            ("mail_waits_again", second.id, "worker_lost"),
        ]
        assert str(anna.email) not in caplog.text

    def test_a_template_that_raises_takes_only_its_own_mails(self, anna: Contact) -> None:
        bad = posting.published("Trasig")
        bad.compiled = {"html": 7}
        bad.save(update_fields=["compiled"])
        posting.due(anna, of=posting.piece(bad))
        posting.due(cast.contact("Liv", "Moe"), of=posting.piece(posting.published()))

        assert deliver() == Delivered(claimed=2, accepted=1, failed=1)
        assert deliver(NOW + timedelta(hours=1)) == Delivered()

    def test_a_reply_that_the_database_cannot_hold_costs_no_result(self, anna: Contact) -> None:
        posting.due(anna, of=posting.piece(posting.published()))
        (claimed,) = send.claim(worker="test", now=NOW, limit=1)
        said = "550 \x00 no \udcff"
        moved = send.move([Move(claimed, State.FAILED, "refused", said, detail=said)], now=NOW)
        assert moved == {claimed.id}
        assert Send.objects.get().provider_id == "550  no ?"
        assert SendDetail.objects.get().response == "550  no ?"


@pytest.mark.django_db
def test_a_person_whose_decision_cannot_be_carried_out_does_not_stop_the_round(now: datetime) -> None:
    people = [cast.contact("Liv", f"Moe{one}", email=f"liv{one}@fjordmek.example") for one in range(9)]
    tick.tick(now=now)
    Reminder.objects.bulk_create(
        Reminder(contact=one, at=now, kind="ripe", because="in March", made_at=now) for one in people
    )
    Reminder.objects.filter(contact=people[4]).update(kind="nonsense")
    Standing.objects.update(next_at=now)

    result = tick.tick(now=now)

    assert (result.due, result.handed_on, result.skipped) == (9, 8, 1)
    assert "nonsense" in SetAside.objects.get(contact=people[4]).error
    assert Handoff.objects.filter(closed_at=None).count() == 8
    assert Standing.objects.get(contact=people[4]).next_at == now + timedelta(days=1)
    assert tick.tick(now=now + timedelta(minutes=1)).due == 0, "nothing loops"


@pytest.mark.django_db
def test_an_admin_sees_who_is_set_aside_and_why(anna: Contact, ada: User, mira: User, now: datetime) -> None:
    page = reverse("nurturing:broken")
    assert "Nothing is set aside" in client_of(ada).get(page).content.decode()
    assert not [one for one in health.of(now=now).lines if one.name == "broken"]
    posting.sender()
    bad = posting.published("Trasig")
    bad.compiled = {"html": 7}
    bad.save(update_fields=["compiled"])
    posting.due(anna, of=posting.piece(bad))
    deliver()
    standing.set_aside({anna.pk: "Traceback: ValueError in rhythm"}, now=NOW)

    (line,) = [one for one in health.of(now=NOW).lines if one.name == "broken"]
    assert (line.state, line.url) == (health.WATCH, page)
    assert "1 person is set aside" in line.words and "1 mail broke" in line.words
    with clock.at(NOW):
        seen = client_of(ada).get(page).content.decode()
    assert "ValueError in rhythm" in seen and anna.name in seen and "Trasig" in seen
    assert client_of(mira).get(page).status_code == 403
