"""Merge values: from rows to fields, in one statement."""

import pytest

from nurturing.models import Sender
from nurturing.queries import merge
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def nordvik(now) -> Sender:
    return Sender.objects.create(
        name="Nordvik Underhåll",
        email="hej@nordvik.example",
        company="Nordvik AB",
        made_at=now,
        changed_at=now,
    )


def test_values_come_from_contact_company_owner_and_sender(anna, sam, nordvik):
    anna.owner, anna.custom = sam, {"machines": 12, "none": None}
    anna.save()
    values = merge.of({anna.pk: nordvik})[anna.pk]
    assert values["contact"]["first_name"] == "Anna"
    assert values["contact"]["company"] == "Fjordmek AS"
    assert values["owner"]["name"] == "Sam"
    assert values["sender"]["company"] == "Nordvik AB"
    assert values["custom"] == {"machines": "12"}


def test_without_a_salesperson_the_sender_answers(anna, nordvik):
    owner = merge.of({anna.pk: nordvik})[anna.pk]["owner"]
    assert owner == {"name": "Nordvik Underhåll", "email": "hej@nordvik.example"}


def test_one_statement_for_one_and_for_many(django_assert_num_queries, nordvik, anna):
    more = [cast.contact(f"Person{number}") for number in range(3)]
    with django_assert_num_queries(1):
        merge.of({anna.pk: nordvik})
    with django_assert_num_queries(1):
        assert len(merge.of(dict.fromkeys([anna.pk, *(one.pk for one in more)], nordvik))) == 4
