"""The conditions of this room: what stands in a contact's and its company's fields."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_stubs_ext import StrOrPromise

from contacts import places, spoken
from contacts.models import Contact
from contacts.segments import kinds, plain
from contacts.segments.companies import ColleaguesKind, CompanyTextKind
from contacts.segments.facts import Person
from contacts.segments.inputs import Choice, Day, Days, Fixed, Option, Text
from contacts.segments.kinds import EMPTY, FILLED, IS, IS_NOT, Kind, Operator
from contacts.segments.texts import CITIES, TITLES, NameKind, RepeatedKind, searched
from contacts.segments.truth import Truth


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
