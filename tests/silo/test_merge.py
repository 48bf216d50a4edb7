"""Two become one and are parted again: whatever had happened to them, afterwards all is as it was."""

import os
from datetime import timedelta

import hypothesis
import pytest
from django.db import DatabaseError, transaction
from hypothesis import strategies as st

from contacts.services import contact as contacts
from contacts.services import merge, merge_undo, suppression
from contacts.services.merge import FIELDS
from nurturing.services import enrollment, standing
from sales.services import outcome
from tests.silo.deeds import people
from tests.silo.deeds.everything import ACTIONS
from tests.silo.deeds.merging import PEOPLE, assert_same, picture
from tests.silo.deeds.scene import Scene, assert_well

pytestmark = pytest.mark.django_db

# What leaves the two people where they are; the rest is in test_no_drift.
HISTORY = [act for act in ACTIONS if "takes_in" not in act.__name__ and "live" not in act.__name__]
# One is some seconds of everything that the product can do to people; ask for more by night.
EXAMPLES = int(os.environ.get("SILO_MERGE_EXAMPLES", "6"))


@hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)
@hypothesis.given(data=st.data())
def test_a_merge_and_its_undo_leave_no_trace_whatever_had_happened(scene: Scene, data: st.DataObject) -> None:
    """Random histories of random pairs, with random choices of what is taken from whom."""
    acts = data.draw(st.lists(st.sampled_from(HISTORY), max_size=5, unique=True), label="history")
    kept, dropped = data.draw(st.permutations(PEOPLE), label="pair")[:2]
    take = data.draw(st.sets(st.sampled_from(("email", *FIELDS))), label="taken from the dropped")
    began = scene.now
    with transaction.atomic():
        for act in acts:
            try:
                with transaction.atomic():
                    act(scene)
            except (AssertionError, DatabaseError, ValueError, LookupError):
                pass  # this one does not follow on the one before; the others do
            except Exception as refused:  # a refusal in words
                assert type(refused).__module__.startswith(("contacts", "nurturing", "sales")), refused
        pair = [getattr(scene, kept), getattr(scene, dropped)]
        standing.recompute([one.pk for one in pair], now=scene.now)
        before = picture(pair)
        try:
            made = merge.merge(
                kept_id=pair[0].pk, dropped_id=pair[1].pk, take=take, by=scene.sam, now=scene.now
            )
        except merge.NotHere:
            made = None
        if made is not None:
            assert_well(scene.now)
            parted = merge_undo.part(merge_id=made.pk, by=scene.sam, now=scene.now)
            assert parted.stayed == 0
            assert_same(before, pair)
            assert_well(scene.now)
        transaction.set_rollback(True)
    scene.now = began


def test_what_happened_since_stays_with_the_kept_person(scene: Scene) -> None:
    anna, berit, now = scene.anna, scene.berit, scene.now
    made = merge.merge(kept_id=anna.pk, dropped_id=berit.pk, take=["last_name"], by=scene.sam, now=now)
    later = now + timedelta(hours=1)
    contacts.update(contact_id=anna.pk, now=later, by=scene.sam, last_name="Lindqvist", tags=["met"])
    call = outcome.record(contact_id=anna.pk, by=scene.sam, outcome="no_answer", now=later)
    parted = merge_undo.part(merge_id=made.pk, by=scene.sam, now=later)
    anna.refresh_from_db()
    assert (anna.last_name, anna.tags, parted.stayed >= 1) == ("Lindqvist", ["met"], True)
    call.refresh_from_db()
    assert call.contact_id == anna.pk
    assert_well(later)


def test_who_is_in_two_sequences_is_in_one_lane_afterwards(scene: Scene) -> None:
    enrollment.start(
        contact_ids=[scene.anna.pk], sequence_id=scene.sequence.pk, by=scene.mira, source="t", now=scene.now
    )
    made = merge.merge(kept_id=scene.anna.pk, dropped_id=scene.berit.pk, by=scene.sam, now=scene.now)
    assert scene.anna.enrollments.active().count() <= 1
    steps = scene.anna.sends.filter(kind="step").values_list("step_key", flat=True)
    assert len(steps) == len(set(steps)), "no step comes a second time"
    merge_undo.part(merge_id=made.pk, by=scene.sam, now=scene.now)
    assert_well(scene.now)


def test_a_wish_that_is_said_again_after_the_merge_is_not_lifted_by_its_undo(scene: Scene) -> None:
    from nurturing.services import preference

    preference.stop(contact_id=scene.frida.pk, send_id=0, how="link", now=scene.now)
    made = merge.merge(kept_id=scene.anna.pk, dropped_id=scene.frida.pk, by=scene.sam, now=scene.now)
    preference.stop(contact_id=scene.anna.pk, send_id=0, how="link", now=scene.now)
    merge_undo.part(merge_id=made.pk, by=scene.sam, now=scene.now)
    for person in (scene.anna, scene.frida):
        assert suppression.Suppression.objects.in_force().filter(address=person.email).exists()


def test_a_stop_link_of_the_dropped_person_stops_the_kept_one(scene: Scene) -> None:
    from nurturing.queries import recipient

    mail = scene.mail_to(scene.frida)
    merge.merge(kept_id=scene.anna.pk, dropped_id=scene.frida.pk, by=scene.sam, now=scene.now)
    who = recipient.of(scene.frida.pk, mail.pk)
    assert (who.contact_id, who.is_present) == (scene.anna.pk, True)


def test_who_wrote_after_a_no_to_all_still_waits_for_an_answer_when_parted_again(scene: Scene) -> None:
    people.domain_stopped(scene)
    people.event("anna", "replied")(scene)
    pair = [scene.anna, scene.berit]
    standing.recompute([one.pk for one in pair], now=scene.now)
    before = picture(pair)
    made = merge.merge(kept_id=scene.anna.pk, dropped_id=scene.berit.pk, by=scene.sam, now=scene.now)
    merge_undo.part(merge_id=made.pk, by=scene.sam, now=scene.now)
    assert_same(before, pair)
    assert scene.anna.handoffs.filter(closed_at=None, kind="replied").exists()
