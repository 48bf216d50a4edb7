"""Who else might need us."""

import pytest

from contacts.models import LegalGround
from contacts.services import contact as contacts
from sales.models import Referral
from sales.services import outcome, referral


def test_a_colleague_comes_into_the_same_company_with_a_way_in(anna, sam, now):
    answer = referral.bring(
        asked_id=anna.pk, by=sam, now=now, first_name="Per", email="per@fjordmek.example", colleague=True
    )
    per = answer.brought
    assert (per.company, per.way_in, per.way_in_note) == (
        anna.company, "referral_internal", "recommended by Anna Lind",
    )  # fmt: skip
    assert per.standing.state == "nurtured"


def test_nobody_is_written_to_on_somebody_elses_word(anna, sam, now):
    answer = referral.bring(
        asked_id=anna.pk, by=sam, now=now, first_name="Kari", email="kari@nordvik.example"
    )
    assert answer.brought.way_in == "referral_external"
    assert LegalGround.objects.get(contact=answer.brought).ground == "none"


def test_the_question_of_a_purchase_is_answered_once(anna, sam, now):
    outcome.record(contact_id=anna.pk, by=sam, outcome="bought", now=now)
    first = referral.bring(asked_id=anna.pk, by=sam, now=now, first_name="Kari", email="kari@nordvik.example")
    second = referral.bring(asked_id=anna.pk, by=sam, now=now, first_name="Liv", phone="+4799887766")
    assert first.purchase is not None
    assert second.purchase is None
    assert Referral.objects.filter(answered_at=None).count() == 0


def test_they_were_asked_and_named_nobody(anna, sam, now):
    outcome.record(contact_id=anna.pk, by=sam, outcome="bought", now=now)
    answer = referral.nobody(referral_id=Referral.objects.get().pk, by=sam, now=now)
    assert (answer.answered_at, answer.brought) == (now, None)


def test_whoever_is_in_the_silo_already_is_named(anna, dana, sam, now):
    with pytest.raises(contacts.AlreadyHere) as refused:
        referral.bring(asked_id=anna.pk, by=sam, now=now, email=dana.email)
    assert refused.value.contact_id == dana.pk
    assert not Referral.objects.exists()
