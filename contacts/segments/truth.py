"""A piece of SQL that is true or false for each row, and never unknown."""

from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, F, Func, Value
from django.db.models.expressions import Combinable


class Truth(Func):
    """`Truth("{} = {}", F("city"), Value("Bergen"))`: each {} is one expression, in order. NULL counts as false."""

    def __init__(self, sql: str, *expressions: Combinable | str | int | float) -> None:
        given = [one if isinstance(one, Combinable) else Value(one) for one in expressions]
        super().__init__(*given, output_field=BooleanField())
        self.sql = sql

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        parts = [compiler.compile(one) for one in self.get_source_expressions()]
        words = self.sql.format(*(sql for sql, _parameters in parts))
        return f"COALESCE({words}, false)", [one for _sql, parameters in parts for one in parameters]


class OneOf(Func):
    """Whether a number is among many that are known: looked up one by one in a table in memory, not joined. NULL counts as false."""

    def __init__(self, column: str, numbers: Iterable[int]) -> None:
        super().__init__(F(column), output_field=BooleanField())
        self.numbers = "{" + ",".join(map(str, numbers)) + "}"

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        words, parameters = compiler.compile(self.get_source_expressions()[0])
        return f"COALESCE({words} = ANY(%s::bigint[]), false)", [*parameters, self.numbers]


def column(name: str) -> F:
    """A column of the contact."""
    return F(name)
