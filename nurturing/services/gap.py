"""After the machine was off: notice it, and carry out what a person decides about the late mails.

Nothing is marked: what is late is told by its moment and by the one row of the gap, so that a kill between any two lines leaves the
question open or the answer given, and nothing between.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction

from contacts.models import AuditEvent
from nurturing.models import Gap, RhythmRule, TickRun
from nurturing.queries import gap as queries
from nurturing.queries import rhythm

LONGEST = 60  # days
WORKDAYS = (1, 2, 3, 4, 5)  # as ISO numbers them
_LOCK = 7_210_409  # of the advisory lock: one process at a time finds out


class AlreadyAnswered(Exception):
    """A colleague was faster; `gap` says who and what."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(str(gap))
        self.gap = gap


class Changed(Exception):
    """The machine was off again meanwhile: the question is another one now."""


class NoDays(Exception):
    """To spread needs a number of days, from 1 to LONGEST."""


def notice(*, now: datetime, longer_than: timedelta | None = None) -> Gap | None:
    """Was the machine off for long, and is something late? Then a question waits for a person from here on.

    Asked by whoever is about to plan or to send, before the first row is touched. A silo that has never run was never off.
    """
    longer_than = timedelta(hours=settings.SILO_GAP_HOURS) if longer_than is None else longer_than
    if not _was_off(now, longer_than):
        return None
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        since = queries.last_sign_of_life()
        if since is None or not _was_off(now, longer_than):
            return None  # another process noticed while we waited
        TickRun.objects.create(at=now)
        return _ask(since, now)


def _was_off(now: datetime, longer_than: timedelta) -> bool:
    last = queries.last_sign_of_life()
    return last is not None and now - last > longer_than


def _ask(since: datetime, now: datetime) -> Gap | None:
    """A new question; or the one that nobody has answered yet, which covers the new gap too."""
    late = queries.late(until=now, now=now).mails
    if not late:
        return None
    gap, made = Gap.objects.select_for_update(of=("self",)).get_or_create(
        answered_at=None, defaults={"since": since, "until": now, "late": late}
    )
    if not made:
        gap.until, gap.late = now, late
        gap.save(update_fields=["until", "late"])
    AuditEvent.objects.create(at=now, verb="gap.noticed", object_type="Gap", object_id=gap.pk)
    return gap


def answer(
    *, gap_id: int, until: datetime, answer: str, days: int = 0, by: AbstractBaseUser | None, now: datetime
) -> Gap:
    """Let the late mails go: now, spread over `days`, or only those that still make sense.

    `until` is what the person saw. Raises AlreadyAnswered, Changed, NoDays and Gap.DoesNotExist.
    """
    chosen = Gap.Answer(answer)
    if chosen is Gap.Answer.SPREAD and not 1 <= days <= LONGEST:
        raise NoDays(f"{days} days")
    with transaction.atomic():
        gap = Gap.objects.select_for_update(of=("self",)).select_related("by").get(pk=gap_id)
        if gap.answered_at is not None:
            raise AlreadyAnswered(gap)
        if gap.until != until:
            raise Changed
        gap.answer, gap.answered_at, gap.by_id = chosen, now, by.pk if by else None
        gap.days = days if chosen is Gap.Answer.SPREAD else 0
        gap.save(update_fields=["answer", "answered_at", "by", "days"])
        if chosen is Gap.Answer.NOW:
            _give_time(gap, now)
        elif chosen is Gap.Answer.SPREAD:
            _spread(gap, now)
        AuditEvent.objects.create(
            at=now,
            by_id=by.pk if by else None,
            verb=f"gap.{chosen}",
            object_type="Gap",
            object_id=gap.pk,
        )
    return gap


def _give_time(gap: Gap, now: datetime) -> None:
    """Who says "now" means also those that a worker would find too late."""
    queries.mails_due(gap.until).filter(latest_at__lt=now + rhythm.in_force().late_after).update(
        latest_at=now + rhythm.in_force().late_after
    )


def _spread(gap: Gap, now: datetime) -> None:
    """Each mail in the ledger gets a day on which mail goes out, and keeps its time of day; people who are not planned
    yet get their turn from the clock.
    """
    weekdays = RhythmRule.objects.order_by("-number").values_list("weekdays", flat=True).first() or WORKDAYS
    week_more = [now.date() + timedelta(days=one) for one in range(gap.days + 7)]
    ahead = [day for day in week_more if day.isoweekday() in weekdays]
    within = [day for day in ahead if day < now.date() + gap.spread_over]
    # one day that is a Sunday: the next on which mail goes out
    open_days = within or ahead[:1]
    values: dict[str, Any] = {"days": open_days, "now": now, "until": gap.until}
    values["late_after"] = rhythm.in_force().late_after
    with connection.cursor() as cursor:
        cursor.execute(_SPREAD, values)


_SPREAD = f"""
UPDATE nurturing_send s
SET not_before = v.at, latest_at = greatest(s.latest_at, v.at + %(late_after)s)
FROM (SELECT id, greatest(
          (%(days)s::date[])[1 + floor({queries.SHARE} * cardinality(%(days)s::date[]))::int]
          + (not_before AT TIME ZONE 'UTC')::time, %(now)s AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS at
      FROM nurturing_send WHERE state = 'planned' AND NOT held AND not_before <= %(until)s) v
WHERE s.id = v.id AND s.state = 'planned'
"""  # noqa: S608 - numbers of our own
