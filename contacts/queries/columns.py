"""The columns of the list and of an export: what can be shown of a person."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.db import connection
from django.utils.translation import gettext_lazy as _

from contacts import lenses
from contacts.models import Contact, CustomField, LegalGround
from contacts.queries import gate

R = TypeVar("R")


def _of(field: Callable[[Contact], Any]) -> lenses.Read:
    def read(people: Sequence[Contact], *, now: datetime) -> Mapping[int, Any]:
        return {one.pk: field(one) for one in people}

    return read


def _verdicts(people: Sequence[Contact], *, now: datetime) -> Mapping[int, Any]:
    return gate.verdicts([one.pk for one in people])


def _grounds(people: Sequence[Contact], *, now: datetime) -> Mapping[int, Any]:
    labels = dict(LegalGround.Ground.choices)
    with connection.cursor() as cursor:
        cursor.execute(_GROUNDS, [[one.pk for one in people]])
        return {pk: labels.get(ground, ground) for pk, ground in cursor.fetchall()}


_GROUNDS = (
    "SELECT contact_id, ground FROM contacts_legalground WHERE contact_id = ANY(%s) AND purpose = 'marketing'"
)


def _owners(people: Sequence[Contact], *, now: datetime) -> Mapping[int, Any]:
    known = get_user_model()._default_manager.in_bulk({one.owner_id for one in people if one.owner_id})
    return {one.pk: str(known.get(one.owner_id, "")) for one in people}


def _companies(people: Sequence[Contact], *, now: datetime) -> Mapping[int, Any]:
    ids = list({one.company_id for one in people if one.company_id})
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM contacts_company WHERE id = ANY(%s)", [ids])
        names = dict(cursor.fetchall())
    return {one.pk: names.get(one.company_id, "") for one in people}


_C = lenses.Column
OWN = (
    _C("first_name", _("First name"), "text", _of(lambda one: one.first_name), on_page=False),
    _C("last_name", _("Last name"), "text", _of(lambda one: one.last_name), on_page=False),
    _C("company", _("Company"), "text", _companies, usual=True),
    _C("title", _("Title"), "text", _of(lambda one: one.title)),
    _C("reach", _("Reach"), "reach", _of(lambda one: one), usual=True, in_file=False),
    _C("email", _("E-mail"), "text", _of(lambda one: one.email or "")),
    _C("phone", _("Phone"), "phone", _of(lambda one: one.phone)),
    _C("city", _("City"), "text", _of(lambda one: one.city)),
    _C("country", _("Country"), "text", _of(lambda one: one.country)),
    _C("language", _("Language"), "text", _of(lambda one: one.language)),
    _C("owner", _("Owner"), "text", _owners),
    _C("tags", _("Tags"), "tags", _of(lambda one: one.tags)),
    _C("ground", _("Ground"), "words", _grounds),
    _C("may_write", _("May we write?"), "verdict", _verdicts, usual=True),
    _C("way_in", _("Way in"), "words", _of(lambda one: one.get_way_in_display())),
    _C("since", _("In the silo since"), "day", _of(lambda one: one.created_at), usual=True),
)
ORDER = (
    "first_name",
    "last_name",
    "company",
    "title",
    "temperature",
    "standing",
    "next",
    "reach",
    "email",
    "phone",
)


def _custom(field: CustomField) -> lenses.Column:
    kind = {"number": "number", "yes_no": "yes_no"}.get(field.kind, "text")
    return _C(f"custom:{field.key}", field.name, kind, _of(lambda one: one.custom.get(field.key)))


def every() -> list[lenses.Column]:
    """All columns there are: this room's, those of the rooms above, and the company's own fields."""
    place = {name: at for at, name in enumerate(ORDER)}
    known = sorted([*OWN, *lenses.columns()], key=lambda one: place.get(one.name, len(place)))
    return known + [_custom(field) for field in CustomField.objects.raw(_FIELDS)]


_FIELDS = "SELECT * FROM contacts_customfield WHERE retired_at IS NULL ORDER BY name"


def of_page() -> list[lenses.Column]:
    """Those that can be shown in the list."""
    return [one for one in every() if one.on_page]


def on_page(known: Sequence[lenses.Column], names: Iterable[str]) -> list[lenses.Column]:
    """Those named, in this order; the usual ones when none is. An unknown name is passed over."""
    return _chosen(known, names)


def pickable(
    known: Sequence[lenses.Column], chosen: Sequence[lenses.Column]
) -> list[tuple[lenses.Column, bool]]:
    """Every column, the chosen ones first, and whether it is one of them."""
    names = [one.name for one in chosen]
    rest = [one for one in known if one.name not in names]
    return [(one, True) for one in chosen] + [(one, False) for one in rest]


def in_file(names: Iterable[str] = ()) -> list[lenses.Column]:
    """The same for an export, where every column is the usual one."""
    known = [one for one in every() if one.in_file]
    wanted = [name for name in names if name in {one.name for one in known}]
    return _chosen(known, wanted) if wanted else known


def _chosen(known: Sequence[lenses.Column], names: Iterable[str]) -> list[lenses.Column]:
    by_name = {one.name: one for one in known}
    chosen = [by_name[name] for name in dict.fromkeys(names) if name in by_name]
    return chosen or [one for one in known if one.usual]


def rows(
    people: Sequence[Contact],
    columns: Sequence[lenses.Column],
    make: Callable[[Contact, Sequence[Any]], R],
    *,
    now: datetime,
) -> list[R]:
    """A line for each person: what stands in each column, with a constant number of statements for each column."""
    read = [one.read(people, now=now) if people else {} for one in columns]
    return [make(one, [values.get(one.pk) for values in read]) for one in people]
