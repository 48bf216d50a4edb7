"""What the import engine promises: pause and go on, two hands, corrected rejects, policies, a file that changed, a full disk."""

import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, connections

from contacts import erasing
from contacts.models import (
    Company,
    Contact,
    CustomField,
    DuplicatePair,
    ImportBatch,
    ImportCompany,
    ImportRow,
    LegalGround,
    Suppression,
)
from contacts.queries import import_batch as queries
from contacts.reading import decoding
from contacts.services import contact as contacts
from contacts.services import import_batch as imports
from contacts.services import (
    import_correction,
    import_rows,
    import_run,
    import_stage,
    import_undo,
    import_work,
    import_write,
    suppression,
)

HEADER = "Förnamn;Efternamn;E-post;Företag;Befattning;Telefon\n"


@pytest.fixture(autouse=True)
def _files_of_the_test(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def settled(text: str, now: datetime, ground: str = "legitimate_interest", **options: Any) -> ImportBatch:
    batch = imports.receive(name="lista.csv", file=ContentFile(text.encode(), "lista.csv"), by=None, now=now)
    imports.settle(batch=batch, fields=batch.reading["fields"], ground=ground, **options)
    return batch


def bring_in(text: str, now: datetime, **options: Any) -> ImportBatch:
    batch = settled(text, now, **options)
    imports.begin(batch_id=batch.pk, by=None, now=now)
    return import_work.run(batch_id=batch.pk, now=now)


def people(number: int) -> str:
    return HEADER + "".join(
        f"P{n};Lund;p{n}@firma{n % 5}.example;Firma {n % 5} AB;VD;\n" for n in range(number)
    )


def test_a_paused_import_rests_and_goes_on(db: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_run, "CHUNK", 4)
    batch = settled(people(10), now)
    imports.begin(batch_id=batch.pk, by=None, now=now)

    def pause(done: int) -> None:
        if done == 4:
            imports.pause(batch_id=batch.pk, by=None, now=now)

    rested = import_work.run(batch_id=batch.pk, now=now, progress=pause)
    assert (rested.state, rested.rows_done, Contact.objects.count()) == ("paused", 4, 4)
    assert import_work.run(batch_id=batch.pk, now=now).state == "paused"
    imports.resume(batch_id=batch.pk, by=None, now=now)
    done = import_work.run(batch_id=batch.pk, now=now)
    assert (done.state, done.counts["new"], Contact.objects.count()) == ("done", 10, 10)
    with pytest.raises(imports.NotNow):
        imports.pause(batch_id=batch.pk, by=None, now=now)


def test_two_hands_bring_every_row_in_once(
    transactional_db: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK", 7)
    monkeypatch.setattr(import_stage, "ALONE_BELOW", 0)  # and two processes read
    monkeypatch.setattr(import_stage, "PART", 11)
    done = bring_in(people(200) + "Igen;Lund;p3@firma3.example;;;\n", now)
    assert (done.state, done.counts["new"], done.counts["duplicate"], Contact.objects.count()) == (
        "done",
        200,
        1,
        200,
    )
    assert (done.rows_done, ImportRow.objects.filter(batch=done).count(), Company.objects.count()) == (
        201,
        201,
        5,
    )
    assert import_stage.names() == [], "the staging table is gone when the import is done"


def test_a_hand_that_breaks_leaves_whole_stretches_and_the_rest_comes_in_later(
    transactional_db: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK", 5)
    batch = settled(people(60), now)
    imports.begin(batch_id=batch.pk, by=None, now=now)
    whole, calls = import_write.write, [0]

    def full(**said: Any) -> None:
        whole(**said)
        calls[0] += 1
        if calls[0] == 4:
            raise DatabaseError("could not extend file: No space left on device")

    monkeypatch.setattr(import_write, "write", full)
    with pytest.raises(DatabaseError):
        import_work.run(batch_id=batch.pk, now=now)
    batch.refresh_from_db()
    assert batch.state == "failed" and "disk is full" in batch.error
    assert batch.rows_done == Contact.objects.count() == ImportRow.objects.filter(batch=batch).count() < 60
    assert batch.rows_done % 5 == 0
    monkeypatch.setattr(import_write, "write", whole)
    imports.begin(batch_id=batch.pk, by=None, now=now)
    assert import_work.run(batch_id=batch.pk, now=now).counts["new"] == Contact.objects.count() == 60


def test_the_dry_run_says_what_happens_to_each_field_and_the_run_does_it(db: None, now: datetime) -> None:
    CustomField.objects.create(key="size", name="Size", kind="number")
    first = "E-post;Befattning;Ort;Size\na@x.example;VD;;5\nb@x.example;;Lund;\n"
    batch = settled(first, now)
    imports.settle(batch=batch, fields=["email", "title", "city", "custom:size"], ground="consent")
    imports.begin(batch_id=batch.pk, by=None, now=now)
    import_work.run(batch_id=batch.pk, now=now)
    assert Contact.objects.get(email="a@x.example").custom == {"size": 5}
    again = settled(
        "E-post;Befattning;Ort;Size\na@x.example;Ekonom;Malmö;7\nb@x.example;Säljare;Malmö;8\n", now
    )
    imports.settle(
        batch=again,
        fields=["email", "title", "city", "custom:size"],
        ground="consent",
        policy={"title": "keep", "city": "fill", "custom:size": "overwrite"},
    )
    checked = import_work.check(batch_id=again.pk, now=now)
    assert checked.options["effects"] == {
        "city": {"filled": 1, "kept": 1},
        "custom:size": {"overwritten": 1, "filled": 1},
        "title": {"kept": 2},
    }
    imports.begin(batch_id=again.pk, by=None, now=now)
    import_work.run(batch_id=again.pk, now=now)
    found = Contact.objects.order_by("email").values_list("title", "city", "custom")
    assert list(found) == [("VD", "Malmö", {"size": 7}), ("", "Lund", {"size": 8})]


def test_a_cell_that_does_not_fit_its_field_needs_a_look(db: None, now: datetime) -> None:
    CustomField.objects.create(key="size", name="Size", kind="number")
    batch = settled("E-post;Size\na@x.example;many\n", now)
    imports.settle(batch=batch, fields=["email", "custom:size"], ground="consent")
    checked = import_work.check(batch_id=batch.pk, now=now)
    assert checked.counts["review"] == 1
    assert checked.options["notes"] == {"custom_unreadable": 1}


def test_a_shouted_name_needs_a_look_with_a_proposal(db: None, now: datetime) -> None:
    batch = bring_in(HEADER + "ANNA-KARIN;ÖBERG;a@x.example;;;\nBo;EK;b@x.example;;;\n", now)
    row = ImportRow.objects.get(batch=batch, verdict="review")
    assert row.reason == "all_capitals|Anna-Karin Öberg"


def test_corrected_rejects_take_the_places_of_the_rows_they_correct(db: None, now: datetime) -> None:
    batch = bring_in(HEADER + "Åsa;Öberg;asa(at)x.example;;;\nBo;Ek;bo@x.example;;;\nEva;Gran;;;;\n", now)
    assert (batch.counts["new"], batch.counts["invalid"]) == (1, 2)
    text = "Förnamn;Efternamn;E-post;Företag;Befattning;Telefon;Line;Reason\n"
    text += "Åsa;Öberg;asa@x.example;Östra AB;;;2;bad\nFia;Holm;fia@x.example;;;;;\n"
    import_correction.attach(
        batch_id=batch.pk, file=ContentFile(text.encode(), "rejects.csv"), by=None, now=now
    )
    done = import_work.run(batch_id=batch.pk, now=now)
    assert (done.state, done.rows, done.options["added"]) == ("done", 4, 1)
    assert (done.counts["new"], done.counts["invalid"]) == (3, 1)
    assert queries.equation(done).holds
    assert ImportRow.objects.get(batch=batch, line=2, number=1).contact == Contact.objects.get(
        first_name="Åsa"
    )
    assert list(done.corrections.values_list("counts__new", flat=True)) == [2]
    import_undo.begin(batch_id=batch.pk, by=None, now=now)
    undone = import_undo.run(batch_id=batch.pk, now=now)
    assert (undone.options["undo"]["removed"], Contact.objects.count(), Company.objects.count()) == (3, 0, 0)


def test_nothing_is_corrected_where_nothing_was_rejected(db: None, now: datetime) -> None:
    batch = bring_in(HEADER + "Bo;Ek;bo@x.example;;;\n", now)
    with pytest.raises(imports.NotNow, match="No row"):
        import_correction.attach(
            batch_id=batch.pk, file=ContentFile(b"E-post\nc@x.example\n", "r.csv"), by=None, now=now
        )


def test_a_file_that_changed_on_the_disk_is_refused_with_a_sentence(db: None, now: datetime) -> None:
    batch = settled(people(3), now)
    Path(batch.file.path).write_text(people(4), encoding="utf-8")
    imports.begin(batch_id=batch.pk, by=None, now=now)
    with pytest.raises(decoding.Unreadable):
        import_work.run(batch_id=batch.pk, now=now)
    batch.refresh_from_db()
    assert (batch.state, Contact.objects.count()) == ("failed", 0)
    assert "no longer the one that was uploaded" in batch.error


def test_the_same_file_twice_at_once_waits_for_the_first(transactional_db: None, now: datetime) -> None:
    one, two = settled(people(3), now), settled(people(3), now)
    for batch in (one, two):
        imports.begin(batch_id=batch.pk, by=None, now=now)
    found: list[str] = []

    def second() -> None:
        found.append(import_work.run(batch_id=two.pk, now=now).state)
        connections.close_all()

    with import_work.one_of_a_file(one.sha256) as first:
        assert first
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    two.refresh_from_db()
    assert (found, Contact.objects.count()) == (["running"], 0)
    assert "same file" in queries.progress(two, now=now).words
    assert import_work.run(batch_id=one.pk, now=now).counts["new"] == 3
    assert import_work.run(batch_id=two.pk, now=now).counts["same"] == 3


def test_an_address_stopped_under_another_spelling_is_not_written_to(db: None, now: datetime) -> None:
    suppression.stop(
        address="asa@firma.example", channel="mail", reason="unsubscribed", source="link", now=now
    )
    suppression.stop(address="@spärrad.example", channel="mail", reason="by_hand", source="x", now=now)
    ascii_domain = "spärrad.example".encode("idna").decode()
    text = f"E-post\nASA+nyheter@Firma.example\nbo@post.{ascii_domain}\ncia@fri.example\n"
    batch = bring_in(text, now, ground="consent")
    assert (batch.counts["suppressed"], batch.counts["new"]) == (2, 1)


def test_a_stop_that_comes_after_the_check_holds_in_the_run(db: None, now: datetime) -> None:
    batch = settled(people(2), now)
    assert import_work.check(batch_id=batch.pk, now=now).counts["new"] == 2
    suppression.stop(
        address="p1@firma1.example", channel="mail", reason="unsubscribed", source="link", now=now
    )
    imports.begin(batch_id=batch.pk, by=None, now=now)
    assert import_work.run(batch_id=batch.pk, now=now).counts["suppressed"] == 1


def test_a_company_is_found_by_its_domain_and_never_by_free_mail(db: None, now: datetime) -> None:
    bring_in(HEADER + "Bo;Ek;bo@ostra.example;Östra Verken AB;;\n", now)
    bring_in("E-post\nny@ostra.example\nx@gmail.com\n", now, ground="consent")
    assert str(Contact.objects.get(email="ny@ostra.example").company) == "Östra Verken AB"
    assert Contact.objects.get(email="x@gmail.com").company is None
    assert Company.objects.count() == 1


def test_undo_foretells_itself_and_shows_whom_it_kept(db: None, now: datetime) -> None:
    bring_in(HEADER + "Bo;Ek;bo@x.example;;Säljare;\n", now)
    batch = bring_in(
        HEADER + "Bo;Ek;bo@x.example;Nya AB;VD;\nÅsa;Öberg;asa@y.example;;;\nCia;Dahl;cia@x.example;;;\n", now
    )
    later = now + timedelta(hours=1)
    contacts.update(contact_id=Contact.objects.get(email="asa@y.example").pk, title="Chef", now=later)
    foretold = import_undo.preview(batch, now=later)
    assert (foretold.removes, foretold.restores, foretold.keeps, foretold.lifts) == (1, 1, 1, 0)
    import_undo.begin(batch_id=batch.pk, by=None, now=later)
    undone = import_undo.run(batch_id=batch.pk, now=later)
    assert undone.options["undo"] == {"removed": 1, "restored": 1, "kept": 1, "kept_fields": 0, "lifted": 0}
    assert [row.contact.title for row in queries.kept(undone) if row.contact] == ["Chef"]
    assert list(Contact.objects.order_by("email").values_list("email", "title")) == [
        ("asa@y.example", "Chef"),
        ("bo@x.example", "Säljare"),
    ]
    assert (Company.objects.count(), ImportCompany.objects.count()) == (0, 1)


def test_who_is_proposed_as_a_duplicate_goes_with_the_undone_import(
    transactional_db: None, now: datetime
) -> None:
    batch = bring_in(people(2), now)
    first, second = Contact.objects.order_by("id")
    DuplicatePair.objects.create(first=first, second=second, signs=["phone"], found_at=now)
    import_undo.begin(batch_id=batch.pk, by=None, now=now)
    assert import_undo.run(batch_id=batch.pk, now=now).options["undo"]["removed"] == 2
    assert (Contact.objects.count(), DuplicatePair.objects.count()) == (0, 0)


def test_an_undo_by_several_hands_goes_on_after_a_kill(
    transactional_db: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_undo, "CHUNK", 5)
    bring_in(HEADER + "P3;Lund;p3@firma3.example;Firma 3 AB;Ekonom;\n", now)
    batch = bring_in(people(60), now)
    import_undo.begin(batch_id=batch.pk, by=None, now=now)
    whole, calls = import_undo._take_back, [0]

    def killed(*said: Any) -> Any:
        calls[0] += 1
        if calls[0] > 4:
            raise KeyboardInterrupt
        return whole(*said)

    monkeypatch.setattr(import_undo, "_take_back", killed)
    with pytest.raises(KeyboardInterrupt):
        import_undo.run(batch_id=batch.pk, now=now)
    rested = ImportBatch.objects.get(pk=batch.pk)
    assert (rested.state, rested.rows_done, sum(rested.options["undo"].values())) == ("undoing", 40, 20)
    monkeypatch.setattr(import_undo, "_take_back", whole)
    undone = import_undo.run(batch_id=batch.pk, now=now)
    assert (undone.state, undone.options["undo"]["removed"], undone.options["undo"]["restored"]) == (
        *("undone", 59, 1),
    )
    assert list(Contact.objects.values_list("email", "title")) == [("p3@firma3.example", "Ekonom")]
    assert Company.objects.count() == 1


def test_a_ground_for_nobody_is_an_error(db: None, now: datetime) -> None:
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_legalground (contact_id, purpose, ground, at) VALUES (999999999, 'marketing', 'none', now())"
        )


def test_what_hangs_on_a_contact_goes_with_the_contact_also_in_plain_sql(db: None, now: datetime) -> None:
    batch = bring_in(HEADER + "Bo;Ek;bo@x.example;;;\n", now)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM nurturing_standing")
        cursor.execute("DELETE FROM contacts_contact")
    assert not LegalGround.objects.exists()
    assert ImportRow.objects.get(batch=batch).contact_id is None


def test_erasing_empties_the_rows_and_the_staging_table(db: None, now: datetime) -> None:
    batch = bring_in(
        HEADER + "Åsa;Öberg;asa@x.example;;;070-174 06 05\nBo;Ek;bo(at)x.example;;;070-174 06 05\n", now
    )
    waiting = settled(HEADER + "Åsa;Öberg;asa@x.example;;;070-174 06 05\nx;y;z@x.example;;;\n", now)
    import_work.check(batch_id=waiting.pk, now=now)
    assert import_stage.names() == [str(waiting.pk)]
    asa = Contact.objects.get()
    import_rows.empty(erasing.Who((asa.pk,), ("asa@x.example",), ("+46701740605",)), now=now)
    assert set(ImportRow.objects.filter(batch=batch).values_list("raw__0", flat=True)) == {None}
    assert import_stage.names() == []
    imports.begin(batch_id=waiting.pk, by=None, now=now)
    assert import_work.run(batch_id=waiting.pk, now=now).state == "done", "the file is read again"


def test_a_do_not_call_that_comes_later_is_kept_too(db: None, now: datetime) -> None:
    bring_in(HEADER + "Bo;Ek;bo@x.example;;;070-174 06 05\n", now)
    bring_in("E-post;Telefon;Ring inte\nbo@x.example;070-174 06 05;ja\n", now)
    assert list(Suppression.objects.values_list("channel", "reason")) == [("phone", "do_not_call")]


def test_a_staging_table_that_nobody_reads_goes_after_a_day(db: None, now: datetime) -> None:
    batch = settled(people(2), now)
    import_work.check(batch_id=batch.pk, now=now)
    assert import_work.tidy(now=now + timedelta(hours=2)) == 0
    assert import_work.tidy(now=now + timedelta(days=2)) == 1
    imports.begin(batch_id=batch.pk, by=None, now=now)
    assert import_work.run(batch_id=batch.pk, now=now).counts["new"] == 2
