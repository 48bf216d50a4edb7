"""The choices of the studio: sheets, headers, repair, layouts known again, own fields, policies, correction, undo."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from contacts.models import AuditEvent, Contact, CustomField, ImportBatch, ImportLayout
from contacts.tasks import import_batch as tasks
from silo.models import User
from tests import cast
from tests.contacts.test_file_kinds import sheet, xlsx
from tests.contacts.test_import_batch import ASA, HEADER
from tests.contacts.test_import_pages import SETTLED, brought_in, checked, report, upload

pytestmark = pytest.mark.django_db
CUSTOMERS = "Förnamn;E-post;Befattning;Avtalsdatum;Storlek;Licenser\n"
ANNA = "Anna;anna@a.example;VD;2024-03-01;stor;12\n"


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def client(mira: User) -> Client:
    return cast.client_of(mira)


def page(client: Client, batch: ImportBatch) -> str:
    return client.get(f"/imports/{batch.pk}/").content.decode()


def latest() -> ImportBatch:
    return ImportBatch.objects.latest("id")


def test_a_workbook_called_csv_comes_in(client: Client) -> None:
    batch = brought_in(client, xlsx(("Kunder", sheet([["Namn", "E-post"], ["Åsa Öberg", "asa@a.example"]]))))
    assert batch.state == "done"
    assert Contact.objects.get().last_name == "Öberg"


def test_an_address_book_comes_in(client: Client) -> None:
    brought_in(
        client, "BEGIN:VCARD\nVERSION:3.0\nN:Öberg;Åsa;;;\nEMAIL:asa@a.example\nORG:Östra AB\nEND:VCARD\n"
    )
    one = Contact.objects.get()
    assert (one.first_name, one.email, str(one.company)) == ("Åsa", "asa@a.example", "Östra AB")


def test_another_sheet_and_another_header_line_can_be_chosen(client: Client) -> None:
    first = sheet([["Namn", "E-post"], ["Åsa", "asa@a.example"]])
    upload(
        client, xlsx(("Ett", first), ("Två", sheet([["Lista"], ["Namn", "E-post"], ["Bo", "bo@a.example"]])))
    )
    batch = latest()
    assert "Sheet “Ett”." in page(client, batch)
    client.post(f"/imports/{batch.pk}/read/", {"sheet": "Två", "header": "2"})
    batch.refresh_from_db()
    assert batch.reading["header"] == ["Namn", "E-post"] and batch.reading["rows"] == [["Bo", "bo@a.example"]]
    assert client.post(f"/imports/{batch.pk}/read/", {"sheet": "Tre"}).status_code == 422


def test_letters_encoded_twice_are_shown_and_put_back_by_one_button(client: Client) -> None:
    upload(client, "Namn;E-post\nÅsa Öberg;asa@a.example\n".encode().decode("cp1252"))
    batch = latest()
    assert "In 1 cell the letters were encoded twice" in page(client, batch)
    client.post(f"/imports/{batch.pk}/read/", {"repair": "on"})
    assert "Åsa Öberg" in page(client, batch)


SHOUTED = "Namn;E-post\nANNA LINDSTRÖM;anna@a.example\nBO EKLUND;bo@a.example\nÅsa Öberg;asa@a.example\n"


def test_names_in_capitals_are_asked_about_and_written_as_names(client: Client) -> None:
    upload(client, SHOUTED)
    shown = page(client, latest())
    assert "In 1 row the name stands in capitals." in shown
    assert '<option value="write" selected>Write them as names</option>' in shown
    assert 'form="settle"' in shown and 'id="settle"' in shown
    batch = brought_in(client, SHOUTED, capitals="write")
    assert batch.counts["review"] == 0
    names = Contact.objects.order_by("email").values_list("first_name", "last_name")
    assert list(names) == [("Anna", "Lindström"), ("Åsa", "Öberg"), ("Bo", "Eklund")]


@pytest.mark.parametrize(("said", "review", "name"), [("keep", 0, "ANNA"), ("look", 1, None), ("", 1, None)])
def test_names_in_capitals_are_kept_or_left_out(
    client: Client, said: str, review: int, name: str | None
) -> None:
    batch = brought_in(client, SHOUTED, capitals=said)
    assert batch.counts["review"] == review
    found = Contact.objects.filter(email="anna@a.example").values_list("first_name", flat=True).first()
    assert found == name
    if review:
        assert "Choose under “Names in capitals”" in report(client, batch, verdict="review")


def test_capitals_that_stand_far_down_are_asked_about_after_the_check(client: Client) -> None:
    upload(client, "Namn;E-post\n" + "Åsa Öberg;asa@a.example\n" * 2_000 + "ANNA LINDSTRÖM;anna@a.example\n")
    assert "Names in capitals" not in page(client, latest())
    batch = latest()
    client.post(f"/imports/{batch.pk}/check/", {**SETTLED, "column_0": "full_name", "column_1": "email"})
    assert "In 1 row the name stands in capitals." in page(client, batch)


def test_the_answer_about_capitals_is_part_of_the_layout(client: Client) -> None:
    brought_in(client, SHOUTED, capitals="keep")
    upload(client, SHOUTED)
    assert '<option value="keep" selected>' in page(client, latest())


def test_lines_that_are_no_rows_are_listed(client: Client) -> None:
    upload(client, "Kundlista;;\nNamn;E-post;Ort\nÅsa;asa@a.example;Lund\nTotalt: 1;;\n")
    shown = page(client, latest())
    assert "2 lines are no rows and are left out" in shown and "under the table" in shown
    batch, _answer = checked(client, "Kundlista;;\nNamn;E-post;Ort\nÅsa;asa@a.example;Lund\nTotalt: 1;;\n")
    assert batch.rows == 1


def test_own_fields_are_made_on_the_spot_and_their_values_typed(client: Client) -> None:
    said = {"column_3": "new:date", "column_4": "new:choice", "column_5": "new:number"}
    batch = brought_in(client, CUSTOMERS + ANNA + "Bo;bo@a.example;;2023-01-02;liten;\n", **said)
    assert batch.state == "done", batch.error
    fields = {one.name: one for one in CustomField.objects.all()}
    assert {name: one.kind for name, one in fields.items()} == {
        "Avtalsdatum": "date", "Storlek": "choice", "Licenser": "number",
    }  # fmt: skip
    assert fields["Storlek"].choices == ["liten", "stor"]
    anna = Contact.objects.get(email="anna@a.example")
    assert anna.custom == {
        fields["Avtalsdatum"].key: "2024-03-01", fields["Storlek"].key: "stor", fields["Licenser"].key: 12,
    }  # fmt: skip


def test_a_column_without_words_makes_no_choice(client: Client) -> None:
    upload(client, "E-post;Tom;Namn\na@a.example;;Anna\n")
    batch = latest()
    answer = client.post(
        f"/imports/{batch.pk}/check/",
        {**SETTLED, "column_0": "email", "column_1": "new:choice", "column_2": "full_name"},
    )
    assert answer.status_code == 422
    assert "This column has no words, or too many different ones" in answer.content.decode()
    assert not CustomField.objects.exists()


def test_a_layout_once_confirmed_is_known_again_and_can_be_forgotten(client: Client) -> None:
    brought_in(client, "A;B;C\nasa@a.example;Åsa;VD\n", column_1="first_name", column_2="title", known="fill")
    assert upload(client, "a;b;C \nbo@a.example;Bo;Chef\n", name="nya.csv").status_code == 302
    batch = latest()
    assert batch.mapping == {"0": "email", "1": "first_name", "2": "title"}
    assert "We know this layout from “lista.csv”" in page(client, batch)
    assert batch.options["policy_default"] == "fill"
    layout = ImportLayout.objects.get()
    answer = client.post(f"/imports/layouts/{layout.pk}/forget/", {"batch": batch.pk})
    assert answer["Location"] == f"/imports/{batch.pk}/"
    assert not ImportLayout.objects.exists()
    assert AuditEvent.objects.filter(verb="import_layout.forgotten").count() == 1
    upload(client, "A;B;C\ncia@a.example;Cia;VD\n")
    assert latest().mapping["1"] == ""


def test_a_person_taken_for_a_header_is_not_kept_as_a_layout(client: Client) -> None:
    upload(client, "Anna;anna@a.example\nBo;bo@a.example\n")
    batch = latest()
    client.post(f"/imports/{batch.pk}/read/", {"header": "1"})
    mapping = {"column_0": "first_name", "column_1": "email"}
    client.post(f"/imports/{batch.pk}/check/", {**SETTLED, **mapping})
    client.post(f"/imports/{batch.pk}/start/")
    assert not ImportLayout.objects.exists()


def test_the_same_file_again_says_so(client: Client) -> None:
    brought_in(client, HEADER + ASA)
    upload(client, HEADER + ASA)
    assert "This very file is here already" in page(client, latest())


@pytest.mark.parametrize(
    ("known", "policy", "title"),
    [
        ("overwrite", "", "VD"),
        ("fill", "", "Chef"),
        ("fill", "overwrite", "VD"),
        ("overwrite", "keep", "Chef"),
    ],
)
def test_what_is_known_is_filled_overwritten_or_kept(
    client: Client, known: str, policy: str, title: str
) -> None:
    brought_in(client, CUSTOMERS + "Anna;anna@a.example;Chef;;;\n")
    batch, answer = checked(client, CUSTOMERS + ANNA, known=known, policy_2=policy)
    assert "What happens to each field of those who are here" in answer.content.decode()
    client.post(f"/imports/{batch.pk}/start/")
    tasks.go_on(batch_id=batch.pk)
    assert Contact.objects.get().title == title


def test_the_ground_that_the_file_speaks_for_is_said_and_not_chosen(client: Client) -> None:
    upload(client, "Kundnr;E-post;Namn\n1;asa@a.example;Åsa\n")
    shown = page(client, latest())
    assert "the list has customer numbers" in shown
    assert 'name="ground" value="existing_customer" required id="id_ground_1" checked' not in shown


def test_a_file_can_be_thrown_away_before_it_comes_in(client: Client, settings: Any) -> None:
    upload(client, HEADER + ASA)
    batch = latest()
    path = Path(batch.file.path)
    assert client.post(f"/imports/{batch.pk}/discard/").status_code == 302
    assert not ImportBatch.objects.exists()
    done = brought_in(client, HEADER + ASA)
    assert client.post(f"/imports/{done.pk}/discard/").status_code == 404
    assert path.parent.exists()


def test_a_paused_import_shows_it_and_goes_on(client: Client) -> None:
    batch, _answer = checked(client, HEADER + ASA)
    client.post(f"/imports/{batch.pk}/start/")
    assert "Pause" in page(client, batch)
    client.post(f"/imports/{batch.pk}/pause/")
    tasks.go_on(batch_id=batch.pk)
    shown = page(client, batch)
    assert "Paused" in shown and "Nothing has come in." in shown and "Go on where it stopped" in shown
    client.post(f"/imports/{batch.pk}/resume/")
    tasks.go_on(batch_id=batch.pk)
    assert Contact.objects.count() == 1


def test_the_corrected_rejects_come_into_the_same_import(client: Client) -> None:
    batch = brought_in(client, HEADER + ASA + "Eva;Gran;eva(at)a.example;;;;\n")
    assert batch.counts["invalid"] == 1
    rejects = b"".join(client.get(f"/imports/{batch.pk}/rejects.csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    corrected = SimpleUploadedFile("rattad.csv", rejects.replace("eva(at)a", "eva@a").encode("utf-8-sig"))
    assert client.post(f"/imports/{batch.pk}/correct/", {"file": corrected}).status_code == 302
    tasks.go_on(batch_id=batch.pk)
    batch.refresh_from_db()
    assert (batch.counts["new"], batch.counts["invalid"], batch.rows) == (2, 0, 2)
    assert "2 rows = 2 new" in report(client, batch)


def test_a_correction_that_cannot_be_read_is_refused_with_a_sentence(client: Client) -> None:
    batch = brought_in(client, HEADER + ASA + "Eva;Gran;eva(at)a.example;;;;\n")
    answer = client.post(f"/imports/{batch.pk}/correct/", {"file": SimpleUploadedFile("x.csv", b"%PDF-1.7")})
    assert answer.status_code == 422
    assert "no list of people but a document" in answer.content.decode()


def test_an_undo_says_first_what_it_will_do(client: Client) -> None:
    batch = brought_in(client, HEADER + ASA)
    shown = client.get(f"/imports/{batch.pk}/undo/").content.decode()
    assert "Will be taken out of the silo" in shown and "An undo cannot be undone" in shown
    assert Contact.objects.exists()
    client.post(f"/imports/{batch.pk}/undo/")
    tasks.go_on(batch_id=batch.pk)
    assert not Contact.objects.exists()
    assert client.get(f"/imports/{batch.pk}/undo/").status_code == 302
