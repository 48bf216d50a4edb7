"""The conditions on somebody's company."""

from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from contacts.models import Company, Contact
from contacts.segments import kinds
from contacts.segments.facts import Person
from contacts.segments.inputs import Number, Text
from contacts.segments.kinds import Kind, Operator
from contacts.segments.texts import text_holds, text_operators, text_q
from contacts.segments.truth import OneOf


class CompanyTextKind(Kind):
    """A text of the company; somebody without a company has none."""

    section = kinds.COMPANY

    def __init__(self, name: str, label: StrOrPromise, field: str) -> None:
        self.name, self.label, self.field = name, label, field
        self.operators = text_operators(Text(label=label))

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        opposite = {"is_not": "is", "contains_not": "contains", "empty": "filled"}.get(operator)
        companies = Company.objects.filter(text_q(F(self.field), opposite or operator, value)).order_by()
        found = at_companies(companies.values_list("pk", flat=True))
        return ~found if opposite else found

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        company = person.contact.company
        opposite = {"is_not": "is", "contains_not": "contains", "empty": "filled"}.get(operator)
        if company is None:
            return bool(opposite)
        return text_holds(getattr(company, self.field), operator, value)

    def own(self, person: Person, now: datetime) -> str:
        company = person.contact.company
        if company is None:
            return _("no company")
        return getattr(company, self.field) or _("nothing")


def at_companies(companies: "QuerySet[Any, Any]") -> Q:
    """Whoever works at one of these companies (their ids). Companies are few beside people: they are read once, not joined."""
    known = list(companies[: MOST_COMPANIES + 1])
    if len(known) > MOST_COMPANIES:
        return Q(company__isnull=False, company__in=companies)
    return Q(OneOf("company", known))


MOST_COMPANIES = 100_000


class ColleaguesKind(Kind):
    """How many people of the same company are in the silo. The erased have no company any more: nobody has to look who they are."""

    name = "company_people"
    label = gettext_lazy("people of the company in the silo")
    section = kinds.COMPANY
    operators = (
        Operator("at_least", gettext_lazy("are at least"), (Number(least=1, most=1_000_000, whole=True),)),
        Operator("at_most", gettext_lazy("are at most"), (Number(least=0, most=1_000_000, whole=True),)),
    )

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        least = value if operator == "at_least" else value + 1
        people = Contact.objects.filter(company__isnull=False).order_by().values("company")
        large = people.annotate(number=Count("*")).filter(number__gte=least)
        found = at_companies(large.values_list("company", flat=True))
        return found if operator == "at_least" else ~found

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        has = person["contacts"].colleagues
        return bool(has >= value if operator == "at_least" else has <= value)

    def own(self, person: Person, now: datetime) -> str:
        return str(person["contacts"].colleagues)
