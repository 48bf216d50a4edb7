"""What a condition is compared with, read from a form or from a stored rule alike: texts, numbers, days, dates, choices.

`read` takes whatever stands there and gives the value as the rule keeps it, or raises Wrong with the sentence for the person
who wrote it. `said` gives the words of a value for a sentence.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

from contacts.reading import custom_values
from contacts.segments.rule import LONGEST_TEXT

Option = tuple[str, StrOrPromise]
VALUE: StrOrPromise = gettext_lazy("value")
DAYS: StrOrPromise = gettext_lazy("days")
LOST: StrOrPromise = gettext_lazy("What was chosen here is no longer there.")


class Wrong(ValueError):
    """A value that cannot be used; the message is a sentence for the reader."""


@dataclass(frozen=True, slots=True)
class Input(ABC):
    """One blank of a condition. `widget` names the partial that draws it: text, number, date or choice."""

    name: str = "value"
    label: StrOrPromise = VALUE
    widget: str = "text"

    @abstractmethod
    def read(self, raw: Any) -> Any:
        """The value as a rule keeps it. Raises Wrong."""

    def said(self, value: Any) -> str:
        """The value in words."""
        return str(value)

    def gone(self, value: Any) -> str:
        """The sentence that says why this value has no meaning any more; empty while it has."""
        return ""

    def options(self) -> list[Option]:
        """What there is to choose from, for a widget that offers it."""
        return []


@dataclass(frozen=True, slots=True)
class Text(Input):
    """A text of at most 200 letters, at the ends without blanks. `suggest` gives what to offer while one writes."""

    suggest: Callable[[], Iterable[Option]] | None = None

    def read(self, raw: Any) -> str:
        if raw is not None and not isinstance(raw, str | int | float):
            raise Wrong(_("Write a text."))
        said = " ".join(str("" if raw is None else raw).split())
        if not said:
            raise Wrong(_("Write a text."))
        if len(said) > LONGEST_TEXT:
            raise Wrong(_("A text in a rule has at most %(most)d letters.") % {"most": LONGEST_TEXT})
        return said

    def said(self, value: Any) -> str:
        return _("“%(text)s”") % {"text": value}

    def options(self) -> list[Option]:
        return list(self.suggest()) if self.suggest else []


@dataclass(frozen=True, slots=True)
class Number(Input):
    """A number as people write it: "1 234,5" too."""

    widget: str = "number"
    least: float = -1e15
    most: float = 1e15
    whole: bool = False

    def read(self, raw: Any) -> int | float:
        if isinstance(raw, bool) or raw is None or raw == "":
            raise Wrong(_("Write a number."))
        try:
            found = raw if isinstance(raw, int | float) else custom_values.typed("number", str(raw))
        except custom_values.NotThat as problem:
            raise Wrong(problem.words) from problem
        if not isinstance(found, int | float) or (self.whole and found != int(found)):
            raise Wrong(_("Write a whole number.") if self.whole else _("Write a number."))
        if not self.least <= found <= self.most:
            words = {
                "least": custom_values.shown("number", self.least),
                "most": custom_values.shown("number", self.most),
            }
            raise Wrong(_("Write a number from %(least)s to %(most)s.") % words)
        return int(found) if found == int(found) else found

    def said(self, value: Any) -> str:
        return custom_values.shown("number", value)


@dataclass(frozen=True, slots=True)
class Days(Number):
    """How many days back."""

    name: str = "days"
    label: StrOrPromise = DAYS
    least: float = 1
    most: float = 3650
    whole: bool = True

    def said(self, value: Any) -> str:
        return ngettext("%(number)d day", "%(number)d days", value) % {"number": value}


@dataclass(frozen=True, slots=True)
class Day(Input):
    """A day of the calendar, kept as "2026-11-21"."""

    widget: str = "date"

    def read(self, raw: Any) -> str:
        try:
            found = custom_values.typed("date", raw if isinstance(raw, str) else "")
        except custom_values.NotThat as problem:
            raise Wrong(problem.words) from problem
        if not isinstance(found, str):
            raise Wrong(_("Pick a day."))
        return found

    def said(self, value: Any) -> str:
        return dateformat.format(date.fromisoformat(value), "j F Y")


@dataclass(frozen=True, slots=True)
class Choice(Input):
    """One of what there is. `offered` is asked when a page or a rule needs it, because topics and sequences come and go.

    `lost` says what to say when a chosen one is no longer there; without it such a value is refused.
    """

    widget: str = "choice"
    offered: Callable[[], Iterable[Option]] = list
    lost: StrOrPromise = LOST

    def read(self, raw: Any) -> str:
        said = str("" if raw is None else raw)
        if not said or len(said) > LONGEST_TEXT:
            raise Wrong(_("Choose one."))
        return said

    def said(self, value: Any) -> str:
        label = dict(self.options()).get(str(value))
        return str(value) if label is None else str(label)

    def gone(self, value: Any) -> str:
        return "" if str(value) in dict(self.options()) else str(self.lost)

    def options(self) -> list[Option]:
        return list(self.offered())


class Fixed(Choice):
    """A choice from what is always there; another value is kept, for a country that is not in our list is a country."""

    __slots__ = ()

    def gone(self, value: Any) -> str:
        return ""
