"""The clock: comes to everyone whose moment has come, plans once, and says why when it does not."""

import json
import threading
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from contacts.models import Contact
from nurturing.models import (
    Decision,
    Enrollment,
    Gap,
    Handoff,
    Pause,
    Reminder,
    SalesHold,
    Send,
    SetAside,
    Standing,
    TickRun,
)
from nurturing.queries import clearance
from nurturing.queries import standing as standings
from nurturing.services import enrollment, hold, pause, reminder, send, standing, tick
from nurturing.services.send import Claimed, Move
from nurturing.services.tick import TickResult
from nurturing.tasks import tick as tasks
from tests import cast
from tests.nurturing import supply

pytestmark = pytest.mark.django_db


def standing_of(person: Contact) -> Standing:
    return Standing.objects.get(pk=person.pk)


def moment_of(person: Contact) -> datetime:
    moment = standing_of(person).next_at
    assert moment is not None
    return moment


def test_a_step_is_planned_with_its_decision_and_the_next_moment_is_the_next_step(
    anna: Contact, now: datetime
) -> None:
    webinar = supply.sequence("Webinar", ("hello", 0), ("case", 7))
    enrollment.start(contact_ids=[anna.pk], sequence_id=webinar.pk, by=None, source="test", now=now)
    assert tick.tick(now=now) == TickResult(due=1, planned=1)
    send = Send.objects.get()
    run = Enrollment.objects.get()
    assert (send.dedupe_key, send.state, send.sandbox) == (f"step:{run.pk}:hello", "planned", True)
    assert (send.not_before, send.latest_at) == (now, now + timedelta(days=7))
    assert send.mail is not None
    assert send.mail.subject == "hello"
    assert Decision.objects.get().dedupe_key == send.dedupe_key
    assert (run.last_step_key, run.last_step_at) == ("hello", now)
    row = standing_of(anna)
    assert (row.next_what, row.because) == ("step", {"code": "step_due"})
    assert moment_of(anna).date() == now.date() + timedelta(days=7)
    assert standings.drift(now=now) == []


def test_through_a_sequence_and_back_to_the_library_for_good(anna: Contact, now: datetime) -> None:
    webinar = supply.sequence("Webinar", ("hello", 0), ("case", 7))
    for title in ("Sparte strøm", "Kortere stans"):
        supply.piece(title)
    enrollment.start(contact_ids=[anna.pk], sequence_id=webinar.pk, by=None, source="test", now=now)
    moment, kinds = now, []
    for _ in range(12):
        tick.tick(now=moment)
        Send.objects.update(state="accepted", finished_at=moment)
        kinds.append(Send.objects.count())
        moment = moment_of(anna)
    assert list(Send.objects.order_by("id").values_list("kind", flat=True)) == [
        "step",
        "step",
        "piece",
        "piece",
    ]
    assert Enrollment.objects.get().end_reason == "completed"
    assert standing_of(anna).because == {"code": "no_piece_left"}
    assert moment > now + timedelta(days=100)
    assert standings.drift(now=moment) == []


def test_a_run_ends_only_after_its_last_mail_has_left(anna: Contact, now: datetime) -> None:
    webinar = supply.sequence("Webinar", ("hello", 0))
    enrollment.start(contact_ids=[anna.pk], sequence_id=webinar.pk, by=None, source="test", now=now)
    tick.tick(now=now)
    assert Enrollment.objects.get().ended_at is None
    [cleared] = clearance.of(send.claim(worker="test", now=now, limit=10), now=now).values()
    assert cleared.answer is not clearance.Answer.SKIP, cleared.reason
    Send.objects.update(state="accepted", finished_at=now)
    tick.tick(now=moment_of(anna))
    assert Enrollment.objects.get().end_reason == "completed"


def test_nothing_is_planned_twice_by_asking_twice(anna: Contact, now: datetime) -> None:
    webinar = supply.sequence("Webinar", ("hello", 0))
    enrollment.start(contact_ids=[anna.pk], sequence_id=webinar.pk, by=None, source="test", now=now)
    tick.tick(now=now)
    assert tick.tick(now=now) == TickResult()
    Standing.objects.filter(pk=anna.pk).update(next_at=now)
    assert tick.tick(now=now).planned == 0
    assert Send.objects.count() == 1


def test_a_late_wake_up_at_night_waits_for_the_morning(anna: Contact, now: datetime) -> None:
    webinar = supply.sequence("Webinar", ("hello", 0))
    enrollment.start(contact_ids=[anna.pk], sequence_id=webinar.pk, by=None, source="test", now=now)
    night = now.replace(hour=22)
    assert tick.tick(now=night) == TickResult(due=1, later=1)
    assert standing_of(anna).because == {"code": "window_closed"}
    assert moment_of(anna).date() == now.date() + timedelta(days=1)
    assert standings.drift(now=night) == []
    assert tick.tick(now=moment_of(anna)).planned == 1


def test_on_christmas_eve_nobody_is_written_to(anna: Contact) -> None:
    eve = datetime(2026, 12, 24, 9, tzinfo=UTC)
    webinar = supply.sequence("Webinar", ("hello", 0))
    enrollment.start(contact_ids=[anna.pk], sequence_id=webinar.pk, by=None, source="test", now=eve)
    assert moment_of(anna).date() == datetime(2026, 12, 28, tzinfo=UTC).date()
    Standing.objects.update(next_at=eve)
    assert tick.tick(now=eve).planned == 0
    assert not Send.objects.exists()


def test_a_pause_over_a_due_step_then_the_step_comes(anna: Contact, now: datetime) -> None:
    webinar = supply.sequence("Webinar", ("hello", 0))
    enrollment.start(contact_ids=[anna.pk], sequence_id=webinar.pk, by=None, source="test", now=now)
    until = now + timedelta(days=7)
    pause.start(contact_id=anna.pk, until=until, because="on leave", now=now)
    assert (standing_of(anna).state, moment_of(anna)) == ("paused", until)
    assert tick.tick(now=now) == TickResult()
    assert tick.tick(now=until) == TickResult(due=1, planned=1)
    assert Pause.objects.get().ended_at == until
    assert standing_of(anna).state == "nurtured"


def test_a_pause_ended_by_hand_ends_now(anna: Contact, now: datetime) -> None:
    pause.start(contact_id=anna.pk, until=now + timedelta(days=7), because="on leave", now=now)
    pause.start(contact_id=anna.pk, until=now + timedelta(days=70), because="longer", now=now)
    assert pause.end(contact_id=anna.pk, now=now) is not None
    assert pause.end(contact_id=anna.pk, now=now) is None
    assert standing_of(anna).state == "nurtured"
    with pytest.raises(pause.NotInTheFuture):
        pause.start(contact_id=anna.pk, until=now, because="never", now=now)


def test_the_date_in_march_opens_a_hand_off_with_the_old_note(dana: Contact) -> None:
    march = Reminder.objects.get(contact=dana).at
    before = march - timedelta(days=1)
    standing.recompute([dana.pk], now=before)
    assert (standing_of(dana).next_what, moment_of(dana)) == ("reminder", march)
    assert tick.tick(now=march) == TickResult(due=1, handed_on=1)
    opened = Handoff.objects.get(contact=dana)
    assert (opened.kind, opened.because) == ("ripe", "Budget after the summer; call in March.")
    assert standing_of(dana).state == "hot"
    assert Reminder.objects.get().done_at == march
    assert standings.drift(now=march) == []


def test_a_reminder_taken_back_opens_nothing(anna: Contact, now: datetime) -> None:
    made = reminder.remind(
        contact_id=anna.pk, at=now + timedelta(days=1), kind="call_back", because="asked", now=now
    )
    assert moment_of(anna) == made.at
    reminder.take_back(reminder_id=made.pk, now=now)
    assert reminder.take_back(reminder_id=made.pk, now=now) is None
    tick.tick(now=now + timedelta(days=2))
    assert not Handoff.objects.exists()


def test_a_claim_that_ran_out_gives_the_person_back_to_the_queue(anna: Contact, now: datetime) -> None:
    Handoff.objects.create(contact=anna, kind="replied", opened_at=now, because="Asked for a price")
    SalesHold.objects.create(
        contact=anna, kind="claim", reference=1, at=now, until=now + timedelta(minutes=30)
    )
    standing.recompute([anna.pk], now=now)
    assert standing_of(anna).state == "with_sales"
    out = now + timedelta(minutes=31)
    assert tick.tick(now=out) == TickResult(due=1, later=1)
    assert standing_of(anna).state == "hot"
    assert SalesHold.objects.get().ended_at == out


def test_who_has_cooled_is_nurtured_again(anna: Contact, now: datetime) -> None:
    Handoff.objects.create(
        contact=anna,
        kind="hot",
        opened_at=now - timedelta(days=9),
        because="prices",
        cools_at=now - timedelta(hours=1),
    )
    standing.recompute([anna.pk], now=now - timedelta(days=1))
    tick.tick(now=now)
    assert Handoff.objects.get().close_reason == "cooled"
    assert standing_of(anna).state == "nurtured"
    assert standings.drift(now=now) == []


def test_a_step_that_vanished_from_the_new_version_goes_on_after_its_neighbour(
    anna: Contact, now: datetime
) -> None:
    webinar = supply.sequence("Webinar", ("hello", 0), ("case", 7), ("offer", 7))
    enrollment.start(contact_ids=[anna.pk], sequence_id=webinar.pk, by=None, source="test", now=now)
    tick.tick(now=now)
    Send.objects.update(state="accepted", finished_at=now)
    tick.tick(now=moment_of(anna))
    Send.objects.update(state="accepted", finished_at=now)
    supply.publish(webinar, ("hello", 0), ("film", 3), ("offer", 7))
    standing.recompute_where(now=now + timedelta(days=8), contact__enrollments__sequence=webinar)
    tick.tick(now=moment_of(anna))
    assert list(Send.objects.order_by("id").values_list("step_key", flat=True)) == ["hello", "case", "film"]


def test_a_withdrawn_sequence_lets_its_people_go_back_to_the_library(anna: Contact, now: datetime) -> None:
    webinar = supply.sequence("Webinar", ("hello", 0), ("case", 7))
    enrollment.start(contact_ids=[anna.pk], sequence_id=webinar.pk, by=None, source="test", now=now)
    tick.tick(now=now)
    webinar.archived_at = now
    webinar.save()
    assert standing.recompute_where(now=now, contact__enrollments__sequence=webinar) == 1
    tick.tick(now=now)
    assert Enrollment.objects.get().end_reason == "by_hand"
    assert standing_of(anna).next_what == "piece"


def test_one_persons_nonsense_does_not_stop_the_round(anna: Contact, dana: Contact, now: datetime) -> None:
    Contact.objects.filter(pk=anna.pk).update(time_zone="Europe/Nowhere")
    result = tick.tick(now=now)
    assert (result.due, result.skipped) == (2, 1)
    assert "Europe/Nowhere" in SetAside.objects.get(contact=anna).error
    assert moment_of(anna) == now + timedelta(days=1)
    assert standing_of(dana).because["code"] != "set_aside"


def test_a_round_leaves_one_row_and_idle_rounds_share_one(anna: Contact, now: datetime) -> None:
    for minute in range(4):
        tick.tick(now=now + timedelta(minutes=minute))
    rows = TickRun.objects.order_by("at").values_list("at", "due")
    assert list(rows) == [(now, 1), (now + timedelta(minutes=3), 0)]


def test_every_due_person_is_counted_once(
    anna: Contact, boris: Contact, chen: Contact, dana: Contact, now: datetime
) -> None:
    for title in ("Sparte strøm", "Kortere stans"):
        supply.piece(title, language="")
    result = tick.tick(now=now, batch=1)
    assert result.due == 4
    assert result.planned + result.handed_on + result.skipped + result.later == 4
    assert result.skipped == 1  # Chen asked for no more mail and has no phone
    assert result.planned >= 1
    assert standings.drift(now=now) == []


def test_the_command_says_it_to_people_and_to_scripts(anna: Contact, now: datetime) -> None:
    webinar = supply.sequence("Webinar", ("hello", 0))
    enrollment.start(contact_ids=[anna.pk], sequence_id=webinar.pk, by=None, source="test", now=now)
    out = StringIO()
    call_command("tick", "--now", "2026-11-17T08:30", "--json", stdout=out)
    said = json.loads(out.getvalue().splitlines()[-1])
    assert said == {"due": 1, "planned": 1, "handed_on": 0, "skipped": 0, "later": 0}
    out = StringIO()
    call_command("tick", "--now", "2026-11-17T09:31:00+01:00", stdout=out)
    assert out.getvalue().startswith("0 people due at 2026-11-17 08:31 UTC")
    with pytest.raises(CommandError, match="tomorrow"):
        call_command("tick", "--now", "tomorrow")


def test_the_beats_task_ticks_with_the_clock(anna: Contact) -> None:
    tasks.tick(sent_by_a_newer_version=True)
    assert TickRun.objects.get().due == 1


@pytest.fixture
def due(now: datetime) -> list[Contact]:
    """Nine people whose first step is due."""
    people = [cast.contact("Liv", f"Moe{one}", email=f"liv{one}@fjordmek.example") for one in range(9)]
    webinar = supply.sequence("Webinar", ("hello", 0))
    ids = [person.pk for person in people]
    enrollment.start(contact_ids=ids, sequence_id=webinar.pk, by=None, source="test", now=now)
    return people


def in_hand(now: datetime, *, batch: int = 500) -> list[Claimed]:
    """What a round plans into the hand of its worker."""
    running = tick.begin(now=now, batch=batch, worker="hand:1")
    return [claimed for _batch in running.batches() for claimed in running.claims]


def test_a_worker_has_in_hand_what_it_planned_as_if_it_had_claimed_it(
    due: list[Contact], now: datetime
) -> None:
    claims = in_hand(now, batch=4)
    assert {one.contact_id for one in claims} == {person.pk for person in due}
    rows = Send.objects.values_list("state", "attempt", "claimed_by", "lease_until").distinct()
    assert list(rows) == [("claimed", 1, "hand:1", now + send.lease())]
    assert send.claim(worker="another", now=now, limit=500) == [], "nobody else gets them"
    send.reap(now=now + send.lease() + timedelta(seconds=1))
    again = send.claim(worker="another", now=now + send.lease() * 2, limit=500)
    assert [(one.id, one.attempt) for one in again] == [(one.id, 2) for one in claims]
    assert send.move([Move(one, "accepted") for one in claims], now=now) == set(), (
        "the first hand is too late"
    )


def test_on_hold_and_while_a_person_is_asked_mails_are_planned_into_nobodys_hand(
    due: list[Contact], now: datetime
) -> None:
    hold.stop(because="the wrong price", by=None, now=now)
    assert in_hand(now, batch=500) == []
    hold.release(by=None, now=now)
    assert Send.objects.filter(state="planned", attempt=0).count() == 9
    Gap.objects.create(since=now - timedelta(days=2000), until=now - timedelta(days=1999), late=1)
    late = cast.contact("Olav", "Dahl", email="olav@fjordmek.example")
    webinar = Enrollment.objects.values_list("sequence_id", flat=True)[0]
    enrollment.start(contact_ids=[late.pk], sequence_id=webinar, by=None, source="test", now=now)
    assert in_hand(now) == []
    assert Send.objects.get(contact=late).state == "planned"


def test_what_a_batch_that_failed_had_planned_is_in_nobodys_hand(due: list[Contact], now: datetime) -> None:
    Reminder.objects.create(contact=due[4], at=now, kind="nonsense", because="in March", made_at=now)
    standing.recompute([due[4].pk], now=now)
    claims = in_hand(now)
    assert {one.contact_id for one in claims} == {person.pk for person in due} - {due[4].pk}
    assert len(claims) == 8 == Send.objects.filter(state="claimed").count()


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_share_the_work_and_do_no_harm(now: datetime) -> None:
    webinar = supply.sequence("Webinar", ("hello", 0))
    people = [cast.contact("Olav", f"Dahl{n}", email=f"o{n}@fjordmek.example") for n in range(60)]
    ids = [person.pk for person in people]
    enrollment.start(contact_ids=ids, sequence_id=webinar.pk, by=None, source="test", now=now)
    together = threading.Barrier(3)
    results: list[TickResult] = []

    def run() -> None:
        try:
            together.wait()
            results.append(tick.tick(now=now, batch=7))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result.due for result in results) == 60
    assert sum(result.planned for result in results) == 60
    assert Send.objects.count() == Decision.objects.count() == 60
    assert standings.drift(now=now) == []
