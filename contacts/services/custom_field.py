"""Make, rename, widen and retire the fields that a company adds by itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from contacts.models import AuditEvent, CustomField
from contacts.reading import values

MOST_CHOICES = 200
LONGEST_CHOICE = 100
LONGEST_KEY = 60
LETTERS = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "Ø": "o", "Æ": "ae", "ð": "d", "þ": "th"})


class AlreadyThere(Exception):
    """A field of this name is there, perhaps a retired one: `field` says which."""

    def __init__(self, field: CustomField) -> None:
        super().__init__("A field of this name is there already.")
        self.field = field


class NoName(Exception):
    """A field without a name."""


class NoChoices(Exception):
    """A field of kind choice without a word to choose."""


@transaction.atomic
def make(*, name: str, kind: str, choices: Sequence[str] = (), by: Any, now: datetime) -> CustomField:
    """A new field; its key comes from the name and never changes.

    Raises AlreadyThere (also for a retired one), NoName, NoChoices, values.Problem for a name or a choice that is too long,
    ValueError for an unknown kind.
    """
    kind = CustomField.Kind(kind)
    clean = _name(name)
    words = _choices(choices) if kind == CustomField.Kind.CHOICE else []
    if kind == CustomField.Kind.CHOICE and not words:
        raise NoChoices
    if known := CustomField.objects.filter(name__iexact=clean).first():
        raise AlreadyThere(known)
    try:
        with transaction.atomic():
            made = CustomField.objects.create(
                key=_free_key(clean), name=clean, kind=kind, choices=words, created_at=now
            )
    except IntegrityError:  # a colleague or an import made it in this moment
        known = CustomField.objects.filter(name__iexact=clean).first()
        if known is None:
            raise
        raise AlreadyThere(known) from None
    _audit("custom_field.made", made, by=by, now=now, kind=made.kind)
    return made


@transaction.atomic
def rename(*, field_id: int, name: str, by: Any, now: datetime) -> bool:
    """Another name on screen; the key stays, and with it every value. False when nothing changed.

    Raises AlreadyThere, NoName, values.Problem, CustomField.DoesNotExist.
    """
    field = CustomField.objects.select_for_update().get(pk=field_id)
    clean = _name(name)
    if clean == field.name:
        return False
    if known := CustomField.objects.filter(name__iexact=clean).exclude(pk=field.pk).first():
        raise AlreadyThere(known)
    field.name = clean
    field.save(update_fields=["name"])
    _audit("custom_field.renamed", field, by=by, now=now)
    return True


@transaction.atomic
def add_choices(*, field_id: int, choices: Sequence[str], by: Any, now: datetime) -> list[str]:
    """More words to choose from, after those that are there; returns the new ones.

    Raises NoChoices for a field of another kind, values.Problem, CustomField.DoesNotExist.
    """
    field = CustomField.objects.select_for_update().get(pk=field_id)
    if field.kind != CustomField.Kind.CHOICE:
        raise NoChoices
    known = {word.casefold() for word in field.choices}
    new = [word for word in _choices(choices) if word.casefold() not in known]
    if len(field.choices) + len(new) > MOST_CHOICES:
        raise values.Problem("too_long", f"{len(field.choices) + len(new)} > {MOST_CHOICES}")
    if new:
        field.choices = [*field.choices, *new]
        field.save(update_fields=["choices"])
        _audit("custom_field.widened", field, by=by, now=now, choices=len(new))
    return new


@transaction.atomic
def take_choices_back(*, field_id: int, choices: Sequence[str], by: Any, now: datetime) -> list[str]:
    """Take words out of the choice again (the undo of add_choices). A value that somebody has meanwhile stays as it is."""
    field = CustomField.objects.select_for_update().get(pk=field_id)
    gone = [word for word in field.choices if word in set(choices)]
    left = [word for word in field.choices if word not in set(choices)]
    if gone and left:
        field.choices = left
        field.save(update_fields=["choices"])
        _audit("custom_field.narrowed", field, by=by, now=now, choices=len(gone))
        return gone
    return []


@transaction.atomic
def retire(*, field_id: int, by: Any, now: datetime) -> bool:
    """Offer the field no longer; the values that are there stay, and come back with it."""
    field = CustomField.objects.select_for_update().get(pk=field_id)
    if field.retired_at is not None:
        return False
    field.retired_at = now
    field.save(update_fields=["retired_at"])
    _audit("custom_field.retired", field, by=by, now=now)
    return True


@transaction.atomic
def bring_back(*, field_id: int, by: Any, now: datetime) -> bool:
    """Offer a retired field again."""
    field = CustomField.objects.select_for_update().get(pk=field_id)
    if field.retired_at is None:
        return False
    field.retired_at = None
    field.save(update_fields=["retired_at"])
    _audit("custom_field.brought_back", field, by=by, now=now)
    return True


def _name(name: str) -> str:
    clean = values.limited(name, 80, field="name")
    if not clean:
        raise NoName
    return clean


def _choices(choices: Sequence[str]) -> list[str]:
    """Each word once, whatever its case, in the order in which it came."""
    found: dict[str, str] = {}
    for word in choices:
        clean = values.limited(word, LONGEST_CHOICE, field="choice")
        if clean:
            found.setdefault(clean.casefold(), clean)
    if len(found) > MOST_CHOICES:
        raise values.Problem("too_long", f"{len(found)} > {MOST_CHOICES}")
    return list(found.values())


def _free_key(name: str) -> str:
    """`customer_number` of "Customer number"; the second of that key gets a number."""
    stem = slugify(name.translate(LETTERS)).replace("-", "_").strip("_")[: LONGEST_KEY - 5] or "field"
    taken = set(CustomField.objects.filter(key__startswith=stem).values_list("key", flat=True))
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}_{number}", number + 1
    return key


def _audit(verb: str, field: CustomField, *, by: Any, now: datetime, **detail: Any) -> None:
    AuditEvent.objects.create(
        at=now,
        by=by,
        verb=verb,
        object_type="custom_field",
        object_id=field.pk,
        detail={"key": field.key, **detail},
    )
