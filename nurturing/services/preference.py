"""What a recipient decides on the page behind the stop link. Nobody logs in for it: the link in the mail
is the key.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.models import Contact, Objection
from contacts.services import objection, suppression
from nurturing.models import EngagementEvent, Send
from nurturing.queries import recipient
from nurturing.services import engagement, pause, rhythm
from nurturing.services import standing as standings

Type = EngagementEvent.Type
SOURCE = "silo"
DAYS = {"monthly": 30.0, "quarterly": 91.0}
SEPTEMBER = 9


class Choice(StrEnum):
    """What the page offers."""

    STOP = "stop"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    SEPTEMBER = "september"
    CALL_ME = "call_me"
    RESUME = "resume"
    NO_SCORE = "no_score"
    SCORE = "score"
    NO_TRACKING = "no_tracking"
    TRACKING = "tracking"


# What each of the last four says about which objection.
OBJECTS = {
    Choice.NO_SCORE: (Objection.Kind.PROFILING, True),
    Choice.SCORE: (Objection.Kind.PROFILING, False),
    Choice.NO_TRACKING: (Objection.Kind.TRACKING, True),
    Choice.TRACKING: (Objection.Kind.TRACKING, False),
}


@dataclass(frozen=True, slots=True)
class Decided:
    """What holds now for this recipient, for the sentence they read."""

    choice: Choice
    until: datetime | None = None


class NothingToTakeBack(Exception):
    """There is no stop of their own that could be lifted from the page."""


@transaction.atomic
def stop(*, contact_id: int, send_id: int, how: str, now: datetime) -> Decided:
    """No mail any more, for the address they have and the one the mail went to. A second time changes nothing; but their own
    word is written down beside a bounce's or a colleague's, which anybody may lift.

    Holds for people who are erased or unknown, too: nobody writes to them anyway, and they hear the same.
    """
    standings.lock([contact_id])
    who = recipient.of(contact_id, send_id)
    if not who.has_said_no:
        event = _event(
            contact_id, send_id, Type.UNSUBSCRIBED, now, _("Stopped all mail"), {"stop_source": how}
        )
        engagement.record([event], now=now)
    return Decided(Choice.STOP)


@transaction.atomic
def resume(*, contact_id: int, send_id: int, now: datetime) -> Decided:
    """Take back their own stop. Raises NothingToTakeBack: a bounce or a colleague's stop is not theirs to
    lift, nor does theirs hide one that was there before.
    """
    standings.lock([contact_id])
    if not recipient.of(contact_id, send_id).may_resume:
        raise NothingToTakeBack
    contact = Contact.objects.get(pk=contact_id)
    send = Send.objects.filter(pk=send_id, contact=contact).first()
    for suppression_id in list(recipient.stops_of(contact, send).values_list("pk", flat=True)):
        suppression.lift(suppression_id=suppression_id, by=None, now=now)
    said = _event(contact_id, send_id, Type.RHYTHM, now, _("Took the stop back"), {"choice": Choice.RESUME})
    engagement.record([said], now=now)
    return Decided(Choice.RESUME)


@transaction.atomic
def less_often(*, contact_id: int, send_id: int, choice: Choice, now: datetime) -> Decided:
    """Monthly or quarterly from now on; beats what was learned."""
    rhythm.wish(contact_id=contact_id, days=DAYS[choice], now=now)
    words = (
        _("Wants a mail a month at most") if choice == Choice.MONTHLY else _("Wants a mail a quarter at most")
    )
    engagement.record([_event(contact_id, send_id, Type.RHYTHM, now, words, {"choice": choice})], now=now)
    return Decided(choice)


@transaction.atomic
def september(*, contact_id: int, send_id: int, zone: ZoneInfo, now: datetime) -> Decided:
    """Silence until the first of September, in their own zone."""
    until = next_september(now, zone)
    pause.start(contact_id=contact_id, until=until, because=_("asked for silence until September"), now=now)
    words = _("Wants no mail before September")
    said = _event(contact_id, send_id, Type.RHYTHM, now, words, {"choice": Choice.SEPTEMBER})
    engagement.record([said], now=now)
    return Decided(Choice.SEPTEMBER, until)


@transaction.atomic
def call_me(*, contact_id: int, send_id: int, phone: str, note: str, now: datetime) -> Decided:
    """They want to be called: a salesperson sees it at once. Pressing twice within a minute asks once."""
    words = ", ".join(one for one in (note.strip(), phone.strip()) if one)
    minute = now.replace(second=0, microsecond=0)
    event = engagement.NewEvent(
        contact_id=contact_id,
        type=Type.CALL_ME,
        at=now,
        source=SOURCE,
        key=f"page:{contact_id}:{minute.isoformat()}:{words}",
        send_id=send_id or None,
        what=words,
        detail={"phone": phone.strip(), "note": note.strip()},
    )
    engagement.record([event], now=now)
    return Decided(Choice.CALL_ME)


@transaction.atomic
def objects(*, contact_id: int, choice: Choice, now: datetime) -> Decided:
    """No temperature, or no tracked links; or again as before (GDPR 21). It holds at once."""
    standings.lock([contact_id])
    kind, against = OBJECTS[choice]
    if against:
        objection.object_to(contact_id=contact_id, kind=kind, source="preference page", now=now)
    else:
        objection.withdraw(contact_id=contact_id, kind=kind, now=now)
    return Decided(choice)


def next_september(now: datetime, zone: ZoneInfo) -> datetime:
    """The next first of September, 08:00 where they are. In August that is days away, in September a year."""
    here = now.astimezone(zone)
    this_year = datetime(here.year, SEPTEMBER, 1, 8, tzinfo=zone)
    return this_year if this_year > now else datetime(here.year + 1, SEPTEMBER, 1, 8, tzinfo=zone)


def _event(
    contact_id: int, send_id: int, kind: str, now: datetime, what: str, detail: dict[str, str]
) -> engagement.NewEvent:
    # The person's standing is locked: one more than they have had is a number nobody else takes.
    number = EngagementEvent.objects.filter(contact_id=contact_id).count() + 1
    return engagement.NewEvent(
        contact_id=contact_id,
        type=kind,
        at=now,
        source=SOURCE,
        key=f"page:{contact_id}:{number}:{kind}",
        send_id=send_id or None,
        what=what,
        detail=detail,
    )
