"""A person's own interval: interest shortens, silence lengthens, their wish holds; every step is a row."""

from datetime import datetime, timedelta

import pytest

from contacts.models import Contact
from nurturing.models import Decision, RhythmChange, Send, Standing
from nurturing.services import rhythm, standing, tick
from tests import cast
from tests.nurturing import supply

pytestmark = pytest.mark.django_db


def days_of(person: Contact) -> float | None:
    return Standing.objects.get(pk=person.pk).rhythm_days


def sent(person: Contact, at: datetime, title: str = "Sparte strøm") -> Send:
    """A piece that was decided on and accepted."""
    piece = supply.piece(title)
    key = f"piece:{person.pk}:{piece.pk}"
    Decision.objects.create(contact_id=person.pk, at=at, kind="piece", dedupe_key=key, sandbox=True)
    return Send.objects.create(
        contact=person, kind="piece", dedupe_key=key, sandbox=True, state="accepted", piece=piece,
        mail=piece.mail, planned_at=at, not_before=at, latest_at=at + timedelta(days=7), finished_at=at,
    )  # fmt: skip


def test_a_human_sign_shortens_the_interval_and_brings_the_next_mail_nearer(
    anna: Contact, now: datetime
) -> None:
    sent(anna, now - timedelta(days=3))
    standing.recompute([anna.pk], now=now)
    before = Standing.objects.get(pk=anna.pk).next_at
    event = cast.click(anna, at=now, human=1.0)
    assert rhythm.interest(events=[event, cast.click(anna, at=now, human=0.6)], now=now) == [anna.pk]
    after = Standing.objects.get(pk=anna.pk)
    assert after.rhythm_days == pytest.approx(36)
    assert before is not None
    assert after.next_at is not None
    # nine days, give or take a weekend and the minutes by which people are spread over a morning
    assert timedelta(days=7) < before - after.next_at < timedelta(days=12)
    change = RhythmChange.objects.get()
    assert change.to_days == pytest.approx(36)
    assert (change.from_days, change.reason, change.event_id) == (45, "interest", event.pk)


def test_a_mail_left_alone_lengthens_it_once(anna: Contact, now: datetime) -> None:
    mail = sent(anna, now - timedelta(days=15))
    assert rhythm.judge_ignored(since=None, now=now) == [anna.pk]
    assert days_of(anna) == pytest.approx(56.25)
    assert rhythm.judge_ignored(since=None, now=now) == []
    change = RhythmChange.objects.get()
    assert (change.reason, change.send_id) == ("ignored", mail.pk)


def test_neither_a_young_mail_nor_a_read_nor_a_bounced_one_was_ignored(
    anna: Contact, dana: Contact, eve: Contact, now: datetime
) -> None:
    sent(anna, now - timedelta(days=13))
    sent(dana, now - timedelta(days=20), "Kortere stans")
    cast.click(dana, at=now - timedelta(days=18))
    mail = sent(eve, now - timedelta(days=20), "Færre møter")
    Send.objects.filter(pk=mail.pk).update(bounced_at=now - timedelta(days=20))
    assert rhythm.judge_ignored(since=None, now=now) == []


def test_a_scanners_click_is_no_reading(eve: Contact, now: datetime) -> None:
    sent(eve, now - timedelta(days=15))
    assert rhythm.judge_ignored(since=None, now=now) == [eve.pk]


def test_the_clock_judges_what_was_ignored_since_its_last_round(anna: Contact, now: datetime) -> None:
    tick.tick(now=now)
    sent(anna, now + timedelta(hours=1))
    tick.tick(now=now + timedelta(days=10))
    assert days_of(anna) is None
    tick.tick(now=now + timedelta(days=15))
    assert days_of(anna) == pytest.approx(56.25)


def test_the_interval_stays_within_the_silos_bounds(anna: Contact, now: datetime) -> None:
    for n in range(30):
        rhythm.interest(events=[cast.click(anna, at=now)], now=now + timedelta(hours=n))
    assert days_of(anna) == 10
    rows = RhythmChange.objects.count()
    rhythm.interest(events=[cast.click(anna, at=now)], now=now)
    assert RhythmChange.objects.count() == rows


def test_their_own_wish_holds_against_what_would_be_learned(anna: Contact, now: datetime) -> None:
    sent(anna, now - timedelta(days=1))
    rhythm.wish(contact_id=anna.pk, days=91, now=now)
    next_at = Standing.objects.get(pk=anna.pk).next_at
    assert next_at is not None
    assert next_at - now > timedelta(days=88)
    rhythm.interest(events=[cast.click(anna, at=now)], now=now)
    assert days_of(anna) is None
    rhythm.wish(contact_id=anna.pk, days=None, now=now)
    back = Standing.objects.get(pk=anna.pk).next_at
    assert back is not None
    assert back < next_at
    assert list(RhythmChange.objects.order_by("id").values_list("reason", "to_days")) == [
        ("wish", 91),
        ("wish", 45),
    ]


@pytest.mark.parametrize("days", [0, 3, 400])
def test_an_interval_that_nobody_can_mean_is_refused(anna: Contact, now: datetime, days: float) -> None:
    with pytest.raises(rhythm.OutOfBounds):
        rhythm.wish(contact_id=anna.pk, days=days, now=now)
    with pytest.raises(rhythm.OutOfBounds):
        rhythm.set_by_hand(contact_id=anna.pk, days=days, by=None, now=now)


def test_a_colleague_moves_it_and_it_learns_on_from_there(anna: Contact, sam: object, now: datetime) -> None:
    rhythm.set_by_hand(contact_id=anna.pk, days=20, by=sam, now=now)
    rhythm.interest(events=[cast.click(anna, at=now, human=1.0)], now=now)
    assert days_of(anna) == pytest.approx(16)
    assert RhythmChange.objects.get(reason="by_hand").by == sam
