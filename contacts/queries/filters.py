"""The filters of the list: those of this room, and what each choice is called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from contacts import lenses
from contacts.models import Company, Contact, ImportBatch, ImportRow, LegalGround, Segment
from contacts.queries import search
from contacts.segments import compiling, rule

MOST_TAGS = 200


def _ground(found: QuerySet[Contact], value: str, *, now: datetime) -> QuerySet[Contact]:
    carried = LegalGround.objects.filter(contact=OuterRef("pk"), purpose="marketing")
    if value == "none":
        return found.exclude(Exists(carried.exclude(ground="none")))
    return found.filter(Exists(carried.filter(ground=value)))


def _owner(found: QuerySet[Contact], value: str, *, now: datetime) -> QuerySet[Contact]:
    return found.filter(owner=None) if value == "none" else found.filter(owner_id=_number(value))


def _segment(found: QuerySet[Contact], value: str, *, now: datetime) -> QuerySet[Contact]:
    known = Segment.objects.filter(pk=_number(value)).first()
    if known is None:
        return found.none()
    try:
        return found.filter(compiling.q(rule.parse(known.rule), now=now))
    except rule.Malformed:  # the segment's own page says what is wrong with it
        return found.none()


def _batch(found: QuerySet[Contact], value: str, *, now: datetime) -> QuerySet[Contact]:
    rows = ImportRow.objects.filter(batch_id=_number(value), contact__isnull=False)
    return found.filter(pk__in=rows.values("contact_id"))


def _new_in(found: QuerySet[Contact], value: str, *, now: datetime) -> QuerySet[Contact]:
    rows = ImportRow.objects.filter(
        batch_id=_number(value), verdict=ImportRow.Verdict.NEW, contact__isnull=False
    )
    return found.filter(pk__in=rows.values("contact_id"))


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: how it narrows, and how a choice is said."""

    name: str
    label: StrOrPromise
    narrow: lenses.Narrow
    said: Callable[[str], str]


def _number(value: str) -> int:
    """An id out of an address; what is none is nobody's."""
    return int(value) if value.isdecimal() and len(value) < 19 else 0


def _colleague(value: str) -> str:
    if value == "none":
        return _("nobody")
    return str(get_user_model().objects.filter(pk=_number(value)).first() or _("somebody who left"))


def _named(model: type[Company] | type[ImportBatch] | type[Segment]) -> Callable[[str], str]:
    return lambda value: str(model._default_manager.filter(pk=_number(value)).first() or f"#{value}")


def _label(choices: Mapping[str, StrOrPromise]) -> Callable[[str], str]:
    return lambda value: str(choices.get(value, value))


OWN = (
    Filter("ground", gettext_lazy("Ground"), _ground, _label(dict(LegalGround.Ground.choices))),
    Filter("country", gettext_lazy("Country"), lambda found, value, *, now: found.filter(country=value), str),
    Filter("owner", gettext_lazy("Owner"), _owner, _colleague),
    Filter(
        "tag", gettext_lazy("Tag"), lambda found, value, *, now: found.filter(tags__contains=[value]), str
    ),
    Filter(
        "way_in",
        gettext_lazy("Way in"),
        lambda found, value, *, now: found.filter(way_in=value),
        _label(dict(Contact.WayIn.choices)),
    ),
    Filter(
        "company",
        gettext_lazy("Company"),
        lambda found, value, *, now: found.filter(company_id=_number(value)),
        _named(Company),
    ),
    Filter("batch", gettext_lazy("Import"), _batch, _named(ImportBatch)),
    Filter("new_in", gettext_lazy("New by the import"), _new_in, _named(ImportBatch)),
    Filter("segment", gettext_lazy("Segment"), _segment, _named(Segment)),
)


def every() -> dict[str, Filter]:
    """This room's filters and those of the rooms above."""
    found = {one.name: one for one in OWN}
    for lens in lenses.all_of_them():
        said = _label(dict(lens.choices))
        found[lens.name] = Filter(lens.name, lens.label, lens.narrow, said)
    return found


def matching(asked: Mapping[str, str], *, now: datetime) -> QuerySet[Contact]:
    """Everybody whom the search and every filter let through."""
    found: QuerySet[Contact] = Contact.objects.present()
    if words := asked.get("q", "").strip():
        found = found.filter(search.condition(words, path="search__"))
    for name, one in every().items():
        if asked.get(name):
            found = one.narrow(found, asked[name], now=now)
    return found


@dataclass(frozen=True, slots=True)
class Mark:
    """A filter that is set, in words."""

    name: str
    label: str
    value: str


def marks(asked: Mapping[str, str]) -> list[Mark]:
    """What is asked for, one mark each: each can be taken away."""
    found = [Mark("q", _("Search"), f"“{asked['q']}”")] if asked.get("q") else []
    return found + [
        Mark(name, str(one.label), one.said(asked[name])) for name, one in every().items() if asked.get(name)
    ]


def in_words(asked: Mapping[str, str]) -> str:
    """The same as one sentence: "everybody" when nothing is asked for."""
    said = marks(asked)
    if not said:
        return _("everybody in the silo")
    return _("everybody with %(filters)s") % {
        "filters": ", ".join(f"{mark.label.lower()} {mark.value}" for mark in said)
    }


def known_tags() -> list[str]:
    """Tags to choose from: those that the database's statistics know, and those of the newest people. Never a look at everybody."""
    with connection.cursor() as cursor:
        cursor.execute(_TAGS)
        return [tag for (tag,) in cursor.fetchall()][:MOST_TAGS]


_TAGS = """
SELECT tag FROM (
    SELECT unnest(most_common_elems::text::text[]) AS tag FROM pg_stats
    WHERE schemaname = current_schema() AND tablename = 'contacts_contact' AND attname = 'tags'
    UNION
    SELECT unnest(tags) FROM (SELECT tags FROM contacts_contact ORDER BY id DESC LIMIT 1000) newest
) known ORDER BY tag
"""
