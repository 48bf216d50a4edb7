"""Bring a staged file in: stretch by stretch, each in one transaction.

Which stretches are done is told by their rows: a stretch has all of its verdicts or none. So a run that was killed at any
moment goes on where it was, and no row comes in twice.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from django.db import connection, transaction

from contacts.models import ImportBatch
from contacts.reading import verdict
from contacts.services import import_hands, import_judge, import_write
from contacts.services.import_stage import Plan, Stage

CHUNK = 20_000
SETTINGS = (
    # What is lost with the machine is lost as a whole stretch and comes again; the last commit of an import waits for the disk.
    "SET LOCAL synchronous_commit = off",
    "SET LOCAL work_mem = '64MB'",
    "SET LOCAL gin_pending_list_limit = '32MB'",  # the search index takes the rows in larger portions
    "SET LOCAL jit = off",
    "SET LOCAL max_parallel_workers_per_gather = 0",  # there is a hand for each core already
)
Progress = Callable[[int], None]


def bring_in(
    *, batch_id: int, stage: Stage, plan: Plan, progress: Progress | None = None, again: bool = False
) -> None:
    """Write every stretch that is not written yet. Stops quietly when the import is paused or cancelled."""

    def do(after: int, upto: int) -> None:
        _write(batch_id, stage, plan, after, upto, again=again)

    import_hands.share(_left(batch_id, stage, again), do, told=progress)


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
        raise import_hands.Stopped
    with connection.cursor() as cursor:
        for setting in SETTINGS:
            cursor.execute(setting)
        known = import_judge.judge(
            plan=plan, stage=stage, after=after, upto=upto, batch_id=batch_id, lock=True
        )
        import_write.write(
            stage=stage, plan=plan, batch_id=batch_id, after=after, upto=upto, known=known, again=again
        )
        cursor.execute("SELECT verdict, count(*) FROM judged GROUP BY 1")
        counted = Counter(dict(cursor.fetchall()))
        cursor.execute("DROP TABLE judged")
    # the row of the import is locked last and briefly, so that the other hand does not wait for it
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state != ImportBatch.State.RUNNING:
        raise import_hands.Stopped
    batch.counts = verdict.counts_of(Counter(batch.counts) + counted)
    batch.rows_done += counted.total()
    batch.save(update_fields=["counts", "rows_done"])
