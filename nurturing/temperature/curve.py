"""The cooling curve: T(now) = sum of points * 2 ** (-age / half-life), kept as one number per contact.

The number is `heat = log2 T(t) + t / half-life`, with t in days since EPOCH. It does not depend on the
moment t at which it is taken: everything cools at one rate, so a stored heat never has to be touched
because time passed, and a higher heat is a higher temperature at every moment. "The hottest" is therefore
an index scan, and "above 70 degrees now" a range condition.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
SECONDS_PER_DAY = 86_400.0

# Heats so far apart that the smaller one is below the last bit of the larger one.
NEGLIGIBLE = 1_000.0
# An answer beyond this many days from EPOCH is no date that Python can write.
FURTHEST_DAYS = 2_000_000.0


def days(moment: datetime) -> float:
    """The moment as days since EPOCH."""
    return (moment - EPOCH).total_seconds() / SECONDS_PER_DAY


def clamp(at: datetime, *, earliest: datetime, latest: datetime) -> datetime:
    """The event's time as far as it can be believed: no later than it reached us, no earlier than it
    could have happened.
    """
    if at > latest:
        return latest
    return max(at, earliest)


def shown(degrees: float) -> int:
    """The figure on the screen. Only the sum is ever rounded, and only here."""
    return math.floor(degrees + 0.5)


@dataclass(frozen=True, slots=True)
class Curve:
    """One rate of cooling; all figures that are compared with each other belong to one curve."""

    half_life_days: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.half_life_days) and self.half_life_days > 0):
            raise ValueError("A half-life is a positive number of days.")

    def heat(self, points: float, at: datetime) -> float | None:
        """The heat of points that fell at a moment; None when there are none (cold has no logarithm)."""
        if not math.isfinite(points) or points < 0:
            raise ValueError("Points are finite and never negative.")
        if points == 0:
            return None
        return math.log2(points) + days(at) / self.half_life_days

    def add(self, heat: float | None, points: float, at: datetime) -> float | None:
        """The heat after one more event; at which moment or in which order it is added does not matter."""
        return _sum(heat, self.heat(points, at))

    def total(self, entries: Iterable[tuple[float, datetime]]) -> float | None:
        """The heat of (points, moment) entries, computed anew: what `add` over all of them gives."""
        heats = sorted(found for points, at in entries if (found := self.heat(points, at)) is not None)
        if not heats:
            return None
        top = heats[-1]
        return top + math.log2(math.fsum(2.0 ** (one - top) for one in heats))

    def degrees(self, heat: float | None, now: datetime) -> float:
        """The temperature at a moment; 0.0 while there is none."""
        if heat is None:
            return 0.0
        exponent = heat - days(now) / self.half_life_days
        return math.exp2(max(-NEGLIGIBLE, min(exponent, NEGLIGIBLE)))

    def remaining(self, points: float, at: datetime, now: datetime) -> float:
        """What is left at `now` of points that fell at `at`: the last figure of a receipt."""
        return self.degrees(self.heat(points, at), now)

    def heat_at(self, degrees: float, now: datetime) -> float:
        """The heat that means `degrees` at `now`: turns "above 70 degrees now" into a condition on the
        stored column.
        """
        if degrees <= 0:
            raise ValueError("Only a temperature above zero has a heat.")
        return math.log2(degrees) + days(now) / self.half_life_days

    def cools_below(self, heat: float | None, degrees: float) -> datetime | None:
        """The moment at which the temperature will have fallen to `degrees` if nothing more happens.

        In the past when it already has; None when there is no temperature at all.
        """
        if heat is None:
            return None
        if degrees <= 0:
            raise ValueError("Nothing ever cools to zero.")
        moment = (heat - math.log2(degrees)) * self.half_life_days
        moment = max(-FURTHEST_DAYS / 4, min(moment, FURTHEST_DAYS))
        # The next whole second, so that waking at that moment finds it cooled and not a hair above.
        return EPOCH + timedelta(seconds=math.floor(moment * SECONDS_PER_DAY) + 1)


def _sum(one: float | None, other: float | None) -> float | None:
    """log2(2 ** one + 2 ** other) without ever leaving the log domain."""
    if one is None:
        return other
    if other is None:
        return one
    high, low = max(one, other), min(one, other)
    if high - low > NEGLIGIBLE:
        return high
    return high + math.log2(1.0 + 2.0 ** (low - high))
