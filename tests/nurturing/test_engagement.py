"""One event, one row, whatever the order; and what follows from each kind."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from contacts.models import Contact, Suppression
from nurturing.models import EngagementEvent, Handoff, RhythmChange, Send, Standing
from nurturing.queries import receipts
from nurturing.services import engagement, heat
from tests.cast import NOW
from tests.nurturing import mailing

pytestmark = pytest.mark.django_db
Type = EngagementEvent.Type


def new(
    person: Contact, kind: str = Type.CLICKED, *, key: str = "1", days: float = 1, **more: object
) -> engagement.NewEvent:
    fields: dict[str, object] = {
        "contact_id": person.pk,
        "type": kind,
        "at": NOW - timedelta(days=days),
        "source": "silo",
        "key": key,
        "level": "mofu",
        "human": 0.9,
    }
    return engagement.NewEvent(**(fields | more))  # type: ignore[arg-type]


def stored(person: Contact) -> float | None:
    return Standing.objects.get(contact=person).heat


def test_an_event_told_twice_is_one(anna: Contact) -> None:
    first = engagement.record([new(anna), new(anna)], now=NOW)
    heat_then = stored(anna)
    second = engagement.record([new(anna)], now=NOW + timedelta(hours=1))
    assert (len(first.events), len(second.events), second.known_before) == (1, 0, 1)
    assert EngagementEvent.objects.count() == 1
    assert stored(anna) == heat_then is not None


def test_the_order_of_arrival_changes_nothing(anna: Contact) -> None:
    """Every order of six events that run into the caps, told one by one, gives one temperature."""
    mail = mailing.sent(anna, at=NOW - timedelta(days=10))
    told = [
        new(anna, key="a", days=8.0, send_id=mail.pk, level="bofu"),
        new(anna, key="b", days=8.01, send_id=mail.pk, level="bofu"),
        new(anna, key="c", days=7.5, send_id=mail.pk),
        new(anna, key="d", days=2, human=0.2),
        new(anna, Type.REPLIED, key="e", days=1, level=""),
    ]
    found = set()
    for order in itertools.islice(itertools.permutations(told), 0, 120, 17):
        EngagementEvent.objects.all().delete()
        Standing.objects.update(heat=None, heat_rule=None)
        for event in order:
            engagement.record([event], now=NOW)
        found.add(round(receipts.degrees(anna.pk, now=NOW), 9))
    assert len(found) == 1
    assert found.pop() > 60


def test_added_and_rebuilt_heat_are_the_same(anna: Contact) -> None:
    for number in range(12):
        engagement.record([new(anna, key=str(number), days=60 - number * 4.7)], now=NOW)
    added = receipts.degrees(anna.pk, now=NOW)
    heat.rebuild([anna.pk], now=NOW)
    assert receipts.degrees(anna.pk, now=NOW) == pytest.approx(added, abs=1e-6)
    assert sum(line.now for line in receipts.of(anna.pk, now=NOW)) == pytest.approx(added, abs=1e-6)


def test_a_date_in_1970_or_2090_is_pulled_to_what_can_be(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(days=3))
    engagement.record(
        [
            new(anna, key="old", at=datetime(1970, 1, 1, tzinfo=UTC), send_id=mail.pk),
            new(anna, key="new", at=datetime(2090, 1, 1, tzinfo=UTC), send_id=mail.pk),
            new(anna, key="old without a mail", at=datetime(1970, 1, 1, tzinfo=UTC)),
        ],
        now=NOW,
    )
    moments = list(EngagementEvent.objects.order_by("id").values_list("at", flat=True))
    assert moments == [mail.planned_at, NOW, anna.created_at]
    assert receipts.degrees(anna.pk, now=NOW) < 60


def test_nothing_is_kept_of_people_who_are_erased_or_unknown(anna: Contact) -> None:
    Contact.objects.filter(pk=anna.pk).update(erased_at=NOW, email=None)
    told = engagement.record(
        [new(anna), engagement.NewEvent(contact_id=10**9, type="clicked", at=NOW, source="x", key="y")],
        now=NOW,
    )
    assert (told.events, told.without_contact) == ((), 2)
    assert not EngagementEvent.objects.exists()


def test_opens_and_deliveries_are_never_heat(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(days=1))
    told = [
        new(anna, kind, key=kind, send_id=mail.pk)
        for kind in (Type.OPENED, Type.DELIVERED, Type.AUTORESPONDED)
    ]
    engagement.record(told, now=NOW)
    assert EngagementEvent.objects.count() == 3
    assert stored(anna) is None


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (Type.DELIVERED, "accepted"),
        (Type.BOUNCED, "accepted"),
        (Type.CLICKED, "accepted"),
        (Type.REPLIED, "accepted"),
        (Type.COMPLAINED, "accepted"),
        (Type.REJECTED, "failed"),
        (Type.DEFERRED, "unknown"),
        (Type.RHYTHM, "unknown"),
    ],
)
def test_what_nobody_could_know_is_settled_by_what_comes_later(anna: Contact, kind: str, state: str) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3), state="unknown")
    engagement.record([new(anna, kind, send_id=mail.pk, days=0.1)], now=NOW)
    mail.refresh_from_db()
    assert mail.state == state
    assert (mail.delivered_at is not None) == (kind == Type.DELIVERED)
    assert (mail.bounced_at is not None) == (kind == Type.BOUNCED)


def test_an_accepted_mail_stays_accepted(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    engagement.record([new(anna, Type.FAILED, send_id=mail.pk)], now=NOW)
    assert Send.objects.get(pk=mail.pk).state == "accepted"


def test_the_first_delivery_report_holds_whichever_comes_first(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(days=3))
    for key, days in (("a", 1.0), ("b", 2.0), ("c", 0.5)):
        engagement.record([new(anna, Type.DELIVERED, key=key, days=days, send_id=mail.pk)], now=NOW)
    mail.refresh_from_db()
    assert mail.delivered_at == NOW - timedelta(days=2)


def test_a_hard_bounce_stops_the_address_and_a_soft_one_does_not(anna: Contact, dana: Contact) -> None:
    hard, soft = (
        mailing.sent(anna, at=NOW - timedelta(days=1)),
        mailing.sent(dana, at=NOW - timedelta(days=1)),
    )
    engagement.record(
        [
            new(anna, Type.BOUNCED, send_id=hard.pk, detail={"hard": True}),
            new(dana, Type.BOUNCED, key="2", send_id=soft.pk, detail={"hard": False}),
        ],
        now=NOW,
    )
    assert [(one.address, one.reason, one.channel) for one in Suppression.objects.all()] == [
        ("anna.lind@fjordmek.example", "bounced", "mail")
    ]


def test_a_complaint_stops_and_takes_the_temperature_away(anna: Contact) -> None:
    engagement.record([new(anna)], now=NOW)
    assert stored(anna) is not None
    engagement.record([new(anna, Type.COMPLAINED, key="2")], now=NOW)
    assert Suppression.objects.get().reason == "complained"
    assert stored(anna) is None
    assert receipts.of(anna.pk, now=NOW) == []
    engagement.record([new(anna, key="3")], now=NOW)
    assert stored(anna) is None


def test_interest_of_a_person_shortens_the_interval_and_a_machines_does_not(anna: Contact) -> None:
    engagement.record([new(anna, human=0.1)], now=NOW)
    assert not RhythmChange.objects.exists()
    engagement.record([new(anna, key="2")], now=NOW)
    change = RhythmChange.objects.get()
    assert change.to_days < change.from_days


@pytest.mark.parametrize(
    ("kind", "door", "words"),
    [
        (Type.REPLIED, "replied", "Replied: “vad kostar det?”"),
        (Type.CALL_ME, "call_me", "Asked to be called: “vad kostar det?”"),
        (Type.FORM, "form", "Filled in “vad kostar det?”"),
    ],
)
def test_who_gets_in_touch_reaches_a_person_at_once(anna: Contact, kind: str, door: str, words: str) -> None:
    engagement.record([new(anna, kind, what="vad kostar det?")], now=NOW)
    waiting = Handoff.objects.get()
    assert (waiting.kind, waiting.because, waiting.opened_at) == (door, words, NOW)
    assert Standing.objects.get(contact=anna).state == "hot"
    assert waiting.evidence[0]["what"].endswith("“vad kostar det?”")


def test_a_second_reply_is_written_on_the_hand_off_that_waits(anna: Contact) -> None:
    engagement.record([new(anna, Type.REPLIED, what="vad kostar det?")], now=NOW - timedelta(hours=2))
    engagement.record([new(anna, Type.REPLIED, key="2", what="hallå?")], now=NOW)
    waiting = Handoff.objects.get()
    assert (waiting.because, waiting.opened_at) == ("Replied: “hallå?”", NOW - timedelta(hours=2))


def test_a_reply_ends_the_sequence(anna: Contact) -> None:
    from nurturing.models import Enrollment, Sequence

    sequence = Sequence.objects.create(name="Välkommen", stops_when=["replied"], made_at=NOW)
    running = Enrollment.objects.create(
        contact=anna, sequence=sequence, entered_at=NOW, started_at=NOW, expires_at=NOW + timedelta(days=90)
    )
    engagement.record([new(anna, Type.CLICKED)], now=NOW)
    assert Enrollment.objects.get(pk=running.pk).ended_at is None
    engagement.record([new(anna, Type.REPLIED, key="2")], now=NOW)
    running.refresh_from_db()
    assert (running.ended_at, running.end_reason) == (NOW, "replied")


def test_a_batch_costs_the_same_number_of_statements_for_one_and_for_thirty(
    django_assert_max_num_queries: object, anna: Contact
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.cast import contact

    people = [contact(f"P{number}", "Ek") for number in range(30)]

    def cost(some: list[Contact]) -> int:
        told = [new(one, key=f"{one.pk} {len(some)}") for one in some]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            engagement.record(told, now=NOW)
        return len(captured)

    cost(people[:1])
    assert cost(people[:2]) == cost(people)
