"""What holds up mails that are due: one question for a whole batch, and it is asked of a handful of small rows."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.conf import settings
from django.db import connection

from nurturing.models import Send
from nurturing.planning import calendar
from nurturing.queries import rhythm
from nurturing.sending import pace


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit as it stood when it was read."""

    id: int
    counter: pace.Counter
    reason: str  # what a mail that waits for it says
    host_id: int = 0  # 0: it concerns every mail of the sender
    tail_at: datetime | None = None

    def has_line(self, now: datetime) -> bool:
        """Others wait already: whoever comes new stands behind them."""
        return self.tail_at is not None and self.tail_at > now


@dataclass(frozen=True, slots=True)
class Open:
    """A receiver that is left alone."""

    id: int
    kind: str
    retry_at: datetime
    trial_until: datetime | None
    held: bool

    def may_be_tried(self, now: datetime) -> bool:
        """Its pause is over, no person holds it, and no mail is on its way to find out."""
        return not self.held and self.retry_at <= now and (self.trial_until is None or self.trial_until < now)


@dataclass(frozen=True, slots=True)
class Plan:
    """A domain that is being warmed up."""

    id: int
    curve: pace.Curve
    today: Limit | None


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whose server an address lies at: a house of many domains, else the domain itself."""

    key: str
    name: str
    host_id: int = 0
    domains: tuple[str, ...] = ()

    @property
    def waits(self) -> str:
        """The reason of a mail that waits because its receiver is left alone."""
        return f"receiver_waits:{self.name}"


@dataclass(slots=True)
class State:
    """All that could hold up a mail, at one moment."""

    hosts: dict[int, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    host_of: dict[str, int] = field(default_factory=dict)
    of_sender: dict[int, list[Limit]] = field(default_factory=dict)
    of_host: dict[int, list[Limit]] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    breakers: dict[str, Open] = field(default_factory=dict)

    def host(self, address: str) -> int:
        """The house of many domains that takes the mails to this address, or 0."""
        return self.host_of.get(domain_of(address), 0)

    def receiver(self, address: str) -> Receiver:
        """Who takes the mails to this address."""
        domain = domain_of(address)
        host_id = self.host_of.get(domain, 0)
        if not host_id:
            return Receiver(domain, domain, 0, (domain,))
        name, domains = self.hosts[host_id]
        return Receiver(f"host:{host_id}", name, host_id, domains)

    def limits(self, sender_id: int, sender_address: str, host_id: int) -> list[Limit]:
        """Those that a mail from this sender to this host must pass, all of them."""
        plan = self.plans.get(domain_of(sender_address))
        own = self.of_sender.get(sender_id, [])
        days = [plan.today] if plan is not None and plan.today is not None else []
        return [*own, *days, *self.of_host.get(host_id, [])]


def domain_of(address: str) -> str:
    """What stands behind the @, in lower case."""
    return address.rpartition("@")[2].lower()


def today(now: datetime) -> date:
    """The silo's own day."""
    return now.astimezone(calendar.zone_of(settings.TIME_ZONE)).date()


def load(*, now: datetime) -> State:
    """Read it all in one question."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE, [today(now)])
        hosts, limits, plans, breakers = cursor.fetchone()
    state = State()
    for id, name, domains in hosts or ():
        state.hosts[id] = (name, tuple(domains))
        state.host_of.update(dict.fromkeys(domains, id))
    days: dict[int, Limit] = {}
    for id, sender_id, host_id, plan_id, name, period, most, head, counts, tail_at in limits or ():
        counter = pace.Counter(period, most, head, counts)
        code = "limit_sender" if sender_id else "limit_host" if host_id else "warm_up"
        limit = Limit(id, counter, f"{code}:{name}", host_id or 0, _moment(tail_at))
        if plan_id:
            days[plan_id] = limit
        elif sender_id:
            state.of_sender.setdefault(sender_id, []).append(limit)
        else:
            state.of_host.setdefault(host_id, []).append(limit)
    for id, domain, first, factor, step, until in plans or ():
        state.plans[domain] = Plan(id, pace.Curve(first, factor, step, until), days.get(id))
    for id, receiver, kind, retry_at, trial_until, held in breakers or ():
        state.breakers[receiver] = Open(
            id, kind, datetime.fromisoformat(retry_at), _moment(trial_until), held
        )
    return state


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


_STATE = """
SELECT
  (SELECT json_agg(json_build_array(id, name, domains)) FROM nurturing_mailhost),
  (SELECT json_agg(json_build_array(l.id, l.sender_id, l.host_id, l.warm_up_id, coalesce(s.name, h.name, w.domain),
                                    l.period, l.most, l.head, l.counts, l.tail_at) ORDER BY l.id)
   FROM nurturing_sendlimit l
   LEFT JOIN nurturing_sender s ON s.id = l.sender_id
   LEFT JOIN nurturing_mailhost h ON h.id = l.host_id
   LEFT JOIN nurturing_warmup w ON w.id = l.warm_up_id
   WHERE l.day IS NULL OR (l.day = %s AND w.ended_at IS NULL)),
  (SELECT json_agg(json_build_array(id, domain, first, factor, step, until))
   FROM nurturing_warmup WHERE ended_at IS NULL),
  (SELECT json_agg(json_build_array(id, receiver, kind, retry_at, trial_until, held_at IS NOT NULL))
   FROM nurturing_breaker WHERE closed_at IS NULL)
"""


def somebody_waits(reason: str, *, now: datetime) -> bool:
    """Does a mail stand in the line that this reason names? A line in which nobody stands is none."""
    return Send.objects.filter(
        state=Send.State.PLANNED, held=False, not_before__gt=now, reason=reason[:300]
    ).exists()


def waiting(reasons: Iterable[str]) -> dict[str, tuple[int, datetime]]:
    """How many mails wait for each of these reasons, and when the first has its turn."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [[reason[:300] for reason in reasons]])
        return {reason: (number, first) for reason, number, first in cursor.fetchall()}


_WAITING = """
SELECT reason, count(*), min(not_before) FROM nurturing_send
WHERE state = 'planned' AND NOT held AND NOT sandbox AND reason = ANY(%s) GROUP BY reason
"""


def office_hours() -> calendar.Calendar:
    """When mails go out by the silo's own calendar, all at the same minute."""
    own = rhythm.calendar_of(rhythm.in_force().window, rhythm.HOME, settings.TIME_ZONE)
    return replace(own, spread_minutes=0)
