"""A backup, and what comes back from it, on a database of its own, through the two commands that a person types."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from tests import schema

CHECKOUT = Path(__file__).resolve().parent.parent.parent
NAME = "silo_backup_test"
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def silo(
    django_db_setup: None, process_environment: dict[str, str], tmp_path: Path
) -> Iterator[dict[str, str]]:
    """An empty silo in a database and folder of its own: the environment of its commands."""
    schema._sql("postgres", f'DROP DATABASE IF EXISTS "{NAME}"')
    schema._sql("postgres", f'CREATE DATABASE "{NAME}" TEMPLATE "{schema.TEMPLATE}"')
    address = process_environment["DATABASE_URL"].rpartition("/")[0] + f"/{NAME}"
    yield process_environment | {
        "DATABASE_URL": address,
        "MEDIA_ROOT": str(tmp_path / "media"),
        "ERASURE_LEDGER": str(tmp_path / "erasures.jsonl"),
    }
    schema._sql("postgres", f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')


@pytest.fixture
def manage(silo: dict[str, str]) -> Command:
    def run(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=CHECKOUT,
            env=silo,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or not check, done.stderr
        return done

    return run


def _people(manage: Command) -> list[str]:
    words = "from contacts.models import Contact; print(*Contact.objects.order_by('id').values_list('email', flat=True))"
    return manage("shell", "--no-imports", "-c", words).stdout.split()


def _add(manage: Command, *addresses: str) -> None:
    for address in addresses:
        words = (
            "from contacts import clock; from contacts.services import contact;"
            f"contact.add(email={address!r}, now=clock.now(), by=None, ground='consent', ground_source='test')"
        )
        manage("shell", "--no-imports", "-c", words)


def _only_folder(folder: Path) -> Path:
    (found,) = folder.iterdir()
    return found


def test_what_was_backed_up_comes_back_and_nothing_leaves_before_a_person_lets_it(
    manage: Command, tmp_path: Path
) -> None:
    _add(manage, "åsa@example.se")
    media = tmp_path / "media" / "imports"
    media.mkdir(parents=True)
    (media / "lista.csv").write_text("E-post\nåsa@example.se\n", encoding="utf-8")
    said = manage("backup", str(tmp_path / "kept")).stdout
    assert "1 people" in said
    folder = _only_folder(tmp_path / "kept")
    assert folder.stat().st_mode & 0o077 == 0

    _add(manage, "boris@example.no")
    (media / "lista.csv").unlink()
    refused = manage("restore", str(folder), check=False)
    assert refused.returncode == 1 and "--replace" in refused.stderr
    assert len(_people(manage)) == 2, "a refused restore changes nothing"

    manage("restore", str(folder), "--replace")
    assert _people(manage) == ["åsa@example.se"]
    assert (media / "lista.csv").read_text(encoding="utf-8").endswith("åsa@example.se\n")
    held = "from nurturing.queries import live; print(live.open_hold().because)"
    assert "Restored from the backup" in manage("shell", "--no-imports", "-c", held).stdout
    report = json.loads(manage("doctor", "--json").stdout.splitlines()[-1])
    assert report["ok"] and report["contacts"] == 1


def test_somebody_erased_after_the_backup_is_erased_again(manage: Command, tmp_path: Path) -> None:
    _add(manage, "anna@example.se", "boris@example.no")
    manage("backup", str(tmp_path / "kept"))
    words = (
        "from contacts import clock; from contacts.models import Contact; from contacts.services import erasure;"
        "erasure.erase(contact_ids=[Contact.objects.get(email='anna@example.se').pk], why='asked', by=None, now=clock.now())"
    )
    manage("shell", "--no-imports", "-c", words)
    manage("restore", str(_only_folder(tmp_path / "kept")), "--replace")
    assert "anna@example.se" not in _people(manage)


def test_a_damaged_backup_is_refused_before_anything_is_touched(manage: Command, tmp_path: Path) -> None:
    _add(manage, "anna@example.se")
    manage("backup", str(tmp_path / "kept"))
    folder = _only_folder(tmp_path / "kept")
    dump = folder / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-1] + b"?")
    refused = manage("restore", str(folder), "--replace", check=False)
    assert refused.returncode == 1 and "database.dump of this backup is damaged" in refused.stderr
    assert _people(manage) == ["anna@example.se"]


def test_a_folder_that_is_no_backup_is_named(manage: Command, tmp_path: Path) -> None:
    refused = manage("restore", str(tmp_path / "nothing"), check=False)
    assert refused.returncode == 1 and "no whole backup" in refused.stderr


def test_a_running_silo_is_not_restored_over(manage: Command, silo: dict[str, str], tmp_path: Path) -> None:
    _add(manage, "anna@example.se")
    manage("backup", str(tmp_path / "kept"))
    worker = psycopg2.connect(silo["DATABASE_URL"])
    try:
        refused = manage("restore", str(_only_folder(tmp_path / "kept")), "--replace", check=False)
    finally:
        worker.close()
    assert refused.returncode == 1 and "stop it first" in refused.stderr
