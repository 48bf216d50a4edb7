"""What the contact's page says above the timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contacts import keys
from contacts.models import Contact, ContactAddress, LegalGround, Suppression
from contacts.queries import gate
from nurturing.models import Enrollment, Pause, Standing
from nurturing.models import Sequence as MailSequence
from nurturing.queries import receipts
from nurturing.queries import standing as standing_query
from sales.models import Claim, Opportunity, Purchase


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody at the same company, with their temperature."""

    contact: Contact
    degrees: float | None


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
    mail, phone = gate.mail_and_phone([contact.pk])
    others = colleagues(contact)
    degrees = receipts.degrees_of([contact.pk, *(other.pk for other in others)], now=now)
    return Person(
        standing=standing,
        sentence=standing_query.sentence(standing, now=now),
        degrees=degrees.get(contact.pk, 0.0),
        receipts=receipts.of(contact.pk, now=now),
        gate=mail[contact.pk],
        may_call=phone[contact.pk],
        ground=LegalGround.objects.filter(contact=contact).first(),
        stops=stops(contact),
        addresses=list(contact.addresses.order_by("email")),
        enrollment=contact.enrollments.active().select_related("sequence").first(),
        pause=contact.pauses.filter(ended_at=None).first(),
        claim=contact.claims.running(now).select_related("by").first(),
        opportunities=list(contact.opportunities.select_related("stage").order_by("-opened_at")[:5]),
        purchases=list(contact.purchases.filter(undone_at=None).order_by("-at")[:5]),
        colleagues=[Colleague(other, degrees.get(other.pk)) for other in others],
        sequences=list(
            MailSequence.objects.filter(archived_at=None, live_version__isnull=False).order_by("name")
        ),
    )


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
        .order_by("-standing__heat", "last_name")[:most]
    )
    return list(others)
