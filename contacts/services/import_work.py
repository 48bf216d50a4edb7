"""The work of an import: read its file, foretell what it will do, bring its rows in, and go on after a crash.

What people decide about it is `import_batch`.
"""

import errno
import hashlib
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from contacts import alone
from contacts.models import ImportBatch, ImportCorrection
from contacts.reading import decoding, verdict
from contacts.services import import_amend, import_batch, import_check, import_run, import_stage, import_write

State = ImportBatch.State
NOTED_EVERY = 20_000  # rows
LOCK = 0x51_10_1A  # first half of the advisory lock: one worker per import
DISK_FULL = gettext_lazy(
    "The disk is full. Nothing is half done: what came in before stays. Make room and let the import go on."
)
NOT_STORED = gettext_lazy("A row could not be stored. What came in before it stays; nothing is half done.")
Progress = Callable[[int], None]


def check(*, batch_id: int, now: datetime, progress: Progress | None = None) -> ImportBatch:
    """The dry run of a settled batch: its counts and samples are kept, nobody is written.

    What was read stays in the staging table, from which the run goes on.
    """
    with one_worker(batch_id) as is_alone:
        batch = ImportBatch.objects.get(pk=batch_id)
        if not is_alone:
            return batch
        import_batch.require(batch, State.UPLOADED, State.CHECKED)
        plan = import_batch.plan_of(batch, now=now)
        try:
            stage = _staged(batch, plan, progress)
            found = import_check.check(
                stage=stage, plan=plan, moved=_mover(batch, "judging", stage.rows, now)
            )
        except (decoding.Unreadable, OSError) as error:
            _unreadable(batch_id, error)
            raise
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
        import_batch.require(batch, State.UPLOADED, State.CHECKED)
        batch.state, batch.rows, batch.counts = State.CHECKED, found.rows, verdict.counts_of(found.counts)
        batch.options = {**batch.options, **found.as_options(), "checking": False}
        batch.progress = {}
        batch.save(update_fields=["state", "rows", "counts", "options", "progress"])
    return batch


def _unreadable(batch_id: int, error: Exception) -> None:
    batch = ImportBatch.objects.get(pk=batch_id)
    batch.options = {**batch.options, "checking": False}
    batch.error, batch.progress = str(error) or _("The file could not be read again."), {}
    batch.save(update_fields=["options", "error", "progress"])


def check_file(
    *, file: BinaryIO, plan: import_stage.Plan, progress: Progress | None = None
) -> import_check.Found:
    """What a file would do, without an import: nothing is written and nothing stays."""
    size = file.seek(0, 2)
    name = f"look_{plan.now:%Y%m%d}_{secrets.randbelow(1 << 40)}"
    try:
        stage = import_stage.read(file=file, size=size, plan=plan, name=name, moved=progress)
        return import_check.check(stage=stage, plan=plan)
    finally:
        import_stage.drop(name)


def run(*, batch_id: int, now: datetime, progress: Progress | None = None) -> ImportBatch:
    """Bring the rows in, stretch by stretch, each in one transaction; goes on where an earlier run was stopped.

    Does nothing when another worker is at it, or brings the same file in. An error stops the batch with a sentence
    and is raised.
    """
    with one_worker(batch_id) as is_alone:
        batch = ImportBatch.objects.get(pk=batch_id)
        if not is_alone or batch.state != State.RUNNING:
            return batch
        with one_of_a_file(batch.sha256) as first:
            if not first:
                _note(batch, {"phase": "waiting"})
                return batch
            try:
                _run(batch, now, progress)
            except OperationalError as error:
                if not disk_is_full(error):
                    raise  # two transactions waited for one another once too often: the clock takes it up again
                _fail(batch_id, DISK_FULL)
                raise
            except IntegrityError:
                _fail(batch_id, _("Somebody is changing the same people. Let the import go on in a minute."))
                raise
            except DatabaseError as error:
                _fail(batch_id, DISK_FULL if disk_is_full(error) else NOT_STORED)
                raise
            except (decoding.Unreadable, OSError) as error:
                full = isinstance(error, OSError) and error.errno == errno.ENOSPC
                _fail(batch_id, DISK_FULL if full else str(error) or _("The file could not be read again."))
                raise
        batch.refresh_from_db()
        return batch


def _run(batch: ImportBatch, now: datetime, progress: Progress | None) -> None:
    plan = import_batch.plan_of(batch, now=now)
    if batch.finished_at and (correction := import_amend.open_correction(batch)) is not None:
        _correct(batch, correction, plan, now, progress)
        _finish(batch.pk, now)
        return
    stage = _staged(batch, plan, None)
    ImportBatch.objects.filter(pk=batch.pk).update(rows=stage.rows)
    with transaction.atomic():
        import_write.make_companies(stage=stage, batch_id=batch.pk, plan=plan)
    _note(batch, {"phase": "writing", "of": stage.rows, "since": now.isoformat(), "from": batch.rows_done})
    import_run.bring_in(batch_id=batch.pk, stage=stage, plan=plan, progress=progress)
    _finish(batch.pk, now)


def _correct(
    batch: ImportBatch,
    one: ImportCorrection,
    plan: import_stage.Plan,
    now: datetime,
    progress: Progress | None,
) -> None:
    try:
        with one.file.open("rb") as file:
            readable = import_batch.plain(file)
            require_unchanged(readable, one.sha256)
            import_amend.correct(batch=batch, one=one, file=readable, plan=plan, now=now, moved=progress)
    except decoding.Unreadable as error:  # the import itself is as it was: only this file is of no use
        ImportCorrection.objects.filter(pk=one.pk).update(finished_at=now)
        ImportBatch.objects.filter(pk=batch.pk).update(error=str(error))


def _staged(batch: ImportBatch, plan: import_stage.Plan, progress: Progress | None) -> import_stage.Stage:
    """The staging table of a batch: the one that is there, or the file read (again)."""
    fingerprint = plan.fingerprint(batch.sha256)
    if (found := import_stage.found(str(batch.pk), fingerprint)) is not None:
        return found
    _note(batch, {"phase": "reading", "of": 0, "since": plan.now.isoformat(), "from": 0})
    told = _mover(batch, "reading", 0, plan.now)

    def moved(rows: int) -> None:
        told(rows)
        if progress:
            progress(rows)

    with batch.file.open("rb") as file:
        readable = import_batch.plain(file)
        require_unchanged(readable, batch.sha256)
        stage = import_stage.read(
            file=readable,
            size=batch.size,
            plan=plan,
            name=str(batch.pk),
            fingerprint=fingerprint,
            moved=moved,
        )
        try:
            require_unchanged(readable, batch.sha256)
        except decoding.Unreadable:
            import_stage.drop(str(batch.pk))
            raise
    return stage


def require_unchanged(file: BinaryIO, sha256: str) -> None:
    """Raises decoding.Unreadable when the kept file is not the one that was uploaded."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    if digest != sha256:
        raise decoding.Unreadable(
            _("The file on the disk is no longer the one that was uploaded. Upload the list once more.")
        )


def _mover(batch: ImportBatch, phase: str, of: int, now: datetime) -> Progress:
    """Keeps in the batch how far the work in hand has come, a dozen times in all."""
    told = 0

    def moved(rows: int) -> None:
        nonlocal told
        if rows - told >= NOTED_EVERY:
            told = rows
            _note(batch, {"phase": phase, "done": rows, "of": of, "since": now.isoformat(), "from": 0})

    return moved


def _note(batch: ImportBatch, progress: dict[str, Any]) -> None:
    ImportBatch.objects.filter(pk=batch.pk).update(progress=progress)


@transaction.atomic
def _finish(batch_id: int, now: datetime) -> None:
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state != State.RUNNING or batch.rows_done != batch.rows:
        return
    import_write.remove_empty_companies(batch_id)
    batch.state, batch.finished_at, batch.progress = State.DONE, now, {}
    batch.counts = verdict.counts_of(batch.counts)
    batch.save(update_fields=["state", "finished_at", "progress", "counts"])
    import_batch.audit(batch, "import.done", batch.created_by, now)
    import_stage.drop(str(batch_id))


def _fail(batch_id: int, sentence: StrOrPromise) -> None:
    ImportBatch.objects.filter(pk=batch_id, state=State.RUNNING).update(
        state=State.FAILED, error=str(sentence), progress={}
    )


def disk_is_full(error: Exception) -> bool:
    """Whether PostgreSQL had no room (class 53100)."""
    return getattr(error.__cause__, "pgcode", None) == "53100" or "No space left" in str(error)


def one_of_a_file(sha256: str) -> AbstractContextManager[bool]:
    """One import at a time for the same file: the second one waits until the first has ended."""
    return alone.at(LOCK + 1, int(sha256[:8] or "0", 16) - (1 << 31))


def tidy(*, now: datetime) -> int:
    """Drop the staging tables that nobody will read: of imports that are over, gone, or were checked more than a day ago
    and not begun. Answers how many. The file of an import that is begun later is read again.
    """
    since = now - timedelta(days=1)
    waiting = ImportBatch.objects.filter(state__in=[State.UPLOADED, State.CHECKED], created_at__gte=since)
    begun = ImportBatch.objects.filter(state__in=[State.RUNNING, State.PAUSED, State.FAILED])
    needed = {str(pk) for pk in (waiting | begun).values_list("pk", flat=True)}
    dropped = 0
    for name in import_stage.names():
        kind, _bar, day = name.partition("_")
        if kind == "look" and day[:8] >= f"{since:%Y%m%d}":
            continue
        if kind not in needed:
            import_stage.drop(name)
            dropped += 1
    return dropped


def unfinished() -> list[int]:
    """Imports and undos that should be moving; whoever starts them again does no harm to those that are."""
    found = ImportBatch.objects.filter(state__in=[State.RUNNING, State.UNDOING])
    return list(found.order_by("id").values_list("id", flat=True))


def one_worker(batch_id: int) -> AbstractContextManager[bool]:
    """One worker at a time for an import, whatever it does with it."""
    return alone.at(LOCK, batch_id)
