"""Find or make the company that a person works for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contacts.models import Company
from contacts.reading import values


@dataclass(frozen=True, slots=True)
class Named:
    """A company as somebody wrote it."""

    name: str
    domain: str = ""
    org_number: str = ""
    country: str = ""
    city: str = ""


def get_or_make(
    *, name: str, now: datetime, domain: str = "", country: str = "", city: str = ""
) -> Company | None:
    """The company by its name without the legal form; None for an empty name."""
    name = values.text(name)[:300]
    if not name:
        return None
    named = Named(name=name, domain=values.domain(domain), country=country, city=city)
    ids, _made = get_or_make_many([named], now=now)
    return Company.objects.get(pk=ids[values.company_key(name)[:300]])


def get_or_make_many(named: Sequence[Named], *, now: datetime) -> tuple[Mapping[str, int], list[int]]:
    """({name key: id}, ids of those made now), in three statements for any number of companies."""
    wanted: dict[str, Named] = {}
    for one in named:
        wanted.setdefault(values.company_key(one.name)[:300], one)
    known = dict(Company.objects.filter(name_key__in=list(wanted)).values_list("name_key", "id"))
    missing = [key for key in wanted if key not in known]
    if not missing:
        return known, []
    before = set(known.values())
    Company.objects.bulk_create(
        [
            Company(
                name=wanted[key].name,
                name_key=key,
                domain=wanted[key].domain[:255],
                org_number=wanted[key].org_number[:40],
                country=wanted[key].country,
                city=wanted[key].city[:120],
                created_at=now,
            )
            for key in sorted(missing)  # one order for all, so that two imports cannot lock each other
        ],
        ignore_conflicts=True,
    )
    made = dict(Company.objects.filter(name_key__in=missing).values_list("name_key", "id"))
    return {**known, **made}, [pk for pk in made.values() if pk not in before]
