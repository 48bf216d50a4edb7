"""What else happened to a person: rows of the rooms above that point at them.

Asked before an undone import removes the people it made. Every table with a foreign key to contacts counts,
but for the one row per
contact that the database itself makes, and tables that a room calls harmless because they are worth nothing
without the person.
"""

from collections.abc import Iterable

from contacts.models import Contact, Merge

_harmless: set[str] = set()


def harmless(*models: str) -> None:
    """Rows of these models ("nurturing.Enrollment") alone keep nobody in the silo. Called in
    AppConfig.ready().
    """
    _harmless.update(label.lower() for label in models)


def among(contact_ids: Iterable[int]) -> set[int]:
    """Those to whom something happened: a mail, a call, a click, a reminder…"""
    ids = list(contact_ids)
    found = set(  # somebody else lives on in them
        Merge.objects.filter(noun=Merge.Noun.CONTACT, kept_id__in=ids, undone_at=None).values_list(
            "kept_id", flat=True
        )
    )
    for relation in Contact._meta.related_objects:
        model = relation.related_model
        if not isinstance(model, type) or model._meta.label_lower in _harmless:
            continue
        if model._meta.app_label == "contacts" and model.__name__ != "Objection":
            continue
        if relation.field.primary_key:
            continue
        column = relation.field.attname
        rows = model._default_manager.filter(**{f"{column}__in": ids})
        found.update(rows.values_list(column, flat=True).distinct())
    return found
