"""Strings that people should never type, through import, search, segments, pages and exports: every row is accounted for
and nothing breaks.
"""

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from contacts import spreadsheet
from contacts.models import Contact, Export, ImportBatch, ImportRow
from contacts.queries import segment
from contacts.queries.selection import Selection
from contacts.segments import rule
from contacts.services import export
from silo.models import User
from tests import cast
from tests.contacts.test_import_batch import bring_in_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def strings(shared_data: Path) -> list[str]:
    """All of them, from every collection."""
    found: list[str] = []
    for path in sorted((shared_data / "hostile").glob("*.json")):
        items = json.loads(path.read_text())
        for item in items["items"] if isinstance(items, dict) else items:
            value = item.get("value", item.get("address", "")) if isinstance(item, dict) else item
            if isinstance(value, str) and value.strip():
                found.append(value.encode("utf-8", "replace").decode())
    return found


@pytest.fixture
def batch(strings: list[str], settings: Any, tmp_path: Path, now: datetime) -> ImportBatch:
    """Each of them as a name, a company and a tag, and each once more as an address."""
    settings.MEDIA_ROOT = tmp_path
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(["Förnamn", "Företag", "E-post", "Telefon", "Taggar"])
    for number, one in enumerate(strings):
        writer.writerow([one, one, f"p{number}@x.example", "", one])
        writer.writerow(["Anna", "", one, "", ""])
    return bring_in_bytes(out.getvalue().encode("utf-8-sig"), now)


@pytest.fixture
def client(mira: User) -> Client:
    return cast.client_of(mira)


def test_every_string_is_accounted_for(batch: ImportBatch, strings: list[str]) -> None:
    assert batch.state == "done"
    assert sum(batch.counts.values()) == batch.rows == ImportRow.objects.filter(batch=batch).count()
    assert batch.rows and batch.rows >= 2 * len(strings) * 0.98
    assert batch.counts["new"] > len(strings) * 0.9
    for somebody in Contact.objects.all():
        assert not set(f"{somebody.email}{somebody.first_name}{somebody.title}") & set("\r\n\x00\u2028")


@pytest.mark.parametrize("every", [160, pytest.param(20, marks=pytest.mark.slow)])
def test_the_pages_show_them(batch: ImportBatch, client: Client, every: int) -> None:
    for url in (
        "/people/",
        f"/imports/{batch.pk}/",
        f"/imports/{batch.pk}/rejects.csv",
        f"/imports/{batch.pk}/?verdict=new",
        f"/imports/{batch.pk}/undo/",
    ):
        assert client.get(url).status_code == 200
    for somebody in Contact.objects.order_by("id")[::every]:
        shown = client.get(somebody.get_absolute_url())
        assert shown.status_code == 200
        assert b"<script>alert" not in shown.content


@pytest.mark.parametrize("every", [29, pytest.param(1, marks=pytest.mark.slow)])
def test_they_are_searched_for(batch: ImportBatch, strings: list[str], client: Client, every: int) -> None:
    for one in strings[::every]:
        assert client.get("/people/", {"q": one[:150]}).status_code == 200


def test_segments_ask_for_them(batch: ImportBatch, strings: list[str], now: datetime) -> None:
    for one in strings[::7]:
        asked = {"version": 1, "all": [{"if": "tag", "op": "has", "value": one[:60]}]}
        try:
            assert segment.matching(asked, now=now).count() >= 0
        except rule.Malformed as refused:
            assert str(refused)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_exports_hold_them_and_run_nothing(batch: ImportBatch, ada: User, now: datetime, kind: str) -> None:
    made = export.begin(
        kind=kind,
        columns=["email", "company"],
        selection=Selection(everybody=True),
        language="en",
        by=ada,
        now=now,
    )
    export.write(export_id=made.pk, clock=lambda: now)
    made = Export.objects.get(pk=made.pk)
    assert made.file and made.file.size > 10_000
    if kind == "csv":
        with made.file.open("rb") as file:
            text = file.read().decode("utf-8-sig")
        delimiter = ";" if text.partition("\n")[0].count(";") else ","
        cells = [cell for row in csv.reader(io.StringIO(text), delimiter=delimiter) for cell in row]
        assert all(spreadsheet.harmless(cell) == cell for cell in cells)
