"""What the models promise, the database holds: every constraint and index by its name."""

import pytest
from django.apps import apps
from django.db import connection


@pytest.mark.django_db
def test_every_constraint_and_index_of_a_model_is_in_the_database() -> None:
    """A migration that changes a key may take another's index along; the database must not be weaker than the models say."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint UNION SELECT relname FROM pg_class WHERE relkind IN ('i', 'I')"
        )
        there = {name for (name,) in cursor.fetchall()}
    promised = {
        (model._meta.label, one.name)
        for model in apps.get_models()
        if model._meta.managed
        for one in (*model._meta.constraints, *model._meta.indexes)
    }
    assert {(label, name) for label, name in promised if name not in there} == set()
