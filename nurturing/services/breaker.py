"""Leave a receiving server alone when it refuses or puts off too many mails, and find out when it is well again.

    closed → open → one mail is let through → closed, or open for twice as long

It opens when troubles pile up within an hour: at least five mails, a weight of ten, and three tenths of all that went
there. Each step is one conditional UPDATE (or one INSERT under a unique index), so that of two workers one takes it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import F, Q

from contacts.models import AuditEvent
from nurturing.models import Breaker, EngagementEvent, ReceiverTrouble, Send
from nurturing.queries import flow
from nurturing.queries.flow import Receiver
from nurturing.sending import trouble
from nurturing.sending.masking import masked
from nurturing.sending.outcome import Fate, Outcome
from nurturing.sending.trouble import Trouble
from nurturing.services import line

WITHIN = timedelta(hours=1)
LEAST_MAILS, LEAST_WEIGHT, RATE = 5, 10, 0.3
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=15), timedelta(hours=4)
# Who opens again so soon after it closed was not well: the pause goes on growing.
RELAPSE = timedelta(days=1)
# So long a mail that was let through may take to find out.
TRIAL = timedelta(minutes=10)
UNCLEAR_PAUSE = timedelta(minutes=2)
TROUBLES_KEPT = timedelta(days=14)
MOST_READ = 1_000

Type = EngagementEvent.Type


@dataclass(frozen=True, slots=True)
class Told:
    """A trouble with a mail to a receiver."""

    receiver: Receiver
    send_id: int
    at: datetime
    trouble: Trouble
    reply: str


def of_outcome(receiver: Receiver, send_id: int, outcome: Outcome, *, now: datetime) -> Told | None:
    """What an answer at hand-over says about the receiver; None when it says nothing about it.

    Only a mail server's own words count: what goes wrong between us and the next server is not the receiver's.
    """
    answered = outcome.fate in (Fate.LATER, Fate.REFUSED) and outcome.reply[:3].isdigit()
    if not answered or outcome.provider_down:
        return None
    found = trouble.of(outcome.reply, for_now=outcome.fate is Fate.LATER)
    return Told(receiver, send_id, now, found, outcome.reply) if found is not None else None


def came_back(events: Iterable[EngagementEvent], *, now: datetime) -> None:
    """What providers and reports say later counts as much as what was said at the door."""
    about = [
        event
        for event in events
        if event.send_id and event.type in (Type.BOUNCED, Type.DEFERRED, Type.REJECTED)
    ]
    if not about:
        return
    addresses = dict(
        Send.objects.filter(pk__in=[event.send_id for event in about], sandbox=False)
        .exclude(address="")
        .values_list("pk", "address")
    )
    state = flow.load(now=now)
    told = []
    for event in about:
        if event.send_id not in addresses or now - event.at > WITHIN:
            continue
        said = str(event.detail.get("reason") or event.what or "")
        found = trouble.of(said, for_now=event.type == Type.DEFERRED) if said else None
        if found is None and not said and event.detail.get("hard"):
            found = Trouble(trouble.Kind.GONE, 1)
        if found is not None and event.send_id:
            told.append(Told(state.receiver(addresses[event.send_id]), event.send_id, event.at, found, said))
    note(told, now=now)


def note(told: Sequence[Told], *, now: datetime) -> list[Breaker]:
    """Write troubles down, and leave those receivers alone that have too many. Returns whom from now on."""
    if not told or not settings.SEND_BREAKER:
        return []
    ReceiverTrouble.objects.bulk_create(
        ReceiverTrouble(
            receiver=one.receiver.key,
            at=one.at,
            send_id=one.send_id,
            kind=one.trouble.kind.value,
            weight=one.trouble.weight,
            reply=masked(one.reply)[:500],
        )
        for one in told
    )
    receivers = {one.receiver.key: one.receiver for one in told}
    return [made for one in receivers.values() if (made := _look(one, now=now)) is not None]


def _look(receiver: Receiver, *, now: datetime) -> Breaker | None:
    last = (
        Breaker.objects.filter(receiver=receiver.key).order_by(F("closed_at").desc(nulls_first=True)).first()
    )
    if last is not None and last.closed_at is None:
        return None
    since = max(now - WITHIN, last.closed_at) if last is not None and last.closed_at else now - WITHIN
    rows = ReceiverTrouble.objects.filter(receiver=receiver.key, at__gt=since).order_by("-at")[:MOST_READ]
    worst: dict[int, int] = {}
    weights: dict[str, int] = defaultdict(int)
    for row in rows:
        weights[row.kind] += row.weight
        worst[row.send_id] = max(worst.get(row.send_id, 0), row.weight)
    weight = sum(worst.values())
    if len(worst) < LEAST_MAILS or weight < LEAST_WEIGHT:
        return None
    enough = int(weight * (1 / RATE - 1)) + 1  # so many that went well, and it is not worth a pause
    good = _went_well(receiver.domains, since=since, most=enough)
    if good >= enough:
        return None
    kind = max(weights, key=lambda name: weights[name])
    relapse = last is not None and last.closed_at is not None and now - last.closed_at < RELAPSE
    pause = min(timedelta(minutes=last.pause_minutes) * 2, LONGEST_PAUSE) if last and relapse else FIRST_PAUSE
    newest = next((row.reply for row in rows if row.kind == kind and row.reply), "")
    breaker, is_new = Breaker.objects.get_or_create(
        receiver=receiver.key,
        closed_at=None,
        defaults={
            "name": receiver.name,
            "kind": kind,
            "opened_at": now,
            "because": newest,
            "troubles": len(worst),
            "seen": len(worst) + good,
            "pause_minutes": pause // timedelta(minutes=1),
            "retry_at": now + pause,
        },
    )
    return breaker if is_new else None


def _went_well(domains: Collection[str], *, since: datetime, most: int) -> int:
    """How many mails to these domains were taken and have not come back, counted up to `most`."""
    with connection.cursor() as cursor:
        cursor.execute(_WELL, [since, list(domains), most])
        return int(cursor.fetchone()[0])


# Asked only when there is enough trouble to act on, and over as soon as enough is found.
_WELL = """
SELECT count(*) FROM (
    SELECT 1 FROM nurturing_send
    WHERE state = 'accepted' AND kind IN ('step', 'piece') AND finished_at > %s AND bounced_at IS NULL AND NOT sandbox
      AND split_part(lower(address), '@', 2) = ANY(%s)
    ORDER BY finished_at DESC LIMIT %s
) taken
"""


def begin_trial(*, breaker_id: int, send_id: int, now: datetime) -> bool:
    """Let this one mail through. False when another was quicker, or a person holds it."""
    return bool(
        Breaker.objects.filter(Q(trial_until=None) | Q(trial_until__lt=now), pk=breaker_id, closed_at=None)
        .filter(held_at=None, retry_at__lte=now)
        .update(trial_send_id=send_id, trial_until=now + TRIAL)
    )


def end_trial(*, breaker_id: int, send_id: int, outcome: Outcome, told: Told | None, now: datetime) -> None:
    """What became of the mail that was let through: all may go, or none for twice as long; unclear: one more, soon."""
    trial = Breaker.objects.filter(pk=breaker_id, trial_send_id=send_id, closed_at=None)
    breaker = trial.first()
    if breaker is None:
        return
    well = outcome.fate is Fate.ACCEPTED
    if not well and told is not None and told.trouble.kind is trouble.Kind.GONE:
        # The server speaks to us again; that this one person is gone matters only if it opened for that.
        well = breaker.kind != Breaker.Kind.GONE
    if well:
        if trial.update(closed_at=now, trial_send_id=None, trial_until=None):
            wake(breaker.name, now=now)
    elif told is not None:
        pause = min(timedelta(minutes=breaker.pause_minutes) * 2, LONGEST_PAUSE)
        trial.update(
            trial_send_id=None,
            trial_until=None,
            tries=F("tries") + 1,
            because=masked(told.reply)[:500],
            pause_minutes=pause // timedelta(minutes=1),
            retry_at=now + pause,
        )
    else:
        trial.update(trial_send_id=None, trial_until=None, retry_at=now + UNCLEAR_PAUSE)


def try_now(*, breaker_id: int, by: AbstractBaseUser, now: datetime) -> bool:
    """Let one mail through at once, also when a person held it. False when it is closed already."""
    with transaction.atomic():
        found = Breaker.objects.filter(pk=breaker_id, closed_at=None)
        if not found.update(retry_at=now, held_at=None, held_by=None, trial_send_id=None, trial_until=None):
            return False
        breaker = Breaker.objects.get(pk=breaker_id)
        _write_down(breaker, "receiver.tried", by, now)
        wake(breaker.name, now=now)
    return True


def keep_holding(*, breaker_id: int, by: AbstractBaseUser, now: datetime) -> bool:
    """No mail is let through before a person says so. False when it is closed or held already."""
    with transaction.atomic():
        found = Breaker.objects.filter(pk=breaker_id, closed_at=None, held_at=None)
        if not found.update(held_at=now, held_by_id=by.pk):
            return False
        _write_down(Breaker.objects.get(pk=breaker_id), "receiver.held", by, now)
    return True


def _write_down(breaker: Breaker, verb: str, by: AbstractBaseUser, now: datetime) -> None:
    AuditEvent.objects.create(
        at=now,
        by_id=by.pk,
        verb=verb,
        object_type="Breaker",
        object_id=breaker.pk,
        detail={"receiver": breaker.name},
    )


def wake(name: str, *, now: datetime) -> int:
    """Those who wait for this receiver have their turn now. Returns how many."""
    return line.wake(Receiver("", name).waits, now=now)


def forget_old(*, now: datetime) -> int:
    """Throw away what servers said two weeks ago. Returns how many rows went."""
    return ReceiverTrouble.objects.filter(at__lt=now - TROUBLES_KEPT).delete()[0]
