"""What the contact's page says above the timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from contacts import keys
from contacts.models import (
    Contact,
    ContactAddress,
    CustomField,
    DuplicatePair,
    LegalGround,
    Merge,
    Suppression,
    Topic,
)
from contacts.places import COUNTRY_NAMES, LANGUAGE_NAMES
from contacts.queries import custom_field, duplicate, gate, merge
from contacts.reading import custom_values
from nurturing.models import Enrollment, Pause, Standing
from nurturing.models import Sequence as MailSequence
from nurturing.queries import receipts
from nurturing.queries import standing as standing_query
from sales.models import Claim, Opportunity, Purchase
from silo.queries import wish


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody at the same company: how warm, and on what ground we may write or may not."""

    contact: Contact
    degrees: float | None
    gate: gate.Verdict
    ground: LegalGround | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A field that can be changed where it stands. `name` is what services.field calls it."""

    name: str
    label: StrOrPromise
    shown: str = ""

    @property
    def place(self) -> str:
        return self.name.replace(":", "-")


@dataclass(frozen=True, slots=True)
class Person:
    """One person as the page shows them."""

    standing: Standing
    sentence: str
    degrees: float | None
    receipts: Sequence[receipts.Receipt]
    may_call: gate.Verdict
    gate: gate.Verdict
    ground: LegalGround | None
    stops: list[Suppression]
    addresses: list[ContactAddress]
    enrollment: Enrollment | None
    pause: Pause | None
    claim: Claim | None
    opportunities: list[Opportunity]
    purchases: list[Purchase]
    colleagues: list[Colleague]
    sequences: list[MailSequence]
    facts: list[Fact]
    own_facts: list[Fact]
    topics: list[Topic]
    wishes: list[wish.Wish]
    doubles: list[DuplicatePair]
    merged: Merge | None

    @property
    def known(self) -> list[Fact]:
        """What stands somewhere."""
        return [fact for fact in (*self.facts, *self.own_facts) if fact.shown]

    @property
    def unknown(self) -> list[Fact]:
        """The gaps, to be filled."""
        return [fact for fact in (*self.facts, *self.own_facts) if not fact.shown]

    @property
    def liftable(self) -> str:
        """The stops that a colleague may take back, for the form; what somebody asked for themselves is not among
        them.
        """
        return ",".join(str(one.pk) for one in self.stops if not one.is_their_own)

    @property
    def is_stopped_for_all(self) -> bool:
        """Whether there is nothing left to stop."""
        return any(one.channel == Suppression.Channel.ALL for one in self.stops)


def of(contact: Contact, *, now: datetime) -> Person:
    """Everything about one person, in a fixed number of queries."""
    standing = Standing.objects.get(contact=contact)
    others = colleagues(contact)
    everybody = [contact.pk, *(other.pk for other in others)]
    mail, phone = gate.mail_and_phone(everybody)
    grounds = {
        ground.contact_id: ground
        for ground in LegalGround.objects.filter(contact_id__in=everybody, purpose="marketing")
    }
    degrees = receipts.degrees_of(everybody, now=now)
    topics = list(contact.topics.all())
    return Person(
        standing=standing,
        sentence=standing_query.sentence(standing, now=now),
        degrees=degrees.get(contact.pk, 0.0),
        receipts=receipts.of(contact.pk, now=now),
        gate=mail[contact.pk],
        may_call=phone[contact.pk],
        ground=grounds.get(contact.pk),
        stops=stops(contact),
        addresses=list(contact.addresses.order_by("email")),
        enrollment=contact.enrollments.active().select_related("sequence").first(),
        pause=contact.pauses.filter(ended_at=None).first(),
        claim=contact.claims.running(now).select_related("by").first(),
        opportunities=list(contact.opportunities.select_related("stage").order_by("-opened_at")[:5]),
        purchases=list(contact.purchases.filter(undone_at=None).order_by("-at")[:5]),
        colleagues=[
            Colleague(other, degrees.get(other.pk), mail[other.pk], grounds.get(other.pk)) for other in others
        ],
        sequences=list(
            MailSequence.objects.filter(archived_at=None, live_version__isnull=False).order_by("name")
        ),
        facts=_facts(contact, topics),
        own_facts=_own_facts(contact),
        topics=topics,
        wishes=[] if contact.erased_at else wish.of(contact, now=now),
        doubles=duplicate.of_person(contact.pk),
        merged=merge.undoable(contact.pk),
    )


def _facts(contact: Contact, topics: Sequence[Topic]) -> list[Fact]:
    """What we know about the person themselves; how to reach them stands above it."""
    return [
        Fact("first_name", _("First name"), contact.first_name),
        Fact("last_name", _("Last name"), contact.last_name),
        Fact("title", _("Title"), contact.title),
        Fact("company", _("Company"), contact.company.name if contact.company else ""),
        Fact("city", _("City"), contact.city),
        Fact("country", _("Country"), str(COUNTRY_NAMES.get(contact.country, contact.country))),
        Fact("language", _("Language"), str(LANGUAGE_NAMES.get(contact.language, contact.language))),
        Fact("topics", _("Cares about"), ", ".join(topic.name for topic in topics)),
        Fact("owner", _("Salesperson"), str(contact.owner) if contact.owner else ""),
        Fact("way_in", _("Came by"), contact.get_way_in_display()),
        Fact("way_in_note", _("Who or where, in words"), contact.way_in_note),
    ]


def _own_facts(contact: Contact) -> list[Fact]:
    """The company's own fields, and what an import kept under a name that is no field."""
    fields = {field.key: field for field in CustomField.objects.all()}
    registered = [
        Fact(f"custom:{key}", field.name, custom_values.shown(field.kind, contact.custom.get(key)))
        for key, field in fields.items()
        if field.retired_at is None or key in contact.custom
    ]
    loose = [
        Fact("", custom_field.loose_name(key), custom_values.shown("text", value))
        for key, value in contact.custom.items()
        if key not in fields
    ]
    return registered + loose


def stops(contact: Contact) -> list[Suppression]:
    """The stops in force on this person's address and number, newest first."""
    hashes = [
        digest
        for address in (contact.email and contact.email.lower(), contact.phone)
        if address
        for digest in keys.address_hashes(address)
    ]
    return (
        list(Suppression.objects.in_force().filter(address_hash__in=hashes).order_by("-at")) if hashes else []
    )


def colleagues(contact: Contact, *, most: int = 6) -> list[Contact]:
    """The warmest others at the same company."""
    if contact.company_id is None:
        return []
    others = (
        Contact.objects.present()
        .filter(company_id=contact.company_id)
        .exclude(pk=contact.pk)
        .order_by(F("standing__heat").desc(nulls_last=True), "last_name", "pk")[:most]
    )
    return list(others)
