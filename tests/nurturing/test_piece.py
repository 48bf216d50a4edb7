"""The library's pieces: draft, live, retired, and back."""

import pytest

from contacts.models import AuditEvent, Topic
from nurturing.models import MailVersion, Piece
from nurturing.services import mail_version, piece

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic() -> Topic:
    return Topic.objects.create(name="Stillestånd", slug="stillestand")


@pytest.fixture
def written(mira, topic, now) -> Piece:
    return piece.make(
        title="Vad kostar en timme?",
        topic_id=topic.pk,
        by=mira,
        now=now,
        level="tofu",
        language="sv",
        subject="Vad kostar en timme?",
        body="Hej {{ contact.first_name | default: 'du' }}",
    )


def test_a_draft_is_not_live(written):
    assert list(Piece.objects.live()) == []
    assert written.mail is None


def test_publishing_makes_it_choosable(written, mira, now):
    live = piece.publish(piece_id=written.pk, by=mira, now=now)
    assert list(Piece.objects.live()) == [live]
    assert live.mail and live.mail.compiled["subject"] == "Vad kostar en timme?"


def test_an_edit_waits_for_the_next_publication(written, mira, now):
    live = piece.publish(piece_id=written.pk, by=mira, now=now).mail
    piece.edit(piece_id=written.pk, seen=piece.fingerprint(written), by=mira, now=now, subject="Ny rubrik")
    written.refresh_from_db()
    assert written.mail == live and written.subject == "Ny rubrik"
    assert piece.publish(piece_id=written.pk, by=mira, now=now).mail != live


def test_a_broken_piece_is_refused_in_words(written, mira, now):
    piece.edit(
        piece_id=written.pk,
        seen=piece.fingerprint(written),
        by=mira,
        now=now,
        body="a\n{{ contact.password }}",
    )
    with pytest.raises(mail_version.Unpublishable, match=r"Text, line 2: .*contact\.password"):
        piece.publish(piece_id=written.pk, by=mira, now=now)
    written.refresh_from_db()
    assert written.mail is None and MailVersion.objects.count() == 0


def test_the_later_of_two_authors_is_told(written, mira, ada, now):
    seen = piece.fingerprint(written)
    piece.edit(piece_id=written.pk, seen=seen, by=mira, now=now, title="Miras")
    with pytest.raises(piece.EditedMeanwhile) as caught:
        piece.edit(piece_id=written.pk, seen=seen, by=ada, now=now, title="Adas")
    assert caught.value.piece.title == "Miras"


def test_undo_of_a_publication(written, mira, now):
    first = piece.publish(piece_id=written.pk, by=mira, now=now).mail
    piece.edit(piece_id=written.pk, seen=piece.fingerprint(written), by=mira, now=now, subject="Ny")
    piece.publish(piece_id=written.pk, by=mira, now=now)
    assert piece.undo_publish(piece_id=written.pk, by=mira, now=now).mail == first
    with pytest.raises(piece.NothingToUndo):
        piece.undo_publish(piece_id=written.pk, by=mira, now=now)


def test_undo_of_the_first_publication_makes_it_a_draft(written, mira, now):
    piece.publish(piece_id=written.pk, by=mira, now=now)
    assert piece.undo_publish(piece_id=written.pk, by=mira, now=now).mail is None
    assert list(Piece.objects.live()) == []


def test_a_retired_piece_goes_to_nobody_and_can_come_back(written, mira, now):
    piece.publish(piece_id=written.pk, by=mira, now=now)
    piece.retire(piece_id=written.pk, by=mira, now=now)
    assert list(Piece.objects.live()) == []
    piece.bring_back(piece_id=written.pk, by=mira, now=now)
    assert list(Piece.objects.live()) == [written]
    assert AuditEvent.objects.filter(object_type="piece").count() == 4
