"""A company is one, however its legal form is written; and what only looks like a legal form is part of its name."""

import importlib
from datetime import datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.models import Company
from contacts.reading import values
from contacts.services import company

FORMS = sorted(values.FORMS_IN_FRONT)
NAMES = st.text(alphabet="abdefgilmnorstuvåäöæøéü", min_size=2, max_size=10).filter(
    lambda word: word not in values.FORMS_BEHIND and word not in values.AFTER_INITIALS
)


@pytest.mark.parametrize(
    "name",
    [
        *("AB Fjord", "Fjord AB", "Aktiebolaget Fjord", "Fjord Aktiebolag", "Fjord Aktiebolag (publ)", "Fjord AB(publ)"),
        *("A.B. Fjord", "Fjord A.B.", "ab fjord", "FJORD AB", 'AB "Fjord"', "AB, Fjord", "Fjord, AB", "Fjord HB", "HB Fjord"),
        *("Handelsbolaget Fjord", "Fjord Kommanditbolag", "Kommanditbolaget Fjord", "Fjord KB", "Fjord Ek. för."),
        *("Fjord AS", "AS Fjord", "A/S Fjord", "Fjord ASA", "ASA Fjord", "Fjord Aksjeselskap", "Fjord Allmennaksjeselskap"),
        *("Oy Fjord Ab", "Fjord Oy", "Fjord Oyj", "Fjord osakeyhtiö", "OSAKEYHTIÖ FJORD", "Tmi Fjord", "Ab Fjord Oy"),
        *("Fjord ApS", "Fjord Aktieselskab", "Aktieselskabet Fjord", "I/S Fjord", "Fjord GmbH", "Fjord Ltd."),
    ],
)  # fmt: skip
def test_the_legal_form_does_not_count(name: str) -> None:
    assert values.company_key(name) == "fjord"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("AB", "ab"),
        ("Aktiebolaget", "aktiebolaget"),
        ("As Oy", "as"),
        ("As Oy Fjord", "as oy fjord"),
        ("ABB AB", "abb"),
        ("Abborren AB", "abborren"),
        ("AB-Bygg", "ab bygg"),
        ("AB C", "ab c"),
        ("KB & Partners AB", "kb partners"),
        ("HB och Söner AB", "hb och soner"),
        ("ÅSA KONSULT", "asa konsult"),
        ("ASA KONSULT", "asa konsult"),
        ("Asa Konsult", "asa konsult"),
        ("Da Vinci AB", "da vinci"),
        ("- AB", "ab"),
        ("", ""),
    ],
)
def test_what_only_looks_like_a_legal_form_stays(name: str, key: str) -> None:
    assert values.company_key(name) == key


@settings(max_examples=200, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=3), st.sampled_from(FORMS), st.booleans())
def test_in_front_and_behind_in_any_case_the_key_is_the_same(words: list[str], form: str, dots: bool) -> None:
    name = " ".join(words)
    written = ".".join(form) + "." if dots and form.isascii() and len(form) < 4 and "/" not in form else form
    key = values.company_key(name)
    assert key
    for spelled in (
        f"{name} {written}",
        f"{written} {name}",
        f"{written} {name} {form}",
        f"{name}, {written}",
    ):
        assert values.company_key(spelled) == key
        assert values.company_key(spelled.upper()) == key


def test_stored_keys_are_made_again_and_two_companies_stay_two(db: None, now: datetime) -> None:
    def made(name: str, key: str) -> Company:
        return Company.objects.create(name=name, name_key=key, created_at=now)

    alone, first, second = (
        made("AB Volvo", "ab volvo"),
        made("AB Fjord", "ab fjord"),
        made("Fjord AB", "fjord"),
    )
    older, younger = made("Berg Aktiebolag", "berg aktiebolag"), made("AB Berg", "ab berg")
    erased = made("#7", "#7")
    migration: Any = importlib.import_module("contacts.migrations.0015_company_key")
    with connection.schema_editor() as editor:
        migration.make_again(apps, editor)
        migration.make_again(apps, editor)
    keys = dict(Company.objects.values_list("id", "name_key"))
    assert keys == {
        alone.pk: "volvo", first.pk: "ab fjord", second.pk: "fjord", older.pk: "berg", younger.pk: "ab berg",
        erased.pk: "#7",
    }  # fmt: skip
    assert company.get_or_make(name="Volvo Aktiebolag (publ)", now=now) == alone
