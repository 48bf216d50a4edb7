"""Two salespeople never hold the same person."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from contacts import clock
from contacts.models import Contact
from nurturing.models import SalesHold, Standing
from sales.models import Claim
from sales.services import claim
from sales.tasks import claim as claim_tasks
from tests import cast
from tests.sales import stage

HALF_HOUR = timedelta(minutes=30)


def test_a_claim_tells_the_silo_to_keep_quiet_until_it_runs_out(anna, sam, now):
    stage.make_hot(anna, now)
    made = claim.take(contact_id=anna.pk, by=sam, now=now)
    hold = SalesHold.objects.get(kind="claim", reference=made.pk)
    standing = Standing.objects.get(pk=anna.pk)
    assert (made.expires_at, hold.until, hold.ended_at) == (now + HALF_HOUR, now + HALF_HOUR, None)
    assert (standing.state, standing.next_at) == ("with_sales", now + HALF_HOUR)


def test_what_sam_holds_tess_cannot_take_and_she_is_told_who_and_until_when(anna, sam, tess, now):
    claim.take(contact_id=anna.pk, by=sam, now=now)
    with pytest.raises(claim.Taken) as refused:
        claim.take(contact_id=anna.pk, by=tess, now=now + timedelta(minutes=29))
    assert (refused.value.by, refused.value.until) == (sam, now + HALF_HOUR)


def test_taking_again_what_one_holds_begins_the_half_hour_anew(anna, sam, now):
    first = claim.take(contact_id=anna.pk, by=sam, now=now)
    later = now + timedelta(minutes=20)
    second = claim.take(contact_id=anna.pk, by=sam, now=later)
    assert second.pk == first.pk
    assert second.expires_at == SalesHold.objects.get(reference=first.pk).until == later + HALF_HOUR


def test_a_claim_whose_time_ran_out_is_taken_over(anna, sam, tess, now):
    forgotten = claim.take(contact_id=anna.pk, by=sam, now=now)
    made = claim.take(contact_id=anna.pk, by=tess, now=now + HALF_HOUR)
    forgotten.refresh_from_db()
    assert made.by == tess
    assert (forgotten.released_at, forgotten.release_reason) == (now + HALF_HOUR, "expired")
    assert SalesHold.objects.get(reference=forgotten.pk).ended_at == now + HALF_HOUR


def test_the_company_says_how_long_a_claim_lasts(anna, sam, now, settings):
    settings.SILO_CLAIM_MINUTES = 5
    assert claim.take(contact_id=anna.pk, by=sam, now=now).expires_at == now + timedelta(minutes=5)


def test_putting_back_leaves_the_person_in_the_queue(anna, sam, now):
    stage.make_hot(anna, now)
    made = claim.take(contact_id=anna.pk, by=sam, now=now)
    assert claim.release(contact_id=anna.pk, by=sam, now=now + timedelta(minutes=1))
    made.refresh_from_db()
    assert made.release_reason == "returned"
    assert Standing.objects.get(pk=anna.pk).state == "hot"


def test_nobody_puts_back_what_a_colleague_holds(anna, sam, tess, now):
    claim.take(contact_id=anna.pk, by=sam, now=now)
    assert not claim.release(contact_id=anna.pk, by=tess, now=now)
    assert Claim.objects.running(now).get().by == sam


def test_the_clock_lets_go_of_everybody_whose_time_ran_out(anna, dana, sam, now):
    stage.make_hot(anna, now)
    claim.take(contact_id=anna.pk, by=sam, now=now)
    claim.take(contact_id=dana.pk, by=sam, now=now + timedelta(minutes=10))
    with clock.at(now + HALF_HOUR):
        assert claim_tasks.expire(a_word_of_tomorrow=1) == 1
    assert Claim.objects.open().get().contact == dana
    assert Standing.objects.get(pk=anna.pk).state == "hot"
    assert claim.expire(now=now + HALF_HOUR) == 0


def test_an_erased_person_cannot_be_taken(anna, sam, now):
    Contact.objects.filter(pk=anna.pk).update(erased_at=now)
    with pytest.raises(Contact.DoesNotExist):
        claim.take(contact_id=anna.pk, by=sam, now=now)
    with pytest.raises(Contact.DoesNotExist):
        claim.take(contact_id=0, by=sam, now=now)


def test_the_database_itself_allows_one_open_claim(anna, sam, tess, now):
    claim.take(contact_id=anna.pk, by=sam, now=now)
    with pytest.raises(IntegrityError, match="one_claim_per_contact"), transaction.atomic():
        Claim.objects.create(contact=anna, by=tess, at=now, expires_at=now + HALF_HOUR)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_reach_at_the_same_moment_exactly_one_wins(now):
    people = [cast.contact("Anna", f"Lind {number}") for number in range(5)]
    rivals = [cast.make_sam(), cast.make_tess()]
    together = Barrier(len(rivals))

    def reach(who):
        won = []
        try:
            for person in people:
                together.wait(timeout=20)
                with suppress(claim.Taken):
                    won.append(claim.take(contact_id=person.pk, by=who, now=now).contact_id)
        finally:
            connection.close()
        return won

    with ThreadPoolExecutor(len(rivals)) as pool:
        one, other = pool.map(reach, rivals)
    assert sorted(one + other) == [person.pk for person in people]
    assert Claim.objects.open().count() == len(people) == SalesHold.objects.filter(ended_at=None).count()
