"""Columns of values travel as one text and arrive as they were."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from contacts import arrays

pytestmark = pytest.mark.django_db


def back(kind: str, text: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [text])
        (found,) = cursor.fetchone()
    return list(found)


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)))
def test_numbers(values: list[int | None]) -> None:
    assert back("bigint", arrays.numbers(values)) == values


def test_an_id_that_no_table_can_hold_is_nobodys() -> None:
    assert back("bigint", arrays.ids([1, 10**30, -(10**30), 2])) == [1, 2]


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))))
def test_texts(values: list[str]) -> None:
    assert back("text", arrays.texts(values)) == values


def test_texts_that_mean_something_in_an_array() -> None:
    values = ["NULL", "", "{}", 'a"b', "a\\b", "a,b", " ", "\n", "%s", "'"]
    assert back("text", arrays.texts(values)) == values


@given(st.lists(st.none() | st.datetimes(timezones=st.just(UTC))))
def test_moments(values: list[datetime | None]) -> None:
    assert back("timestamptz", arrays.moments(values)) == values
