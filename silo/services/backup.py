"""The whole silo into one folder, and back: database, uploaded files, the ledger of erasures, and a laptop's keys.

The database comes back in one transaction, so a restore that fails there leaves the silo as it was. The same transaction puts
all sending on hold: whatever fails afterwards, nothing leaves before a person lets it, for what the backup calls due may
have left long ago.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils.translation import gettext as _

from contacts import ledger, spoken
from contacts.models import Contact
from contacts.services import audit, erasure
from nurturing.services import gap, hold
from silo.embedded import binaries, keyring, place
from silo.services import instance

DATABASE, FILES, ERASURES, KEYS, MANIFEST = (
    "database.dump",
    "files.tar.gz",
    "erasures.jsonl",
    "keys.json",
    "manifest.json",
)
FORMAT = 1
BACKED_UP, RESTORED = "silo.backed_up", "silo.restored"


class CannotBackUp(Exception):
    """No backup was made; the text says why, for a person."""


class CannotRestore(Exception):
    """Nothing was restored; the text says why, for a person."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A folder with one backup. `people` is the number of contacts in it."""

    folder: Path
    at: datetime
    people: int
    size: int  # bytes


def take(*, into: Path, now: datetime) -> Backup:
    """Back the silo up into a new folder below `into`, readable by its owner only. Raises CannotBackUp.

    The database is one snapshot; files that are uploaded meanwhile may be in the backup or not.
    """
    folder = into / f"silo-{now:%Y%m%dT%H%M%SZ}"
    part = folder.with_name(f"{folder.name}.part")
    try:
        part.mkdir(parents=True, mode=0o700)
        _dump(part / DATABASE)
        _pack(part / FILES)
        for source, name in ((ledger.path(), ERASURES), (_keys_of_this_machine(), KEYS)):
            if source and source.exists():
                shutil.copyfile(source, part / name)
                (part / name).chmod(0o600)
        people = Contact.objects.present().count()
        _write_manifest(part, {"format": FORMAT, "at": now.isoformat(), "people": people})
        part.rename(folder)
        audit.write(verb=BACKED_UP, now=now, object_type="Backup")
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise CannotBackUp(_("No backup was made: %(error)s.") % {"error": error}) from error
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    size = sum(file.stat().st_size for file in folder.iterdir())
    return Backup(folder, now, people, size)


def look(folder: Path) -> Backup:
    """A backup, each of its files read and compared with what was written then. Raises CannotRestore."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        at, people = datetime.fromisoformat(manifest["at"]), int(manifest["people"])
        if manifest["format"] != FORMAT:
            raise CannotRestore(_("This backup was made by another version of the silo."))
        for name, known in manifest["sha256"].items():
            if _sha256(folder / name) != known:
                raise CannotRestore(_("The file %(name)s of this backup is damaged.") % {"name": name})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotRestore(
            _("%(folder)s holds no whole backup: %(error)s.") % {"folder": folder, "error": error}
        ) from error
    return Backup(folder, at, people, sum(file.stat().st_size for file in folder.iterdir()))


def restore(*, folder: Path, replace: bool, now: datetime) -> Backup:
    """Put a backup in the place of this silo's database and files, erase again who was erased since, and stop all sending.

    Raises CannotRestore: when the backup is not whole, when people are in this silo and `replace` is not said, when
    other processes use it, or when there is no room for the files.
    """
    backup = look(folder)
    _refuse_if_used(replace=replace)
    because = _(
        "Restored from the backup of %(when)s. Look at what is late before mails go again: some of it may have left since."
    ) % {"when": spoken.moment(backup.at, now=now)}
    _load(folder / DATABASE, because=because)
    try:
        _unpack(folder / FILES)
    except OSError as error:
        raise CannotRestore(
            _(
                "The database is back, the uploaded files are not: %(error)s. All sending is on hold."
                " Mend that and restore once more."
            )
            % {"error": error}
        ) from error
    _take_back_keys(folder / KEYS)
    _take_back_erasures(folder / ERASURES)
    call_command("migrate", verbosity=0)
    erasure.replay(now=now)
    hold.stop(because=because, by=None, now=now)
    gap.notice(now=now, longer_than=timedelta(0))
    instance.recognise(now=now)
    audit.write(verb=RESTORED, now=now, object_type="Backup")
    return backup


def _refuse_if_used(*, replace: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        (others,) = cursor.fetchone()
        tables = connection.introspection.table_names(cursor)
    if others:
        raise CannotRestore(
            _("The silo is running (%(count)s connections to its database): stop it first.")
            % {"count": others}
        )
    if not replace and Contact._meta.db_table in tables and Contact.objects.exists():
        raise CannotRestore(
            _(
                "There are people in this silo. Say --replace to put the backup in their place; they are gone then."
            )
        )


# --- the database ---------------------------------------------------------------------------------------------------


def _dump(file: Path) -> None:
    words = ["--format=custom", "--no-owner", "--no-privileges", f"--file={file}"]
    done = _run("pg_dump", *words)
    if done.returncode:
        raise CannotBackUp(_("PostgreSQL refused: %(words)s") % {"words": _last_words(done.stderr)})
    file.chmod(0o600)


def _load(file: Path, *, because: str) -> None:
    """Everything in one transaction: the old tables go only when all of the new ones are there, and sending is on hold."""
    with TemporaryFile() as script:
        script.write(b"DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n")
        script.flush()
        written = _run(
            "pg_restore", "--no-owner", "--no-privileges", "--file=-", str(file), into=script, local=True
        )
        if written.returncode:
            raise CannotRestore(_("PostgreSQL refused: %(words)s") % {"words": _last_words(written.stderr)})
        script.seek(0, os.SEEK_END)  # behind what the program wrote
        script.write(_HOLD.replace("%s", _quoted(because)).encode())
        script.seek(0)
        connection.close()
        words = [
            "--no-psqlrc",
            "--quiet",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            "--output",
            os.devnull,
        ]
        done = _run("psql", *words, out_of=script)
    if done.returncode:
        raise CannotRestore(_("PostgreSQL refused: %(words)s") % {"words": _last_words(done.stderr)})


# A backup may be older than the switch, and its own hold stands.
_HOLD = """
DO $hold$ BEGIN
    IF to_regclass('public.nurturing_sendinghold') IS NOT NULL THEN
        INSERT INTO public.nurturing_sendinghold (at, because) VALUES (now(), %s) ON CONFLICT DO NOTHING;
    END IF;
END $hold$;
"""


def _quoted(words: str) -> str:
    """Our own words in SQL; a dump is read with standard strings."""
    return "'" + words[:300].replace("'", "''").replace("$", "") + "'"


def _run(program: str, *words: str, into: Any = None, out_of: Any = None, local: bool = False) -> Any:
    """A client program of PostgreSQL on our database; the password goes by the environment, where no other user sees it."""
    found = _found(program)
    named = connection.settings_dict
    environment = os.environ | {
        variable: str(named[name])
        for variable, name in (
            ("PGHOST", "HOST"),
            ("PGPORT", "PORT"),
            ("PGUSER", "USER"),
            ("PGPASSWORD", "PASSWORD"),
            ("PGDATABASE", "NAME"),
        )
        if named.get(name) and not local
    }
    return subprocess.run(
        [found, *words],
        env=environment,
        stdin=out_of if out_of is not None else subprocess.DEVNULL,
        stdout=into if into is not None else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )


def _found(program: str) -> str:
    """The embedded server's own program, which fits it; else the machine's."""
    try:
        ours = binaries.postgres_program(program)
    except RuntimeError:
        ours = None
    found = str(ours) if ours and ours.exists() else shutil.which(program)
    if found is None:
        raise CannotBackUp(
            _("%(program)s is not on this machine: install the client programs of PostgreSQL.")
            % {"program": program}
        )
    return found


def _last_words(said: bytes) -> str:
    return " ".join(said.decode(errors="replace").strip().splitlines()[-2:])[:300]


# --- files, ledger, keys --------------------------------------------------------------------------------------------


def _pack(file: Path) -> None:
    root = Path(settings.MEDIA_ROOT)
    with tarfile.open(file, "w:gz", compresslevel=1) as tar:
        for path in sorted(root.rglob("*")) if root.is_dir() else ():
            try:
                tar.add(path, arcname=str(path.relative_to(root)), recursive=False)
            except FileNotFoundError:
                continue  # an import's file whose time was over, removed while we looked
    file.chmod(0o600)


def _unpack(file: Path) -> None:
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file) as tar:
        for member in tar:
            goal = (root / member.name).resolve()
            packed = (
                tar.extractfile(member) if member.isfile() and goal.is_relative_to(root.resolve()) else None
            )
            if packed is None:
                continue  # a folder; or something that is no file below the root, which we never packed
            goal.parent.mkdir(parents=True, exist_ok=True)
            with packed, goal.open("wb") as written:
                shutil.copyfileobj(packed, written)


def _take_back_erasures(file: Path) -> None:
    """Who was erased then or since stays erased: both ledgers together."""
    if not file.exists():
        return
    known = {line.key for line in ledger.read()}
    ledger.append(line for line in ledger.read(file) if line.key not in known)


def _keys_of_this_machine() -> Path | None:
    """A laptop's keys lie beside its data. Production's come from the environment and are kept apart from backups."""
    return None if settings.PRODUCTION else place.VAR / "keys.json"


def _take_back_keys(file: Path) -> None:
    """The backup's keys behind our own: its links, its stops and its stored secrets can be read, new ones get ours."""
    ours = _keys_of_this_machine()
    if ours is None or not file.exists():
        return
    keyring.add(ours, json.loads(file.read_text(encoding="utf-8")))
    for name, keys in keyring.kept(ours).items():
        if name in settings.KEY_RINGS:
            settings.KEY_RINGS[name][:] = keys


def _write_manifest(folder: Path, said: dict[str, Any]) -> None:
    said["sha256"] = {file.name: _sha256(file) for file in sorted(folder.iterdir())}
    path = folder / MANIFEST
    path.write_text(json.dumps(said, indent=1), encoding="utf-8")
    for file in (*folder.iterdir(), folder):
        handle = os.open(file, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
