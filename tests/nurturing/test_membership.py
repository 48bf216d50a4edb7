"""What happens to the clock when the silo below changes: stopped, changed, erased, merged."""

from datetime import datetime, timedelta

import pytest

from contacts import hooks
from contacts.models import Contact, LegalGround
from contacts.services import suppression
from nurturing.models import Enrollment, Pause, Reminder, Send, Standing
from nurturing.queries import standing as standings
from nurturing.services import enrollment, pause, reminder, standing, tick
from tests import cast
from tests.nurturing import supply

pytestmark = pytest.mark.django_db


def test_a_stop_ends_the_run_and_names_itself(dana: Contact, now: datetime) -> None:
    webinar = supply.sequence("Webinar", ("hello", 0))
    enrollment.start(contact_ids=[dana.pk], sequence_id=webinar.pk, by=None, source="test", now=now)
    suppression.stop(
        address=dana.email,
        channel="mail",
        reason="unsubscribed",
        source="stop link",
        now=now,
        contact_ids=[dana.pk],
    )
    assert Enrollment.objects.get().end_reason == "stopped"
    row = Standing.objects.get(pk=dana.pk)
    assert (row.state, row.because) == ("nurtured", {"code": "suppressed:unsubscribed"})
    suppression.stop(
        address=dana.phone,
        channel="phone",
        reason="do_not_call",
        source="said so",
        now=now,
        contact_ids=[dana.pk],
    )
    row.refresh_from_db()
    assert (row.state, row.next_at, row.stop_reason) == ("stopped", None, "unsubscribed")
    assert tick.tick(now=now + timedelta(days=500)).planned == 0
    assert not Send.objects.exists()


def test_a_new_ground_is_heard_at_once(now: datetime) -> None:
    supply.piece("Sparte strøm")
    stranger = cast.contact("Kari", "Nes", ground="")
    standing.recompute([stranger.pk], now=now)
    assert Standing.objects.get(pk=stranger.pk).because == {"code": "no_ground"}
    LegalGround.objects.create(contact=stranger, ground="consent", at=now, source="form")
    hooks.changed([stranger.pk], now=now)
    assert Standing.objects.get(pk=stranger.pk).next_what == "piece"


def test_the_erased_are_stopped_and_what_was_written_about_them_is_gone(anna: Contact, now: datetime) -> None:
    pause.start(contact_id=anna.pk, until=now + timedelta(days=9), because="her mother is ill", now=now)
    reminder.remind(contact_id=anna.pk, at=now + timedelta(days=9), kind="ripe", because="divorce", now=now)
    Contact.objects.filter(pk=anna.pk).update(erased_at=now, email=None, phone="")
    hooks.erased([anna.pk], now=now)
    row = Standing.objects.get(pk=anna.pk)
    assert (row.state, row.stop_reason, row.next_at) == ("stopped", "erased", None)
    assert Pause.objects.get().because == Reminder.objects.get().because == ""
    assert tick.tick(now=now + timedelta(days=20)).handed_on == 0


def test_a_merged_person_keeps_one_lane_and_every_agreed_date(
    anna: Contact, dana: Contact, now: datetime
) -> None:
    webinar, other = supply.sequence("Webinar", ("hello", 7)), supply.sequence("Other", ("c", 7))
    for person, sequence in ((anna, webinar), (dana, webinar), (dana, other)):
        enrollment.start(contact_ids=[person.pk], sequence_id=sequence.pk, by=None, source="test", now=now)
    for person in (anna, dana):
        pause.start(contact_id=person.pk, until=now + timedelta(days=9), because=person.first_name, now=now)
    hooks.merged([(dana.pk, anna.pk)], now=now)
    assert list(Enrollment.objects.active().values_list("contact_id", "sequence_id")) == [
        (anna.pk, webinar.pk)
    ]
    assert list(Enrollment.objects.waiting().values_list("contact_id", "sequence_id")) == [
        (anna.pk, other.pk)
    ]
    assert Pause.objects.get(ended_at=None).because == "Anna"
    assert Reminder.objects.get(done_at=None).contact_id == anna.pk
    assert [one for one in standings.drift(now=now) if one.contact_id == anna.pk] == []
