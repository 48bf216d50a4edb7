"""Everything that the silo holds about one person, for that person: sections that the rooms register.

Readable as a page and as JSON (GDPR 15 and 20). A section is a name, a heading, and rows of code → value; the words
beside the codes stand here, so that the page speaks the reader's language and the JSON stays the same.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from contacts.places import COUNTRY_NAMES, LANGUAGE_NAMES

Row = Mapping[str, Any]
Source = Callable[[int], Iterable[Row]]

WORDS: dict[str, StrOrPromise] = {
    "address": _("address"),
    "after": _("after"),
    "answer": _("answer"),
    "at": _("when"),
    "because": _("because"),
    "channel": _("channel"),
    "city": _("city"),
    "company": _("company"),
    "country": _("country"),
    "custom": _("further fields"),
    "email": _("e-mail"),
    "ended": _("ended"),
    "first_name": _("first name"),
    "further_emails": _("further e-mail addresses"),
    "ground": _("legal ground"),
    "in_the_silo_since": _("stored since"),
    "informed_at": _("told where from"),
    "ip": _("address of the computer"),
    "kind": _("kind"),
    "language": _("language"),
    "last_name": _("last name"),
    "link": _("link"),
    "note": _("note"),
    "obtained": _("where we have it from"),
    "outcome": _("outcome"),
    "owner": _("their salesperson"),
    "phone": _("phone"),
    "points_count": _("counts as a person’s click"),
    "purpose": _("for"),
    "raw": _("the row as it came"),
    "reason": _("reason"),
    "recipient": _("recipient type"),
    "sent_to": _("sent to"),
    "source": _("source"),
    "stage": _("stage"),
    "state": _("state"),
    "subject": _("subject"),
    "tags": _("tags"),
    "temperature": _("temperature, degrees"),
    "text": _("text"),
    "title": _("title"),
    "topics": _("topics"),
    "until": _("until"),
    "value": _("value"),
    "way_in": _("how they came to us"),
    "what": _("what"),
    "wording": _("wording"),
}


@dataclass(frozen=True, slots=True)
class _Registered:
    name: str
    title: StrOrPromise
    source: Source
    place: int


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with its rows; rows have only fields in which something stands."""

    name: str
    title: StrOrPromise
    rows: list[dict[str, Any]]

    @property
    def spoken(self) -> list[list[tuple[StrOrPromise, Any]]]:
        """The rows with words for codes; moments stay moments, the page says them."""
        return [
            [(WORDS.get(code, code), _said(code, value)) for code, value in row.items()] for row in self.rows
        ]


_sections: dict[str, _Registered] = {}


def register(name: str, title: StrOrPromise, source: Source, *, place: int = 50) -> None:
    """Add a section; registering a name again replaces it. Lower places come first."""
    _sections[name] = _Registered(name, title, source, place)


def everything(contact_id: int) -> list[Section]:
    """All sections in which there is something, in order."""
    found = []
    for one in sorted(_sections.values(), key=lambda section: section.place):
        rows = [
            {code: value for code, value in row.items() if value not in _NOTHING}
            for row in one.source(contact_id)
        ]
        if rows := [row for row in rows if row]:
            found.append(Section(one.name, one.title, rows))
    return found


_NOTHING: tuple[Any, ...] = (None, "", [], {})


def _said(code: str, value: Any) -> Any:
    if names := {"country": COUNTRY_NAMES, "language": LANGUAGE_NAMES}.get(code):
        return names.get(value, value)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {one}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value if one not in _NOTHING)
    return value


def as_json(sections: Iterable[Section]) -> dict[str, list[dict[str, Any]]]:
    """Plain values for a JSON file."""
    return {
        one.name: [{code: _plain(value) for code, value in row.items()} for row in one.rows]
        for one in sections
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
