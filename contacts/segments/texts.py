"""How texts compare, and the texts of a contact."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, TextField, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from contacts.models import ContactSearch
from contacts.segments import plain
from contacts.segments.facts import Person
from contacts.segments.inputs import Input, Option, Text
from contacts.segments.kinds import EMPTY, FILLED, IS, IS_NOT, Kind, Operator
from contacts.segments.truth import Truth


def text_operators(blank: Input, *, can_be_empty: bool = True) -> tuple[Operator, ...]:
    """How texts compare; an opposite is always exactly the rest."""
    compared = (
        Operator("is", IS, (blank,)),
        Operator("is_not", IS_NOT, (blank,)),
        Operator("contains", gettext_lazy("contains"), (blank,)),
        Operator("contains_not", gettext_lazy("does not contain"), (blank,)),
        Operator("starts", gettext_lazy("begins with"), (blank,)),
    )
    if not can_be_empty:
        return compared
    return (*compared, Operator("empty", EMPTY), Operator("filled", FILLED))


def text_holds(has: str, operator: str, value: str | None) -> bool:
    """A text comparison in Python; `has` and `value` as people wrote them."""
    if operator in ("empty", "filled"):
        return (has == "") == (operator == "empty")
    mine, asked = plain.plain(has), plain.plain(value or "")
    match operator:
        case "is" | "is_not":
            return (mine == asked) == (operator == "is")
        case "contains" | "contains_not":
            return (asked in mine) == (operator == "contains")
        case _starts:
            return mine.startswith(asked)


def text_q(column: Any, operator: str, value: str | None) -> Q:
    """The same of a column that is never NULL."""
    if operator in ("empty", "filled"):
        found = Q(Truth("{} = ''", column))
        return found if operator == "empty" else ~found
    asked = plain.value(value or "")
    match operator:
        case "is" | "is_not":
            found = Q(Truth("{} = {}", plain.of(column), asked))
        case "contains" | "contains_not":
            found = Q(Truth("strpos({}, {}) > 0", plain.of(column), asked))
        case _starts:
            found = Q(Truth("starts_with({}, {})", plain.of(column), asked))
    return ~found if operator in ("is_not", "contains_not") else found


class TextKind(Kind):
    """A text of the contact."""

    def __init__(
        self, name: str, label: StrOrPromise, suggest: Callable[[], Iterable[Option]] | None = None
    ) -> None:
        self.name, self.label = name, label
        self.operators = text_operators(Text(label=label, suggest=suggest))

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        return text_q(F(self.name), operator, value)

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        return text_holds(self.text(person), operator, value)

    def text(self, person: Person) -> str:
        """What the person has there."""
        return str(getattr(person.contact, self.name))

    def own(self, person: Person, now: datetime) -> str:
        return self.text(person) or _("nothing")


class RepeatedKind(TextKind):
    """A text of which few values repeat: the spellings that fit are read off an index first, then found as they are written.

    To bare a text of its accents costs more than everything else in a count; so it is done once for each spelling.
    """

    def __init__(self, name: str, label: StrOrPromise, spelled: str) -> None:
        super().__init__(name, label)
        self.spelled = spelled

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        opposite = {"is_not": "is", "contains_not": "contains"}.get(operator, operator)
        if operator in ("empty", "filled"):
            found = Q(**{self.name: ""})
            return found if operator == "empty" else ~found
        fitting = self.spellings(FITS[opposite], plain.plain(value))
        if len(fitting) > MOST_SPELLINGS:
            found = text_q(F(self.name), opposite, value)
        else:
            found = Q(**{f"{self.name}__in": fitting})
        return found if opposite == operator else ~found

    def spellings(self, fits: str, value: str) -> list[str]:
        """The texts as they are written in the silo that fit."""
        with connection.cursor() as cursor:
            cursor.execute(self.spelled + fits, [value, MOST_SPELLINGS + 1])
            return [text for (text,) in cursor.fetchall()]


FITS = {
    "is": "silo_plain(text) = %s LIMIT %s",
    "contains": "strpos(silo_plain(text), %s) > 0 LIMIT %s",
    "starts": "starts_with(silo_plain(text), %s) LIMIT %s",
}
MOST_SPELLINGS = 2_000
# Cities: one step along their index for each, however many people live there.
CITIES = """
WITH RECURSIVE seen AS (
    (SELECT city FROM contacts_contact WHERE erased_at IS NULL ORDER BY city LIMIT 1)
    UNION ALL
    SELECT (SELECT c.city FROM contacts_contact c WHERE c.erased_at IS NULL AND c.city > seen.city ORDER BY c.city LIMIT 1)
    FROM seen WHERE seen.city IS NOT NULL
), spelled AS (SELECT city AS text FROM seen WHERE city IS NOT NULL)
SELECT text FROM spelled WHERE """
# Titles: the index that has them keeps another order, so all are read, but each is bared once.
TITLES = """
WITH spelled AS MATERIALIZED (SELECT DISTINCT title AS text FROM contacts_contact WHERE erased_at IS NULL AND title <> '')
SELECT text FROM spelled WHERE """


class NameKind(TextKind):
    """First and last name as one text, found through the index of the search."""

    def __init__(self) -> None:
        super().__init__("name", gettext_lazy("name"))

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        whole = Concat(F("first_name"), Value(" "), F("last_name"), output_field=TextField())
        if operator in ("empty", "filled"):
            found = Q(first_name="", last_name="")
            return found if operator == "empty" else ~found
        if operator in ("is", "contains", "starts"):
            return searched(plain.plain(value)) & text_q(whole, operator, value)
        opposite = {"is_not": "is", "contains_not": "contains"}[operator]
        return ~(searched(plain.plain(value)) & text_q(whole, opposite, value))

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        if operator in ("empty", "filled"):
            return (self.text(person) == " ") == (operator == "empty")
        return text_holds(self.text(person), operator, value)

    def text(self, person: Person) -> str:
        return f"{person.contact.first_name} {person.contact.last_name}"

    def own(self, person: Person, now: datetime) -> str:
        return self.text(person).strip() or _("nothing")


def searched(text: str) -> Q:
    """Those whose line in the search holds the text (already plain): never fewer than have it in name, address or company."""
    return Q(Exists(ContactSearch.objects.filter(contact=OuterRef("pk"), text__contains=text)))
