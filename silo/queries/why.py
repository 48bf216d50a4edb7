"""Why somebody did or did not get each mail (promise 3): what the ledger says, and for the rest what the planner would do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from contacts import spoken
from contacts.models import Contact
from nurturing.models import Enrollment, Piece, Send
from nurturing.planning import planner
from nurturing.queries import position as position_query
from nurturing.queries import send as send_query

WEEKS = 26


@dataclass(frozen=True, slots=True)
class Line:
    """One mail and what became of it, or will. `tone` is "", "done", "wrong", "note" or "action" (see the tags of the face)."""

    title: str
    level: str
    tone: str
    verdict: str
    sentence: str
    at: datetime | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A run through a sequence, or the library."""

    title: str
    note: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Why:
    """The whole answer."""

    now_because: str
    chapters: list[Chapter]


def of(contact: Contact, *, now: datetime) -> Why:
    """Each run and the library, newest first, with the reason for every mail that did not come."""
    ahead = _ahead(contact.pk, now)
    enrollments = (
        Enrollment.objects.filter(contact=contact)
        .select_related("sequence__live_version")
        .prefetch_related("sequence__live_version__steps", "sends__mail")
        .order_by("-entered_at")
    )
    chapters = [
        Chapter(run.sequence.name, _run_note(run, now), list(_steps(run, ahead, contact)))
        for run in enrollments
    ]
    chapters.append(Chapter(_("The library"), "", list(_pieces(contact, ahead))))
    return Why(now_because=_first(ahead, now), chapters=chapters)


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What the planner foresees, by step of an enrollment and by piece."""

    steps: dict[tuple[int, str], datetime]
    pieces: dict[int, datetime]
    because: str
    languages: tuple[str, ...]


def _ahead(contact_id: int, now: datetime) -> _Ahead:
    snapshot = position_query.load([contact_id])
    person, position = snapshot.of(contact_id)
    steps: dict[tuple[int, str], datetime] = {}
    pieces: dict[int, datetime] = {}
    rule = snapshot.in_force.rule
    for planned in planner.simulate(person, position, snapshot.content, rule, now, weeks=WEEKS):
        decision = planned.decision
        if decision.what == planner.What.STEP and decision.enrollment_id:
            steps[(decision.enrollment_id, decision.step_key)] = planned.at
        elif decision.what == planner.What.PIECE and decision.piece_id:
            pieces[decision.piece_id] = planned.at
    return _Ahead(steps, pieces, person.mail or person.stopped, person.languages)


def _first(ahead: _Ahead, now: datetime) -> str:
    if ahead.because:
        return ""
    moments = [*ahead.steps.values(), *ahead.pieces.values()]
    return _("Next mail %(when)s.") % {"when": spoken.moment(min(moments), now=now)} if moments else ""


def _run_note(run: Enrollment, now: datetime) -> str:
    if run.ended_at:
        return _("Left %(when)s: %(reason)s.") % {
            "when": spoken.moment(run.ended_at, now=now),
            "reason": run.get_end_reason_display(),
        }
    if run.started_at is None:
        return _("Waits until another sequence has ended, at most until %(when)s.") % {
            "when": spoken.day(run.expires_at.date(), now=now)
        }
    return _("In it since %(when)s.") % {"when": spoken.moment(run.started_at, now=now)}


def _steps(run: Enrollment, ahead: _Ahead, contact: Contact) -> Iterator[Line]:
    sends = {send.step_key: send for send in run.sends.all()}
    version = run.sequence.live_version
    for step in version.steps.all() if version else ():
        title = step.mail.subject if step.mail else step.subject
        if send := sends.pop(step.key, None):
            yield _sent(title, step.level, send, contact)
        elif (run.pk, step.key) in ahead.steps:
            yield Line(title, step.level, "action", _("comes"), "", ahead.steps[run.pk, step.key])
        elif run.ended_at:
            yield Line(title, step.level, "", _("not sent"), _("The run ended before its turn came."))
        else:
            yield Line(title, step.level, "note", _("not planned"), _not_planned(ahead))
    for send in sends.values():  # steps that are no longer in the live version
        yield _sent(send.mail.subject if send.mail else send.step_key, "", send, contact)


def _pieces(contact: Contact, ahead: _Ahead) -> Iterator[Line]:
    got = {
        send.piece_id: send
        for send in Send.objects.filter(contact=contact, piece__isnull=False)
        .select_related("mail")
        .order_by("id")
    }
    pieces = list(Piece.objects.live().select_related("topic").order_by("level", "title"))
    lines: list[Line] = []
    for piece in pieces:
        if send := got.get(piece.pk):
            lines.append(_sent(piece.title, piece.level, send, contact))
        elif piece.pk in ahead.pieces:
            lines.append(Line(piece.title, piece.level, "action", _("comes"), "", ahead.pieces[piece.pk]))
        elif ahead.languages and piece.language not in ahead.languages:
            lines.append(
                Line(
                    piece.title,
                    piece.level,
                    "",
                    _("not for them"),
                    _("Written in a language that they do not read, as far as we know."),
                )
            )
        else:
            lines.append(Line(piece.title, piece.level, "note", _("not planned"), _not_planned(ahead)))
    order = {"action": 0, "done": 1, "wrong": 1, "note": 2, "": 3}
    yield from sorted(lines, key=lambda line: (order[line.tone], -(line.at.timestamp() if line.at else 0)))


def _sent(title: str, level: str, send: Send, contact: Contact) -> Line:
    tone, verdict = {
        Send.State.ACCEPTED: ("done", _("got it")),
        Send.State.SKIPPED: ("note", _("not sent on purpose")),
        Send.State.FAILED: ("wrong", _("refused")),
        Send.State.UNKNOWN: ("wrong", _("unknown")),
    }.get(Send.State(send.state), ("action", _("on its way")))
    return Line(
        title,
        level,
        tone,
        verdict,
        send_query.reason_words(send.reason) if send.reason else "",
        send.finished_at or send.not_before,
        reverse("nurturing:mail", args=[send.pk]),
    )


def _not_planned(ahead: _Ahead) -> str:
    if ahead.because:
        return send_query.reason_words(ahead.because)
    return _("Not within the next %(weeks)s weeks; others suit better first.") % {"weeks": WEEKS}
