"""Between planning and sending the world goes on: what leaves is what is live when it leaves, and nothing leaves twice."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection

from contacts import hooks
from contacts.models import Contact
from nurturing.models import (
    Enrollment,
    MailVersion,
    RhythmChange,
    SandboxMail,
    Send,
    Sender,
    Sequence,
    Standing,
    Step,
)
from nurturing.services import delivery, enrollment, live, piece, rhythm, sequence, standing, tick
from silo.models import User
from silo.queries import doctor
from tests import cast
from tests.nurturing import posting
from tests.nurturing.test_rhythm import sent

pytestmark = pytest.mark.django_db
BODY = "Hej {{ contact.first_name }}!"


@pytest.fixture
def webinar(mira: User, now: datetime) -> Sequence:
    """A live sequence whose first mail has a mistake in it."""
    posting.sender()
    made = sequence.make(name="Webinar", by=mira, now=now)
    for days, subject in ((0, "Misstake"), (9, "Later")):
        sequence.add_step(sequence_id=made.pk, by=mira, now=now, subject=subject, body=BODY, days=days)
    sequence.publish(sequence_id=made.pk, by=mira, now=now)
    return made


def planned(person: Contact, webinar: Sequence, now: datetime) -> Send:
    enrollment.start(contact_ids=[person.pk], sequence_id=webinar.pk, by=None, source="test", now=now)
    tick.tick(now=now)
    return Send.objects.get(contact=person, state="planned")


def mend(webinar: Sequence, mira: User, now: datetime) -> None:
    """The mistake is seen, mended and published, with the mail already planned."""
    key = Step.objects.get(version__sequence=webinar, subject="Misstake").key
    draft = sequence.move_step(sequence_id=webinar.pk, step_key=key, by_places=0, by=mira, now=now)
    sequence.edit_step(
        sequence_id=webinar.pk,
        step_key=key,
        seen=sequence.fingerprint(draft),
        subject="Mended",
        by=mira,
        now=now,
    )
    sequence.publish(sequence_id=webinar.pk, by=mira, now=now)


def left() -> list[str]:
    return sorted(SandboxMail.objects.values_list("subject", flat=True))


def test_a_step_mended_and_published_while_its_mail_waits_goes_out_mended(
    webinar: Sequence, mira: User, anna: Contact, now: datetime
) -> None:
    planned(anna, webinar, now)
    mend(webinar, mira, now)
    delivery.deliver_due(now=now, worker="test")
    assert left() == ["Mended"]
    assert Send.objects.get(contact=anna).mail == MailVersion.objects.get(subject="Mended")


def test_taking_that_publication_back_takes_back_the_words_of_what_waits(
    webinar: Sequence, mira: User, anna: Contact, now: datetime
) -> None:
    planned(anna, webinar, now)
    mend(webinar, mira, now)
    sequence.undo_publish(sequence_id=webinar.pk, by=mira, now=now)
    delivery.deliver_due(now=now, worker="test")
    assert left() == ["Misstake"]


def test_a_mail_whose_step_was_taken_out_meanwhile_does_not_leave(
    webinar: Sequence, mira: User, anna: Contact, now: datetime
) -> None:
    waits = planned(anna, webinar, now)
    sequence.remove_step(sequence_id=webinar.pk, step_key=waits.step_key, by=mira, now=now)
    sequence.publish(sequence_id=webinar.pk, by=mira, now=now)
    waits.refresh_from_db()
    assert (waits.state, waits.reason) == ("skipped", "step_removed")
    assert doctor.examine(now=now).broken == ()


def test_a_sequence_that_was_taken_back_whole_sends_nothing_that_waited(
    webinar: Sequence, mira: User, anna: Contact, now: datetime
) -> None:
    waits = planned(anna, webinar, now)
    sequence.undo_publish(sequence_id=webinar.pk, by=mira, now=now)
    delivery.deliver_due(now=now, worker="test")
    waits.refresh_from_db()
    assert waits.state == "skipped"


def test_a_piece_published_anew_while_its_mail_waits_goes_out_anew(
    anna: Contact, mira: User, now: datetime
) -> None:
    posting.sender()
    about = posting.piece(posting.published("Old"))
    waits = posting.due(anna, of=about, not_before=now)[0]
    piece.edit(piece_id=about.pk, seen=piece.fingerprint(about), subject="New", body=BODY, by=mira, now=now)
    piece.publish(piece_id=about.pk, by=mira, now=now)
    delivery.deliver_due(now=now, worker="test")
    assert left() == ["New"]
    waits.refresh_from_db()
    assert waits.mail is not None and waits.mail.subject == "New"


def test_a_piece_that_is_a_draft_again_goes_to_nobody(anna: Contact, mira: User, now: datetime) -> None:
    posting.sender()
    made = posting.piece(posting.published("Old"))
    made = piece.make(
        title="P", topic_id=made.topic_id, subject="P", body=BODY, language="sv", by=mira, now=now
    )
    made = piece.publish(piece_id=made.pk, by=mira, now=now)
    waits = posting.due(anna, of=made, not_before=now)[0]
    piece.undo_publish(piece_id=made.pk, by=mira, now=now)
    delivery.deliver_due(now=now, worker="test")
    waits.refresh_from_db()
    assert (waits.state, waits.reason) == ("skipped", "piece_retired")


def test_what_is_live_keeps_its_language_until_it_is_published_again(
    anna: Contact, mira: User, now: datetime
) -> None:
    posting.sender()
    about = posting.piece(posting.published("Hei", language="nb"))
    type(about).objects.update(language="nb")
    about.refresh_from_db()
    piece.edit(piece_id=about.pk, seen=piece.fingerprint(about), language="fi", by=mira, now=now)
    standing.recompute([anna.pk], now=now)
    tick.tick(now=now)
    assert Send.objects.filter(contact=anna, piece=about).exists()


def test_two_entries_of_one_person_that_are_merged_get_a_piece_once(
    anna: Contact, dana: Contact, now: datetime
) -> None:
    posting.sender()
    about = posting.piece(posting.published("Old"))
    posting.due(anna, dana, of=about, not_before=now)
    hooks.merged([(dana.pk, anna.pk)], now=now)
    delivery.deliver_due(now=now, worker="test")
    assert sorted(Send.objects.values_list("contact", "state", "reason")) == [
        (anna.pk, "accepted", ""),
        (anna.pk, "skipped", "merged"),
    ]
    assert left() == ["Old"]
    assert doctor.examine(now=now).broken == ()


def test_going_live_judges_also_those_who_are_in_a_sequence_and_had_no_mail_yet(
    webinar: Sequence, anna: Contact, ada: User, now: datetime
) -> None:
    Step.objects.update(days=5)
    Sender.objects.update(
        transport="smtp", transport_settings={"host": "127.0.0.1", "port": 9, "security": "none"}
    )
    enrollment.start(
        contact_ids=[anna.pk], sequence_id=webinar.pk, by=None, source="test", now=now - timedelta(days=3)
    )
    before = Standing.objects.get(pk=anna.pk).next_at
    live.go(by=ada, now=now)
    after = Standing.objects.get(pk=anna.pk).next_at
    assert Enrollment.objects.get().started_at == now
    assert before is not None and after is not None and after > before
    assert doctor.examine(now=now).broken == ()


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_lengthen_the_interval_of_an_ignored_mail_once(now: datetime) -> None:
    people = [
        cast.contact("Olav", f"Dahl{number}", email=f"o{number}@fjordmek.example") for number in range(20)
    ]
    for person in people:
        sent(person, now - timedelta(days=15), f"Piece {person.pk}")
    together, wrong = threading.Barrier(3), []

    def run() -> None:
        try:
            together.wait()
            rhythm.judge_ignored(since=None, now=now)
        except Exception as fault:
            wrong.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert RhythmChange.objects.count() == 20
    assert set(Standing.objects.values_list("rhythm_days", flat=True)) == {56.25}


def test_who_said_no_to_mail_is_brought_into_no_sequence_though_a_call_is_allowed(
    webinar: Sequence, chen: Contact, now: datetime
) -> None:
    Contact.objects.filter(pk=chen.pk).update(phone="+4621123499")
    standing.recompute([chen.pk], now=now)
    result = enrollment.start(contact_ids=[chen.pk], sequence_id=webinar.pk, by=None, source="test", now=now)
    assert (result.stopped, result.brought_in) == ((chen.pk,), 0)


def test_a_new_priority_counts_for_those_who_wait_already(
    webinar: Sequence, anna: Contact, mira: User, now: datetime
) -> None:
    posting_now = {"by": mira, "now": now}
    other = sequence.make(name="Other", **posting_now)
    sequence.add_step(sequence_id=other.pk, subject="Other", body=BODY, **posting_now)
    sequence.publish(sequence_id=other.pk, **posting_now)
    for one in (webinar, other):
        enrollment.start(contact_ids=[anna.pk], sequence_id=one.pk, source="test", **posting_now)
    sequence.describe(sequence_id=other.pk, priority=99, **posting_now)
    assert Enrollment.objects.waiting().get().priority == 99
