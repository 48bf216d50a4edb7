"""What a standing should say, whether it does, and how to say it to a person."""

import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import spoken
from contacts.models import Suppression
from contacts.queries import gate
from nurturing.models import Handoff, Pause, SalesHold, SetAside, Standing
from nurturing.planning import planner
from nurturing.planning.planner import Decision, What
from nurturing.planning.position import Person, Position
from nurturing.queries import coming, position, reach
from nurturing.queries.position import Snapshot

CHUNK = 2000
MAIL_WAITING = "mail_waiting"
SET_ASIDE = "set_aside"

# The codes that the planner gives for a next moment, as the end of a sentence.
BECAUSE: dict[str, str | Promise] = {
    "rhythm": gettext_lazy("at their own rhythm"),
    "first_mail": gettext_lazy("their first mail"),
    "step_due": gettext_lazy("the next step of their sequence"),
    "piece_on_their_topic": gettext_lazy("on a topic they care about"),
    "piece_at_their_level": gettext_lazy("suits how far they have come"),
    "piece_they_have_not_had": gettext_lazy("they have not had it yet"),
    "lane_free": gettext_lazy("the sequence before it has ended"),
    "sequence_through": gettext_lazy("their sequence is through"),
    "sequence_withdrawn": gettext_lazy("their sequence was taken out of service"),
    "window_closed": gettext_lazy("it was outside the sending hours when their turn came"),
    "enough_for_now": gettext_lazy("they have had enough mail for now"),
    MAIL_WAITING: gettext_lazy("the mail before it has not left yet"),
    "no_piece_left": gettext_lazy("they have had every piece that suits them"),
    SET_ASIDE: gettext_lazy("their data make no sense to the clock; an admin sees why"),
    "plan": gettext_lazy("the clock has not come to them yet"),
}


class Verdict(NamedTuple):
    """What a standing is to say."""

    contact_id: int
    state: str
    next_at: datetime | None
    next_what: str
    because: dict[str, Any]
    stop_reason: str = ""

    def __str__(self) -> str:
        until = f"{self.next_at:%Y-%m-%d %H:%M:%S%z}" if self.next_at else "no next moment"
        return f"{self.state}, {until}, {self.because.get('code', '')}"

    def agrees(self, other: "Verdict", now: datetime) -> bool:
        """The same state and the same next moment; who is due is about to be looked at anyhow."""
        if (self.state, self.stop_reason) != (other.state, other.stop_reason):
            return False
        return self.next_at == other.next_at or (self.next_at is not None and self.next_at <= now)


@dataclass(frozen=True, slots=True)
class Drift:
    """A standing that does not say what the rows say."""

    contact_id: int
    stored: str
    recomputed: str


def judge(person: Person, place: Position, snapshot: Snapshot, now: datetime) -> Verdict:
    """What the rows say about this person at this moment."""
    decision = planner.look(person, place, snapshot.content, snapshot.in_force.rule, now)
    return as_verdict(person.contact_id, decision)


def as_verdict(contact_id: int, decision: Decision) -> Verdict:
    """The standing after a decision."""
    return Verdict(
        contact_id=contact_id,
        state=decision.state.value,
        next_at=decision.next_at,
        next_what=decision.next_what.value,
        because={"code": decision.next_because},
        stop_reason=decision.because if decision.what is What.STOP else "",
    )


def drift(*, now: datetime) -> list[Drift]:
    """Every standing whose stored state or next moment is not what the rows give.

    Each is judged as of the moment when it was last evaluated (`changed_at`), because windows, caps and
    "look again in 120 days" are answers to that moment. Left out: those whom the clock has not met yet, and
    those who are set aside.
    """
    return list(_drift(now))


def _drift(now: datetime) -> Iterator[Drift]:
    aside = set(SetAside.objects.filter(resolved_at=None).values_list("contact_id", flat=True))
    for rows in _chunks():
        seen = [
            (stored, changed_at)
            for stored, changed_at in rows
            if stored.next_what != Standing.What.PLAN and stored.contact_id not in aside
        ]
        snapshot = position.load([stored.contact_id for stored, _changed_at in seen])
        for stored, changed_at in seen:
            try:
                recomputed = _as_of(stored, min(changed_at, now), snapshot)
            except Exception:  # whatever is wrong with one person's rows is what the doctor wants to hear
                error = traceback.format_exc().strip().splitlines()[-1]
                yield Drift(stored.contact_id, str(stored), error)
                continue
            if not stored.agrees(recomputed, now):
                yield Drift(stored.contact_id, str(stored), str(recomputed))


def _as_of(stored: Verdict, moment: datetime, snapshot: Snapshot) -> Verdict:
    """What the rows say about somebody who was last evaluated at `moment`."""
    person, place = snapshot.of(stored.contact_id)
    # That a mail had not left yet was true then, and no row tells when it ceased to be.
    waited = stored.because.get("code") == MAIL_WAITING
    if place.mail_waiting is not waited:
        place = place._replace(mail_waiting=waited)
    return judge(person, place, snapshot, moment)


def _chunks() -> Iterator[list[tuple[Verdict, datetime]]]:
    """Every standing with the moment of its evaluation, some thousands at a time."""
    columns = ("contact_id", "state", "next_at", "next_what", "because", "stop_reason", "changed_at")
    last = 0
    while True:
        rows = list(Standing.objects.filter(pk__gt=last).order_by("pk").values_list(*columns)[:CHUNK])
        if not rows:
            return
        yield [(Verdict(*stored), changed_at) for *stored, changed_at in rows]
        last = rows[-1][0]


def because_words(code: str) -> str:
    """A reason for the next moment in words; an unknown code comes back as it is."""
    if code in BECAUSE:
        return str(BECAUSE[code])
    if code in gate.WORDS or code.startswith(reach.SUPPRESSED):
        return gate.Verdict(code).words
    return code


def sentence(row: Standing, *, now: datetime) -> str:
    """Where the person stands and what comes next, as one would say it."""
    match row.state:
        case Standing.State.STOPPED:
            reasons = dict(Suppression.Reason.choices)
            return _("Stopped: %(reason)s.") % {"reason": reasons.get(row.stop_reason, row.stop_reason)}
        case Standing.State.WITH_SALES:
            return _with_sales(row, now)
        case Standing.State.HOT:
            return _hot(row, now)
        case Standing.State.PAUSED:
            return _paused(row, now)
        case _nurtured:
            return _nurtured_sentence(row, now)


def _with_sales(row: Standing, now: datetime) -> str:
    holds = list(
        SalesHold.objects.filter(contact_id=row.pk, ended_at=None).select_related("by").order_by("-kind")
    )
    for hold in holds:
        who = str(hold.by) if hold.by else _("a colleague")
        if hold.kind == SalesHold.Kind.OPPORTUNITY:
            return _("With sales: %(who)s works on an opportunity. No drip mail meanwhile.") % {"who": who}
        if hold.until:
            until = spoken.moment(hold.until, now=now)
            return _("With sales: %(who)s has them until %(until)s.") % {"who": who, "until": until}
    return _("With sales. No drip mail meanwhile.")


def _hot(row: Standing, now: datetime) -> str:
    opened = Handoff.objects.open().filter(contact_id=row.pk).order_by("opened_at").first()
    if opened is None:
        return _("Waits in the queue for a call.")
    words = {
        "kind": opened.get_kind_display(),
        "since": spoken.moment(opened.opened_at, now=now),
        "cools": spoken.moment(opened.cools_at, now=now) if opened.cools_at else "",
    }
    if opened.cools_at:
        return _("Waits in the queue since %(since)s: %(kind)s. Cools to warm %(cools)s.") % words
    return _("Waits in the queue since %(since)s: %(kind)s.") % words


def _paused(row: Standing, now: datetime) -> str:
    pause = Pause.objects.filter(contact_id=row.pk, ended_at=None).first()
    if pause is None:
        return _("Paused.")
    words = {"until": spoken.long_day(pause.until, now=now), "because": pause.because}
    return (
        _("Silence until %(until)s: %(because)s.") % words
        if pause.because
        else _("Silence until %(until)s.") % words
    )


def _nurtured_sentence(row: Standing, now: datetime) -> str:
    """In the silo: the next mail by its title, or the reason why none is planned and when we look again."""
    code = str(row.because.get("code") or "plan")
    when = spoken.moment(row.next_at, now=now) if row.next_at else ""
    if row.next_what in (Standing.What.STEP, Standing.What.PIECE):
        found = _next_mail(row, now)
        if found is not None:
            words = {"title": found.title, "when": found.when(now=now), "because": because_words(code)}
            return _("In the silo. Next: “%(title)s”, %(when)s, %(because)s.") % words
    if row.next_what == Standing.What.REMINDER:
        return _("In the silo. An agreed date comes %(when)s; mails go on at a calm rhythm.") % {"when": when}
    if code in gate.WORDS or code.startswith(reach.SUPPRESSED):
        return _("In the silo, without mail. %(why)s We look again %(when)s.") % {
            "why": because_words(code),
            "when": when,
        }
    return _("In the silo. We look again %(when)s: %(because)s.") % {
        "when": when,
        "because": because_words(code),
    }


def _next_mail(row: Standing, now: datetime) -> coming.Coming | None:
    try:
        ahead = coming.of(row.pk, now=now, weeks=26)
    except ValueError:  # their rows make no sense; the standing says so
        return None
    return next((one for one in ahead if one.title), None)
