"""A backup, and what comes back from it: through the two commands that a person types, on a database of its own."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from silo.services import backup
from tests import schema

CHECKOUT = Path(__file__).resolve().parent.parent.parent
NAME = "silo_backup_test"
Command = Callable[..., subprocess.CompletedProcess[str]]

BEFORE = """
from pathlib import Path
from django.conf import settings
from contacts import clock
from contacts.models import Contact
from contacts.services import contact, erasure
from silo.services import backup
now = clock.now()
for address in ("åsa@example.se", "boris@example.no"):
    contact.add(email=address, now=now, by=None, ground="consent", ground_source="test")
upload = Path(settings.MEDIA_ROOT) / "imports" / "lista.csv"
upload.parent.mkdir(parents=True)
upload.write_text("E-post\\nåsa@example.se\\n", encoding="utf-8")
made = backup.take(into=Path("{folder}"), now=now)
upload.unlink()
contact.add(email="chen@example.se", now=now, by=None, ground="consent", ground_source="test")
erasure.erase(contact_ids=[Contact.objects.get(email="boris@example.no").pk], why="asked", by=None, now=now)
"""
AFTER = """
import json
from contacts import clock
from contacts.models import Contact
from nurturing.queries import live
from silo.queries import doctor
print(json.dumps({
    "people": list(Contact.objects.present().values_list("email", flat=True)),
    "hold": live.open_hold() and live.open_hold().because,
    "leaks": doctor.examine(now=clock.now()).broken,
}))
"""


@pytest.fixture
def manage(django_db_setup: None, process_environment: dict[str, str], tmp_path: Path) -> Iterator[Command]:
    """Commands on an empty silo in a database and a folder of its own."""
    schema._sql("postgres", f'DROP DATABASE IF EXISTS "{NAME}"')
    schema._sql("postgres", f'CREATE DATABASE "{NAME}" TEMPLATE "{schema.TEMPLATE}"')
    environment = process_environment | {
        "DATABASE_URL": process_environment["DATABASE_URL"].rpartition("/")[0] + f"/{NAME}",
        "MEDIA_ROOT": str(tmp_path / "media"),
        "ERASURE_LEDGER": str(tmp_path / "erasures.jsonl"),
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=CHECKOUT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    yield run
    schema._sql("postgres", f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')


def _said(manage: Command, script: str) -> Any:
    done = manage("shell", "--no-imports", "-c", script)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) if done.stdout else None


def test_a_backup_comes_back_erases_again_and_waits_for_a_person(manage: Command, tmp_path: Path) -> None:
    _said(manage, BEFORE.replace("{folder}", str(tmp_path / "kept")))
    (folder,) = (tmp_path / "kept").iterdir()
    assert folder.stat().st_mode & 0o077 == 0

    refused = manage("restore", str(folder))
    assert refused.returncode == 1 and "--replace" in refused.stderr

    done = manage("restore", str(folder), "--replace")
    assert done.returncode == 0, done.stderr
    assert "2 people" in done.stdout
    after = _said(manage, AFTER)
    assert after["people"] == ["åsa@example.se"], "Chen came later, Boris was erased after the backup"
    assert "Restored from the backup" in after["hold"]
    assert after["leaks"] == []
    upload = tmp_path / "media" / "imports" / "lista.csv"
    assert upload.read_text(encoding="utf-8").endswith("åsa@example.se\n")


def test_a_restore_that_fails_half_way_lets_nothing_leave(manage: Command, tmp_path: Path) -> None:
    _said(manage, BEFORE.replace("{folder}", str(tmp_path / "kept")))
    (folder,) = (tmp_path / "kept").iterdir()
    uploads = tmp_path / "media" / "imports"
    shutil.rmtree(uploads)
    uploads.write_text("a file where the folder of the uploads should be")

    done = manage("restore", str(folder), "--replace")

    assert done.returncode == 1 and "All sending is on hold" in done.stderr
    after = _said(manage, AFTER)
    assert after["people"] == ["åsa@example.se", "boris@example.no"], "the database is the backup's"
    assert "Restored from the backup" in after["hold"]


@pytest.fixture
def kept(transactional_db: None, tmp_path: Path, settings: Any, now: datetime) -> backup.Backup:
    """A backup of the test's own silo."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return backup.take(into=tmp_path / "kept", now=now)


def test_a_damaged_backup_is_refused(kept: backup.Backup) -> None:
    assert backup.look(kept.folder).people == kept.people
    dump = kept.folder / backup.DATABASE
    dump.write_bytes(dump.read_bytes()[:-1] + b"?")
    with pytest.raises(backup.CannotRestore, match=r"database\.dump of this backup is damaged"):
        backup.look(kept.folder)


def test_a_folder_that_holds_no_backup_is_named(tmp_path: Path) -> None:
    with pytest.raises(backup.CannotRestore, match="no whole backup"):
        backup.look(tmp_path)


def test_a_backup_that_cannot_be_written_leaves_nothing_half_made(kept: backup.Backup, now: datetime) -> None:
    blocked = kept.folder / backup.MANIFEST  # a file, where a folder should be
    with pytest.raises(backup.CannotBackUp, match="No backup was made"):
        backup.take(into=blocked, now=now)


def test_a_running_silo_is_not_restored_over(
    kept: backup.Backup, process_environment: dict[str, str], now: datetime
) -> None:
    worker = psycopg2.connect(process_environment["DATABASE_URL"])
    try:
        with pytest.raises(backup.CannotRestore, match="stop it first"):
            backup.restore(folder=kept.folder, replace=True, now=now)
    finally:
        worker.close()
