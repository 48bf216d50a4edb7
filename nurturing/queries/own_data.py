"""What this room knows about one person, for that person: what we sent, what they did, how warm they seem to us."""

from collections.abc import Iterator

from contacts import clock
from contacts.giving_out import Row
from nurturing.models import (
    Confirmation,
    EngagementEvent,
    Enrollment,
    Handoff,
    Pause,
    Reminder,
    Reply,
    RhythmWish,
    Send,
)
from nurturing.queries import receipts

HUMAN = 0.5


def mails(contact_id: int) -> Iterator[Row]:
    """Every mail that was handed over, or was about to be."""
    rows = Send.objects.filter(contact=contact_id).select_related("mail").order_by("planned_at")
    for send in rows:
        yield {
            "at": send.finished_at or send.planned_at,
            "subject": send.mail.subject if send.mail else "",
            "sent_to": send.address,
            "state": send.get_state_display(),
        }


def signs(contact_id: int) -> Iterator[Row]:
    """What happened to our mails, and what they did with them."""
    for event in EngagementEvent.objects.filter(contact=contact_id).order_by("at"):
        yield {
            "at": event.at,
            "kind": event.get_type_display(),
            "what": event.what,
            "link": event.url,
            "points_count": event.human >= HUMAN,
        }


def replies(contact_id: int) -> Iterator[Row]:
    """What they wrote to us."""
    for reply in Reply.objects.filter(contact=contact_id).order_by("at"):
        yield {
            "at": reply.at,
            "address": reply.from_address,
            "kind": reply.get_kind_display(),
            "subject": reply.subject,
            "text": reply.whole or reply.text,
        }


def score(contact_id: int) -> Iterator[Row]:
    """The temperature and when somebody was to call (GDPR 15(1)(h): the logic stands in docs/privacy.md)."""
    degrees = receipts.degrees_of([contact_id], now=clock.now()).get(contact_id)
    yield {"temperature": round(degrees, 1) if degrees is not None else None}
    for row in Handoff.objects.filter(contact=contact_id).order_by("opened_at"):
        yield {
            "at": row.opened_at,
            "kind": row.get_kind_display(),
            "because": row.because,
            "until": row.closed_at,
        }


def agreed(contact_id: int) -> Iterator[Row]:
    """Sequences, silences, dates and wishes."""
    for run in (
        Enrollment.objects.filter(contact=contact_id).select_related("sequence").order_by("entered_at")
    ):
        yield {"at": run.entered_at, "what": run.sequence.name, "source": run.source, "ended": run.ended_at}
    for pause in Pause.objects.filter(contact=contact_id).order_by("at"):
        yield {"at": pause.at, "until": pause.until, "because": pause.because}
    for reminder in Reminder.objects.filter(contact=contact_id).order_by("made_at"):
        yield {"at": reminder.at, "kind": reminder.get_kind_display(), "because": reminder.because}
    for wish in RhythmWish.objects.filter(contact=contact_id).order_by("at"):
        yield {"at": wish.at, "what": f"{wish.days:g}", "until": wish.withdrawn_at}
    for asked in Confirmation.objects.filter(contact=contact_id).order_by("asked_at"):
        yield {
            "at": asked.asked_at,
            "kind": asked.get_kind_display(),
            "wording": asked.wording,
            "ip": asked.asked_ip,
            "answer": asked.answered_at,
        }
