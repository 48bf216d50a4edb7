"""From raw hits to receipts: a scanner warms nobody, a person does, and a grade can be made again."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from contacts import clock
from contacts.models import Contact
from nurturing.models import EngagementEvent, Handoff, Hit, Send, Standing
from nurturing.queries import receipts
from nurturing.services import evidence
from nurturing.services import hit as hits
from nurturing.tasks import evidence as tasks
from nurturing.temperature import evidence as signs
from tests.cast import NOW
from tests.nurturing import mailing

pytestmark = pytest.mark.django_db


def heat(person: Contact) -> float:
    return receipts.degrees(person.pk, now=NOW)


def test_a_scanner_that_presses_all_links_within_two_seconds_warms_nobody(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=1))
    for number in range(4):
        at = NOW - timedelta(minutes=60) + timedelta(seconds=1 + number / 2)
        mailing.press(mail, at=at, number=number, address=mailing.SCANNER_ROOM)
    graded = mailing.judge(NOW)
    assert (graded.hits, graded.human) == (4, 0)
    assert EngagementEvent.objects.filter(type="clicked", human__lt=0.01).count() == 4
    assert heat(anna) == 0.0
    assert not Handoff.objects.exists()
    assert [(one.what, one.points, one.times) for one in receipts.of(anna.pk, now=NOW)] == [
        ("4 scanner clicks in “Priser 2027”", 0.0, 4)
    ]


def test_a_person_warms_and_the_receipt_says_by_how_much(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=1))
    mailing.press(mail, at=NOW - timedelta(minutes=20))
    graded = mailing.judge(NOW)
    assert (graded.hits, graded.human) == (1, 1)
    event = EngagementEvent.objects.get()
    assert (event.level, event.topic.slug if event.topic else "", event.what) == (
        "bofu",
        "priser",
        "Priser 2027",
    )
    assert event.human == pytest.approx(0.93, abs=0.005)
    assert {sign["code"] for sign in event.signs} == {"in_own_time", "browser"}
    (line,) = receipts.of(anna.pk, now=NOW)
    assert line.what == "Clicked in “Priser 2027”"
    assert line.points == pytest.approx(22 * 1.7 * event.human)
    assert heat(anna) == pytest.approx(line.now, abs=1e-6)


def test_the_person_behind_the_scanner_still_counts(eve: Contact) -> None:
    mail = mailing.sent(eve, at=NOW - timedelta(hours=5))
    for number in range(4):
        at = NOW - timedelta(hours=5) + timedelta(seconds=2 + number / 3)
        mailing.press(mail, at=at, number=number, address=mailing.SCANNER_ROOM)
    mailing.press(
        mail, at=NOW - timedelta(hours=1), number=2, address=mailing.ON_THE_WAY, agent=mailing.PHONE
    )
    assert mailing.judge(NOW).human == 1
    assert heat(eve) > 30


def test_hits_are_not_judged_before_a_scanner_had_time_to_press_the_rest(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=1))
    mailing.press(mail, at=NOW)
    assert evidence.grade(now=NOW + timedelta(seconds=5)).hits == 0
    assert Hit.objects.get().human is None
    assert evidence.grade(now=NOW + timedelta(seconds=11)).hits == 1


def test_a_second_pass_changes_nothing(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=1))
    mailing.press(mail, at=NOW - timedelta(minutes=20))
    mailing.judge(NOW)
    before = heat(anna)
    assert mailing.judge(NOW).hits == 0
    evidence.regrade([mail.pk], now=NOW)
    assert EngagementEvent.objects.count() == 1
    assert heat(anna) == before


def test_a_trap_pressed_later_takes_the_points_back_and_closes_the_hand_off(anna: Contact) -> None:
    for week in (21, 14, 7):
        mail = mailing.sent(anna, at=NOW - timedelta(days=week), title=f"Del {week}")
        mailing.press(mail, at=NOW - timedelta(days=week) + timedelta(hours=2), number=0)
        mailing.press(mail, at=NOW - timedelta(days=week) + timedelta(hours=2, minutes=5), number=1)
    mailing.judge(NOW)
    assert heat(anna) > 70
    assert Standing.objects.get(contact=anna).state == "hot"
    for mail_hit in Hit.objects.filter(link_no=1):
        mailing.press(anna.sends.get(pk=mail_hit.send_id), at=mail_hit.at + timedelta(minutes=1), kind="trap")
    mailing.judge(NOW)
    assert heat(anna) == 0.0
    assert set(EngagementEvent.objects.values_list("human", flat=True)) == {0.0}
    assert Handoff.objects.get().close_reason == "cooled"
    assert Standing.objects.get(contact=anna).state == "nurtured"


def test_one_address_over_many_companies_is_a_scanner(anna: Contact, eve: Contact, dana: Contact) -> None:
    from tests.cast import contact, malarbygg

    people = [
        anna,
        eve,
        dana,
        contact("Per", "Ek", company=malarbygg(), email="per@malarbygg.example"),
        contact("Liv"),
    ]
    mails = [mailing.sent(person, at=NOW - timedelta(hours=1)) for person in people]
    for mail in mails:
        mailing.press(mail, at=NOW - timedelta(minutes=20), address=mailing.SCANNER_ROOM)
    assert mailing.judge(NOW).human == 0


def test_a_provider_that_says_machine_is_believed(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=1))
    said = {"Provider": "mailgun", "Provider-Says": "machine"}
    mailing.press(mail, at=NOW - timedelta(minutes=20), headers=said)
    assert mailing.judge(NOW).human == 0
    assert EngagementEvent.objects.get().signs[0]["code"] == "provider_calls_it_a_machine"


def test_a_look_at_the_stop_page_is_no_click(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=1))
    mailing.press(mail, at=NOW - timedelta(minutes=20), kind="stop_page")
    mailing.judge(NOW)
    assert Hit.objects.get().human is not None
    assert not EngagementEvent.objects.exists()


def test_the_task_judges_all_there_is(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=1))
    mailing.press(mail, at=NOW - timedelta(minutes=20))
    with clock.at(NOW):
        tasks.grade(unknown_argument_of_a_later_version=1)
    assert not Hit.objects.filter(human=None).exists()


def hammer(mail: Send, times: int, *, at: datetime, every: timedelta) -> None:
    """One link, pressed again and again."""
    new = [
        hits.NewHit(
            kind="click",
            send_id=mail.pk,
            link_no=0,
            at=at + number * every,
            method="GET",
            agent=mailing.CHROME,
            address=mailing.AT_DESK,
            headers={"Accept-Language": "sv-SE"},
        )
        for number in range(times)
    ]
    hits.record(new, now=at)


def marks() -> list[bool]:
    """Whether each hit, in the order of time, was found to be part of a flood."""
    return [one.signs[0]["code"] == "flood" for one in Hit.objects.order_by("at", "pk")]


def test_a_link_pressed_thousands_of_times_is_marked_where_it_lies_and_makes_no_events(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    mailing.press(mail, at=NOW - timedelta(hours=2))
    hammer(mail, 3000, at=NOW - timedelta(minutes=50), every=timedelta(milliseconds=10))
    assert evidence.grade(now=NOW) == evidence.Graded(hits=3001, human=1, more=True)
    assert marks() == [False] + 3000 * [True]
    assert EngagementEvent.objects.count() == 1
    assert evidence.grade(now=NOW).hits == 0


def test_a_flood_takes_back_what_its_first_presses_gave(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    mailing.press(mail, at=NOW - timedelta(minutes=55))
    mailing.judge(NOW - timedelta(minutes=54))
    assert heat(anna) > 0
    hammer(mail, signs.FLOOD_PER_HOUR, at=NOW - timedelta(minutes=50), every=timedelta(seconds=1))
    mailing.judge(NOW)
    assert all(marks())
    assert EngagementEvent.objects.get().human == 0.0
    assert heat(anna) == 0.0


def test_of_a_mail_that_is_pressed_for_days_nothing_new_is_judged_at_last(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(days=3))
    before = signs.FLOOD_PER_MAIL - 1
    hammer(mail, before, at=NOW - timedelta(days=2), every=timedelta(seconds=60))
    mailing.judge(NOW)
    hammer(mail, 100, at=NOW - timedelta(hours=2), every=timedelta(seconds=60))
    assert mailing.judge(NOW).hits == 100
    assert marks() == (before + 1) * [False] + 99 * [True]
    assert EngagementEvent.objects.count() == before + 1


def test_while_one_pass_is_at_work_the_next_has_nothing_to_do(anna: Contact) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=1))
    mailing.press(mail, at=NOW - timedelta(minutes=20))
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [evidence.ONE_PASS])
        assert mailing.judge(NOW) == evidence.Graded(0, 0, more=False)
    finally:
        other.close()
    assert mailing.judge(NOW).human == 1
