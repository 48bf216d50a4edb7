"""One lane per person: bringing in, waiting, leaving, and taking either back."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from nurturing.models import Enrollment, Send, Standing
from nurturing.queries import standing as standings
from nurturing.services import enrollment, tick
from nurturing.services.enrollment import EnrollResult
from tests import cast
from tests.nurturing import supply

pytestmark = pytest.mark.django_db


def bring(*people: Contact, into: object, now: datetime) -> EnrollResult:
    ids = [person.pk for person in people]
    return enrollment.start(contact_ids=ids, sequence_id=into.pk, by=None, source="test", now=now)  # type: ignore[attr-defined]


def test_bringing_in_says_what_became_of_each(
    anna: Contact, boris: Contact, chen: Contact, dana: Contact, eve: Contact, now: datetime
) -> None:
    """Boris' phone works, but no mail reaches him: a sequence is nothing for him."""
    other, webinar = supply.sequence("Onboarding", ("welcome", 0)), supply.sequence("Webinar", ("hello", 0))
    tick.tick(now=now)
    bring(dana, into=other, now=now)
    bring(eve, into=webinar, now=now)
    result = bring(anna, boris, chen, dana, eve, into=webinar, now=now)
    assert (result.started, result.waiting) == ((anna.pk,), (dana.pk,))
    assert (result.already_in, result.stopped) == ((eve.pk,), (boris.pk, chen.pk))
    assert result.brought_in == 2


def test_bringing_in_many_costs_as_many_statements_as_few(now: datetime) -> None:
    webinar = supply.sequence("Webinar", ("hello", 0))
    counts = []
    for size in (2, 20):
        ids = [cast.contact("Olav", "Dahl", email=f"o{size}-{n}@fjordmek.example").pk for n in range(size)]
        with CaptureQueriesContext(connection) as captured:
            enrollment.start(contact_ids=ids, sequence_id=webinar.pk, by=None, source="list", now=now)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_sequence_that_is_not_live_takes_nobody(anna: Contact, now: datetime) -> None:
    webinar = supply.sequence("Webinar", ("hello", 0))
    webinar.archived_at = now
    webinar.save()
    with pytest.raises(enrollment.NotPublished):
        bring(anna, into=webinar, now=now)


def test_when_the_lane_is_free_the_higher_priority_goes_first(anna: Contact, now: datetime) -> None:
    first = supply.sequence("First", ("only", 0))
    low, high = (
        supply.sequence("Low", ("low", 0), priority=10),
        supply.sequence("High", ("high", 0), priority=90),
    )
    for each in (first, low, high):
        bring(anna, into=each, now=now)
    moment = now
    for _ in range(6):
        tick.tick(now=moment)
        Send.objects.update(state="accepted", finished_at=moment)
        moment = Standing.objects.get(pk=anna.pk).next_at or moment
    assert list(Send.objects.order_by("id").values_list("step_key", flat=True)) == ["only", "high", "low"]
    assert standings.drift(now=moment) == []


def test_waiting_that_lost_its_sense_ends_by_itself(anna: Contact, now: datetime) -> None:
    first, other = supply.sequence("First", ("a", 0), ("b", 200)), supply.sequence("Other", ("c", 0))
    bring(anna, into=first, now=now)
    bring(anna, into=other, now=now)
    tick.tick(now=now + timedelta(days=91))
    assert Enrollment.objects.get(sequence=other).end_reason == "expired"
    assert Enrollment.objects.get(sequence=first).ended_at is None


@pytest.mark.parametrize("reason", ["replied", "met", "opportunity", "bought"])
def test_a_sign_of_life_ends_the_run_where_the_sequence_says_so(
    anna: Contact, now: datetime, reason: str
) -> None:
    ends, goes_on = supply.sequence("Webinar", ("hello", 7)), supply.sequence("Onboarding", ("welcome", 7))
    goes_on.stops_when = []
    goes_on.save()
    bring(anna, into=goes_on, now=now)
    bring(anna, into=ends, now=now)
    ended = enrollment.stop(contact_ids=[anna.pk], reason=reason, now=now)
    row = Enrollment.objects.get(sequence=ends)
    assert ended == [row.pk]
    assert (row.ended_at, row.end_reason) == (now, reason)
    assert Enrollment.objects.get(sequence=goes_on).ended_at is None
    assert Standing.objects.get(pk=anna.pk).next_what == "step"
    assert enrollment.stop(contact_ids=[anna.pk], reason="stopped", now=now) != []


def test_bringing_in_can_be_undone_as_far_as_they_are_still_in(
    anna: Contact, dana: Contact, now: datetime
) -> None:
    webinar = supply.sequence("Webinar", ("hello", 7))
    batch_id = bring(anna, dana, into=webinar, now=now).batch_id
    assert batch_id is not None
    enrollment.stop(contact_ids=[dana.pk], reason="replied", now=now)
    assert len(enrollment.undo(batch_id=batch_id, now=now)) == 1
    assert dict(Enrollment.objects.values_list("contact_id", "end_reason")) == {
        anna.pk: "undone",
        dana.pk: "replied",
    }
    assert standings.drift(now=now) == []


def test_an_end_taken_back_waits_when_the_lane_is_taken_meanwhile(anna: Contact, now: datetime) -> None:
    webinar, other = supply.sequence("Webinar", ("hello", 7)), supply.sequence("Other", ("c", 7))
    bring(anna, into=webinar, now=now)
    ended = enrollment.stop(contact_ids=[anna.pk], reason="met", now=now)
    assert enrollment.resume(enrollment_ids=ended, now=now) == ended
    assert Enrollment.objects.active().get().sequence == webinar
    enrollment.stop(contact_ids=[anna.pk], reason="met", now=now)
    bring(anna, into=other, now=now)
    assert enrollment.resume(enrollment_ids=ended, now=now) == ended
    assert Enrollment.objects.waiting().get().sequence == webinar
    assert Enrollment.objects.active().get().sequence == other


def test_the_database_keeps_the_lane_to_one(anna: Contact, now: datetime) -> None:
    for name in ("One", "Two"):
        made = supply.sequence(name, ("a", 0))
        row = Enrollment(contact=anna, sequence=made, entered_at=now, started_at=now, expires_at=now)
        if name == "One":
            row.save()
            continue
        with pytest.raises(IntegrityError, match="one_active_enrollment_per_contact"), transaction.atomic():
            row.save()


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_at_once_put_nobody_into_two_sequences(now: datetime) -> None:
    people = [cast.contact("Olav", "Dahl", email=f"o{n}@fjordmek.example") for n in range(20)]
    sequences = [supply.sequence(name, ("a", 0)) for name in ("One", "Two", "Three")]
    together = threading.Barrier(len(sequences))
    brought: list[EnrollResult] = []

    def run(which: object) -> None:
        try:
            together.wait()
            brought.append(bring(*people, into=which, now=now))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[which]) for which in sequences]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Enrollment.objects.active().count() == 20
    assert Enrollment.objects.waiting().count() == 40
    assert sum(len(result.started) for result in brought) == 20
