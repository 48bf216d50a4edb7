"""The registry of the company's own fields."""

from datetime import datetime

import pytest

from contacts.models import AuditEvent, CustomField
from contacts.reading import values
from contacts.services import custom_field
from silo.models import User

pytestmark = pytest.mark.django_db


def test_a_field_gets_a_key_that_never_changes(mira: User, now: datetime) -> None:
    made = custom_field.make(name=" Kundnr  (gammalt) å ø ", kind="text", by=mira, now=now)
    assert (made.name, made.key) == ("Kundnr (gammalt) å ø", "kundnr_gammalt_a_o")
    assert custom_field.rename(field_id=made.pk, name="Kundnummer", by=mira, now=now)
    made.refresh_from_db()
    assert (made.name, made.key) == ("Kundnummer", "kundnr_gammalt_a_o")
    assert [event.verb for event in AuditEvent.objects.order_by("pk")] == [
        "custom_field.made",
        "custom_field.renamed",
    ]


def test_a_name_of_other_letters_still_gets_a_key_of_its_own(mira: User, now: datetime) -> None:
    keys = [
        custom_field.make(name=name, kind="text", by=mira, now=now).key
        for name in ("поле", "字段", "A-b", "A b")
    ]
    assert keys == ["field", "field_2", "a_b", "a_b_2"]


def test_two_fields_of_one_name_are_refused_also_in_another_case(mira: User, now: datetime) -> None:
    first = custom_field.make(name="Size", kind="number", by=mira, now=now)
    custom_field.retire(field_id=first.pk, by=mira, now=now)
    with pytest.raises(custom_field.AlreadyThere) as there:
        custom_field.make(name="SIZE", kind="text", by=mira, now=now)
    assert there.value.field == first
    other = custom_field.make(name="Weight", kind="number", by=mira, now=now)
    with pytest.raises(custom_field.AlreadyThere):
        custom_field.rename(field_id=other.pk, name="size", by=mira, now=now)


def test_choices_are_kept_once_and_can_be_added_and_taken_back(mira: User, now: datetime) -> None:
    made = custom_field.make(
        name="Level", kind="choice", choices=["Guld", "guld", " ", "Silver"], by=mira, now=now
    )
    assert made.choices == ["Guld", "Silver"]
    new = custom_field.add_choices(field_id=made.pk, choices=["SILVER", "Brons"], by=mira, now=now)
    assert new == ["Brons"]
    assert custom_field.take_choices_back(field_id=made.pk, choices=new, by=mira, now=now) == ["Brons"]
    made.refresh_from_db()
    assert made.choices == ["Guld", "Silver"]


def test_what_cannot_be_a_field_is_refused(mira: User, now: datetime) -> None:
    with pytest.raises(custom_field.NoChoices):
        custom_field.make(name="Level", kind="choice", choices=[" "], by=mira, now=now)
    with pytest.raises(custom_field.NoName):
        custom_field.make(name=" \n", kind="text", by=mira, now=now)
    with pytest.raises(values.Problem):
        custom_field.make(name="A" * 81, kind="text", by=mira, now=now)
    with pytest.raises(ValueError, match="colour"):
        custom_field.make(name="A", kind="colour", by=mira, now=now)
    assert not CustomField.objects.exists()


def test_a_retired_field_comes_back_with_its_name_and_key(mira: User, now: datetime) -> None:
    made = custom_field.make(name="Size", kind="number", by=mira, now=now)
    assert custom_field.retire(field_id=made.pk, by=mira, now=now)
    assert not custom_field.retire(field_id=made.pk, by=mira, now=now)
    assert custom_field.bring_back(field_id=made.pk, by=mira, now=now)
    made.refresh_from_db()
    assert made.retired_at is None
