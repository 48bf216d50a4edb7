"""What is late after the machine was off, and who of them still waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts import spoken
from nurturing.models import DeliveryRun, Gap, Send, Standing, TickRun
from nurturing.queries import rhythm

MAILS = (Standing.What.STEP, Standing.What.PIECE)
SHARES = 1_000_003  # a prime: neighbours in the table are far apart in time

# Where in a spread gap somebody's turn is, from 0 to 1. The same in SQL and in Python.
SHARE = f"((contact_id * 2654435761) %% {SHARES}) / {SHARES}.0"
# Who was due before the gap ended, and has not had their turn: `s` is a standing, `%(now)s` the moment.
WAITS = f"""
EXISTS (SELECT 1 FROM nurturing_gap g
        WHERE g.id = (SELECT max(id) FROM nurturing_gap) AND s.next_at <= g.until
          AND (g.answered_at IS NULL OR g.answer = 'spread'
               AND g.answered_at + g.days * interval '1 day' * (((s.contact_id * 2654435761) %% {SHARES}) / {SHARES}.0) > %(now)s))
"""  # noqa: S608 - numbers of our own


@dataclass(frozen=True, slots=True)
class Late:
    """How many mails are late, and how many of them past the time in which they make sense."""

    mails: int
    useless: int

    @property
    def useful(self) -> int:
        return self.mails - self.useless


def newest() -> Gap | None:
    """The gap that holds, answered or not."""
    return Gap.objects.order_by("-pk").first()


def unanswered() -> Gap | None:
    """The question that waits for a person."""
    return Gap.objects.filter(answered_at=None).first()


def last_sign_of_life() -> datetime | None:
    """When the clock last went round, or a batch of mails was last done."""
    ticked = TickRun.objects.order_by("-at").values_list("at", flat=True).first()
    delivered = DeliveryRun.objects.order_by("-at").values_list("at", flat=True).first()
    return max((at for at in (ticked, delivered) if at is not None), default=None)


def turn(gap: Gap, contact_id: int) -> datetime | None:
    """From when somebody who is late may get their mail; None while nobody has answered."""
    if gap.answered_at is None:
        return None
    return gap.answered_at + gap.spread_over * (contact_id * 2654435761 % SHARES / SHARES)


def late(*, until: datetime, now: datetime) -> Late:
    """Mails in the ledger, and people whose mail is not even planned yet."""
    before = now - rhythm.in_force().late_after
    planned = mails_due(until).aggregate(all=Count("*"), useless=Count("pk", filter=Q(latest_at__lt=now)))
    people = people_due(until).aggregate(all=Count("*"), useless=Count("pk", filter=Q(next_at__lt=before)))
    return Late(planned["all"] + people["all"], planned["useless"] + people["useless"])


def mails_due(until: datetime) -> QuerySet[Send]:
    """Planned mails whose moment was before `until`."""
    return Send.objects.ready(until)


def people_due(until: datetime) -> QuerySet[Standing]:
    """People whose mail was to be planned before `until`."""
    return Standing.objects.due(until).filter(next_what__in=MAILS)


def met_by_the_clock(due: QuerySet[Standing], *, now: datetime) -> QuerySet[Standing]:
    """Without those who are late and wait for an answer or for their turn: the clock leaves them on purpose."""
    gap = newest()
    if gap is None or not (gap.is_open or (gap.answered_at or now) + gap.spread_over > now):
        return due
    return due.exclude(next_at__lte=gap.until, next_what__in=MAILS)


def free_to_leave(ready: QuerySet[Send]) -> QuerySet[Send]:
    """Without those that are late and wait for an answer."""
    gap = unanswered()
    return ready if gap is None else ready.filter(not_before__gt=gap.until)


def sentence(gap: Gap, *, now: datetime) -> str:
    """The question's first half."""
    number = late(until=gap.until, now=now).mails
    words = ngettext(
        "The machine was off from %(since)s to %(until)s. %(count)s mail is late and waits for an answer.",
        "The machine was off from %(since)s to %(until)s. %(count)s mails are late and wait for an answer.",
        number,
    )
    return words % {
        "since": spoken.moment(gap.since, now=now),
        "until": spoken.moment(gap.until, now=now),
        "count": number,
    }


def useful_time() -> timedelta:
    """How late a mail may be and still make sense."""
    return rhythm.in_force().late_after


def answer_words(gap: Gap, *, now: datetime) -> str:
    """What was decided, by whom."""
    if gap.answered_at is None:
        return ""
    who = str(gap.by) if gap.by else _("a colleague")
    return _("%(who)s answered %(when)s: %(answer)s.") % {
        "who": who,
        "when": spoken.moment(gap.answered_at, now=now),
        "answer": gap.get_answer_display(),
    }
