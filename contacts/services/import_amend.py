"""A corrected file under way: its rows take the places of those that they correct, all of them in one transaction.

See import_correction, which takes the file.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from django.db import connection, transaction
from django.utils.translation import gettext as _

from contacts.models import ImportBatch, ImportCorrection, ImportRow
from contacts.reading import decoding, inspection, table, verdict
from contacts.services import import_run, import_stage, import_write

# The titles of the two columns that our download adds, in the languages of the silo.
LINE = ("line", "rad", "linje", "rivi", "zeile", "række")
REASON = ("reason", "skäl", "orsak", "grunn", "årsak", "årsag", "syy", "grund")
LIMIT = 200_000


def open_correction(batch: ImportBatch) -> ImportCorrection | None:
    """The corrected file that is still to come in."""
    return batch.corrections.filter(finished_at=None).order_by("number").first()


def numbered(
    batch: ImportBatch, reading: inspection.Reading, rows: Iterable[table.Row]
) -> tuple[list[table.Row], int]:
    """The rows under the numbers that they have in the import, and how many of them are new there.

    Raises decoding.Unreadable for a file that is too large to be a correction.
    """
    at = next((n for n, label in enumerate(reading.labels()) if label.strip().casefold() in LINE), None)
    rows_of = ImportRow.objects.filter(batch=batch, verdict__in=verdict.REJECTED).order_by("number")
    rejected: dict[int, deque[int]] = defaultdict(deque)  # a line may hold several people
    for line, number in rows_of.values_list("line", "number"):
        rejected[line].append(number)
    before = last = batch.rows or 0
    found: list[table.Row] = []
    for row in rows:
        if len(found) == LIMIT:
            words = _("The corrected file has more than %(limit)s rows. Import it as a list of its own.")
            raise decoding.Unreadable(words % {"limit": LIMIT})
        said = row.cells[at].strip() if at is not None and at < len(row.cells) else ""
        line = int(said) if said.isdecimal() and len(said) < 10 else 0
        if rejected.get(line):
            found.append(replace(row, number=rejected[line].popleft(), line=line))
        else:
            last += 1
            found.append(replace(row, number=last))
    return found, last - before


@transaction.atomic
def correct(
    *,
    batch: ImportBatch,
    one: ImportCorrection,
    file: BinaryIO,
    plan: import_stage.Plan,
    now: datetime,
    moved: Callable[[int], None] | None = None,
) -> None:
    """Bring a corrected file in; afterwards every row of the import is accounted for again."""
    reading = inspection.Reading(**one.reading)
    fields = [one.mapping.get(str(at), "") for at in range(len(reading.fields))]
    plan = replace(plan, codec=reading.codec, form=reading.dialect, fields=fields, labels=reading.labels())
    rows, added = numbered(batch, reading, plan.rows(file))
    rows.sort(key=lambda row: row.number)
    stage = import_stage.fill(rows=rows, plan=plan, name=f"{batch.pk}_{one.number}")
    import_write.make_companies(stage=stage, batch_id=batch.pk, plan=plan)
    import_run.bring_in(batch_id=batch.pk, stage=stage, plan=plan, progress=moved, again=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.verdict, count(*) FROM contacts_importrow r JOIN {stage.table} s ON s.number = r.number"  # noqa: S608
            " WHERE r.batch_id = %s GROUP BY 1",
            [batch.pk],
        )
        one.counts = verdict.counts_of(dict(cursor.fetchall()))
        cursor.execute(
            "SELECT verdict, count(*) FROM contacts_importrow WHERE batch_id = %s GROUP BY 1", [batch.pk]
        )
        counted = Counter(dict(cursor.fetchall()))
    one.finished_at = now
    one.save(update_fields=["counts", "finished_at"])
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    batch.counts, batch.rows, batch.rows_done = verdict.counts_of(counted), counted.total(), counted.total()
    batch.options = {**batch.options, "added": int(batch.options.get("added") or 0) + added}
    batch.save(update_fields=["counts", "rows", "rows_done", "options"])
    import_stage.drop(f"{batch.pk}_{one.number}")
