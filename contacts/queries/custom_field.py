"""The company's own fields, and what uses each."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext_lazy as _

from contacts.models import CustomField, ImportLayout, Segment

# What an import keeps beside the company's own fields.
LOOSE = {"external_id": _("Number in another system"), "note": _("Note")}


def loose_name(key: str) -> str:
    """The name of a value that an import kept and that is none of the company's own fields."""
    return str(LOOSE.get(key) or key.replace("_", " "))


@dataclass(frozen=True, slots=True)
class Use:
    """One field: how many people have a value in it, and which segments and layouts of imports name it."""

    field: CustomField
    people: int
    segments: list[Segment]
    layouts: list[ImportLayout]


def uses() -> list[Use]:
    """Every field, retired ones last. One pass over the people who have any value."""
    fields = sorted(
        CustomField.objects.all(), key=lambda field: (field.retired_at is not None, field.name.casefold())
    )
    counted = _people([field.key for field in fields])
    segments = list(Segment.objects.filter(rule__icontains=MARK)) if fields else []
    layouts = list(ImportLayout.objects.filter(mapping__icontains=MARK)) if fields else []
    return [
        Use(
            field,
            counted.get(field.key, 0),
            [one for one in segments if _names(one.rule, field.key)],
            [one for one in layouts if _names(one.mapping, field.key)],
        )
        for field in fields
    ]


MARK = "custom:"


def _names(said: object, key: str) -> bool:
    """Whether a stored rule or mapping names the field, at any depth."""
    if isinstance(said, dict):
        return any(_names(one, key) for one in said.values())
    if isinstance(said, list):
        return any(_names(one, key) for one in said)
    return said == f"{MARK}{key}"


def _people(known: Sequence[str]) -> dict[str, int]:
    """By key. One count per field in one pass: to unfold each person's keys takes twice as long."""
    if not known:
        return {}
    each = ", ".join("count(*) FILTER (WHERE custom ? %s)" for _key in known)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {each} FROM contacts_contact WHERE custom <> '{{}}' AND erased_at IS NULL",  # noqa: S608
            list(known),
        )
        return dict(zip(known, cursor.fetchone(), strict=True))
