"""A sequence says what its mails are for the law, and the gate is asked that in the moment before one leaves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from contacts.models import Contact, LegalGround
from nurturing.models import EngagementEvent, Enrollment, Send, Sequence
from nurturing.queries import clearance, shown
from nurturing.services import enrollment, sequence
from silo.models import User
from tests import cast
from tests.sales import stage

Ground = LegalGround.Ground
AGREED_TO_NEWS = "consent_for_other_mail"


@dataclass(frozen=True)
class Mail:
    """A step that is about to leave."""

    contact_id: int
    enrollment_id: int
    latest_at: datetime
    id: int = 1
    sandbox: bool = True
    kind: str = Send.Kind.STEP.value
    in_lane: bool = True
    piece_id: int | None = None
    mail_id: int | None = None
    sender_id: int | None = None


@pytest.fixture
def invitations(now: datetime) -> Sequence:
    """A live sequence that invites."""
    made = stage.make_sequence("Frukostseminarium", now, [])
    made.mail_purpose = LegalGround.Purpose.INVITATION
    made.save()
    return made


def asked(contact: Contact, inside: Sequence, now: datetime) -> str:
    """The reason why a step of it would be skipped, "" when not for want of a ground."""
    enrollment.start(contact_ids=[contact.pk], sequence_id=inside.pk, by=None, source="list", now=now)
    inside_it = Enrollment.objects.get(contact=contact, sequence=inside)
    send = Mail(contact_id=contact.pk, enrollment_id=inside_it.pk, latest_at=now + timedelta(days=3))
    found = clearance.of([send], now=now)[send.id]
    return "" if found.reason in ("no_text", "sender_incomplete") else found.reason


@pytest.mark.parametrize(
    ("purpose", "ground", "reason"),
    [
        ("marketing", Ground.CONSENT, ""),
        ("invitation", Ground.CONSENT, AGREED_TO_NEWS),
        ("invitation", Ground.EXISTING_CUSTOMER, ""),
        ("service", Ground.CONSENT, "not_a_customer"),
        ("service", Ground.EXISTING_CUSTOMER, ""),
    ],
)
def test_the_gate_is_asked_what_the_sequence_says(
    anna: Contact, invitations: Sequence, now: datetime, purpose: str, ground: str, reason: str
) -> None:
    Sequence.objects.filter(pk=invitations.pk).update(mail_purpose=purpose)
    LegalGround.objects.filter(contact=anna).update(ground=ground)

    assert asked(anna, invitations, now) == reason


def test_a_ground_of_its_own_carries_invitations(anna: Contact, invitations: Sequence, now: datetime) -> None:
    LegalGround.objects.filter(contact=anna).update(ground=Ground.CONSENT)
    LegalGround.objects.create(contact=anna, purpose="invitation", ground=Ground.CONSENT, at=now)

    assert asked(anna, invitations, now) == ""


def test_the_purpose_is_chosen_on_the_page_and_counts_at_once(mira: User, now: datetime) -> None:
    made = sequence.make(name="Kundbrev", by=mira, now=now)
    assert made.mail_purpose == "marketing"
    page = cast.client_of(mira).get(f"/sequences/{made.pk}/settings/")
    assert "information to customers" in page.content.decode()

    said = {"name": "Kundbrev", "priority": 50, "waits_at_most_days": 90, "mail_purpose": "service"}
    cast.client_of(mira).post(f"/sequences/{made.pk}/settings/", said)
    assert Sequence.objects.get(pk=made.pk).mail_purpose == "service"

    said.pop("mail_purpose")
    cast.client_of(mira).post(f"/sequences/{made.pk}/settings/", said)
    assert Sequence.objects.get(pk=made.pk).mail_purpose == "service", "nothing said changes nothing"


def test_people_are_found_by_how_far_they_read(
    mira: User, anna: Contact, boris: Contact, chen: Contact, now: datetime
) -> None:
    for person, level, human in (
        (anna, "tofu", 0.9),
        (anna, "bofu", 0.9),
        (boris, "mofu", 0.9),
        (boris, "bofu", 0.1),  # a scanner's click
        (chen, "tofu", 0.9),
    ):
        EngagementEvent.objects.create(
            contact=person,
            type="clicked",
            at=now,
            recorded_at=now,
            human=human,
            level=level,
            source="silo",
            dedup_hash=f"{person.pk}{level}",
        )
    found = {
        level: set(shown.of_level(Contact.objects.all(), level, now=now))
        for level in ("tofu", "mofu", "bofu")
    }
    assert found == {"tofu": {chen}, "mofu": {boris}, "bofu": {anna}}
    assert not shown.of_level(Contact.objects.all(), "nofu", now=now)

    page = cast.client_of(mira).get("/people/?level=mofu").content.decode()
    assert boris.name in page
    assert anna.name not in page
