"""Everything that happened with one person, newest first, from the rows of all three rooms.

Each source is one query for the newest rows before a moment, so that the page costs the same for a person with three rows and with three
thousand. Sources only put rows into words; what a row means is decided where the row was written.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from contacts import spoken
from contacts.models import AuditEvent, Contact, ImportRow, LegalGround
from contacts.models.audit_event import LOOKED_AT
from contacts.queries import audit
from nurturing.models import (
    EngagementEvent,
    Enrollment,
    Handoff,
    Pause,
    Reminder,
    Reply,
    RhythmChange,
    Send,
)
from nurturing.queries import send as send_query
from sales.models import Call, Claim, Opportunity, Purchase, StageMove

PAGE = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. `group` is what the filter goes by, `kind` how it looks (see components/moment.html)."""

    at: datetime
    group: str
    what: str
    more: str = ""
    kind: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the timeline, and the moment from which the next one goes on (None at the beginning of time)."""

    entries: list[Entry]
    earlier_than: datetime | None


Source = Callable[[int, datetime, int], Iterator[Entry]]


def of(contact_id: int, *, before: datetime, group: str = "", size: int = PAGE) -> Page:
    """The newest `size` entries strictly before a moment, of all groups or of one (see `GROUPS`)."""
    sources = chain.from_iterable(SOURCES[name] for name in ([group] if group in SOURCES else SOURCES))
    found = sorted(
        chain.from_iterable(source(contact_id, before, size + 1) for source in sources),
        key=lambda entry: entry.at,
        reverse=True,
    )
    if len(found) <= size:
        return Page(found, None)
    # rows of one moment stay together, or the next page would begin in the middle of them
    edge = found[size - 1].at
    shown = [entry for entry in found if entry.at >= edge]
    return Page(shown, edge)


def _sends(contact_id: int, before: datetime, size: int) -> Iterator[Entry]:
    rows = (
        Send.objects.filter(contact_id=contact_id, planned_at__lt=before)
        .exclude(state__in=Send.WAITING)
        .select_related("mail", "piece", "enrollment__sequence")
        .order_by("-finished_at")
    )
    for send in rows.filter(finished_at__lt=before)[:size]:
        subject = send.mail.subject if send.mail else send.dedupe_key
        origin = _("Library") if send.piece_id else (send.enrollment.sequence.name if send.enrollment else "")
        said = {
            Send.State.ACCEPTED: _("Got the mail “%(subject)s”"),
            Send.State.SKIPPED: _("Did not get “%(subject)s”"),
            Send.State.FAILED: _("“%(subject)s” was refused"),
            Send.State.UNKNOWN: _("Nobody can know whether “%(subject)s” left"),
        }[Send.State(send.state)]
        yield Entry(
            at=send.finished_at or send.planned_at,
            group="mail",
            what=said % {"subject": subject},
            more=" · ".join(part for part in (origin, send_query.reason_words(send.reason)) if part),
            kind="" if send.state == Send.State.ACCEPTED else "stop",
            url=reverse("nurturing:mail", args=[send.pk]),
        )


def _engagement(contact_id: int, before: datetime, size: int) -> Iterator[Entry]:
    rows = EngagementEvent.objects.filter(contact_id=contact_id, at__lt=before).exclude(
        type__in=[EngagementEvent.Type.DELIVERED, EngagementEvent.Type.REPLIED]
    )
    for event in rows.order_by("-at")[:size]:
        machine = event.human < 0.5
        label = event.get_type_display().capitalize()
        if machine and event.type == EngagementEvent.Type.CLICKED:
            label = _("A scanner clicked")
        yield Entry(
            at=event.at,
            group="interest",
            what=f"{label}: {event.what}" if event.what else label,
            more=event.url,
            kind="machine" if machine else "human",
        )


def _replies(contact_id: int, before: datetime, size: int) -> Iterator[Entry]:
    for reply in Reply.objects.filter(contact_id=contact_id, at__lt=before).order_by("-at")[:size]:
        human = reply.kind == Reply.Kind.HUMAN
        yield Entry(
            at=reply.at,
            group="interest",
            what=_("Wrote back: “%(text)s”") % {"text": reply.text.strip()[:280] or reply.subject}
            if human
            else f"{reply.get_kind_display().capitalize()}: {reply.subject}",
            kind="human" if human else "machine",
        )


def _handoffs(contact_id: int, before: datetime, size: int) -> Iterator[Entry]:
    for row in Handoff.objects.filter(contact_id=contact_id, opened_at__lt=before).order_by("-opened_at")[
        :size
    ]:
        yield Entry(
            at=row.opened_at,
            group="sales",
            what=_("To the queue: %(because)s") % {"because": row.because},
            kind="sales",
        )
        if row.closed_at and row.closed_at < before and row.close_reason != Handoff.CloseReason.OUTCOME:
            yield Entry(
                at=row.closed_at,
                group="sales",
                what=_("Left the queue: %(because)s") % {"because": row.get_close_reason_display()},
                kind="sales",
            )


def _calls(contact_id: int, before: datetime, size: int) -> Iterator[Entry]:
    rows = (
        Call.objects.filter(contact_id=contact_id, at__lt=before).select_related("by").order_by("-at")[:size]
    )
    for call in rows:
        said = call.get_outcome_display()
        if call.until:
            said = _("%(outcome)s until %(date)s") % {
                "outcome": said,
                "date": spoken.long_day(call.until, now=before),
            }
        undone = _("taken back") if call.undone_at else ""
        yield Entry(
            at=call.at,
            group="sales",
            what=_("%(who)s called: %(outcome)s") % {"who": call.by or _("Somebody"), "outcome": said},
            more=" · ".join(part for part in (call.note, call.because, undone) if part),
            kind="sales",
        )


def _claims(contact_id: int, before: datetime, size: int) -> Iterator[Entry]:
    rows = Claim.objects.filter(
        contact_id=contact_id, released_at__lt=before, release_reason=Claim.ReleaseReason.EXPIRED
    )
    for claim in rows.select_related("by").order_by("-released_at")[:size]:
        yield Entry(
            at=claim.released_at or claim.expires_at,
            group="sales",
            what=_("%(who)s’s time for the call ran out") % {"who": claim.by},
            kind="sales",
        )


def _opportunities(contact_id: int, before: datetime, size: int) -> Iterator[Entry]:
    rows = Opportunity.objects.filter(contact_id=contact_id, opened_at__lt=before).order_by("-opened_at")[
        :size
    ]
    for row in rows:
        yield Entry(
            at=row.opened_at,
            group="sales",
            what=_("Opportunity: %(title)s") % {"title": row.title},
            more=f"{row.value:.0f} {row.currency}" if row.value is not None else "",
            kind="sales",
            url=reverse("sales:opportunity", args=[row.pk]),
        )


def _moves(contact_id: int, before: datetime, size: int) -> Iterator[Entry]:
    rows = StageMove.objects.filter(
        opportunity__contact_id=contact_id, at__lt=before, from_stage__isnull=False
    )
    for move in rows.select_related("to_stage").order_by("-at")[:size]:
        yield Entry(
            at=move.at,
            group="sales",
            what=_("Moved to %(stage)s") % {"stage": move.to_stage.name},
            kind="sales",
        )


def _purchases(contact_id: int, before: datetime, size: int) -> Iterator[Entry]:
    rows = Purchase.objects.filter(contact_id=contact_id, at__lt=before, undone_at=None).order_by("-at")[
        :size
    ]
    for row in rows:
        yield Entry(
            at=row.at,
            group="sales",
            what=_("Bought %(what)s") % {"what": row.what or _("from us")},
            kind="sales",
        )


def _enrollments(contact_id: int, before: datetime, size: int) -> Iterator[Entry]:
    rows = Enrollment.objects.filter(contact_id=contact_id, entered_at__lt=before).select_related(
        "sequence", "by"
    )
    for row in rows.order_by("-entered_at")[:size]:
        yield Entry(
            at=row.entered_at,
            group="silo",
            what=_("Brought into “%(sequence)s”") % {"sequence": row.sequence.name},
            more=str(row.by) if row.by else row.source,
        )
        if row.ended_at and row.ended_at < before:
            yield Entry(
                at=row.ended_at,
                group="silo",
                what=_("Left “%(sequence)s”: %(reason)s")
                % {"sequence": row.sequence.name, "reason": row.get_end_reason_display()},
            )


def _pauses(contact_id: int, before: datetime, size: int) -> Iterator[Entry]:
    for row in Pause.objects.filter(contact_id=contact_id, at__lt=before).order_by("-at")[:size]:
        until = spoken.long_day(row.until.date(), now=before)
        yield Entry(
            at=row.at, group="silo", what=_("Silence until %(date)s") % {"date": until}, more=row.because
        )


def _reminders(contact_id: int, before: datetime, size: int) -> Iterator[Entry]:
    for row in Reminder.objects.filter(contact_id=contact_id, made_at__lt=before).order_by("-made_at")[:size]:
        date = spoken.long_day(row.at.date(), now=before)
        yield Entry(
            at=row.made_at,
            group="silo",
            what=_("To be called on %(date)s") % {"date": date},
            more=row.because,
        )


def _rhythm(contact_id: int, before: datetime, size: int) -> Iterator[Entry]:
    for row in RhythmChange.objects.filter(contact_id=contact_id, at__lt=before).order_by("-at")[:size]:
        yield Entry(
            at=row.at,
            group="silo",
            what=_("Rhythm: every %(days)d days instead of %(before)d")
            % {"days": round(row.to_days), "before": round(row.from_days)},
            more=row.get_reason_display(),
            kind="machine",
        )


def _grounds(contact_id: int, before: datetime, size: int) -> Iterator[Entry]:
    for row in LegalGround.objects.filter(contact_id=contact_id, at__lt=before).order_by("-at")[:size]:
        yield Entry(
            at=row.at,
            group="law",
            what=_("Ground to write: %(ground)s") % {"ground": row.get_ground_display()},
            more=row.source,
        )


def _imports(contact_id: int, before: datetime, size: int) -> Iterator[Entry]:
    rows = ImportRow.objects.filter(contact_id=contact_id, batch__created_at__lt=before).exclude(
        verdict=ImportRow.Verdict.SAME
    )
    for row in rows.select_related("batch").order_by("-batch__created_at")[:size]:
        yield Entry(
            at=row.batch.finished_at or row.batch.created_at,
            group="law",
            what=_("In the list “%(file)s”, line %(line)s: %(verdict)s")
            % {"file": row.batch.name, "line": row.line, "verdict": row.get_verdict_display()},
        )


def _audit(contact_id: int, before: datetime, size: int) -> Iterator[Entry]:
    rows = (
        AuditEvent.objects.filter(contact_id=contact_id, at__lt=before, verb__startswith="contact.")
        .exclude(verb=LOOKED_AT)  # nothing happened to the person; the audit log has it
        .select_related("by")
    )
    for row in rows.order_by("-at")[:size]:
        fields = ", ".join(row.detail.get("fields", []))
        said = str(DONE.get(row.verb) or capfirst(audit.verb_words(row.verb)))
        yield Entry(
            at=row.at,
            group="law",
            what=said,
            more=" · ".join(part for part in (str(row.by or ""), fields) if part),
        )


DONE: dict[str, StrOrPromise] = {
    "contact.added": gettext_lazy("Added to the silo"),
    "contact.changed": gettext_lazy("Details changed"),
    "contact.merged": gettext_lazy("Made one of two"),
    "contact.merged_into": gettext_lazy("Made one with somebody"),
    "contact.parted": gettext_lazy("Made two again"),
    "contact.given_out": gettext_lazy("Everything about them was given out"),
    "contact.told": gettext_lazy("Told where their data comes from"),
    "contact.not_told": gettext_lazy("Taken back: they were not told yet"),
}

SOURCES: dict[str, tuple[Source, ...]] = {
    "mail": (_sends,),
    "interest": (_engagement, _replies),
    "sales": (_handoffs, _calls, _claims, _opportunities, _moves, _purchases),
    "silo": (_enrollments, _pauses, _reminders, _rhythm),
    "law": (_grounds, _imports, _audit),
}

GROUPS: dict[str, StrOrPromise] = {
    "": gettext_lazy("Everything"),
    "mail": gettext_lazy("Mail"),
    "interest": gettext_lazy("Interest"),
    "sales": gettext_lazy("Sales"),
    "silo": gettext_lazy("Silo"),
    "law": gettext_lazy("Origin and law"),
}


def lanes(contact: Contact, group: str) -> list[dict[str, object]]:
    """The filter above the timeline."""
    here = contact.get_absolute_url()
    return [
        {
            "label": label,
            "url": f"{here}?only={name}#timeline" if name else f"{here}#timeline",
            "current": name == group,
        }
        for name, label in GROUPS.items()
    ]
