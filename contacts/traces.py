"""What else happened to a person: rows of the rooms above that point at them.

Asked before an undone import removes the people it made. Every table with a foreign key to contacts counts, but for the one
row per contact that the database itself makes, and tables that a room calls harmless because they are worth nothing without
the person.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import ForeignKey, ForeignObjectRel, Model

from contacts import arrays
from contacts.models import Contact, Merge

Held = Callable[[Sequence[int]], set[int]]

_harmless: set[str] = set()
_held: list[Held] = []


def harmless(*models: str) -> None:
    """Rows of these models ("nurturing.Enrollment") alone keep nobody in the silo. Called in
    AppConfig.ready().
    """
    _harmless.update(label.lower() for label in models)


def held_by(model: str, held: Held) -> None:
    """Rows of this model keep only those whom `held` names; whoever else has some loses them with `hooks.unmade`. Called in
    AppConfig.ready().
    """
    harmless(model)
    if held not in _held:
        _held.append(held)


def among(contact_ids: Iterable[int]) -> set[int]:
    """Those to whom something happened: a mail, a call, a click, a reminder…"""
    ids = list(contact_ids)
    merges = Merge.objects.filter(noun=Merge.Noun.CONTACT, kept_id__in=ids, undone_at=None)
    found = set(merges.values_list("kept_id", flat=True))  # somebody else lives on in them
    for held in _held:
        found |= held(ids)
    telling = [one for one in relations() if not one.primary_key and _tells(one.model)]
    return found | pointing(telling, ids)


def relations() -> list[ForeignKey[Any, Any]]:
    """Every column that points at a contact, also one that nobody follows back."""
    back = Contact._meta.get_fields(include_hidden=True)
    return [
        one.field for one in back if isinstance(one, ForeignObjectRel) and isinstance(one.field, ForeignKey)
    ]


def _tells(model: type[Model]) -> bool:
    if model._meta.label_lower in _harmless:
        return False
    return model._meta.app_label != "contacts" or model.__name__ == "Objection"


def pointing(fields: Iterable[ForeignKey[Any, Any]], contact_ids: Iterable[int]) -> set[int]:
    """Those of the contacts at whom a row points by one of these columns: one question, whatever the number of tables."""
    asked = [
        f"SELECT {one.column} FROM {one.model._meta.db_table} WHERE {one.column} = ANY(%(ids)s::bigint[])"  # noqa: S608 - names of ours
        for one in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(asked), {"ids": arrays.ids(contact_ids)})
        return {row[0] for row in cursor.fetchall()}
