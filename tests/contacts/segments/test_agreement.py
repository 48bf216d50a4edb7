"""The database and plain Python mean the same people by a rule."""

import pytest
from django.core.exceptions import EmptyResultSet
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Contact
from contacts.queries import segment
from contacts.segments import counting, facts, judging, kinds, plain, rule
from contacts.segments.rule import Condition, Group
from tests.contacts.segments import crowd, rules

NOW = crowd.NOW
EVERYBODY_ELSE = {HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much}


@pytest.fixture(params=[1, pytest.param(2, marks=pytest.mark.slow)])
def people(request: pytest.FixtureRequest, db: None) -> dict[int, facts.Person]:
    crowd.make(request.param)
    return facts.of(list(Contact.objects.values_list("pk", flat=True)), now=NOW)


def by_python(asked: Group, people: dict[int, facts.Person]) -> set[int]:
    return {pk for pk, person in people.items() if judging.holds(asked, person, now=NOW)}


def by_sql(asked: Group) -> set[int]:
    return set(segment.matching(asked, now=NOW).values_list("pk", flat=True))


def counted_in_parts(asked: Group) -> list[int]:
    """As a large silo counts: by every statement that it may choose from."""
    try:
        ways = counting.ways(asked, now=NOW, large=0)
    except EmptyResultSet:
        return [0]
    found = []
    with connection.cursor() as cursor:
        for sql, given in ways.values():
            cursor.execute(sql, given)
            found.append(int(cursor.fetchone()[0]))
    return found


def test_every_condition_means_the_same_in_sql_and_in_python(people: dict[int, facts.Person]) -> None:
    """Each operator of each condition by itself, with many values."""
    asked = [
        (kind, operator)
        for _section, found in kinds.offered()
        for kind in found
        for operator in kind.operators
    ]
    assert len(asked) > 100

    for kind, operator in asked:
        _agree(kind, operator, people)


def _agree(kind: kinds.Kind, operator: kinds.Operator, people: dict[int, facts.Person]) -> None:
    @settings(max_examples=4, database=None, suppress_health_check=EVERYBODY_ELSE)
    @given(rules.values(operator))
    def agree(value: object) -> None:
        one = Group("all", (Condition(kind.name, operator.name, value),))
        assert by_sql(one) == by_python(one, people), one

    agree()


@settings(max_examples=15, suppress_health_check=EVERYBODY_ELSE)
@given(data=st.data())
def test_every_rule_means_the_same_in_sql_and_in_python(
    people: dict[int, facts.Person], data: st.DataObject
) -> None:
    asked = data.draw(rules.groups())
    expected = by_python(asked, people)
    assert by_sql(asked) == expected
    assert segment.count(asked, now=NOW) == len(expected)
    assert set(counted_in_parts(asked)) <= {len(expected)}
    assert rule.parse(rule.dump(asked)) == asked


def test_texts_are_bared_alike_letter_by_letter(db: None) -> None:
    """Every letter that there is: only those younger than this Python's Unicode may differ in their small form."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT chr(i), silo_plain(chr(i)) FROM generate_series(1, 131071) i WHERE i NOT BETWEEN 55296 AND 57343"
        )
        different = [sign for sign, bare in cursor.fetchall() if plain.plain(sign) != bare]
    assert [sign for sign in different if sign.isprintable()] == []
