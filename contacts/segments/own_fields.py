"""The conditions on the fields that a company adds by itself: a family, one member for each field."""

import json
from abc import abstractmethod
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import CustomField
from contacts.reading import custom_values
from contacts.segments import kinds, plain
from contacts.segments.facts import Person
from contacts.segments.inputs import Day, Days, Fixed, Number, Option, Text
from contacts.segments.kinds import EMPTY, FILLED, IS, IS_NOT, Kind, Operator
from contacts.segments.texts import text_holds
from contacts.segments.truth import Truth

PREFIX = "custom"
STAYS = (Operator("empty", EMPTY), Operator("filled", FILLED))


class OwnField(Kind):
    """One field of the company's own. A value of another kind than the field's counts as not there, except for "is filled in"."""

    section = kinds.FIELDS

    def __init__(self, field: CustomField) -> None:
        self.field = field
        self.name, self.label = f"{PREFIX}:{field.key}", field.name
        self.operators = (*self.compared(), *STAYS)

    @abstractmethod
    def compared(self) -> tuple[Operator, ...]:
        """The comparisons of this kind of field."""

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        if operator in ("empty", "filled"):
            found = Q(custom__has_key=self.field.key)
            return found if operator == "filled" else ~found
        return self.value_q(operator, value, now)

    @abstractmethod
    def value_q(self, operator: str, value: Any, now: datetime) -> Q:
        """A comparison with the value, over Contact."""

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        there = self.field.key in person.contact.custom
        if operator in ("empty", "filled"):
            return there == (operator == "filled")
        return self.value_holds(person.contact.custom.get(self.field.key), operator, value, now)

    @abstractmethod
    def value_holds(self, has: Any, operator: str, value: Any, now: datetime) -> bool:
        """The same in Python; `has` is None where the key is not there."""

    def own(self, person: Person, now: datetime) -> str:
        return custom_values.shown(self.field.kind, person.contact.custom.get(self.field.key)) or _("nothing")

    def compare(self, type_: str, sql: str, *values: Any) -> Q:
        """SQL about the value when it is of a JSON type; `sql` names it with its first {}."""
        of_type = "jsonb_typeof({} -> {}) = {} AND "
        key = self.field.key
        return Q(Truth("(" + of_type + sql + ")", F("custom"), key, Value(type_), F("custom"), key, *values))


class TextField(OwnField):
    """A text."""

    def compared(self) -> tuple[Operator, ...]:
        blank = Text(label=self.label)
        return (
            Operator("is", IS, (blank,)),
            Operator("is_not", IS_NOT, (blank,)),
            Operator("contains", gettext_lazy("contains"), (blank,)),
            Operator("starts", gettext_lazy("begins with"), (blank,)),
        )

    def value_q(self, operator: str, value: Any, now: datetime) -> Q:
        asked = plain.value(value)
        match operator:
            case "contains":
                return self.compare("string", "strpos(silo_plain({} ->> {}), {}) > 0", asked)
            case "starts":
                return self.compare("string", "starts_with(silo_plain({} ->> {}), {})", asked)
        found = self.compare("string", "silo_plain({} ->> {}) = {}", asked)
        return found if operator == "is" else ~found

    def value_holds(self, has: Any, operator: str, value: Any, now: datetime) -> bool:
        if not isinstance(has, str):
            return operator == "is_not"
        return text_holds(has, operator, value)


class NumberField(OwnField):
    """A number."""

    def compared(self) -> tuple[Operator, ...]:
        blank = Number(label=self.label)
        return (
            Operator("equals", IS, (blank,)),
            Operator("at_least", gettext_lazy("is at least"), (blank,)),
            Operator("at_most", gettext_lazy("is at most"), (blank,)),
        )

    def value_q(self, operator: str, value: Any, now: datetime) -> Q:
        sign = {"equals": "=", "at_least": ">=", "at_most": "<="}[operator]
        return self.compare("number", f"({{}} -> {{}}) {sign} {{}}::jsonb", json.dumps(value))

    def value_holds(self, has: Any, operator: str, value: Any, now: datetime) -> bool:
        if isinstance(has, bool) or not isinstance(has, int | float):
            return False
        return bool({"equals": has == value, "at_least": has >= value, "at_most": has <= value}[operator])


class DateField(OwnField):
    """A day, kept as "2026-11-21": days compare as texts."""

    def compared(self) -> tuple[Operator, ...]:
        blank = Day(label=self.label)
        return (
            Operator("since", gettext_lazy("is on or after"), (blank,)),
            Operator("before", gettext_lazy("is before"), (blank,)),
            Operator("ago", gettext_lazy("is past, within the last"), (Days(),)),
            Operator("ahead", gettext_lazy("comes within the next"), (Days(),)),
        )

    def bounds(self, operator: str, value: Any, now: datetime) -> tuple[str, str]:
        """First and last day, both included; "" is before every day and "9" after."""
        today = timezone.localdate(now)
        match operator:
            case "since":
                return value, "9999"
            case "before":
                return "", (date.fromisoformat(value) - timedelta(days=1)).isoformat()
            case "ago":
                return (today - timedelta(days=value)).isoformat(), today.isoformat()
            case _ahead:
                return today.isoformat(), (today + timedelta(days=value)).isoformat()

    def value_q(self, operator: str, value: Any, now: datetime) -> Q:
        first, last = self.bounds(operator, value, now)
        sql = '(({} ->> {}) COLLATE "C") BETWEEN {} AND {}'
        return self.compare("string", sql, Value(first), Value(last))

    def value_holds(self, has: Any, operator: str, value: Any, now: datetime) -> bool:
        first, last = self.bounds(operator, value, now)
        return isinstance(has, str) and first <= has <= last


class ChoiceField(OwnField):
    """One of the words of the field."""

    def compared(self) -> tuple[Operator, ...]:
        words: list[Option] = [(word, word) for word in self.field.choices]
        blank = Fixed(label=self.label, offered=lambda: words)
        return (Operator("is", IS, (blank,)), Operator("is_not", IS_NOT, (blank,)))

    def value_q(self, operator: str, value: Any, now: datetime) -> Q:
        found = Q(custom__contains={self.field.key: value})
        return found if operator == "is" else ~found

    def value_holds(self, has: Any, operator: str, value: Any, now: datetime) -> bool:
        return (isinstance(has, str) and has == value) == (operator == "is")


class YesNoField(OwnField):
    """Yes or no; who has neither is empty."""

    def compared(self) -> tuple[Operator, ...]:
        return (Operator("yes", gettext_lazy("is yes")), Operator("no", gettext_lazy("is no")))

    def value_q(self, operator: str, value: Any, now: datetime) -> Q:
        return Q(custom__contains={self.field.key: operator == "yes"})

    def value_holds(self, has: Any, operator: str, value: Any, now: datetime) -> bool:
        return has is (operator == "yes")


BY_KIND: dict[str, type[OwnField]] = {
    CustomField.Kind.TEXT: TextField,
    CustomField.Kind.NUMBER: NumberField,
    CustomField.Kind.DATE: DateField,
    CustomField.Kind.CHOICE: ChoiceField,
    CustomField.Kind.YES_NO: YesNoField,
}


def members() -> Iterable[Kind]:
    """The fields that are offered."""
    return [BY_KIND[field.kind](field) for field in CustomField.objects.filter(retired_at=None)]


def member(key: str) -> Kind | None:
    """The field of a key, a retired one too: its values stay."""
    field = CustomField.objects.filter(key=key).first()
    return BY_KIND[field.kind](field) if field else None
