"""The conditions of this room: what stands in a contact's and its company's fields."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_stubs_ext import StrOrPromise

from contacts import places, spoken
from contacts.models import Company, Contact, ContactSearch
from contacts.segments import kinds, plain
from contacts.segments.facts import Person
from contacts.segments.inputs import Choice, Day, Days, Input, Number, Option, Text
from contacts.segments.kinds import Kind, Operator
from contacts.segments.truth import OneOf, Truth

IS = gettext_lazy("is")
IS_NOT = gettext_lazy("is not")
EMPTY = gettext_lazy("is empty")
FILLED = gettext_lazy("is filled in")


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


class ChoiceKind(Kind):
    """A field with a few values."""

    def __init__(
        self,
        name: str,
        label: StrOrPromise,
        offered: Callable[[], Iterable[Option]],
        *,
        section: StrOrPromise = kinds.PERSON,
        can_be_empty: bool = False,
    ) -> None:
        self.name, self.label, self.section = name, label, section
        blank = Fixed(label=label, offered=offered)
        self.operators = (Operator("is", IS, (blank,)), Operator("is_not", IS_NOT, (blank,)))
        if can_be_empty:
            self.operators += (Operator("empty", EMPTY), Operator("filled", FILLED))
        self.blank = blank

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        found = Q(**{self.name: "" if value is None else value})
        return found if operator in ("is", "empty") else ~found

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        has = getattr(person.contact, self.name)
        return bool(has == ("" if value is None else value)) == (operator in ("is", "empty"))

    def own(self, person: Person, now: datetime) -> str:
        has = getattr(person.contact, self.name)
        return self.blank.said(has) if has else _("nothing")


class Fixed(Choice):
    """A choice from what is always there; another value is kept, for a country that is not in our list is a country."""

    __slots__ = ()

    def gone(self, value: Any) -> str:
        return ""


class OwnerKind(Kind):
    """The colleague to whom a person belongs."""

    name = "owner"
    label = gettext_lazy("owner")

    def __init__(self) -> None:
        blank = Choice(
            label=self.label, offered=colleagues, lost=gettext_lazy("This colleague is no longer here.")
        )
        self.operators = (
            Operator("is", IS, (blank,)),
            Operator("is_not", IS_NOT, (blank,)),
            Operator("empty", gettext_lazy("is nobody")),
            Operator("filled", gettext_lazy("is somebody")),
        )

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        if operator in ("empty", "filled"):
            return Q(owner__isnull=operator == "empty")
        found = Q(owner__isnull=False, owner_id=int(value))
        return found if operator == "is" else ~found

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        has = person.contact.owner_id
        if operator in ("empty", "filled"):
            return (has is None) == (operator == "empty")
        return (has == int(value)) == (operator == "is")

    def own(self, person: Person, now: datetime) -> str:
        return str(person.contact.owner) if person.contact.owner_id else _("nobody")


def colleagues() -> list[Option]:
    """Everybody who can be an owner."""
    return [(str(one.pk), str(one)) for one in get_user_model().objects.order_by("pk")]


class DomainKind(Kind):
    """The part behind the @."""

    name = "email_domain"
    label = gettext_lazy("e-mail domain")

    def __init__(self) -> None:
        blank = Text(label=self.label)
        self.operators = (
            Operator("is", IS, (blank,)),
            Operator("is_not", IS_NOT, (blank,)),
            Operator("ends", gettext_lazy("ends with"), (blank,)),
        )

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        asked = domain(value)
        if operator == "ends":
            return Q(Truth("right({}, {}) = {}", F("email_key"), len(asked), asked))
        found = searched("@" + plain.plain(asked)) & Q(
            Truth("right({}, {}) = {}", F("email_key"), len(asked) + 1, "@" + asked)
        )
        return found if operator == "is" else ~found

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        asked, has = domain(value), plain.lower(person.contact.email or "")
        if operator == "ends":
            return has.endswith(asked)
        return has.endswith("@" + asked) == (operator == "is")

    def own(self, person: Person, now: datetime) -> str:
        return (person.contact.email or "").rpartition("@")[2] or _("no address")


def domain(value: str) -> str:
    """A domain as it is compared: "@Firma.SE" is firma.se."""
    return plain.lower(value.strip().lstrip("@")) or "@"


class ThereKind(Kind):
    """Whether a way to reach the person is known."""

    def __init__(self, name: str, label: StrOrPromise, field: str) -> None:
        self.name, self.label, self.field = name, label, field
        self.operators = (
            Operator("there", gettext_lazy("is known")),
            Operator("missing", gettext_lazy("is not known")),
        )

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        found = Q(email__isnull=False) if self.field == "email" else ~Q(**{self.field: ""})
        return found if operator == "there" else ~found

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        has = getattr(person.contact, self.field)
        there = has is not None if self.field == "email" else has != ""
        return there == (operator == "there")

    def own(self, person: Person, now: datetime) -> str:
        return getattr(person.contact, self.field) or _("not known")


class CreatedKind(Kind):
    """When the person came into the silo."""

    name = "created"
    label = gettext_lazy("in the silo")
    operators = (
        Operator("within", gettext_lazy("since at most"), (Days(),)),
        Operator("older", gettext_lazy("for longer than"), (Days(),)),
        Operator("since", gettext_lazy("since, or after,"), (Day(),)),
        Operator("before", gettext_lazy("before"), (Day(),)),
    )

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        moment = self.moment(operator, value, now)
        return Q(created_at__gte=moment) if operator in ("within", "since") else Q(created_at__lt=moment)

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        after = person.contact.created_at >= self.moment(operator, value, now)
        return after == (operator in ("within", "since"))

    def moment(self, operator: str, value: Any, now: datetime) -> datetime:
        """The moment that parts the two sides."""
        return now - timedelta(days=value) if operator in ("within", "older") else beginning(value)

    def own(self, person: Person, now: datetime) -> str:
        return _("since %(day)s") % {"day": spoken.day(person.contact.created_at, now=now)}


def beginning(day: str) -> datetime:
    """The first moment of a day of the silo's calendar."""
    return timezone.make_aware(datetime.combine(date.fromisoformat(day), datetime.min.time()))


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


def the_persons() -> list[Kind]:
    """The conditions on the fields of a contact and its company."""
    languages = lambda: places.LANGUAGES  # noqa: E731
    countries = lambda: places.COUNTRIES  # noqa: E731
    return [
        NameKind(),
        RepeatedKind("title", gettext_lazy("title"), TITLES),
        RepeatedKind("city", gettext_lazy("city"), CITIES),
        ChoiceKind("country", gettext_lazy("country"), countries, can_be_empty=True),
        ChoiceKind("language", gettext_lazy("language"), languages, can_be_empty=True),
        DomainKind(),
        ThereKind("email", gettext_lazy("e-mail address"), "email"),
        ThereKind("phone", gettext_lazy("phone number"), "phone"),
        CreatedKind(),
        ChoiceKind("way_in", pgettext_lazy("segment", "way in"), lambda: Contact.WayIn.choices),
        ChoiceKind("obtained", gettext_lazy("data came"), lambda: Contact.Obtained.choices),
        ChoiceKind("recipient", gettext_lazy("recipient type"), lambda: Contact.Recipient.choices),
        OwnerKind(),
        CompanyTextKind("company", gettext_lazy("company"), "name"),
        CompanyTextKind("company_domain", gettext_lazy("web domain"), "domain"),
        CompanyTextKind("company_city", gettext_lazy("city of the company"), "city"),
        ColleaguesKind(),
    ]
