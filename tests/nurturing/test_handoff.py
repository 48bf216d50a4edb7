"""The one door to sales: when it opens, with what, when it closes, and when it may open again."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from contacts.models import Contact, Objection
from nurturing.models import EngagementEvent, Handoff, SalesHold, Standing
from nurturing.queries import receipts, temperature
from nurturing.services import engagement, handoff
from tests.cast import NOW

pytestmark = pytest.mark.django_db


def warm(
    person: Contact, *, weeks: tuple[float, ...] = (3, 2, 1, 0), level: str = "bofu", key: str = ""
) -> None:
    """One click a week by a person: four of them make 86°."""
    told = [
        engagement.NewEvent(
            contact_id=person.pk,
            type="clicked",
            at=NOW - timedelta(weeks=week),
            source="silo",
            key=f"{key}{week}",
            level=level,
            human=0.93,
            what=f"Del {week:g}",
        )
        for week in weeks
    ]
    engagement.record(told, now=NOW)


def call(person: Contact, *, number: int = 7, days_ago: float = 0) -> None:
    """A salesperson gave an outcome."""
    handoff.close(
        contact_ids=[person.pk],
        reason=Handoff.CloseReason.OUTCOME,
        call_id=number,
        now=NOW - timedelta(days=days_ago),
    )


def test_who_runs_too_hot_is_handed_on_with_the_evidence(anna: Contact) -> None:
    warm(anna)
    opened = Handoff.objects.get()
    degrees = receipts.degrees(anna.pk, now=NOW)
    assert (opened.kind, opened.opened_at, opened.closed_at) == ("hot", NOW, None)
    assert degrees > 70
    assert opened.degrees == pytest.approx(degrees)
    assert opened.because == "Clicked in “Del 0”, and 3 more signs"
    assert [line["what"] for line in opened.evidence] == [f"Clicked in “Del {week}”" for week in (0, 1, 2, 3)]
    assert sum(line["now"] for line in opened.evidence) == pytest.approx(degrees)
    standing = Standing.objects.get(contact=anna)
    assert (standing.state, standing.next_at, standing.next_what) == ("hot", opened.cools_at, "cool")


def test_below_the_threshold_nobody_is_handed_on(anna: Contact) -> None:
    warm(anna, level="tofu")
    assert 20 < receipts.degrees(anna.pk, now=NOW) < 70
    assert not Handoff.objects.exists()


def test_the_evidence_stays_as_it_was(anna: Contact) -> None:
    warm(anna)
    before = Handoff.objects.get().evidence
    warm(anna, weeks=(0.5,), key="more")
    assert Handoff.objects.get().evidence == before


def test_more_heat_moves_the_moment_of_cooling(anna: Contact) -> None:
    warm(anna)
    before = Handoff.objects.get().cools_at
    warm(anna, weeks=(2.5,), key="more")
    opened = Handoff.objects.get()
    assert opened.cools_at is not None
    assert before is not None
    assert opened.cools_at > before
    assert Standing.objects.get(contact=anna).next_at == opened.cools_at


def test_it_closes_when_it_has_cooled_and_not_a_moment_before(anna: Contact) -> None:
    warm(anna)
    cools_at = Handoff.objects.get().cools_at
    assert cools_at is not None
    assert receipts.degrees(anna.pk, now=cools_at) == pytest.approx(50, abs=1e-3)
    assert handoff.cool([anna.pk], now=cools_at - timedelta(minutes=1)) == []
    assert handoff.cool([anna.pk], now=cools_at) == [anna.pk]
    closed = Handoff.objects.get()
    assert (closed.closed_at, closed.close_reason) == (cools_at, "cooled")
    assert Standing.objects.get(contact=anna).state == "nurtured"


def test_between_the_thresholds_it_neither_closes_nor_opens_again(anna: Contact) -> None:
    warm(anna)
    later = NOW + timedelta(days=14)
    assert 50 < receipts.degrees(anna.pk, now=later) < 70
    assert handoff.cool([anna.pk], now=later) == []
    call(anna)
    assert handoff.open_hot([anna.pk], now=later) == []


def test_nobody_waits_twice(anna: Contact) -> None:
    warm(anna)
    assert handoff.open_hot([anna.pk], now=NOW) == []
    with pytest.raises(IntegrityError, match="one_open_handoff_per_kind"), transaction.atomic():
        Handoff.objects.create(contact=anna, kind="hot", opened_at=NOW, because="x", cools_at=NOW)


def test_after_an_outcome_heat_alone_opens_nothing(anna: Contact) -> None:
    warm(anna)
    call(anna)
    assert receipts.degrees(anna.pk, now=NOW) > 70
    assert handoff.open_hot([anna.pk], now=NOW + timedelta(hours=1)) == []


def test_after_an_outcome_a_machine_opens_nothing_and_a_person_does(anna: Contact) -> None:
    warm(anna)
    call(anna)
    later = NOW + timedelta(hours=1)
    click = {"type": "clicked", "source": "silo", "at": later, "level": "bofu", "contact_id": anna.pk}
    machine = engagement.NewEvent(key="machine", human=0.05, **click)  # type: ignore[arg-type]
    engagement.record([machine], now=later)
    assert Handoff.objects.open().count() == 0
    person = engagement.NewEvent(key="person", human=0.9, **click)  # type: ignore[arg-type]
    engagement.record([person], now=later)
    assert Handoff.objects.open().get().kind == "hot"


def test_what_happened_before_the_outcome_and_is_told_after_it_opens_nothing(anna: Contact) -> None:
    warm(anna)
    call(anna)
    warm(anna, weeks=(0.1,), key="late")
    assert Handoff.objects.open().count() == 0


def test_an_outcome_that_is_taken_back_puts_the_person_back_into_the_queue(anna: Contact) -> None:
    warm(anna)
    call(anna, number=7)
    assert Standing.objects.get(contact=anna).state == "nurtured"
    assert handoff.reopen(call_id=7, now=NOW) == [anna.pk]
    waiting = Handoff.objects.get()
    assert (waiting.closed_at, waiting.close_reason, waiting.call_id) == (None, "", None)
    assert Standing.objects.get(contact=anna).state == "hot"


def test_taking_an_outcome_back_does_not_put_anybody_twice_into_the_queue(anna: Contact) -> None:
    warm(anna)
    call(anna, number=7, days_ago=0.5)
    warm(anna, weeks=(0,), key="again")
    assert Handoff.objects.open().count() == 1
    handoff.reopen(call_id=7, now=NOW)
    assert Handoff.objects.open().count() == 1


def test_whom_sales_has_in_hand_is_not_handed_on_again(anna: Contact) -> None:
    hold = SalesHold.objects.create(contact=anna, kind="opportunity", reference=1, at=NOW - timedelta(days=1))
    warm(anna)
    assert not Handoff.objects.exists()
    hold.ended_at = NOW
    hold.save()
    assert handoff.open_hot([anna.pk], now=NOW) == [anna.pk]


def test_who_objected_is_never_handed_on(chen: Contact) -> None:
    warm(chen)
    assert EngagementEvent.objects.count() == 4
    assert Standing.objects.get(contact=chen).heat is None
    assert not Handoff.objects.exists()


def test_who_does_not_want_to_be_measured_has_no_temperature(anna: Contact) -> None:
    Objection.objects.create(contact=anna, kind="profiling", at=NOW, source="letter")
    warm(anna)
    assert Standing.objects.get(contact=anna).heat is None
    assert temperature.unscored([anna.pk]) == {anna.pk}


def test_a_bounced_address_is_no_objection(boris: Contact) -> None:
    assert temperature.unscored([boris.pk]) == set()


def test_a_stop_empties_the_queue_of_that_person(anna: Contact) -> None:
    from nurturing.services import preference

    warm(anna)
    preference.stop(contact_id=anna.pk, send_id=0, how="stop page", now=NOW)
    closed = Handoff.objects.get()
    assert closed.close_reason == "stopped"
    assert Standing.objects.get(contact=anna).heat is None


def test_who_asked_for_a_call_and_stops_the_mail_is_still_called(anna: Contact) -> None:
    from nurturing.services import preference

    preference.call_me(contact_id=anna.pk, send_id=0, phone="", note="", now=NOW)
    preference.stop(contact_id=anna.pk, send_id=0, how="stop page", now=NOW)
    assert Handoff.objects.open().get().kind == "call_me"


def test_who_wants_no_contact_at_all_waits_in_no_queue(anna: Contact) -> None:
    from contacts.services import suppression
    from nurturing.services import preference

    preference.call_me(contact_id=anna.pk, send_id=0, phone="", note="", now=NOW)
    suppression.stop(address=str(anna.email), channel="all", reason="not_interested", source="call", now=NOW)
    assert Handoff.objects.open().count() == 0


def test_a_new_rule_counts_everybody_anew(anna: Contact) -> None:
    from nurturing.models import TemperatureRule
    from nurturing.services import heat

    warm(anna, level="tofu")
    before = receipts.degrees(anna.pk, now=NOW)
    TemperatureRule.objects.create(number=2, half_life_days=7, points={"points": {"clicked": 10.0}}, at=NOW)
    heat.rebuild([anna.pk], now=NOW)
    standing = Standing.objects.get(contact=anna)
    assert standing.heat_rule == 2
    assert 0 < receipts.degrees(anna.pk, now=NOW) < before / 2
