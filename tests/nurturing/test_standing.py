"""The silo does not leak: one standing for everyone, always a next moment, and the doctor can tell."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from nurturing.models import Pause, SetAside, Standing
from nurturing.queries import position
from nurturing.queries import standing as standings
from nurturing.services import standing
from tests import cast
from tests.nurturing import supply

pytestmark = pytest.mark.django_db


def test_everyone_gets_a_standing_also_by_copy_and_in_bulk(now: datetime) -> None:
    Contact.objects.bulk_create(Contact(email=f"b{n}@x.example", created_at=now) for n in range(3))
    with connection.cursor() as cursor:
        cursor.copy_expert(
            "COPY contacts_contact (email) FROM STDIN", StringIO("c1@x.example\nc2@x.example\n")
        )
    rows = Standing.objects.filter(contact__email__endswith="@x.example")
    assert rows.count() == 5
    assert set(rows.values_list("state", "next_what")) == {("nurtured", "plan")}
    assert not rows.filter(next_at=None).exists()


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"next_at": None}, "standing_has_a_next_moment_unless_stopped"),
        ({"state": "stopped", "next_at": None}, "standing_stopped_has_a_reason"),
        ({"stop_reason": "unsubscribed"}, "standing_not_stopped_has_no_stop_reason"),
        ({"state": "lost"}, "standing_state_is_known"),
        ({"rhythm_days": 0}, "standing_rhythm_is_positive"),
    ],
)
def test_the_database_refuses_a_leak(anna: Contact, change: dict[str, object], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Standing.objects.filter(pk=anna.pk).update(**change)


def test_who_came_just_now_is_due_within_three_weeks(now: datetime) -> None:
    olav = cast.contact("Olav", "Dahl", at=now)
    standing.recompute([olav.pk], now=now)
    row = Standing.objects.get(pk=olav.pk)
    assert (row.state, row.next_what, row.because) == ("nurtured", "piece", {"code": "first_mail"})
    assert row.next_at is not None
    assert now < row.next_at < now + timedelta(days=25)


def test_a_person_with_a_phone_and_no_address_is_kept_with_a_reason_and_a_date(now: datetime) -> None:
    caller = cast.contact("Kari", "Nes", email=None, phone="+4755010299")
    standing.recompute([caller.pk], now=now)
    row = Standing.objects.get(pk=caller.pk)
    assert (row.state, row.because, row.next_what) == ("nurtured", {"code": "no_address"}, "review")
    assert row.next_at == now + timedelta(days=120)


def test_a_stop_stops_only_when_no_channel_is_left(boris: Contact, chen: Contact, now: datetime) -> None:
    standing.recompute([boris.pk, chen.pk], now=now)
    by_phone, nobody = Standing.objects.get(pk=boris.pk), Standing.objects.get(pk=chen.pk)
    assert (by_phone.state, by_phone.because["code"]) == ("nurtured", "suppressed:bounced")
    assert (nobody.state, nobody.next_at, nobody.stop_reason) == ("stopped", None, "unsubscribed")


def test_rows_that_make_no_sense_set_one_person_aside_and_nobody_else(
    anna: Contact, dana: Contact, now: datetime
) -> None:
    Contact.objects.filter(pk=anna.pk).update(time_zone="Europe/Nowhere")
    assert standing.recompute([anna.pk, dana.pk], now=now) == 2
    aside = SetAside.objects.get(resolved_at=None)
    assert aside.contact_id == anna.pk
    assert "Europe/Nowhere" in aside.error
    row = Standing.objects.get(pk=anna.pk)
    assert (row.because, row.next_at) == ({"code": "set_aside"}, now + timedelta(days=1))
    assert Standing.objects.get(pk=dana.pk).because["code"] != "set_aside"

    Contact.objects.filter(pk=anna.pk).update(time_zone="Europe/Oslo")
    standing.recompute([anna.pk], now=now + timedelta(hours=1))
    assert not SetAside.objects.filter(resolved_at=None).exists()


def test_the_doctor_sees_a_moved_date_a_wrong_state_and_a_row_nobody_told_us_of(
    anna: Contact, dana: Contact, eve: Contact, now: datetime
) -> None:
    standing.recompute([anna.pk, dana.pk, eve.pk], now=now)
    later = now + timedelta(days=3)
    assert standings.drift(now=later) == []
    Standing.objects.filter(pk=anna.pk).update(next_at=now + timedelta(days=900))
    Standing.objects.filter(pk=dana.pk).update(state="hot")
    Pause.objects.create(contact=eve, at=now, until=now + timedelta(days=40), because="asked")
    assert {one.contact_id for one in standings.drift(now=later)} == {anna.pk, dana.pk, eve.pk}


def test_loading_many_costs_as_many_statements_as_loading_one(now: datetime) -> None:
    supply.piece("Sparte strøm")
    webinar = supply.sequence("Webinar", ("hello", 0))
    people = [cast.contact("Olav", f"Dahl{n}", email=f"o{n}@fjordmek.example") for n in range(12)]
    for person in people:
        person.enrollments.create(
            sequence=webinar, entered_at=now, started_at=now, expires_at=now + timedelta(days=90)
        )
    counts = []
    for ids in ([people[0].pk], [person.pk for person in people]):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            position.load(ids)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 25
