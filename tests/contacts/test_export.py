"""People leave the silo as a file."""

import csv
import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from contacts import clock
from contacts.models import AuditEvent, Contact, CustomField, Export
from contacts.queries.selection import Selection
from contacts.services import erasure
from contacts.services import export as exports
from silo.models import User
from tests import cast

NAMES = ["first_name", "last_name", "company", "email", "phone", "tags", "custom:turnover"]


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def written(kind: str, *, by: User, now: datetime, columns: list[str] = NAMES, **asked: str) -> Export:
    meant = Selection(everybody=True, asked=asked)
    made = exports.begin(kind=kind, columns=columns, selection=meant, language="en", by=by, now=now)
    return exports.write(export_id=made.pk, clock=lambda: now)


def cells(export: Export) -> list[list[str]]:
    text = export.file.open("rb").read().decode()
    assert text.startswith("\ufeff")
    delimiter = ";" if export.kind == "excel_csv" else ","
    return list(csv.reader(io.StringIO(text[1:]), delimiter=delimiter))


def somebody(**fields: Any) -> Contact:
    CustomField.objects.get_or_create(key="turnover", name="Turnover", kind="number")
    fields = {"tags": ["a", "b"], "custom": {"turnover": 4.5}, "phone": "+4755010203", **fields}
    return cast.contact("Åsa", "Öst", email="asa@ost.example", **fields)


@pytest.mark.parametrize("kind", ["csv", "excel_csv"])
def test_a_file_holds_whoever_fits_and_the_chosen_columns(
    db: None, ada: User, now: datetime, kind: str
) -> None:
    somebody()
    cast.contact("Not", "Meant")
    export = written(kind, by=ada, now=now, q="asa")
    assert cells(export) == [
        ["First name", "Last name", "Company", "E-mail", "Phone", "Tags", "Turnover"],
        ["Åsa", "Öst", "Fjordmek AS", "asa@ost.example", "+4755010203", "a, b", "4.5"],
    ]
    assert (export.state, export.rows, export.total) == ("done", 1, 1)


def test_a_workbook_holds_text_as_text_and_figures_as_figures(db: None, ada: User, now: datetime) -> None:
    somebody(title="=1+1")
    export = written("xlsx", by=ada, now=now, columns=["title", "phone", "custom:turnover"])
    rows = CalamineWorkbook.from_filelike(export.file.open("rb")).get_sheet_by_index(0).to_python()
    assert rows == [["Title", "Phone", "Turnover"], ["=1+1", "+4755010203", 4.5]]


def test_no_cell_is_a_formula(db: None, ada: User, now: datetime, shared_data: Path) -> None:
    found = json.loads((shared_data / "hostile" / "csv_formula_cells.json").read_text(encoding="utf-8"))
    hostile = [word for word in _strings(found) if "\x00" not in word][:200]
    for at, word in enumerate(hostile):
        cast.contact("X", str(at), title=word[:200])
    export = written("excel_csv", by=ada, now=now, columns=["title"])
    for (cell,) in cells(export)[1:]:
        start = cell.lstrip()[:1]
        assert start not in ("=", "@") and cell[:1] not in ("\t", "\r"), cell


def _strings(found: Any) -> list[str]:
    if isinstance(found, str):
        return [found]
    inside = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return [word for one in inside for word in _strings(one)]


def test_every_export_is_in_the_audit_log_without_what_was_searched_for(
    db: None, ada: User, now: datetime
) -> None:
    somebody()
    written("csv", by=ada, now=now, q="asa")
    line = AuditEvent.objects.get(verb="contacts.exported")
    assert (line.by, line.detail["people"], line.detail["filters"]) == (ada, 1, ["q"])
    assert "asa" not in json.dumps(line.detail)


def test_only_an_admin_takes_everybody_and_no_salesperson_anybody(
    db: None, sam: User, mira: User, ada: User
) -> None:
    somebody()
    everybody = {"everybody": "1"}
    assert cast.client_of(sam).get("/people/export/", everybody).status_code == 403
    assert cast.client_of(mira).get("/people/export/", everybody).status_code == 403
    assert cast.client_of(mira).get("/people/export/", {**everybody, "q": "asa"}).status_code == 200
    assert cast.client_of(ada).get("/people/export/", everybody).status_code == 200


def test_a_small_file_is_there_at_once_and_only_for_who_made_it(
    db: None, mira: User, ada: User, now: datetime
) -> None:
    somebody()
    other = cast.colleague("Mo", "marketer")
    client = cast.client_of(mira)
    said = {"everybody": "1", "q": "asa", "kind": "csv", "columns": ["email"]}
    answer = client.post("/people/export/", said, follow=True)
    export = Export.objects.get()
    assert "1 person is in the file" in answer.content.decode()
    fetch = f"/people/exports/{export.pk}/download/"
    got = client.get(fetch)
    assert b"asa@ost.example" in b"".join(got)  # type: ignore[arg-type]
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert cast.client_of(other).get(fetch).status_code == 404
    assert cast.client_of(ada).get(fetch).status_code == 200


def test_a_file_is_deleted_after_a_week_and_its_line_stays(db: None, ada: User, now: datetime) -> None:
    somebody()
    export = written("csv", by=ada, now=now)
    path = Path(export.file.path)
    assert exports.delete_old(now=now + timedelta(days=6)) == 0
    assert path.exists()
    assert exports.delete_old(now=now + timedelta(days=8)) == 1
    assert not path.exists()
    export.refresh_from_db()
    assert (export.state, export.rows) == ("deleted", 1)
    with clock.at(now):
        assert cast.client_of(ada).get(f"/people/exports/{export.pk}/download/").status_code == 404


def test_an_erasure_takes_the_files_with_it(db: None, ada: User, now: datetime) -> None:
    asa = somebody()
    export = written("csv", by=ada, now=now, q="asa öst")
    erasure.erase(contact_ids=[asa.pk], why="asked", by=ada, now=now + timedelta(hours=1))
    export.refresh_from_db()
    assert (export.state, bool(export.file)) == ("deleted", False)
    assert "asa" not in f"{export.meant} {export.selection}"


def test_a_file_whose_writer_died_is_written_anew(db: None, ada: User, now: datetime) -> None:
    somebody()
    made = exports.begin(
        kind="csv", columns=NAMES, selection=Selection(everybody=True), language="en", by=ada, now=now
    )
    Export.objects.filter(pk=made.pk).update(rows=7)
    assert exports.unfinished() == [made.pk]
    assert exports.write(export_id=made.pk, clock=lambda: now).rows == 1


def test_an_erasure_ends_a_file_that_is_still_to_be_written_for_a_search(
    db: None, ada: User, now: datetime
) -> None:
    asa, other = somebody(), cast.contact("Not", "Meant")
    meant = Selection(everybody=True, asked={"q": "asa"})
    made = exports.begin(kind="csv", columns=NAMES, selection=meant, language="en", by=ada, now=now)
    erasure.erase(contact_ids=[other.pk], why="asked", by=ada, now=now)
    done = exports.write(export_id=made.pk, clock=lambda: now)
    assert (done.state, bool(done.file)) == ("failed", False)
    assert done.error == "Somebody was erased before this file was ready. Begin it again."
    assert "asa" not in f"{done.meant} {done.selection}" and asa.pk


def test_whoever_is_erased_while_a_file_is_written_is_not_in_it(db: None, ada: User, now: datetime) -> None:
    asa = somebody()
    cast.contact("Bo", "Stays")
    made = exports.begin(
        kind="csv", columns=NAMES, selection=Selection(everybody=True), language="en", by=ada, now=now
    )
    looks: list[int] = []

    def clock_of_the_writer() -> datetime:
        looks.append(len(looks))
        if looks == [0, 1]:  # everybody is written, and the file is not ready yet
            erasure.erase(contact_ids=[asa.pk], why="asked", by=ada, now=now)
        return now

    done = exports.write(export_id=made.pk, clock=clock_of_the_writer)
    assert (done.state, done.rows) == ("done", 1)
    assert [row[0] for row in cells(done)] == ["First name", "Bo"]
    assert len(list(Path(done.file.path).parent.iterdir())) == 1
