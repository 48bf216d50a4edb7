"""What the page about the pace of sending shows: limits with what is left of them, plans, and who is left alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from contacts import spoken
from nurturing.models import Breaker, MailHost, Sender, SendLimit, WarmUp
from nurturing.queries import flow
from nurturing.sending import outcome, pace, words

DAYS_SHOWN = 24
# The drawing of a plan, in the units of its own picture.
HEIGHT, WIDTH, GAP = 80, 20, 4


@dataclass(frozen=True, slots=True)
class Figure:
    """One limit: the most in its period, and how many of them may leave now."""

    period: str
    words: StrOrPromise
    most: int
    left: int


@dataclass(frozen=True, slots=True)
class Row:
    """A sender or a house with its limits, and how many wait for them."""

    id: int
    name: str
    note: str
    figures: list[Figure]
    waiting: int = 0
    first: datetime | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a plan: the most, and what left (None: it is still to come)."""

    number: int
    most: int
    day: date | None = None
    left: int | None = None
    is_today: bool = False

    bar: int = 0
    """Height of the day in the drawing, and of what left on it."""
    filled: int = 0
    x: int = 0

    @property
    def top(self) -> int:
        return HEIGHT - self.bar

    @property
    def filled_top(self) -> int:
        return HEIGHT - self.filled


@dataclass(frozen=True, slots=True)
class Warm:
    """A domain that is being made known."""

    plan: WarmUp
    number: int
    most: int
    left: int
    waiting: int
    first: datetime | None
    days: list[Day] = field(default_factory=list)

    @property
    def width(self) -> int:
        return max(len(self.days) * (WIDTH + GAP) - GAP, WIDTH)


@dataclass(frozen=True, slots=True)
class Shut:
    """A receiver that is left alone, as it is told."""

    breaker: Breaker
    waiting: int
    trying: bool

    @property
    def words(self) -> str:
        """Why, and how many of how many."""
        found = _WHY[self.breaker.kind]
        return str(found) % {
            "name": self.breaker.name,
            "troubles": self.breaker.troubles,
            "seen": self.breaker.seen,
        }


@dataclass(frozen=True, slots=True)
class Board:
    """The page."""

    senders: list[Row]
    hosts: list[Row]
    plans: list[Warm]
    shut: list[Shut]
    domains: list[str]  # of senders, without a plan


_WHY: dict[str, StrOrPromise] = {
    Breaker.Kind.GONE.value: gettext_lazy(
        "%(name)s does not know %(troubles)s of the %(seen)s people we wrote to within an hour: an old list, perhaps."
    ),
    Breaker.Kind.DEFERRED.value: gettext_lazy(
        "%(name)s put off %(troubles)s of %(seen)s mails within an hour."
    ),
    Breaker.Kind.BLOCKED.value: gettext_lazy(
        "%(name)s refused %(troubles)s of %(seen)s mails within an hour, because of us."
    ),
}


def board(*, now: datetime) -> Board:
    """Everything, in a number of questions that does not grow with the rows."""
    senders = list(Sender.objects.order_by("-is_default", "pk"))
    hosts = list(MailHost.objects.order_by("name"))
    plans = list(WarmUp.objects.filter(ended_at=None).order_by("domain"))
    limits = list(SendLimit.objects.filter(warm_up=None))
    reasons = [f"limit_sender:{one.name}" for one in senders] + [f"limit_host:{one.name}" for one in hosts]
    reasons += [f"warm_up:{one.domain}" for one in plans]
    waits = flow.waiting(reasons)

    def row(id: int, name: str, note: str, code: str, own: Iterable[SendLimit]) -> Row:
        number, first = waits.get(f"{code}:{name}"[:300], (0, None))
        return Row(id, name, note, figures(own, now=now), number, first)

    domains = {flow.domain_of(one.email) for one in senders} - {one.domain for one in plans} - {""}
    return Board(
        senders=[
            row(one.pk, one.name, one.email, "limit_sender", [x for x in limits if x.sender_id == one.pk])
            for one in senders
        ],
        hosts=[
            row(
                one.pk,
                one.name,
                ", ".join(one.domains),
                "limit_host",
                [x for x in limits if x.host_id == one.pk],
            )
            for one in hosts
        ],
        plans=[_warm(one, *waits.get(f"warm_up:{one.domain}"[:300], (0, None)), now=now) for one in plans],
        shut=shut(now=now),
        domains=sorted(domains),
    )


def figures(limits: Iterable[SendLimit], *, now: datetime) -> list[Figure]:
    """The limits of one sender or house, the shortest period first."""
    by_period = {one.period: one for one in limits}
    found = []
    for period in pace.PERIODS:
        one = by_period.get(period)
        if one is not None:
            counter = pace.Counter(period, one.most, one.head, one.counts)
            found.append(Figure(period, SendLimit.Period(period).label, one.most, counter.room(now)))
    return found


def warm(plan: WarmUp, *, now: datetime) -> Warm:
    """One plan, as its page shows it."""
    number, first = flow.waiting([f"warm_up:{plan.domain}"]).get(f"warm_up:{plan.domain}"[:300], (0, None))
    return _warm(plan, number, first, now=now)


def _warm(plan: WarmUp, waiting: int, first: datetime | None, *, now: datetime) -> Warm:
    """What left on the days that were, and what may on those to come. A day on which nothing left was none."""
    today = flow.today(now)
    rows = [row for row in plan.days.order_by("day") if row.counts[0] or row.day == today]
    days = [
        Day(number, row.most, row.day, row.counts[0], row.day == today) for number, row in enumerate(rows, 1)
    ]
    curve = pace.Curve(plan.first, plan.factor, plan.step, plan.until)
    while len(days) < DAYS_SHOWN and (most := curve.on_day(len(days) + 1)) is not None:
        days.append(Day(len(days) + 1, most))
    current = next((day for day in days if day.is_today), None) or next(
        (day for day in days if day.left is None), None
    )
    return Warm(
        plan=plan,
        number=current.number if current else len(days),
        most=current.most if current else 0,
        left=current.most - (current.left or 0) if current else 0,
        waiting=waiting,
        first=first,
        days=_drawn(days[-DAYS_SHOWN:]),
    )


def _drawn(days: list[Day]) -> list[Day]:
    tallest = max((max(day.most, day.left or 0) for day in days), default=1)
    return [
        Day(
            day.number, day.most, day.day, day.left, day.is_today,
            bar=max(round(day.most * HEIGHT / tallest), 1),
            filled=round((day.left or 0) * HEIGHT / tallest),
            x=place * (WIDTH + GAP),
        )
        for place, day in enumerate(days)
    ]  # fmt: skip


def shut(*, now: datetime) -> list[Shut]:
    """Who is left alone now, the longest first."""
    rows = list(Breaker.objects.filter(closed_at=None).select_related("held_by").order_by("opened_at", "pk"))
    if not rows:
        return []
    waits = flow.waiting(flow.Receiver("", one.name).waits for one in rows)
    return [
        Shut(
            one,
            waits.get(flow.Receiver("", one.name).waits[:300], (0, None))[0],
            one.trial_until is not None and one.trial_until > now,
        )
        for one in rows
    ]


def notice(found: Shut, *, now: datetime) -> str:
    """A receiver that is left alone, in one sentence: for the page Health."""
    one = found.breaker
    if one.is_held:
        then = _("Held by %(who)s until somebody tries again.") % {"who": one.held_by or "–"}
    elif found.trying or one.retry_at <= now:
        then = _("One mail is let through now to find out whether it is well again.")
    else:
        then = _("One mail is let through %(when)s.") % {"when": spoken.moment(one.retry_at, now=now)}
    said = _("It said: “%(reply)s”.") % {"reply": one.because[:200]} if one.because else ""
    return " ".join(part for part in (found.words, said, then) if part)


@dataclass(frozen=True, slots=True)
class Code:
    """What an answer of a mail server means to us, and what we do."""

    code: str
    means: str
    then: StrOrPromise


def codes() -> list[Code]:
    """The table that decides what becomes of a mail, in words."""
    then: dict[outcome.Then, StrOrPromise] = {
        outcome.Then.AGAIN: _("later again"),
        outcome.Then.ALL_WAIT: _("later again, and so does the rest of the batch"),
        outcome.Then.MEND: _("waits until somebody has mended the set-up"),
        outcome.Then.NEVER: _("not again"),
    }
    return [Code(code, str(words.REASONS[reason]), then[what]) for code, reason, what in outcome.table()]
