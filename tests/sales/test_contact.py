"""What sales does when people are stopped, erased or merged."""

from datetime import timedelta

from contacts import hooks
from contacts.services import suppression
from sales.models import Call, Claim, Opportunity, Referral
from sales.services import claim, outcome, referral
from tests import cast


def test_a_stop_on_all_channels_takes_the_person_out_of_every_hand(anna, sam, now):
    claim.take(contact_id=anna.pk, by=sam, now=now)
    suppression.stop(
        address=anna.email, channel="all", reason="by_hand", source="a letter", now=now, contact_ids=[anna.pk]
    )
    assert not Claim.objects.open().exists()


def test_a_stop_of_mail_does_not_end_a_conversation(anna, sam, now):
    claim.take(contact_id=anna.pk, by=sam, now=now)
    suppression.stop(
        address=anna.email,
        channel="mail",
        reason="unsubscribed",
        source="stop link",
        now=now,
        contact_ids=[anna.pk],
    )
    assert Claim.objects.running(now).get().by == sam


def test_an_erasure_empties_what_was_said_and_keeps_that_something_was(anna, sam, now):
    outcome.record(
        contact_id=anna.pk, by=sam, outcome="meeting", now=now, note="Her father is ill", what="Pilot"
    )
    Opportunity.objects.update(next_step="Ask Anna about it")
    claim.take(contact_id=anna.pk, by=sam, now=now)
    hooks.erased([anna.pk], now=now + timedelta(days=1))
    call, deal = Call.objects.get(), Opportunity.objects.get()
    assert (call.outcome, call.note) == ("meeting", "")
    assert (deal.title, deal.next_step) == ("", "")
    assert not Claim.objects.open().exists()


def test_a_merge_moves_everything_to_the_one_who_is_kept(anna, sam, tess, now):
    double = cast.contact("Anna", "Lindh")
    outcome.record(contact_id=double.pk, by=sam, outcome="bought", now=now)
    referral.bring(asked_id=double.pk, by=sam, now=now, first_name="Kari", email="kari@nordvik.example")
    claim.take(contact_id=double.pk, by=sam, now=now)
    claim.take(contact_id=anna.pk, by=tess, now=now)
    hooks.merged([(double.pk, anna.pk)], now=now)
    assert Call.objects.get().contact == anna
    assert Referral.objects.get().asked == anna
    assert Claim.objects.open().get().by == tess
    assert not Claim.objects.filter(contact=double).exists()
