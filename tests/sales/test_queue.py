"""Whom to call now, and in which order."""

from datetime import timedelta

import pytest

from contacts.models import Contact
from nurturing.models import Handoff
from sales.queries import queue
from sales.services import claim, outcome
from tests import cast
from tests.sales import stage


def names(found):
    return [one.contact.last_name for one in found.people]


def make(last_name, now, kind, **said):
    person = cast.contact("Anna", last_name, **said)
    stage.make_waiting(person, now, kind)
    return person


def make_hot(last_name, now, clicks):
    person = cast.contact("Anna", last_name)
    stage.make_hot(person, now, clicks=clicks)
    return person


def test_whoever_asked_for_us_comes_before_the_hottest_and_they_before_the_dates(db, now):
    for kind in ("successor", "ripe", "call_back", "form", "replied", "call_me"):
        make(kind, now, kind)
    make_hot("hot", now, 6)
    found = queue.of(now=now)
    assert names(found) == ["call_me", "replied", "form", "hot", "call_back", "ripe", "successor"]
    assert [(lane.kind, lane.count) for lane in found.lanes] == [(kind.value, 1) for kind in queue.KINDS]


def test_the_hottest_comes_first_and_elsewhere_whoever_waits_longest(db, now):
    make_hot("cooler", now, 4)
    make_hot("hottest", now, 8)
    make("later", now, "call_me")
    make("earlier", now - timedelta(hours=3), "call_me")
    assert names(queue.of(now=now)) == ["earlier", "later", "hottest", "cooler"]


def test_a_person_stands_once_under_what_is_most_urgent(anna, now):
    stage.make_hot(anna, now)
    stage.make_waiting(anna, now, "ripe")
    stage.make_waiting(anna, now, "replied")
    found = queue.of(now=now)
    assert [(one.contact, one.handoff.kind) for one in found.people] == [(anna, "replied")]
    assert found.total == 1
    assert queue.of(now=now, lane="hot").lane == "", "a lane without people is no lane"


def test_a_lane_shows_only_its_own(db, now):
    make("call_me", now, "call_me")
    make_hot("hot", now, 6)
    assert names(queue.of(now=now, lane="hot")) == ["hot"]


def test_no_more_hot_ones_than_the_team_can_call(db, now, sam, settings):
    settings.SILO_CALLS_A_DAY = 4
    for number, clicks in enumerate((8, 7, 6, 5)):
        make_hot(f"hot {number}", now, clicks)
    make("asked", now, "call_me")
    outcome.record(contact_id=cast.contact("Olav").pk, by=sam, outcome="no_answer", now=now)
    found = queue.of(now=now)
    assert [(one.contact.last_name, one.is_next) for one in found.people] == [
        ("asked", False), ("hot 0", False), ("hot 1", False), ("hot 2", True), ("hot 3", True),
    ]  # fmt: skip
    assert (found.done, found.planned) == (1, 4)


def test_what_was_promised_is_never_too_much(db, now, settings):
    settings.SILO_CALLS_A_DAY = 0
    make("asked", now, "call_me")
    found = queue.of(now=now)
    assert [one.is_next for one in found.people] == [False]
    assert found.planned == 1


def test_yesterdays_calls_and_those_taken_back_are_not_done_today(anna, dana, sam, now):
    outcome.record(contact_id=anna.pk, by=sam, outcome="no_answer", now=now - timedelta(days=1))
    undone = outcome.record(contact_id=dana.pk, by=sam, outcome="no_answer", now=now)
    outcome.undo(call_id=undone.pk, by=sam, now=now)
    assert queue.of(now=now).done == 0


def test_the_queue_says_who_has_whom(anna, sam, now):
    stage.make_hot(anna, now)
    claim.take(contact_id=anna.pk, by=sam, now=now)
    (one,) = queue.of(now=now).people
    assert one.claim.by == sam
    assert queue.of(now=now + timedelta(minutes=31)).people[0].claim is None


def test_first_comes_whom_i_have_in_hand_and_then_who_is_free(db, sam, tess, now):
    first, second, third = (make_hot(f"hot {number}", now, 8 - number) for number in range(3))
    claim.take(contact_id=first.pk, by=sam, now=now)
    claim.take(contact_id=third.pk, by=tess, now=now)
    found = queue.of(now=now)
    assert found.first_for(sam.pk).contact == first
    assert found.first_for(tess.pk).contact == third
    assert found.first_for(None).contact == second


def test_the_count_beside_today_leaves_out_whom_somebody_has(anna, dana, sam, now):
    stage.make_hot(anna, now)
    stage.make_waiting(anna, now, "replied")
    stage.make_waiting(dana, now, "ripe")
    claim.take(contact_id=dana.pk, by=sam, now=now)
    assert queue.waiting(now=now) == 1


def test_an_erased_person_waits_nowhere(anna, now):
    stage.make_hot(anna, now)
    Contact.objects.filter(pk=anna.pk).update(erased_at=now)
    assert queue.of(now=now).people == []
    assert queue.waiting(now=now) == 0


@pytest.mark.parametrize(("kind", "hours"), [("call_me", 4), ("replied", 24), ("hot", None)])
def test_only_who_asked_was_promised_an_answer(kind, hours, anna, now):
    if kind == Handoff.Kind.HOT:
        stage.make_hot(anna, now)
    else:
        stage.make_waiting(anna, now, kind)
    assert queue.of(now=now).people[0].within == (timedelta(hours=hours) if hours else None)
