"""The list of people: search, filters, and pages that stay fast at a million."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, Func, OuterRef, Q, QuerySet, TextField, Value

from contacts import lenses
from contacts.models import Contact, LegalGround
from contacts.queries import gate

PAGE = 50
COUNT_UP_TO = 10_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the list: the contact, whether we may write, and how warm they are."""

    contact: Contact
    verdict: gate.Verdict
    degrees: float | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of people with the cursors of its neighbours ("" where there is none)."""

    people: Sequence[Person]
    newer: str
    older: str


def matching(*, words: str = "", ground: str = "", country: str = "") -> QuerySet[Contact]:
    """Everybody whose name, address, phone or company holds each of the words, accents or not."""
    found = Contact.objects.present()
    for word in _searched(words):
        plain = Func(Value(word), function="silo_plain", output_field=TextField())
        found = found.filter(search__text__contains=plain)
    if ground == "none":
        carried = LegalGround.objects.filter(contact=OuterRef("pk"), purpose="marketing").exclude(
            ground="none"
        )
        found = found.exclude(Exists(carried))
    elif ground:
        found = found.filter(grounds__ground=ground, grounds__purpose="marketing")
    if country:
        found = found.filter(country=country)
    return found


def _searched(words: str) -> list[str]:
    digits = re.sub(r"\D", "", words)
    if len(digits) >= 5 and not re.search(r"[^\d\s()+./-]", words):
        return [digits.lstrip("0") if not words.strip().startswith("00") else digits[2:]]
    return words.replace("\x00", "").split()[:8]


def page(
    found: QuerySet[Contact], *, older_than: str = "", newer_than: str = "", now: datetime | None = None
) -> Page:
    """Fifty people, newest first, on one side of a cursor. A cursor that is none gives the first page.

    With `now` each comes with the temperature of that moment.
    """
    forward = not newer_than
    at = _position(older_than or newer_than)
    ordered = found.order_by("-created_at", "-id") if forward else found.order_by("created_at", "id")
    if at is not None:
        moment, pk = at
        side = Q(created_at__lt=moment) | Q(created_at=moment, id__lt=pk)
        if not forward:
            side = Q(created_at__gt=moment) | Q(created_at=moment, id__gt=pk)
        ordered = ordered.filter(side)
    rows = list(ordered.select_related("company")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if not forward:
        rows.reverse()
    ids = [row.pk for row in rows]
    verdicts = gate.verdicts(ids)
    degrees = lenses.degrees(ids, now=now) if now else {}
    return Page(
        people=[Person(row, verdicts[row.pk], degrees.get(row.pk)) for row in rows],
        newer=_cursor(rows[0]) if rows and (more if not forward else at is not None) else "",
        older=_cursor(rows[-1]) if rows and (more if forward else True) else "",
    )


def count(found: QuerySet[Contact]) -> int | None:
    """How many, exactly up to ten thousand; None beyond, where counting would cost more than it tells."""
    number = found.order_by()[: COUNT_UP_TO + 1].count()
    return number if number <= COUNT_UP_TO else None


def _cursor(contact: Contact) -> str:
    since = contact.created_at - EPOCH
    return f"{since // timedelta(microseconds=1)}-{contact.pk}"


def _position(cursor: str) -> tuple[datetime, int] | None:
    found = re.fullmatch(r"(\d{1,17})-(\d{1,18})", cursor)
    return (EPOCH + timedelta(microseconds=int(found[1])), int(found[2])) if found else None
