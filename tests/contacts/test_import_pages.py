"""The pages of an import, and what is done with bad input: status, message, and the rows afterwards."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts import bulk, roles
from contacts.models import Contact, ImportBatch, ImportRow
from contacts.services import import_batch as imports
from contacts.tasks import import_batch as tasks
from silo.models import User
from tests import cast
from tests.contacts.test_import_batch import ALL, ASA, BO, HEADER

SETTLED = {"ground": "legitimate_interest", "source": "", "country": "", "tags": ""}


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def client(mira: User) -> Client:
    return cast.client_of(mira)


def upload(client: Client, data: bytes | str, name: str = "lista.csv") -> Any:
    body = data.encode() if isinstance(data, str) else data
    return client.post("/imports/new/", {"file": SimpleUploadedFile(name, body)})


def checked(client: Client, data: bytes | str, **said: str) -> tuple[ImportBatch, HttpResponse]:
    """Upload and check with the mapping that was suggested."""
    assert upload(client, data).status_code == 302
    batch = ImportBatch.objects.latest("id")
    mapping = {f"column_{at}": field for at, field in batch.mapping.items()}
    answer = client.post(f"/imports/{batch.pk}/check/", {**SETTLED, **mapping, **said}, follow=True)
    batch.refresh_from_db()
    return batch, answer


def brought_in(client: Client, data: bytes | str, **said: str) -> ImportBatch:
    batch, _answer = checked(client, data, **said)
    client.post(f"/imports/{batch.pk}/start/")
    tasks.go_on(batch_id=batch.pk)
    batch.refresh_from_db()
    return batch


def report(client: Client, batch: ImportBatch, **asked: str) -> str:
    page = client.get(f"/imports/{batch.pk}/", asked)
    assert page.status_code == 200
    return page.content.decode()


def test_from_upload_to_report_to_undo(db: None, client: Client) -> None:
    assert upload(client, ALL.encode("cp1252")).status_code == 302
    batch = ImportBatch.objects.get()
    steps = client.get(f"/imports/{batch.pk}/").content.decode()
    assert "Åsa" in steps and "Letters: cp1252" in steps and "Inköpschef" in steps
    batch, answer = checked(client, ALL.encode("cp1252"))
    foretold = answer.content.decode()
    assert "7 rows in the file" in foretold and "Bring in 4 people" in foretold
    assert not Contact.objects.exists()
    assert client.post(f"/imports/{batch.pk}/start/").status_code == 302
    assert "progress" in report(client, batch)
    tasks.go_on(batch_id=batch.pk)
    done = report(client, batch)
    assert (
        "7 rows = 3 new + 0 changed + 0 same + 1 duplicate + 1 suppressed + 1 invalid + 1 to look at" in done
    )
    assert "The address column holds no address: eva(at)ostra.example" in done
    assert "Excel has cut digits off this phone number: 4,67E+10" in report(client, batch, verdict="review")
    assert Contact.objects.count() == 4
    assert client.post(f"/imports/{batch.pk}/undo/").status_code == 302
    tasks.go_on(batch_id=batch.pk)
    assert "This import was undone" in report(client, batch)
    assert not Contact.objects.exists()


def test_the_mapping_can_be_corrected(db: None, client: Client) -> None:
    upload(client, "A;B;C\nasa@x.example;Åsa;Fabriken\n")
    batch = ImportBatch.objects.get()
    said = {**SETTLED, "column_0": "email", "column_1": "first_name", "column_2": "company"}
    client.post(f"/imports/{batch.pk}/check/", said)
    imports.begin(batch_id=batch.pk, by=None, now=batch.created_at)
    tasks.go_on(batch_id=batch.pk)
    one = Contact.objects.get()
    assert (one.email, one.first_name, str(one.company)) == ("asa@x.example", "Åsa", "Fabriken")


def test_the_letters_can_be_corrected(db: None, client: Client) -> None:
    upload(client, "Namn;E-post\nÅsa;asa@x.example\n".encode())
    batch = ImportBatch.objects.get()
    assert (
        client.post(f"/imports/{batch.pk}/read/", {"encoding": "cp1252", "delimiter": ""}).status_code == 302
    )
    assert "Ã…sa" in client.get(f"/imports/{batch.pk}/").content.decode()
    client.post(f"/imports/{batch.pk}/read/", {"encoding": "utf-8", "delimiter": ""})
    assert ">Åsa<" in client.get(f"/imports/{batch.pk}/").content.decode()


def test_the_dry_run_says_who_comes_in_and_is_not_written_to(db: None, client: Client) -> None:
    text = "Fornavn;Etternavn;E-post;Bedrift\nKari;Moe;kari@a.example;A AS\nOla;Vik;ola@b.example;B AS\n;;post@a.example;A AS\n"
    _batch, answer = checked(client, text)
    page = answer.content.decode()
    assert "2 people come in and are not written to." in page
    assert "In Norway a named person must have agreed first" in page


def test_a_large_file_is_checked_in_the_background(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contacts.views.imports.AT_ONCE", 10)
    batch, answer = checked(client, HEADER + ASA)
    assert (batch.state, "Being checked" in answer.content.decode()) == ("uploaded", True)
    assert "hx-get" in client.get(f"/imports/{batch.pk}/progress/").content.decode()
    tasks.check(batch_id=batch.pk)
    assert "data-live-done" in client.get(f"/imports/{batch.pk}/progress/").content.decode()
    assert "Bring in 1 person" in client.get(f"/imports/{batch.pk}/").content.decode()


def test_an_import_can_be_stopped_and_goes_on(db: None, client: Client) -> None:
    batch, _answer = checked(client, HEADER + ASA)
    client.post(f"/imports/{batch.pk}/start/")
    client.post(f"/imports/{batch.pk}/cancel/")
    tasks.go_on(batch_id=batch.pk)
    assert not Contact.objects.exists()
    client.post(f"/imports/{batch.pk}/start/")
    tasks.go_on(batch_id=batch.pk)
    assert Contact.objects.count() == 1


def test_the_rejected_rows_download_as_they_were_with_the_reason(db: None, client: Client) -> None:
    formula = "=HYPERLINK(1);Gran;eva(at)ostra.example;;;+46 8 465 004 11;\n"
    batch = brought_in(client, (HEADER + ASA + formula).encode("utf-8-sig"))
    answer = client.get(f"/imports/{batch.pk}/rejects.csv")
    lines = b"".join(answer).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert lines[0] == "Förnamn;Efternamn;E-post;Företag;Befattning;Telefon;Ej utskick;Line;Reason"
    assert lines[1].startswith("'=HYPERLINK(1);Gran;eva(at)ostra.example;;;+46 8 465 004 11;;3;")
    assert "holds no address" in lines[1] and len(lines) == 2


def test_the_report_offers_what_the_rooms_above_do_with_a_batch(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "_actions", {})
    bulk.register(bulk.Action("enroll", "Bring in…", "/bring/", (roles.MARKETER,), takes_batch=True))
    batch = brought_in(client, HEADER + ASA)
    assert f'href="/bring/?batch={batch.pk}"' in report(client, batch)


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_and_reports_ask_the_same_number_of_questions(db: None, client: Client, rows: int) -> None:
    text = HEADER + "".join(f"P{n};L;p{n}@x.example;Firma {n};;;\n" for n in range(rows))
    batches = [brought_in(client, text) for _n in range(rows)]
    asked = []
    for url in ("/imports/", f"/imports/{batches[0].pk}/?verdict=new"):
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        asked.append(len([one for one in captured if "contacts_" in one["sql"]]))
    assert asked == [2, 2]


# Bad input


REFUSED = [
    (b"", "The file is empty: there is no line of text in it."),
    (bytes(range(256)) * 8, "This is no text file"),
    (b"PK\x03\x04" + b"x" * 200, "This workbook is damaged and cannot be opened."),
    (b"%PDF-1.7 something", "no list of people but a document"),
    (b"E-post;Namn\n", "The file has a header and no rows"),
    (b"x" * (5 << 20), "a line of more than 4 million characters"),
]


@pytest.mark.parametrize(("data", "sentence"), REFUSED)
def test_what_cannot_be_read_is_refused_with_a_sentence_and_not_kept(
    db: None, client: Client, data: bytes, sentence: str
) -> None:
    answer = upload(client, data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert (ImportBatch.objects.count(), Contact.objects.count()) == (0, 0)


def test_no_file_at_all(db: None, client: Client) -> None:
    answer = client.post("/imports/new/", {})
    assert answer.status_code == 422
    assert not ImportBatch.objects.exists()


def test_a_file_with_neither_address_nor_phone_column(db: None, client: Client) -> None:
    batch, answer = checked(client, "Namn;Ort\nÅsa;Lund\nBo;Malmö\n")
    assert answer.status_code == 422
    assert "Say which column holds the e-mail address or the phone number." in answer.content.decode()
    assert (batch.state, batch.ground, Contact.objects.count()) == ("uploaded", "", 0)
    assert client.post(f"/imports/{batch.pk}/start/", follow=True).status_code == 200
    batch.refresh_from_db()
    assert (batch.state, Contact.objects.count()) == ("uploaded", 0)


def test_two_columns_for_one_field(db: None, client: Client) -> None:
    _batch, answer = checked(client, HEADER + ASA, column_1="first_name")
    assert answer.status_code == 422
    assert "Two columns are “first name”: choose one." in answer.content.decode()


def test_a_formula_in_a_cell_is_text(db: None, client: Client) -> None:
    batch = brought_in(client, HEADER + "=1+1;=cmd|' /C calc'!A0;a@x.example;@SUM(1);;;\n")
    one = Contact.objects.get()
    assert (one.first_name, one.last_name, str(one.company)) == ("=1+1", "=cmd|' /C calc'!A0", "@SUM(1)")
    assert batch.counts["new"] == 1


def test_a_name_of_ten_thousand_characters(db: None, client: Client) -> None:
    batch = brought_in(client, HEADER + "x" * 10_000 + ";Lind;a@x.example;;;;\n" + ASA)
    assert (batch.counts["review"], batch.counts["new"], Contact.objects.count()) == (1, 1, 1)
    assert "The text is too long for its field: first name, 10000 &gt; 120 characters." in report(
        client, batch
    )
    assert len(ImportRow.objects.get(batch=batch, verdict="review").raw[0]) == 10_000


def test_a_header_injection_in_a_name(db: None, client: Client) -> None:
    batch = brought_in(client, HEADER + '"Anna\r\nBcc: v@y.example";Lind;a@x.example;;;;\n' + ASA)
    assert (batch.counts["review"], Contact.objects.count()) == (1, 1)
    assert "A name holds a line break followed by something like a mail header" in report(client, batch)
    assert not Contact.objects.filter(email="a@x.example").exists()


def test_a_header_injection_in_an_address(db: None, client: Client) -> None:
    batch = brought_in(client, HEADER + 'Anna;Lind;"a@x.example\r\nBcc: v@y.example";;;;\n')
    assert (batch.counts["invalid"], Contact.objects.count()) == (1, 0)
    assert "The address holds a line break" in report(client, batch)


def test_html_in_every_text_field_is_shown_and_not_run(db: None, client: Client, sam: User) -> None:
    evil = "<script>alert(1)</script>"
    batch = brought_in(
        client,
        f"Förnamn;Efternamn;E-post;Företag;Befattning;{evil}\n{evil};{evil};a@x.example;{evil};{evil};{evil}\n",
        tags=evil,
    )
    assert Contact.objects.get().first_name == evil
    pages = [report(client, batch, verdict="new"), client.get("/people/").content.decode()]
    upload(client, f"{evil};E-post\n{evil};b@x.example\n", name=f"{evil}.csv")
    pages += [client.get(f"/imports/{ImportBatch.objects.latest('id').pk}/").content.decode()]
    pages += [client.get("/imports/").content.decode()]
    assert all(evil not in page for page in pages)
    assert all("&lt;script&gt;" in page for page in pages[:3])


def test_a_date_in_1970_is_no_date_of_consent(db: None, client: Client) -> None:
    text = "E-post;Samtyckesdatum\na@x.example;1970-01-01\nb@x.example;2024-03-14\n"
    batch = brought_in(client, text, ground="consent")
    assert (batch.counts["review"], batch.counts["new"]) == (1, 1)
    assert "The date of consent cannot be right: 1970-01-01" in report(client, batch)
    assert list(Contact.objects.values_list("email", flat=True)) == ["b@x.example"]


def test_an_address_no_one_can_have_is_one_rejected_row(db: None, client: Client) -> None:
    batch = brought_in(client, HEADER + "Anna;Lind;a@;;;;\n" + ASA + BO)
    assert (batch.counts["invalid"], batch.counts["new"]) == (1, 2)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    db: None, client: Client, settings: Any
) -> None:
    settings.UPLOAD_LIMIT_BYTES = 1024 * 1024
    answer = upload(client, b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413
    assert "at most 1 MB" in answer.content.decode()
    two_gigabytes = {"CONTENT_LENGTH": str(2 << 30)}
    refused = cast.client_of(None).post("/imports/new/", b"", content_type="text/csv", **two_gigabytes)
    assert refused.status_code == 413
    assert not ImportBatch.objects.exists()


# The ladder


WRITES = ["read", "check", "discard", "start", "pause", "resume", "cancel", "correct"]


@pytest.mark.parametrize("verb", WRITES)
def test_the_ladder_of_every_write(
    db: None, client: Client, sam: User, ada: User, now: datetime, verb: str
) -> None:
    batch, _answer = checked(client, HEADER + ASA)
    url = f"/imports/{batch.pk}/{verb}/"
    before = ImportBatch.objects.values().get()
    assert cast.client_of(sam).post(url).status_code == 403
    assert cast.client_of(None).post(url).status_code == 302
    assert client.get(url).status_code == 405
    assert client.post(f"/imports/{batch.pk + 1}/{verb}/").status_code == 404
    assert client.post(f"/imports/x/{verb}/").status_code == 404
    assert ImportBatch.objects.values().get() == before
    assert cast.client_of(ada).post(url).status_code in (302, 422)
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    "url", ["/imports/", "/imports/new/", "/imports/{}/", "/imports/{}/progress/", "/imports/{}/rejects.csv"]
)
def test_pages_of_imports_are_for_marketers_and_admins(
    db: None, client: Client, sam: User, ada: User, url: str
) -> None:
    batch, _answer = checked(client, HEADER + ASA)
    asked = url.format(batch.pk)
    assert [cast.client_of(one).get(asked).status_code for one in (sam, ada, None)] == [403, 200, 302]
    assert client.get(asked).status_code == 200
    if "{}" in url:
        assert client.get(url.format(batch.pk + 1)).status_code == 404


def test_an_import_that_is_done_cannot_be_settled_again(db: None, client: Client) -> None:
    batch = brought_in(client, HEADER + ASA)
    assert client.post(f"/imports/{batch.pk}/check/", SETTLED).status_code == 404
    answer = client.post(f"/imports/{batch.pk}/start/", follow=True)
    assert "This import is in the silo." in answer.content.decode()
    batch.refresh_from_db()
    assert (batch.state, Contact.objects.count()) == ("done", 1)
