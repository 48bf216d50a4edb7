"""What came of a call: the table of consequences, row by row, and each of them taken back."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from contacts import clock
from contacts.models import AuditEvent, Contact, LegalGround, Suppression
from contacts.queries import gate
from nurturing.models import Enrollment, Handoff, Reminder, SalesHold, Send, Standing
from nurturing.services import enrollment, handoff, heat, standing
from sales.models import Call, Claim, Opportunity, Purchase, Referral
from sales.services import claim, consequence, opportunity, outcome, referral
from silo.queries import doctor
from tests import cast
from tests.sales import stage

MARCH = date(2027, 3, 2)
MARCH_MORNING = datetime(2027, 3, 2, 7, 0, tzinfo=UTC)
TOMORROW_MORNING = datetime(2026, 11, 18, 7, 0, tzinfo=UTC)

SAID = {
    "follow_up": {"until": MARCH},
    "not_now": {"until": MARCH},
    "not_hot": {"because": "only curious"},
    "bought": {"what": "Twelve seats", "value": Decimal("48000")},
}
WORKS = [*Call.Outcome.values, "left"]


def say(person, who, now, word, **said):
    """Record an outcome with what it needs; "left" is the wrong person who left the company."""
    if word == "left":
        return outcome.record(
            contact_id=person.pk, by=who, outcome="wrong_person", because="left", now=now, **said
        )
    return outcome.record(contact_id=person.pk, by=who, outcome=word, now=now, **SAID.get(word, {}) | said)


@pytest.fixture
def hot_anna(anna, now):
    """Anna waits in the queue, is in a sequence that stops at anything, and has an old date to be called."""
    sequence = stage.make_sequence("Webinar, no demo yet", now, ["met", "opportunity", "bought"])
    enrollment.start(contact_ids=[anna.pk], sequence_id=sequence.pk, by=None, source="list", now=now)
    Reminder.objects.create(
        contact=anna, at=now + timedelta(days=40), kind="ripe", because="said in spring", made_at=now
    )
    stage.make_hot(anna, now)
    stage.make_waiting(anna, now, "replied", "what does it cost?")
    return anna


# Each row of the table

# outcome: state, reminder, stage of the open opportunity, channel stopped, old date kept, sequence ended
TABLE = {
    "meeting": ("with_sales", None, "Meeting", None, False, "opportunity"),
    "opportunity": ("with_sales", None, "Need agreed", None, False, "opportunity"),
    "follow_up": ("nurtured", ("call_back", MARCH_MORNING), None, None, False, ""),
    "not_now": ("nurtured", ("ripe", MARCH_MORNING), None, None, False, ""),
    "no_answer": ("nurtured", ("call_back", TOMORROW_MORNING), None, None, True, ""),
    "wrong_person": ("nurtured", None, None, None, False, ""),
    "left": ("stopped", None, None, "all", False, "stopped"),
    "not_hot": ("nurtured", None, None, None, True, ""),
    "not_interested": ("stopped", None, None, "all", False, "stopped"),
    "do_not_call": ("nurtured", None, None, "phone", False, ""),
    "bought": ("nurtured", None, None, None, False, "bought"),
}


@pytest.mark.parametrize("word", WORKS)
def test_an_outcome_has_the_consequences_of_its_row(hot_anna, sam, now, word):
    state, comes_back, at_stage, channel, keeps_date, ends_with = TABLE[word]
    claim.take(contact_id=hot_anna.pk, by=sam, now=now)
    call = say(hot_anna, sam, now, word, note="Spoke with her.")

    assert not Handoff.objects.open().filter(contact=hot_anna).exists()
    assert set(Handoff.objects.filter(call_id=call.pk).values_list("kind", flat=True)) == {"hot", "replied"}
    assert not Claim.objects.open().exists()
    assert Claim.objects.get().release_reason == "outcome"
    assert Standing.objects.get(pk=hot_anna.pk).state == state
    open_reminders = Reminder.objects.filter(contact=hot_anna, done_at=None)
    made = open_reminders.exclude(because="said in spring")
    assert list(made.values_list("kind", "at")) == ([comes_back] if comes_back else [])
    assert open_reminders.filter(because="said in spring").exists() == keeps_date
    deals = Opportunity.objects.filter(contact=hot_anna, closed_at=None)
    assert list(deals.values_list("stage__name", flat=True)) == ([at_stage] if at_stage else [])
    stops = set(Suppression.objects.in_force().values_list("channel", flat=True))
    assert stops == ({channel} if channel else set())
    assert Enrollment.objects.get(contact=hot_anna).end_reason == ends_with
    assert AuditEvent.objects.filter(verb="call.recorded", object_id=call.pk, by=sam).count() == 1


def test_every_outcome_is_in_the_table():
    assert set(consequence.CONSEQUENCES) == set(Call.Outcome.values)


@pytest.mark.parametrize("word", WORKS)
def test_undo_puts_everything_back(hot_anna, sam, now, word):
    claim.take(contact_id=hot_anna.pk, by=sam, now=now)
    before = stage.picture(hot_anna)
    call = say(hot_anna, sam, now, word)
    assert stage.picture(hot_anna) != before

    outcome.undo(call_id=call.pk, by=sam, now=now)

    assert stage.picture(hot_anna) == before
    call.refresh_from_db()
    assert (call.undone_at, call.undone_by) == (now, sam)


@pytest.mark.parametrize("word", WORKS)
def test_undo_later_puts_the_person_back_in_the_queue_without_the_claim(hot_anna, sam, now, word):
    claim.take(contact_id=hot_anna.pk, by=sam, now=now)
    call = say(hot_anna, sam, now, word)
    outcome.undo(call_id=call.pk, by=sam, now=now + timedelta(hours=2))
    assert Handoff.objects.open().filter(contact=hot_anna).count() == 2
    assert not Claim.objects.open().exists()
    assert Standing.objects.get(pk=hot_anna.pk).state == "hot"


# Rows that deserve a closer look


def test_a_date_keeps_the_note_for_the_day(hot_anna, sam, now):
    say(hot_anna, sam, now, "not_now", note="Budget after the summer")
    reminder = Reminder.objects.get(contact=hot_anna, done_at=None)
    assert (reminder.because, reminder.by) == ("Budget after the summer", sam)


def test_the_third_call_without_an_answer_gives_the_person_back_to_the_silo(anna, sam, now):
    for tries in range(3):
        say(anna, sam, now + timedelta(days=tries), "no_answer")
    Reminder.objects.filter(at__lt=now + timedelta(days=2)).update(done_at=now)
    assert not Reminder.objects.filter(contact=anna, done_at=None, at__gt=now + timedelta(days=2)).exists()


def test_a_conversation_in_between_begins_the_tries_anew(anna, sam, now):
    for number, word in enumerate(["no_answer", "no_answer", "not_hot", "no_answer"]):
        last = say(anna, sam, now + timedelta(days=number), word)
    assert Reminder.objects.filter(pk=last.before["reminder"]).exists()


def test_no_answer_on_a_friday_comes_back_on_monday(anna, sam):
    friday = datetime(2026, 11, 20, 9, tzinfo=UTC)
    say(anna, sam, friday, "no_answer")
    assert Reminder.objects.get(contact=anna).at == datetime(2026, 11, 23, 7, tzinfo=UTC)


def test_not_hot_comes_back_only_when_a_person_does_something_new(anna, sam, now):
    stage.make_hot(anna, now)
    say(anna, sam, now, "not_hot")
    assert handoff.open_hot([anna.pk], now=now + timedelta(hours=1)) == []
    later = now + timedelta(hours=2)
    heat.record([cast.click(anna, at=later, human=0.02)], now=later)
    assert handoff.open_hot([anna.pk], now=later) == []
    heat.record([cast.click(anna, at=later, what="Case Nordvik")], now=later)
    assert handoff.open_hot([anna.pk], now=later) == [anna.pk]


def test_a_stop_by_phone_leaves_the_mail(anna, sam, now):
    say(anna, sam, now, "do_not_call")
    assert gate.verdict(anna.pk, channel="phone").reason == "suppressed:do_not_call"
    assert gate.verdict(anna.pk, channel="mail").allowed


def test_one_persons_no_does_not_silence_colleagues_on_the_same_switchboard(anna, sam, now):
    per = cast.contact("Per", "Lie", phone=anna.phone)
    say(anna, sam, now, "not_interested")
    assert not gate.verdict(anna.pk, channel="phone").allowed
    assert gate.verdict(per.pk, channel="phone").allowed
    assert gate.verdict(per.pk, channel="mail").allowed


def test_somebody_without_an_address_is_stopped_by_their_number(sam, now):
    olav = cast.contact(email=None, phone="+4799887766", ground="")
    say(olav, sam, now, "not_interested")
    assert Standing.objects.get(pk=olav.pk).state == "stopped"


def test_a_stop_that_stood_before_the_call_outlives_its_undoing(chen, sam, now):
    call = say(chen, sam, now, "not_interested")
    outcome.undo(call_id=call.pk, by=sam, now=now)
    assert list(Suppression.objects.in_force().values_list("reason", flat=True)) == ["unsubscribed"]


def test_a_purchase_makes_a_customer_who_is_welcomed_and_asked(sam, now):
    olav = cast.contact(ground=LegalGround.Ground.LEGITIMATE_INTEREST)
    welcome = stage.make_sequence("Onboarding", now, [])
    call = say(olav, sam, now, "bought")
    purchase = Purchase.objects.get(contact=olav)
    assert (purchase.what, purchase.value, purchase.call) == ("Twelve seats", Decimal("48000"), call)
    assert LegalGround.objects.get(contact=olav).ground == "existing_customer"
    assert Enrollment.objects.get(contact=olav).sequence == welcome
    assert Referral.objects.get(asked=olav).purchase == purchase


def test_undoing_a_purchase_takes_the_ground_and_the_welcome_back(sam, now):
    olav = cast.contact(ground=LegalGround.Ground.LEGITIMATE_INTEREST)
    stage.make_sequence("Onboarding", now, [])
    standing.recompute([olav.pk], now=now)
    before = stage.picture(olav)
    call = say(olav, sam, now, "bought")
    outcome.undo(call_id=call.pk, by=sam, now=now)
    assert stage.picture(olav) == before
    assert Purchase.objects.get(contact=olav).undone_at == now
    assert Enrollment.objects.get(contact=olav).end_reason == "undone"


def test_consent_is_better_than_being_a_customer_and_stays(anna, sam, now):
    say(anna, sam, now, "bought")
    assert LegalGround.objects.get(contact=anna).ground == "consent"


def test_buying_wins_the_opportunity_there_is(anna, sam, now):
    say(anna, sam, now, "meeting", what="Pilot", value=Decimal("9000"))
    outcome.record(contact_id=anna.pk, by=sam, outcome="bought", now=now + timedelta(days=9))
    deal = Opportunity.objects.get(contact=anna)
    purchase = Purchase.objects.get(contact=anna)
    assert (deal.stage.name, deal.closed_at) == ("Won", now + timedelta(days=9))
    assert (purchase.opportunity, purchase.what, purchase.value) == (deal, "Pilot", Decimal("9000"))
    assert not SalesHold.objects.filter(ended_at=None).exists()


def test_undoing_a_win_opens_the_opportunity_at_the_stage_before(anna, sam, now):
    say(anna, sam, now, "meeting")
    before = stage.picture(anna)
    won = say(anna, sam, now + timedelta(days=9), "bought")
    outcome.undo(call_id=won.pk, by=sam, now=now + timedelta(days=9))
    deal = Opportunity.objects.get(contact=anna)
    assert (deal.stage.name, deal.closed_at) == ("Meeting", None)
    after = stage.picture(anna)
    assert {name: after[name] for name in ("holds", "moves", "opportunities", "purchases")} == {
        name: before[name] for name in ("holds", "moves", "opportunities", "purchases")
    }


def test_a_second_meeting_opens_no_second_opportunity(anna, sam, now):
    say(anna, sam, now, "meeting")
    say(anna, sam, now + timedelta(days=2), "meeting")
    assert Opportunity.objects.filter(contact=anna).count() == 1


# What is refused


@pytest.mark.parametrize(
    ("word", "said", "field"),
    [
        ("not_now", {"until": None}, "until"),
        ("follow_up", {"until": date(2026, 11, 17)}, "until"),
        ("not_now", {"until": date(1970, 1, 1)}, "until"),
        ("not_now", {"until": date(2099, 1, 1)}, "until"),
        ("not_hot", {"because": "  "}, "because"),
    ],
)
def test_an_outcome_without_what_it_needs_changes_nothing(hot_anna, sam, now, word, said, field):
    before = stage.picture(hot_anna)
    with pytest.raises(outcome.Incomplete) as refused:
        say(hot_anna, sam, now, word, **said)
    assert refused.value.field == field
    assert stage.picture(hot_anna) == before
    assert not Call.objects.exists()


def test_tess_gives_no_outcome_for_whom_sam_holds(hot_anna, sam, tess, now):
    claim.take(contact_id=hot_anna.pk, by=sam, now=now)
    with pytest.raises(claim.Taken):
        say(hot_anna, tess, now, "meeting")
    assert not Call.objects.exists()


def test_the_same_press_twice_writes_one_call(hot_anna, sam, now):
    shown = Handoff.objects.open().get(contact=hot_anna, kind="replied")
    say(hot_anna, sam, now, "not_hot", handoff_id=shown.pk)
    with pytest.raises(outcome.AlreadyDone):
        say(hot_anna, sam, now, "not_hot", handoff_id=shown.pk)
    assert Call.objects.count() == 1
    assert not Claim.objects.open().exists()


def test_a_note_is_kept_as_it_was_said_up_to_ten_thousand_characters(anna, sam, now):
    hostile = "<script>alert(1)</script>" + "å" * 20_000
    call = say(anna, sam, now, "not_now", note=hostile)
    call.refresh_from_db()
    assert call.note == hostile[:10_000]
    assert Reminder.objects.get(contact=anna).because == hostile[:300]


def cannot(call, who, now):
    with pytest.raises(outcome.CannotUndo) as refused:
        outcome.undo(call_id=call.pk, by=who, now=now)
    return str(refused.value)


def test_undo_twice_is_refused(anna, sam, now):
    call = say(anna, sam, now, "no_answer")
    outcome.undo(call_id=call.pk, by=sam, now=now)
    assert cannot(call, sam, now) == "This was undone already."


def test_undo_below_a_later_outcome_is_refused(anna, sam, now):
    call = say(anna, sam, now, "no_answer")
    say(anna, sam, now + timedelta(hours=1), "not_hot")
    assert cannot(call, sam, now) == "There is a later outcome for Anna Lind. Undo that one first."


def test_undo_under_a_colleagues_hands_is_refused(anna, sam, tess, now):
    call = say(anna, sam, now, "no_answer")
    claim.take(contact_id=anna.pk, by=tess, now=now)
    assert cannot(call, sam, now) == "Tess has Anna Lind in hand now."


def test_undo_after_the_day_has_come_is_refused(anna, sam, now):
    call = say(anna, sam, now, "no_answer")
    Reminder.objects.update(done_at=now)
    assert cannot(call, sam, now) == "The day has come: Anna Lind is in the queue again."


def test_undo_of_an_opportunity_that_moved_on_is_refused(anna, sam, now):
    call = say(anna, sam, now, "meeting")
    deal = Opportunity.objects.get()
    next_stage = type(deal.stage).objects.get(name="Offer sent")
    opportunity.move(opportunity_id=deal.pk, stage_id=next_stage.pk, revision=0, by=sam, now=now)
    assert cannot(call, sam, now) == "The opportunity has moved on since. Change it in the pipeline."


def test_undo_after_the_first_welcome_mail_left_is_refused(anna, sam, now):
    stage.make_sequence("Onboarding", now, [])
    call = say(anna, sam, now, "bought")
    Send.objects.create(
        contact=anna, kind="step", dedupe_key="step:1:a", sandbox=True, state="accepted", planned_at=now,
        not_before=now, latest_at=now, finished_at=now, enrollment=Enrollment.objects.get(),
    )  # fmt: skip
    assert cannot(call, sam, now) == "The first welcome mail has left, and that is final."


def test_undo_after_a_recommendation_is_refused(anna, sam, now):
    call = say(anna, sam, now, "bought")
    referral.bring(asked_id=anna.pk, by=sam, now=now, first_name="Kari", email="kari@nordvik.example")
    assert cannot(call, sam, now) == "Anna Lind has recommended somebody since."


def test_undo_for_an_erased_person_is_refused(anna, sam, now):
    call = say(anna, sam, now, "no_answer")
    Contact.objects.update(erased_at=now)
    assert cannot(call, sam, now) == "This person was erased, and that is final."


def test_a_double_press_on_a_card_outside_the_queue_writes_once(anna, sam, now):
    """Nobody handed them on, so there is no hand-off that the second press could find closed."""
    client = cast.client_of(sam)
    with clock.at(now):
        page = client.get(f"/today/?who={anna.pk}").content.decode()
        seen = re.findall(r'name="(seen|handoff)" value="(\d+)"', page)
        pressed = {"outcome": "bought", **dict(seen)}
        codes = [client.post(f"/today/{anna.pk}/outcome/", pressed).status_code for _ in range(2)]
    assert codes == [302, 409]
    assert Call.objects.count() == Purchase.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_outcomes_at_the_same_moment_one_is_written(now):
    anna, sam, tess = cast.make_anna(), cast.make_sam(), cast.make_tess()
    waiting = stage.make_waiting(anna, now)
    together = Barrier(4)

    def say(who):
        try:
            together.wait(timeout=20)
            outcome.record(
                contact_id=anna.pk, by=who, outcome="bought", now=now, handoff_id=waiting.pk, seen_call_id=0
            )
            return "written"
        except (outcome.AlreadyDone, claim.Taken) as refused:
            return type(refused).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        said = sorted(pool.map(say, (sam, tess, sam, tess)))
    assert said == ["AlreadyDone"] * 3 + ["written"]
    assert Call.objects.count() == Purchase.objects.count() == 1
    assert doctor.examine(now=now).broken == ()
