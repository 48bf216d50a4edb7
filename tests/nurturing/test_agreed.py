"""What a colleague agrees with somebody, from the contact's page: works, refuses, and can be taken back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from contacts import clock, roles
from contacts.models import Contact
from nurturing.models import Enrollment, Pause, Reminder, RhythmChange, Standing
from nurturing.services import enrollment
from silo.models import User
from tests import cast
from tests.nurturing import supply

pytestmark = pytest.mark.django_db

ACTIONS = {
    "pause": {"until": "2026-12-24", "because": "on leave"},
    "resume": {},
    "remind": {"on": "2027-03-02", "because": "budget"},
    "rhythm": {"days": "20"},
    "rhythm_back": {},
    "leave_sequence": {},
}


@pytest.fixture
def sams(sam: User) -> Client:
    return cast.client_of(sam)


def post(
    client: Client, name: str, person: Contact, now: datetime, *more: int, **fields: str
) -> HttpResponse:
    with clock.at(now):
        return client.post(reverse(f"nurturing:{name}", args=[person.pk, *more]), fields)  # type: ignore[return-value]


def said(response: HttpResponse) -> tuple[str, str]:
    """The newest message, and the path of its undo."""
    message = list(get_messages(response.wsgi_request))[-1]  # type: ignore[attr-defined]
    return str(message), (message.extra_tags or "").removeprefix("undo ")


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_refuses_strangers_and_colleagues_without_a_role(
    anna: Contact, now: datetime, name: str
) -> None:
    url = reverse(f"nurturing:{name}", args=[anna.pk])
    assert Client().post(url, ACTIONS[name]).status_code == 302
    assert cast.client_of(cast.colleague("Nils")).post(url, ACTIONS[name]).status_code == 403
    assert not Pause.objects.exists()
    assert not Reminder.objects.exists()
    assert not RhythmChange.objects.exists()


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("role", roles.ALL)
def test_every_role_may_and_comes_back_to_the_persons_page(
    anna: Contact, now: datetime, name: str, role: str
) -> None:
    client = cast.client_of(cast.colleague("Kim", role))
    response = post(client, name, anna, now, **ACTIONS[name])
    assert (response.status_code, response["Location"]) == (302, f"/people/{anna.pk}/")


@pytest.mark.parametrize("name", ACTIONS)
def test_reading_changes_nothing_and_nobody_is_nobody(
    sams: Client, anna: Contact, now: datetime, name: str
) -> None:
    assert sams.get(reverse(f"nurturing:{name}", args=[anna.pk])).status_code == 405
    assert sams.post(reverse(f"nurturing:{name}", args=[anna.pk + 999])).status_code == 404
    Contact.objects.filter(pk=anna.pk).update(erased_at=now)
    assert sams.post(reverse(f"nurturing:{name}", args=[anna.pk])).status_code == 404


def test_silence_until_a_day_and_back(sams: Client, anna: Contact, sam: User, now: datetime) -> None:
    words, undo = said(post(sams, "pause", anna, now, until="2026-12-28", because="on leave"))
    assert words == "No mail to Anna Lind until Monday 28 December."
    running = Pause.objects.get()
    assert (running.until, running.because, running.by) == (
        datetime(2026, 12, 27, 23, tzinfo=UTC),
        "on leave",
        sam,
    )
    assert Standing.objects.get(pk=anna.pk).state == "paused"
    with clock.at(now):
        words, again = said(sams.post(undo))  # type: ignore[arg-type]
        assert words == "The silence is over: mails to Anna Lind go on."
        assert Standing.objects.get(pk=anna.pk).state == "nurtured"
        sams.post(again)
    assert Pause.objects.get(ended_at=None).until == running.until


def test_a_date_that_is_none_is_refused_in_words(sams: Client, anna: Contact, now: datetime) -> None:
    for until in ("2026-11-17", "1970-01-01", "soon", "", "9999-12-31"):
        words, undo = said(post(sams, "pause", anna, now, until=until, because=""))
        assert words.startswith("No mail until: ")
        assert undo == ""
    words, _ = said(post(sams, "remind", anna, now, on="2027-03-02", because=" "))
    assert words == "Because: This field is required."
    assert not Pause.objects.exists()
    assert not Reminder.objects.exists()


def test_a_date_in_march_and_back(sams: Client, anna: Contact, sam: User, now: datetime) -> None:
    words, undo = said(post(sams, "remind", anna, now, on="2027-03-02", because="budget"))
    assert words == "Anna Lind comes into the queue on Tuesday 2 March."
    made = Reminder.objects.get()
    assert (made.at, made.kind, made.by) == (datetime(2027, 3, 2, 7, tzinfo=UTC), "ripe", sam)
    with clock.at(now):
        assert said(sams.post(undo))[0] == "The date is taken back."  # type: ignore[arg-type]
        assert said(sams.post(undo))[0] == "That date has come already."  # type: ignore[arg-type]
    assert Reminder.objects.get().done_at == now


def test_somebody_elses_reminder_is_not_found(
    sams: Client, anna: Contact, dana: Contact, now: datetime
) -> None:
    theirs = Reminder.objects.get(contact=dana)
    assert post(sams, "forget", anna, now, theirs.pk).status_code == 404


def test_the_rhythm_moves_within_bounds_and_back(sams: Client, anna: Contact, now: datetime) -> None:
    words, undo = said(post(sams, "rhythm", anna, now, days="20"))
    assert words == "Anna Lind gets a mail about every 20 days."
    assert Standing.objects.get(pk=anna.pk).rhythm_days == 20
    assert said(post(sams, "rhythm", anna, now, days="3"))[0] == "The interval is 10 to 120 days."
    with clock.at(now + timedelta(minutes=1)):
        assert said(sams.post(undo))[0] == "Anna Lind gets a mail about every 45 days, as before."  # type: ignore[arg-type]
    assert Standing.objects.get(pk=anna.pk).rhythm_days == 45


def test_out_of_a_sequence_and_back_into_it(sams: Client, anna: Contact, now: datetime) -> None:
    webinar = supply.sequence("Webinar", ("hello", 7))
    enrollment.start(contact_ids=[anna.pk], sequence_id=webinar.pk, by=None, source="test", now=now)
    words, undo = said(post(sams, "leave_sequence", anna, now))
    assert words == "Anna Lind left “Webinar”. The library goes on at their own rhythm."
    assert Enrollment.objects.get().end_reason == "by_hand"
    with clock.at(now):
        assert said(sams.post(undo))[0] == "Anna Lind goes on in the sequence."  # type: ignore[arg-type]
    assert Enrollment.objects.active().count() == 1
    enrollment.stop(contact_ids=[anna.pk], reason="by_hand", now=now)
    assert said(post(sams, "leave_sequence", anna, now))[0] == "Anna Lind is in no sequence."
