"""Fields of the company's own that are made while a file's columns are settled."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from contacts.models import CustomField, ImportBatch
from contacts.reading import columns, inspection, table, values
from contacts.services import custom_field
from contacts.services.import_batch import plain

NEW = "new:"
LOOK_AT = 20_000  # rows whose words become the choices
MOST_CHOICES = 60


class CannotMake(Exception):
    """A field cannot be made of this column; `column` is its place, the message says why."""

    def __init__(self, column: int, words: str) -> None:
        super().__init__(words)
        self.column = column


def make_new(
    *, batch: ImportBatch, fields: Sequence[str], by: Any, now: datetime, file: BinaryIO | None = None
) -> list[str]:
    """The fields with every "new:date" made and replaced by its own. One that is there by that name is used.

    `file` is that of a draft, which keeps none. Raises CannotMake.
    """
    labels = inspection.Reading(**batch.reading).labels()
    settled = list(fields)
    for at, field in enumerate(fields):
        if field.startswith(NEW):
            kind = field.removeprefix(NEW)
            words = _words(batch, at, file) if kind == CustomField.Kind.CHOICE else ()
            settled[at] = columns.OWN + _made(at, labels[at], kind, words, by, now).key
    return settled


def _made(at: int, label: str, kind: str, words: Sequence[str], by: Any, now: datetime) -> CustomField:
    try:
        return custom_field.make(name=label, kind=kind, choices=words, by=by, now=now)
    except custom_field.AlreadyThere as there:
        if there.field.retired_at is None and there.field.kind == kind:
            return there.field
        raise CannotMake(
            at,
            _(
                "A field “%(name)s” is there already, of another kind or taken out of use. Choose it under your own fields."
            )
            % {"name": there.field.name},
        ) from there
    except custom_field.NoChoices as none:
        raise CannotMake(
            at, _("This column has no words, or too many different ones, to choose from. Make it a text.")
        ) from none
    except (custom_field.NoName, values.Problem) as wrong:
        raise CannotMake(at, _("The name of this column cannot be the name of a field.")) from wrong


def _words(batch: ImportBatch, at: int, file: BinaryIO | None) -> list[str]:
    if file is None:
        with batch.file.open("rb") as kept:
            return _words(batch, at, plain(kept))
    reading = inspection.Reading(**batch.reading)
    found: dict[str, None] = {}
    _header, rows = table.header_and_rows(file, reading.codec, reading.dialect)
    for row in islice(rows, LOOK_AT):
        if at < len(row.cells) and (word := values.text(row.cells[at])):
            found[word] = None
            if len(found) > MOST_CHOICES:
                return []
    return sorted(found)
