"""What the columns of a file are, said by name: "Rubrik=title", "3=email", "Avtalsdatum=new:date"."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from contacts.models import CustomField, ImportBatch
from contacts.reading import columns, inspection
from contacts.services import import_fields


class CannotMap(Exception):
    """There is no such column or field; the message says which there are."""


def mapped(*, batch: ImportBatch, said: Sequence[str]) -> list[str]:
    """The field of each column: as said, else as the batch has it. A guess gives way to what was said.

    Raises CannotMap.
    """
    labels = inspection.Reading(**batch.reading).labels()
    fields = [batch.mapping.get(str(at), columns.LEAVE_OUT) for at in range(len(labels))]
    chosen: dict[int, str] = {}
    for one in said:
        name, sign, field = one.rpartition("=")
        if not sign:
            raise CannotMap(_("“%(said)s”: say a column and what it is, as in Rubrik=title.") % {"said": one})
        chosen[_place(labels, name)] = _known(field.strip())
    for at, field in chosen.items():
        if field in columns.SINGLE or field.startswith(columns.OWN):
            _give_way(labels, fields, chosen, at, field)
        fields[at] = field
    return fields


def _give_way(labels: list[str], fields: list[str], chosen: dict[int, str], at: int, field: str) -> None:
    for other, known in enumerate(fields):
        if other == at:
            continue
        if chosen.get(other) == field:
            raise CannotMap(
                _("“%(one)s” and “%(other)s” cannot both be %(field)s: choose one.")
                % {"one": labels[at], "other": labels[other], "field": field}
            )
        if known == field:
            fields[other] = "email_further" if field == "email" else columns.LEAVE_OUT


def _place(labels: list[str], name: str) -> int:
    wanted = columns.squeeze(name)
    found = [at for at, label in enumerate(labels) if label == name.strip()]
    found = found or [at for at, label in enumerate(labels) if wanted and columns.squeeze(label) == wanted]
    if len(found) > 1:
        numbers = ", ".join(str(at + 1) for at in found)
        words = _("Several columns are called “%(name)s”: name one by its number: %(numbers)s.")
        raise CannotMap(words % {"name": name, "numbers": numbers})
    if found:
        return found[0]
    if name.strip().isdecimal() and 1 <= int(name) <= len(labels):
        return int(name) - 1
    words = _("No column is called “%(name)s”. The columns are: %(columns)s.")
    raise CannotMap(words % {"name": name, "columns": ", ".join(label[:40] for label in labels[:40])})


def _known(field: str) -> str:
    own = CustomField.objects.filter(retired_at=None).order_by("key")
    kinds = CustomField.Kind.values
    if field.startswith(import_fields.NEW) and field.removeprefix(import_fields.NEW) in kinds:
        return field
    if field.startswith(columns.OWN) and own.filter(key=field.removeprefix(columns.OWN)).exists():
        return field
    if field == columns.LEAVE_OUT or field in columns.FIELDS:
        return field
    offered = [*columns.FIELDS, *(columns.OWN + one.key for one in own)]
    offered += [import_fields.NEW + kind for kind in kinds]
    words = _("No field is called “%(field)s”. The fields are: %(fields)s; nothing leaves the column out.")
    raise CannotMap(words % {"field": field, "fields": ", ".join(offered)})
