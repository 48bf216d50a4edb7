"""What marketers do: sequences, pieces, going live, lists."""

from datetime import timedelta

from contacts.models import Suppression
from nurturing.models import Send, Sender
from nurturing.queries import receipts
from nurturing.services import enrollment, live, piece, preference, sequence, tick
from tests.silo.deeds.scene import SHARED, Scene, go_round


def brought_in_and_undone(s: Scene) -> None:
    came = enrollment.start(
        contact_ids=[s.anna.pk, s.frida.pk, s.dana.pk],
        sequence_id=s.sequence.pk,
        by=s.mira,
        source="list",
        now=s.now,
    )
    tick.tick(now=s.now)
    assert came.batch_id
    enrollment.undo(batch_id=came.batch_id, now=s.now)


def left_and_back(s: Scene) -> None:
    ended = enrollment.stop(contact_ids=[s.berit.pk], reason="by_hand", now=s.now)
    enrollment.resume(enrollment_ids=ended, now=s.now)


def left_stopped_and_back(s: Scene) -> None:
    ended = enrollment.stop(contact_ids=[s.berit.pk], reason="by_hand", now=s.now)
    preference.stop(contact_id=s.berit.pk, send_id=0, how="one-click", now=s.now)
    enrollment.resume(enrollment_ids=ended, now=s.now)


def published_anew(s: Scene) -> None:
    by: dict[str, object] = {"sequence_id": s.sequence.pk, "by": s.mira, "now": s.now}
    sequence.add_step(subject="Three", body="Hei!", days=3, **by)  # type: ignore[arg-type]
    for step in s.sequence.versions.get(number=None).steps.exclude(subject="Three"):
        sequence.remove_step(step_key=step.key, **by)  # type: ignore[arg-type]
    sequence.publish(**by)  # type: ignore[arg-type]


def published_and_undone(s: Scene) -> None:
    published_anew(s)
    sequence.undo_publish(sequence_id=s.sequence.pk, by=s.mira, now=s.now)


def withdrawn(s: Scene) -> None:
    sequence.undo_publish(sequence_id=s.sequence.pk, by=s.mira, now=s.now)


def piece_out_and_in(s: Scene) -> None:
    piece.retire(piece_id=s.piece.pk, by=s.mira, now=s.now)
    piece.bring_back(piece_id=s.piece.pk, by=s.mira, now=s.now)


def new_piece(s: Scene) -> None:
    made = piece.make(
        title="New",
        topic_id=s.piece.topic_id,
        subject="New",
        body="Hei!",
        language="nb",
        by=s.mira,
        now=s.now,
    )
    piece.publish(piece_id=made.pk, by=s.mira, now=s.now)
    piece.edit(piece_id=made.pk, seen=piece.fingerprint(made), language="sv", by=s.mira, now=s.now)
    piece.undo_publish(piece_id=made.pk, by=s.mira, now=s.now)


def went_live(s: Scene) -> None:
    Sender.objects.update(
        transport="smtp", transport_settings={"host": "127.0.0.1", "port": 9, "security": "none"}
    )
    enrollment.start(
        contact_ids=[s.erik.pk],
        sequence_id=s.sequence.pk,
        by=s.mira,
        source="t",
        now=s.now - timedelta(days=3),
    )
    live.go(by=s.ada, now=s.now)


def brought_a_list(s: Scene) -> None:
    s.list(
        "Förnamn;Efternamn;E-post;Telefon;Land;Språk\n"
        "Nils;Ny;nils@ny.example;;SE;sv\n"
        f"Berit;By;{s.berit.email};+4746500411;SE;sv\n"
    )


def list_undone(s: Scene) -> None:
    batch = s.list(
        "Förnamn;Efternamn;E-post;Land;Språk\n"
        f"Nils;Ny;nils@ny.example;SE;sv\nBerit;By;{s.berit.email};SE;sv\n"
    )
    s.undo_list(batch)


def list_undone_after_a_mail(s: Scene) -> None:
    batch = s.list("Förnamn;E-post;Land;Språk\nNils;nils@ny.example;NO;nb\n")
    for week in range(4):
        go_round(s.now + timedelta(weeks=week))
    s.now += timedelta(weeks=4)
    assert Send.objects.filter(contact__email="nils@ny.example", state="accepted").exists()
    s.undo_list(batch)


def list_that_opts_out(s: Scene) -> None:
    s.list(f"Förnamn;Efternamn;E-post;Unsubscribed from all email\nFrida;Fjell;{s.frida.email};true\n")


def list_that_opts_out_undone(s: Scene) -> None:
    batch = s.list(
        f"Förnamn;Efternamn;E-post;Unsubscribed from all email\nFrida;Fjell;{s.frida.email};true\n"
        f"Anna;Lind;{s.anna.email};true\n"
    )
    assert Suppression.objects.in_force().filter(batch_id=batch).count() == 2
    s.undo_list(batch)
    assert receipts.degrees(s.anna.pk, now=s.now) > 70


def list_that_opts_out_a_phone(s: Scene) -> None:
    s.list(f"Förnamn;Efternamn;Telefon;Unsubscribed from all email\nCarl;Dal;{SHARED};true\n")
