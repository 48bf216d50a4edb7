"""What the rows, the staging tables and the corrected files of imports hold of somebody who is erased."""

from datetime import datetime

from django.db import connection
from django.db.models import CharField, F, Func, Q, Value

from contacts import erasing
from contacts.models import ImportBatch, ImportCorrection, ImportRow
from contacts.services import import_stage

# A row that made nobody mentions a person by address, or by a number in whatever spelling: its last digits.
_MENTIONED = """
SELECT id, batch_id FROM contacts_importrow WHERE contact_id IS NULL AND raw <> '[]' AND (
    lower(raw::text) LIKE ANY(%(addresses)s) OR regexp_replace(raw::text, '[^0-9]+', '', 'g') LIKE ANY(%(phones)s))
"""
LAST_DIGITS = 8


def empty(who: erasing.Who, *, now: datetime) -> None:
    """The verdicts stay, and what the rows said goes. Staging tables of imports that rest go whole: the file is read again."""
    with connection.cursor() as cursor:
        said = {
            "addresses": [f"%{_escaped(one)}%" for one in who.addresses],
            "phones": [f"%{one[-LAST_DIGITS:]}%" for one in who.phones if len(one) > LAST_DIGITS],
        }
        cursor.execute(_MENTIONED, said)
        mentioned = dict(cursor.fetchall())
    rows = ImportRow.objects.filter(Q(contact_id__in=who.contact_ids) | Q(pk__in=list(mentioned)))
    brought = set(rows.values_list("batch_id", flat=True))
    said_why = Func(F("reason"), Value("|"), Value(1), function="split_part", output_field=CharField())
    # the code stays, the cell that it names goes
    rows.update(raw=[], before=None, after=None, reason=said_why)
    running = set(ImportBatch.objects.filter(state=ImportBatch.State.RUNNING).values_list("pk", flat=True))
    for name in import_stage.names():
        if not name.partition("_")[0].isdecimal() or int(name.partition("_")[0]) not in running:
            import_stage.drop(name)
    for one in ImportCorrection.objects.filter(batch__in=brought).exclude(finished_at=None):
        if one.file:
            one.file.delete(save=False)
        reading = {**one.reading, "rows": [], "left_out": [], "examples": []}
        ImportCorrection.objects.filter(pk=one.pk).update(file="", reading=reading)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
