"""Strings that people should never type, through an import: every row is accounted for and nothing breaks."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from contacts.models import Contact, ImportRow
from silo.models import User
from tests import cast
from tests.contacts.test_import_batch import bring_in_bytes


def test_every_hostile_string_is_accounted_for_and_shown(
    db: None, shared_data: Path, settings: Any, tmp_path: Path, now: datetime, mira: User
) -> None:
    settings.MEDIA_ROOT = tmp_path
    strings: list[str] = []
    for path in sorted((shared_data / "hostile").glob("*.json")):
        found = json.loads(path.read_text())
        for item in found["items"] if isinstance(found, dict) else found:
            value = item.get("value", item.get("address", "")) if isinstance(item, dict) else item
            if isinstance(value, str) and value.strip():
                strings.append(value.encode("utf-8", "replace").decode())
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(["Förnamn", "Företag", "E-post", "Telefon", "Taggar"])
    for number, one in enumerate(strings):
        writer.writerow([one, one, f"p{number}@x.example", "", one])
        writer.writerow(["Anna", "", one, "", ""])
    batch = bring_in_bytes(out.getvalue().encode("utf-8-sig"), now)
    assert batch.state == "done"
    assert sum(batch.counts.values()) == batch.rows == ImportRow.objects.filter(batch=batch).count()
    assert batch.rows and batch.rows >= 2 * len(strings) * 0.98
    assert batch.counts["new"] > len(strings) * 0.9
    for somebody in Contact.objects.all():
        assert not set(f"{somebody.email}{somebody.first_name}{somebody.title}") & set("\r\n\x00\u2028")
    client = cast.client_of(mira)
    for url in (
        "/people/",
        f"/imports/{batch.pk}/",
        f"/imports/{batch.pk}/rejects.csv",
        f"/imports/{batch.pk}/?verdict=new",
    ):
        assert client.get(url).status_code == 200
    for one in strings[::7]:
        assert client.get("/people/", {"q": one[:150]}).status_code == 200
