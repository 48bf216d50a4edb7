"""How many mails may leave in a minute, an hour, a day: the sums, without a database and without a clock.

A limit counts in slices of a twelfth of its period and looks over thirteen of them. So whichever sixty seconds one looks
at, never more left in them than the limit says; the price is that a mail may wait up to a twelfth longer than it had to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

SLICES = 13
PERIODS = {"minute": 60, "hour": 3_600, "day": 86_400}
WARM_UP = "warm_up"  # one row for each day of the calendar: a single slice
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def empty(period: str) -> list[int]:
    """A counter in which nothing has been counted."""
    return [0] if period == WARM_UP else [0] * SLICES


def slice_of(period: str, moment: datetime) -> int:
    """The number of the slice that a moment falls into."""
    return 0 if period == WARM_UP else int((moment - _EPOCH).total_seconds() // _slice_seconds(period))


def _slice_seconds(period: str) -> float:
    return PERIODS[period] / (SLICES - 1)


@dataclass(frozen=True, slots=True)
class Counter:
    """What a limit has let through: `counts` of the last slices, the newest of them numbered `head`."""

    period: str
    most: int
    head: int
    counts: Sequence[int]

    def seen_from(self, now: datetime) -> "Counter":
        """The same counter, moved on to this moment.

        A clock that is a little behind does not move it. One that is far behind was put right after it had been wrong:
        all that was counted counts as if it were now.
        """
        on = slice_of(self.period, now) - self.head
        if on < -len(self.counts):
            return replace(
                self, head=self.head + on, counts=[0] * (len(self.counts) - 1) + [sum(self.counts)]
            )
        if on <= 0:
            return self
        kept = list(self.counts)[on:]
        return replace(self, head=self.head + on, counts=kept + [0] * (len(self.counts) - len(kept)))

    def room(self, now: datetime) -> int:
        """How many may leave at this moment."""
        return max(self.most - sum(self.seen_from(now).counts), 0)

    def free_at(self, now: datetime) -> datetime:
        """When the oldest of what is counted falls out of the period, so that there is room again.

        When nothing is counted yet: the oldest is what leaves now.
        """
        if self.period == WARM_UP:
            return now
        seen = self.seen_from(now)
        oldest = next((place for place, number in enumerate(seen.counts) if number), SLICES - 1)
        number = seen.head - (SLICES - 1) + oldest
        return _EPOCH + timedelta(seconds=(number + SLICES) * _slice_seconds(self.period))

    @property
    def spacing(self) -> timedelta:
        """How far those who wait stand apart, so that they come as there is room."""
        return timedelta(seconds=PERIODS[self.period] * SLICES / (SLICES - 1) / max(self.most, 1))


@dataclass(frozen=True, slots=True)
class Curve:
    """How a new domain makes itself known: `first` mails on the first day, each day `factor` times those of the day
    before and `step` more, and no limit once a day would reach `until`.
    """

    first: int
    factor: float
    step: int
    until: int

    def on_day(self, number: int) -> int | None:
        """The most on the n-th day; None when the plan is over by then."""
        most = float(self.first)
        for _ in range(number - 1):
            if most >= self.until:
                return None
            most = most * self.factor + self.step
        return None if most >= self.until else round(most)

    def days(self, most: int) -> list[int]:
        """The first days of the plan, or all when there are no more than `most`."""
        found: list[int] = []
        while len(found) < most and (number := self.on_day(len(found) + 1)) is not None:
            found.append(number)
        return found
