"""Companies: the list in the order of names, found by a part of the name or by the domain."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Q

from contacts.models import Company, Contact
from contacts.reading import values

PAGE = 50
MOST_PEOPLE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """A page of companies with the cursor of the next one ("" at the end)."""

    companies: Sequence[Company]
    after: str


def page(*, q: str = "", after: str = "") -> Page:
    """Fifty companies from a cursor (the name key of the last one) on, by a part of the name or the beginning of the domain.

    The key is unique and indexed, so a page deep inside 200,000 costs what the first one costs.
    """
    rows = Company.objects.order_by("name_key")
    if after:
        rows = rows.filter(name_key__gt=after)
    if word := values.text(q):
        key = values.company_key(word)
        rows = rows.filter(Q(name_key__contains=key) | Q(domain__startswith=word.lower()))
    found = list(rows[: PAGE + 1])
    return Page(found[:PAGE], found[PAGE - 1].name_key if len(found) > PAGE else "")


def people_count(company_ids: Sequence[int]) -> dict[int, int]:
    """How many people each has."""
    rows = Contact.objects.present().filter(company_id__in=list(company_ids)).order_by()
    return dict(rows.values_list("company_id").annotate(number=Count("*")))


def how_many() -> int:
    """About how many companies there are: exact for a small silo, the database's own estimate for a large one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = 'contacts_company'::regclass")
        estimate = int(cursor.fetchone()[0])
    return estimate if estimate > 20_000 else Company.objects.count()


def alike(company: Company) -> list[Company]:
    """Others that may be the same: the same domain, or a name that begins alike."""
    same = Q(pk=None)
    if company.domain:
        same |= Q(domain=company.domain)
    if company.org_number:
        same |= Q(org_number=company.org_number)
    first = company.name_key.split(" ")[0]
    if len(first) >= 4:
        same |= Q(name_key__startswith=f"{first} ") | Q(name_key=first)
    return list(Company.objects.filter(same).exclude(pk=company.pk).order_by("name_key")[:5])
