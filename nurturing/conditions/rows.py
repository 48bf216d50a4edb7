"""A condition that there is a row of some sort."""

from abc import abstractmethod
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from contacts.segments.facts import Person
from contacts.segments.kinds import Kind, Members


class RowsKind(Kind):
    """A condition that there is a row of some sort, or that there is none; each operator names its rows.

    An operator that ends with `_not` is the opposite of the one without.
    """

    @abstractmethod
    def rows(self, operator: str, value: Any, now: datetime) -> QuerySet[Any]:
        """The rows of which there must be one; they have a column `contact`."""

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        rows = self.rows(operator.removesuffix("_not"), value, now)
        found = Q(Exists(rows.filter(contact=OuterRef("pk"))))
        return ~found if operator.endswith("_not") else found

    def members(self, operator: str, value: Any, now: datetime) -> Members:
        return Members(
            self.rows(operator.removesuffix("_not"), value, now), inside=not operator.endswith("_not")
        )

    @abstractmethod
    def has(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        """Whether the person has such a row."""

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        return self.has(person, operator.removesuffix("_not"), value, now) != operator.endswith("_not")


def since(days: int, now: datetime) -> datetime:
    """So many days ago."""
    return now - timedelta(days=days)
