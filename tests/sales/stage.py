"""What the scenes of this room need: somebody in the queue, and a look at all that an outcome may touch."""

from datetime import datetime, timedelta
from typing import Any

from contacts.models import Contact, LegalGround, Suppression
from nurturing.models import (
    Enrollment,
    Handoff,
    Pause,
    Reminder,
    SalesHold,
    Sequence,
    SequenceVersion,
    Standing,
)
from nurturing.services import handoff, heat
from sales.models import Claim, Opportunity, Purchase, Referral, StageMove
from tests import cast


def make_hot(person: Contact, now: datetime, *, clicks: int = 6) -> Handoff:
    """Somebody read a lot by hand just now, and the silo handed them on."""
    events = [
        cast.click(person, at=now - timedelta(hours=24 * number + 1), what=f"Piece {number}", level="bofu")
        for number in range(clicks)
    ]
    heat.record(events, now=now)
    handoff.open_hot([person.pk], now=now)
    return Handoff.objects.open().get(contact=person, kind="hot")


def make_waiting(
    person: Contact, now: datetime, kind: str = "call_me", because: str = "Please call me"
) -> Handoff:
    """Somebody asked for us."""
    return handoff.open(contact_id=person.pk, kind=kind, because=because, now=now)


def make_sequence(name: str, now: datetime, stops_when: list[str]) -> Sequence:
    """A live sequence without steps: enough to be in."""
    sequence = Sequence.objects.create(name=name, stops_when=stops_when, made_at=now)
    sequence.live_version = SequenceVersion.objects.create(
        sequence=sequence, number=1, made_at=now, edited_at=now, published_at=now
    )
    sequence.save()
    return sequence


def picture(person: Contact) -> dict[str, Any]:
    """All that an outcome may change for one person, comparable before and after."""
    standing = Standing.objects.get(pk=person.pk)
    holds = SalesHold.objects.filter(contact=person, ended_at=None).values_list("kind", "reference", "until")
    return {
        "standing": (standing.state, standing.next_at, standing.next_what, standing.stop_reason),
        "heat": standing.heat,
        "handoffs": set(Handoff.objects.open().filter(contact=person).values_list("pk", "kind")),
        "claims": set(Claim.objects.open().filter(contact=person).values_list("pk", "by_id", "expires_at")),
        "holds": set(holds),
        "reminders": set(
            Reminder.objects.filter(contact=person, done_at=None).values_list("pk", "kind", "at")
        ),
        "pauses": set(Pause.objects.filter(contact=person, ended_at=None).values_list("pk", "until")),
        "enrollments": set(
            Enrollment.objects.filter(contact=person, ended_at=None).values_list(
                "pk", "sequence_id", "started_at"
            )
        ),
        "stops": set(Suppression.objects.in_force().values_list("address_hash", "channel", "reason")),
        "ground": set(LegalGround.objects.filter(contact=person).values_list("ground", "source", "at")),
        "opportunities": set(
            Opportunity.objects.filter(contact=person).values_list("pk", "stage__name", "closed_at")
        ),
        "moves": StageMove.objects.filter(opportunity__contact=person).count(),
        "purchases": set(
            Purchase.objects.filter(contact=person, undone_at=None).values_list("pk", flat=True)
        ),
        "referrals": set(Referral.objects.filter(asked=person).values_list("pk", "answered_at")),
    }
