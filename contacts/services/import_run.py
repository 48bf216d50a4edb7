"""Bring a staged file in: stretch by stretch, each in one transaction, as many at a time as there are cores, four at most.

Which stretches are done is told by their rows: a stretch has all of its verdicts or none. So a run that was killed at any
moment goes on where it was, and no row comes in twice.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator

from django.db import IntegrityError, OperationalError, connection, connections, transaction

from contacts.models import ImportBatch
from contacts.reading import verdict
from contacts.services import import_judge, import_write
from contacts.services.import_stage import Plan, Stage

CHUNK = 20_000
HANDS = 4  # at most: the database is busy with each, and its search index takes turns
ATTEMPTS = 3
ALONE_BELOW = 3  # stretches; fewer are not worth a second connection
SETTINGS = (
    # What is lost with the machine is lost as a whole stretch and comes again; the last commit of an import waits for the disk.
    "SET LOCAL synchronous_commit = off",
    "SET LOCAL work_mem = '64MB'",
    "SET LOCAL gin_pending_list_limit = '32MB'",  # the search index takes the rows in larger portions
    "SET LOCAL jit = off",
)
Progress = Callable[[int], None]


class _Stopped(Exception):
    """The import was paused or cancelled while the stretch was being written."""


def bring_in(
    *, batch_id: int, stage: Stage, plan: Plan, progress: Progress | None = None, again: bool = False
) -> None:
    """Write every stretch that is not written yet. Stops quietly when the import is paused or cancelled."""
    work = _Work(batch_id, stage, plan, progress, again)
    hands = min(HANDS, os.cpu_count() or 1)
    if connection.in_atomic_block or len(work.left) < ALONE_BELOW or hands < 2:
        work.do()
    else:
        work.do_together(hands)
    if work.error is not None:
        raise work.error


class _Work:
    """The stretches that are left, handed out one by one."""

    def __init__(
        self, batch_id: int, stage: Stage, plan: Plan, progress: Progress | None, again: bool
    ) -> None:
        self.batch_id = batch_id
        self.stage = stage
        self.plan = plan
        self.progress = progress
        self.again = again
        self.left = list(_left(batch_id, stage, again))
        self.lock = threading.Lock()
        self.error: BaseException | None = None
        self.told = 0

    def do_together(self, hands: int) -> None:
        threads = [threading.Thread(target=self._hand, name=f"import-{number}") for number in range(hands)]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        except BaseException:
            self.left.clear()
            raise

    def _hand(self) -> None:
        try:
            self.do()
        except BaseException as error:  # it is raised again where the import was started
            self.error = self.error or error
        finally:
            connections.close_all()

    def do(self) -> None:
        """Take stretches until none is left, or something went wrong, or somebody stopped the import."""
        while self.error is None:
            with self.lock:
                if not self.left:
                    return
                after, upto = self.left.pop(0)
            try:
                self._stretch(after, upto)
            except _Stopped:
                with self.lock:
                    self.left.clear()
                return
            with self.lock:
                self.told += upto - after
                if self.progress:
                    self.progress(upto)

    def _stretch(self, after: int, upto: int) -> None:
        for attempt in range(ATTEMPTS):
            try:
                _write(self.batch_id, self.stage, self.plan, after, upto, again=self.again)
            except (IntegrityError, OperationalError):
                # somebody added one of these people by hand in this very moment, or two transactions waited for
                # one another and this one had to give way: judge again
                if attempt == ATTEMPTS - 1 or connection.in_atomic_block:
                    raise
            else:
                return


def _left(batch_id: int, stage: Stage, again: bool) -> Iterator[tuple[int, int]]:
    done: set[int] = set()
    if not again:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT at FROM generate_series(0, %s, %s) AS at WHERE EXISTS (SELECT 1 FROM contacts_importrow"
                " WHERE batch_id = %s AND number > at AND number <= at + %s)",
                [max(stage.rows - 1, 0), CHUNK, batch_id, CHUNK],
            )
            done = {row[0] for row in cursor.fetchall()}
    else:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT DISTINCT (number - 1) / %s FROM {stage.table}", [CHUNK])  # noqa: S608
            there = {row[0] * CHUNK for row in cursor.fetchall()}
        done = set(range(0, stage.rows, CHUNK)) - there
    for after in range(0, stage.rows, CHUNK):
        if after not in done:
            yield after, min(after + CHUNK, stage.rows)


@transaction.atomic
def _write(batch_id: int, stage: Stage, plan: Plan, after: int, upto: int, *, again: bool) -> None:
    if not ImportBatch.objects.filter(pk=batch_id, state=ImportBatch.State.RUNNING).exists():
        raise _Stopped
    with connection.cursor() as cursor:
        for setting in SETTINGS:
            cursor.execute(setting)
        known = import_judge.judge(
            plan=plan, stage=stage, after=after, upto=upto, batch_id=batch_id, lock=True
        )
        import_write.write(stage=stage, plan=plan, batch_id=batch_id, known=known, again=again)
        cursor.execute("SELECT verdict, count(*) FROM judged GROUP BY 1")
        counted = Counter(dict(cursor.fetchall()))
        cursor.execute("DROP TABLE judged")
    # the row of the import is locked last and briefly, so that the other hand does not wait for it
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state != ImportBatch.State.RUNNING:
        raise _Stopped
    batch.counts = verdict.counts_of(Counter(batch.counts) + counted)
    batch.rows_done += counted.total()
    batch.save(update_fields=["counts", "rows_done"])
