#!/usr/bin/env python3
"""How fast a list comes in: from upload to searchable, every verdict recorded, beside a plain COPY of the same file.

    python bench/importing.py [--rows 100000] [--json] [--again] [--undo] [--keep-folder DIR]

Makes a file of 10 columns and a database of its own (in an embedded server of its own, durable, in a temporary folder; or
on DATABASE_URL when that is set), and takes both away again. In one run: `copy` (the file's cells into an unlogged table
without an index), the dry run, and upload to done with the unique address index and the trigram index in place. `seconds`
is upload to done without the dry run. With `--again` the same list comes once more, into a silo that knows everybody:
`again_after_check_seconds` is the run that goes on from a dry run's staging table.
`peak_mb` is the proportional set size of this process and those that it starts, PostgreSQL apart.
"""

import argparse
import csv
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

HEADER = [
    "Förnamn",
    "Efternamn",
    "E-post",
    "Företag",
    "Befattning",
    "Telefon",
    "Ort",
    "Land",
    "Kundnr",
    "Anteckning",
]
# fmt: off
FIRST = [
    "Åsa", "Bo", "Cecilia", "Dag", "Eva", "Fredrik", "Göran", "Hanna", "Ingrid", "Jörgen", "Kari", "Lars", "Märta", "Nils",
    "Olav", "Petra", "Quido", "Ragnhild", "Stig", "Tove", "Ulla", "Vidar", "Wilma", "Yngve", "Zara", "Örjan", "Ærlend",
    "Øyvind", "Anders", "Birgitta", "Camilla", "David", "Elisabet", "Gustav", "Helena",
]
LAST = [
    "Andersson", "Öberg", "Berg", "Hansen", "Løken", "Åkesson", "Lindqvist", "Nygård", "Sjöström", "Eriksen", "Dahl", "Ek",
    "Fors", "Gran", "Holm", "Isaksen", "Johansen", "Karlsson", "Lund", "Moen", "Nilsson", "Olsen", "Pettersen", "Rönn",
    "Solberg", "Thorsen", "Ullman", "Viklund", "Wiik", "Zetterberg",
]
MIDDLE = [
    "Norr", "Söder", "Öst", "Väst", "Berg", "Dal", "Sjö", "Skog", "Sten", "Fjell", "Vik", "Strand", "Holm", "Ås", "Elv",
    "Malm", "Hav", "Land", "Ren", "Lys",
]
TRADE = [
    "Bygg", "Mekano", "Data", "Foder", "Logistik", "Trä", "Stål", "Energi", "Transport", "Möbler", "Fisk", "Papper",
    "Teknik", "Konsult", "Handel", "Tryck",
]
# fmt: on
FORMS = ["AB", "AS", "HB", "ASA", "Oy", ""]
TITLES = ["Inköpschef", "VD", "Säljare", "Daglig leder", "Ekonomichef", "Produktionschef", "Innkjøper", ""]
CITIES = ["Göteborg", "Oslo", "Malmö", "Tromsø", "Luleå", "Bergen", "Örebro", "Stavanger", "Umeå", "Ålesund"]


def plain(text: str) -> str:
    """As in an address."""
    return text.lower().translate(str.maketrans("åäöæø", "aaoao"))


def rows(number: int) -> Iterator[list[str]]:
    """People of about 12 to a company; 2 % stand twice, 1 % have no usable address."""
    chance = random.Random(7)
    firms = max(1, number // 12)
    for at in range(number):
        who = at if chance.random() > 0.02 or at < 10 else chance.randrange(at)
        one = random.Random(who)
        first, last = one.choice(FIRST), one.choice(LAST)
        firm = one.randrange(firms)
        stem = f"{MIDDLE[firm % 20]}{MIDDLE[firm // 20 % 20].lower()} {TRADE[firm // 400 % 16]} {firm // 6400 or ''}".strip()
        domain = plain(stem).replace(" ", "") + (".example" if firm % 2 else ".test")
        email = f"{plain(first)}.{plain(last)}{who}@{domain}"
        if chance.random() < 0.01:
            email = email.replace("@", "(at)")
        phone = (
            f"070-{one.randrange(100, 999)} {one.randrange(10, 99)} {one.randrange(10, 99)}"
            if firm % 2
            else ""
        )
        land = "Sverige" if firm % 2 else "Norge"
        note = "träffades på mässan" if who % 5 == 0 else ""
        yield [
            first, last, email, f"{stem} {FORMS[firm % 6]}".strip(), one.choice(TITLES), phone, CITIES[firm % 10], land,
            f"K{100000 + who}", note,
        ]  # fmt: skip


def make_file(path: Path, number: int) -> None:
    """The list, as a Nordic Excel saves it: semicolons, UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(HEADER)
        writer.writerows(rows(number))


class Peak:
    """The largest proportional set size of our process tree, looked at ten times a second."""

    def __init__(self) -> None:
        self.mb = 0.0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Peak":
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.done.set()
        self.thread.join()

    def _watch(self) -> None:
        import psutil

        me = psutil.Process()
        while not self.done.wait(0.1):
            total = 0
            for process in [me, *me.children(recursive=True)]:
                try:
                    name = process.name()
                    if (
                        "postgres" not in name
                        and "valkey" not in name
                        and "guard" not in " ".join(process.cmdline())
                    ):
                        total += process.memory_full_info().pss
                except psutil.Error:
                    continue
            self.mb = max(self.mb, total / 1024 / 1024)


@contextmanager
def database(folder: Path) -> Iterator[None]:
    """A database that is there for this run only; DATABASE_URL names it afterwards."""
    import psycopg2

    if given := os.environ.get("DATABASE_URL"):
        name = f"import_bench_{os.getpid()}"
        server, _slash, _name = given.rpartition("/")
        outside = psycopg2.connect(given)
        outside.autocommit = True
        outside.cursor().execute(f"CREATE DATABASE {name}")
        os.environ["DATABASE_URL"] = f"{server}/{name}"
        try:
            yield
        finally:
            outside.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
            outside.close()
        return
    for name in ("REDIS_URL", "SILO_ENV", "SILO_DEMO"):
        os.environ.pop(name, None)
    os.environ["SILO_VAR"] = str(folder / "var")
    from silo.embedded import place, servers

    membership = servers.Membership(folder / "var")
    membership.join()
    os.environ["DATABASE_URL"] = place.database_url("postgres", folder / "var")
    os.environ["REDIS_URL"] = place.broker_url(0, folder / "var")
    try:
        yield
    finally:
        membership.leave()


def copy_seconds(path: Path) -> float:
    """A plain COPY of the file's cells into an unlogged table: what the machine can do at all."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS plain_copy")
        cursor.execute(
            f"CREATE UNLOGGED TABLE plain_copy ({', '.join(f'c{n} text' for n in range(len(HEADER)))})"
        )
        started = time.perf_counter()
        with path.open("rb") as file:
            raw: Any = cursor.cursor
            raw.copy_expert(
                "COPY plain_copy FROM STDIN WITH (FORMAT csv, DELIMITER ';', HEADER)", file, 1 << 20
            )
        seconds = time.perf_counter() - started
        cursor.execute("DROP TABLE plain_copy")
    return seconds


def measure(path: Path, *, again: bool, undo: bool) -> dict[str, Any]:
    """Copy, dry run and run; then, when asked for, the same list once more, and the undo."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "silo.settings")
    django.setup()
    from django.conf import settings
    from django.core.files import File
    from django.core.management import call_command
    from django.db import connection

    from contacts import clock
    from contacts.models import ContactSearch, ImportBatch, ImportRow
    from contacts.services import import_batch as imports
    from contacts.services import import_undo, import_work

    settings.MEDIA_ROOT = path.parent / "media"
    call_command("migrate", verbosity=0)
    found: dict[str, Any] = {"copy_seconds": round(copy_seconds(path), 3)}

    def upload() -> ImportBatch:
        with path.open("rb") as file:
            batch = imports.receive(name=path.name, file=File(file, name=path.name), by=None, now=clock.now())
        imports.settle(
            batch=batch, fields=batch.reading["fields"], ground="legitimate_interest", source="bench"
        )
        return batch

    def run(batch: ImportBatch) -> ImportBatch:
        imports.begin(batch_id=batch.pk, by=None, now=clock.now())
        return import_work.run(batch_id=batch.pk, now=clock.now())

    with Peak() as peak:
        started = time.perf_counter()
        batch = upload()
        dry = import_work.check(batch_id=batch.pk, now=clock.now())
        found["dry_seconds"] = round(time.perf_counter() - started, 2)
        batch.delete()
        connection.cursor().execute(f"DROP TABLE IF EXISTS contacts_stage_{dry.pk}")
        started = time.perf_counter()
        done = run(upload())
        seconds = time.perf_counter() - started
        assert ContactSearch.objects.filter(text__contains="solberg").exists()
        assert ImportRow.objects.filter(batch=done).count() == done.rows == sum(done.counts.values())
        assert done.counts == dry.counts, "the dry run foretold something else"
        found |= {"rows": done.rows, "seconds": round(seconds, 2), "counts": done.counts}
        found |= {"rows_per_second": round((done.rows or 0) / seconds)}
        if again:
            started = time.perf_counter()
            more = import_work.check(batch_id=upload().pk, now=clock.now())
            found["again_dry_seconds"] = round(time.perf_counter() - started, 2)
            started = time.perf_counter()
            more = run(more)
            found["again_after_check_seconds"] = round(time.perf_counter() - started, 2)
            found["again_counts"] = more.counts
        if undo:
            started = time.perf_counter()
            import_undo.begin(batch_id=done.pk, by=None, now=clock.now())
            undone = import_undo.run(batch_id=done.pk, now=clock.now())
            found["undo_seconds"] = round(time.perf_counter() - started, 2)
            found["undo"] = undone.options["undo"]
    found["peak_mb"] = round(peak.mb, 1)
    found["copy_ratio"] = round(seconds / found["copy_seconds"], 1)
    found["dry_rows_per_second"] = round((done.rows or 0) / found["dry_seconds"])
    connection.close()
    return found


def main() -> int:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--json", action="store_true", help="one line instead of an indented object")
    parser.add_argument("--again", action="store_true", help="bring the same list in once more, and time it")
    parser.add_argument("--undo", action="store_true", help="take the import back at the end, and time it")
    parser.add_argument(
        "--keep-folder", help="where the file and the database go; kept (for the doctor afterwards)"
    )
    chosen = parser.parse_args()
    folder = Path(chosen.keep_folder or tempfile.mkdtemp(prefix="silo-bench-", dir="/tmp"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    try:
        path = folder / "list.csv"
        make_file(path, chosen.rows)
        with database(folder):
            found = measure(path, again=chosen.again, undo=chosen.undo)
        found = {"rows": found.pop("rows"), "file_mb": round(path.stat().st_size / 1e6, 1), **found}
        print(json.dumps(found, indent=None if chosen.json else 2))
    finally:
        if not chosen.keep_folder:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    venv = ROOT / ".venv" / "bin" / "python"
    try:
        import psycopg2  # noqa: F401
    except ImportError:
        if not venv.exists():
            sys.exit("Run `make demo` or `make test` once: it makes .venv with what this needs.")
        sys.exit(subprocess.call([str(venv), *sys.argv]))
    sys.exit(main())
