"""An import from upload to report: receive the file, settle what it means, check it, run it, go on after a
crash.
"""

from __future__ import annotations  # Django's File takes no type at run time

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO, cast

from django.core.files.base import File
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from contacts.models import AuditEvent, ImportBatch, ImportRow, LegalGround
from contacts.reading import columns, decoding, dialect, inspection, reasons, verdict
from contacts.services import import_judge, import_write

State = ImportBatch.State
SAMPLES = 5
LOCK = 0x51_10_1A  # first half of the advisory lock: one worker per import
Progress = Callable[[int], None]


class NotNow(Exception):
    """The import is not in a state in which this can be done; the message says which it is in."""


@dataclass(slots=True)
class Check:
    """What a file would do: a count for each verdict, and a few rows of each."""

    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    silent: Counter[str] = field(default_factory=Counter)  # come in and are not written to, by reason

    def add(self, outcomes: Sequence[import_judge.Outcome]) -> None:
        self.rows += len(outcomes)
        for outcome in outcomes:
            self.counts[outcome.verdict] += 1
            if reason := outcome.silent:
                self.silent[reason] += 1
            kept = self.samples.setdefault(outcome.verdict, [])
            if len(kept) < SAMPLES:
                cells = [cell[:60] for cell in outcome.person.cells[:8] if cell.strip()]
                kept.append({"line": outcome.person.line, "cells": cells, "reason": outcome.reason})


def receive(*, name: str, file: File[bytes], by: Any, now: datetime) -> ImportBatch:
    """Keep an uploaded file and understand it. Raises decoding.Unreadable, and then keeps nothing."""
    reading = inspection.inspect(plain(file))
    file.seek(0)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    batch = ImportBatch(
        name=name[:255],
        sha256=digest.hexdigest(),
        size=file.size,
        reading=reading.as_json(),
        mapping={str(at): field_ for at, field_ in enumerate(reading.fields)},
        options={"country": reading.country},
        created_at=now,
        created_by=by,
    )
    batch.file.save(f"{digest.hexdigest()[:16]}.csv", file, save=False)
    batch.save()
    return batch


def read_again(*, batch: ImportBatch, **chosen: Any) -> None:
    """Understand the file as its owner says: encoding, delimiter, header, sheet, repair, as in inspection.inspect.

    Raises decoding.Unreadable, and then everything stays as it was.
    """
    _require(batch, State.UPLOADED, State.CHECKED)
    with batch.file.open("rb") as file:
        reading = inspection.inspect(plain(file), **chosen)
    batch.reading = reading.as_json()
    batch.mapping = {str(at): field_ for at, field_ in enumerate(reading.fields)}
    batch.options = {**batch.options, "chosen": {name: value for name, value in chosen.items() if value}}
    batch.state, batch.counts, batch.rows = State.UPLOADED, {}, None
    batch.save(update_fields=["reading", "mapping", "options", "state", "counts", "rows"])


def settle(
    *,
    batch: ImportBatch,
    fields: Sequence[str],
    ground: str,
    country: str = "",
    source: str = "",
    fill_only: bool = False,
    policy: Mapping[str, str] | None = None,
    tags: Sequence[str] = (),
) -> None:
    """What each column is, on what ground, from where, and per field what happens to what is known already ("keep",
    "fill", "overwrite"). Raises decoding.Unreadable when nobody could be reached.
    """
    _require(batch, State.UPLOADED, State.CHECKED)
    known = [name if columns.is_known(name) else columns.LEAVE_OUT for name in fields]
    reading = inspection.Reading(**{**batch.reading, "fields": known})
    inspection.require_reachable(reading)
    batch.mapping = {str(at): name for at, name in enumerate(known)}
    batch.ground = LegalGround.Ground(ground)
    batch.options = {
        **batch.options,
        "country": country,
        "source": source[:160],
        "fill_only": fill_only,
        "policy_default": "fill" if fill_only else "overwrite",
        "policy": dict(policy or {}),
        "tags": list(tags),
        "checking": False,
    }
    batch.state, batch.counts, batch.rows = State.UPLOADED, {}, None
    batch.save(update_fields=["mapping", "ground", "options", "state", "counts", "rows"])


def expect_check(*, batch: ImportBatch) -> None:
    """Remember that the dry run is under way in the background."""
    batch.options = {**batch.options, "checking": True}
    batch.save(update_fields=["options"])


def plan_of(batch: ImportBatch, *, now: datetime, silo_country: str = "SE") -> import_judge.Plan:
    """The decisions about a batch, in the form in which rows are judged."""
    reading = inspection.Reading(**batch.reading)
    options = batch.options
    return import_judge.Plan(
        codec=reading.codec,
        form=dialect.Dialect(**reading.form),
        fields=[batch.mapping.get(str(at), "") for at in range(len(reading.fields))],
        labels=reading.labels(),
        country=options.get("country") or reading.country or silo_country,
        ground=batch.ground,
        source=options.get("source") or _("Imported list %(name)s") % {"name": batch.name},
        now=now,
        fill_only=bool(options.get("fill_only")),
        tags=options.get("tags", []),
    )


def check_file(*, file: BinaryIO, plan: import_judge.Plan, progress: Progress | None = None) -> Check:
    """What a file would do. Nothing is written."""
    judge, found = import_judge.Judge(plan), Check()
    for chunk in import_judge.chunks(plan.rows(file)):
        found.add(judge.judge(chunk))
        if progress:
            progress(found.rows)
    return found


def check(*, batch_id: int, now: datetime) -> ImportBatch:
    """The dry run of a settled batch: its counts and samples are kept, nobody is written."""
    batch = ImportBatch.objects.get(pk=batch_id)
    _require(batch, State.UPLOADED, State.CHECKED)
    with batch.file.open("rb") as file:
        found = check_file(file=plain(file), plan=plan_of(batch, now=now))
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
        _require(batch, State.UPLOADED, State.CHECKED)
        batch.state, batch.rows, batch.counts = State.CHECKED, found.rows, verdict.counts_of(found.counts)
        batch.options = {
            **batch.options,
            "samples": found.samples,
            "silent": dict(found.silent),
            "checking": False,
        }
        batch.save(update_fields=["state", "rows", "counts", "options"])
    return batch


@transaction.atomic
def begin(*, batch_id: int, by: Any, now: datetime) -> ImportBatch:
    """Let a settled batch run, or one that stopped go on. The caller starts the work (`run`)."""
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    _require(batch, State.UPLOADED, State.CHECKED, State.FAILED, State.CANCELLED)
    if not batch.ground:
        raise NotNow(_("Say first on what ground these people may be written to."))
    if batch.started_at is None:
        batch.started_at, batch.rows_done, batch.counts = now, 0, {}
    batch.state, batch.error = State.RUNNING, ""
    batch.save(update_fields=["state", "error", "started_at", "rows_done", "counts"])
    _audit(batch, "import.started", by, now)
    return batch


@transaction.atomic
def cancel(*, batch_id: int, by: Any, now: datetime) -> ImportBatch:
    """Stop a running import after the chunk it is in. What came in stays, and can be undone."""
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    _require(batch, State.RUNNING)
    batch.state = State.CANCELLED
    batch.save(update_fields=["state"])
    _audit(batch, "import.cancelled", by, now)
    return batch


def run(*, batch_id: int, now: datetime, progress: Progress | None = None) -> ImportBatch:
    """Bring the rows in, chunk by chunk, each chunk in one transaction; goes on where an earlier run was
    stopped.

    Does nothing when another worker is at it. An error stops the batch with a sentence and is raised.
    """
    with one_worker(batch_id) as alone:
        batch = ImportBatch.objects.get(pk=batch_id)
        if not alone or batch.state != State.RUNNING:
            return batch
        for attempt in range(3):
            try:
                _run(batch, now, progress)
                break
            except (
                IntegrityError
            ):  # somebody added one of these people by hand in this very moment: judge again
                if attempt == 2:
                    _fail(
                        batch_id, _("Somebody is changing the same people. Let the import go on in a minute.")
                    )
                    raise
                batch.refresh_from_db()
            except OperationalError:  # two transactions waited for one another, and this one had to give way
                if attempt == 2:
                    raise  # the import stays running: the clock takes it up again
                batch.refresh_from_db()
            except DatabaseError:
                _fail(
                    batch_id,
                    _("A row could not be stored. What came in before it stays; nothing is half done."),
                )
                raise
            except (decoding.Unreadable, OSError) as error:
                _fail(batch_id, str(error) or _("The file could not be read again."))
                raise
        batch.refresh_from_db()
        return batch


def _run(batch: ImportBatch, now: datetime, progress: Progress | None) -> None:
    plan = plan_of(batch, now=now)
    judge = import_judge.Judge(plan, lock=True)
    with batch.file.open("rb") as file:
        rows = plan.rows(plain(file))
        behind = batch.rows_done
        while behind > 0:
            passed = list(islice(rows, min(behind, import_judge.CHUNK)))
            judge.pass_over(passed)
            behind -= len(passed) or behind
        done_before = ImportRow.objects.filter(batch=batch, contact_id__isnull=False)
        judge.touched.update(done_before.values_list("contact_id", flat=True).iterator())
        for chunk in import_judge.chunks(rows):
            if not _chunk(batch.pk, judge, chunk, plan):
                return
            if progress:
                progress(chunk[-1].number)
    _finish(batch.pk, now)


@transaction.atomic
def _chunk(batch_id: int, judge: import_judge.Judge, chunk: list[Any], plan: import_judge.Plan) -> bool:
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state != State.RUNNING or batch.rows_done != chunk[0].number - 1:
        return False  # cancelled, or another worker was faster
    outcomes = judge.judge(chunk)
    import_write.write(outcomes, batch_id=batch_id, source=plan.source, now=plan.now)
    counted = Counter(batch.counts) + Counter(outcome.verdict for outcome in outcomes)
    batch.counts, batch.rows_done = verdict.counts_of(counted), chunk[-1].number
    batch.rows = max(batch.rows or 0, batch.rows_done)
    batch.save(update_fields=["counts", "rows_done", "rows"])
    return True


@transaction.atomic
def _finish(batch_id: int, now: datetime) -> None:
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state == State.RUNNING:
        batch.state, batch.finished_at, batch.rows = State.DONE, now, batch.rows_done
        batch.counts = verdict.counts_of(batch.counts)
        batch.save(update_fields=["state", "finished_at", "rows", "counts"])
        _audit(batch, "import.done", batch.created_by, now)


def _fail(batch_id: int, sentence: str) -> None:
    ImportBatch.objects.filter(pk=batch_id, state=State.RUNNING).update(state=State.FAILED, error=sentence)


def unfinished() -> list[int]:
    """Imports and undos that should be moving; whoever starts them again does no harm to those that are."""
    found = ImportBatch.objects.filter(state__in=[State.RUNNING, State.UNDOING])
    return list(found.order_by("id").values_list("id", flat=True))


@contextmanager
def one_worker(batch_id: int) -> Iterator[bool]:
    """A lock that PostgreSQL itself gives back when the worker's connection breaks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, batch_id])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, batch_id])


def plain(file: File[bytes]) -> BinaryIO:
    """The real file inside Django's wrappers: text can be read from it without holding it."""
    inner: Any = file
    while isinstance(inner, File):
        inner = inner.file
    return cast(BinaryIO, inner)


def rejected(batch: ImportBatch) -> Iterator[tuple[ImportRow, str]]:
    """Rows that did not come in, with the reason in words."""
    rows = ImportRow.objects.filter(batch=batch, verdict__in=verdict.REJECTED).order_by("number")
    for row in rows.iterator(chunk_size=2_000):
        yield row, reasons.words(row.reason)


def _require(batch: ImportBatch, *states: str) -> None:
    if batch.state not in states:
        raise NotNow(_("This import is %(state)s.") % {"state": batch.get_state_display()})


def _audit(batch: ImportBatch, verb: str, by: Any, now: datetime) -> None:
    AuditEvent.objects.create(
        at=now,
        by=by,
        verb=verb,
        object_type="import_batch",
        object_id=batch.pk,
        detail={"rows": batch.rows_done},
    )
