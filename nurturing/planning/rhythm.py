"""A person's own interval: bounded multiplicative steps, each with the code of its explanation.

Interest shortens, silence lengthens, and the recipient's own wish outranks both. The interval never leaves the silo's
floor and ceiling, so no sign and no silence can turn a low, steady stream into spam or into forgetting.
"""

from dataclasses import dataclass
from enum import StrEnum


class Wish(StrEnum):
    """What the recipient asked for. September is a pause and a stop is a stop: neither changes the interval."""

    NONE = ""
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


WISHED_DAYS = {Wish.MONTHLY: 30.0, Wish.QUARTERLY: 91.0}


@dataclass(frozen=True, slots=True)
class Rule:
    """The silo's rhythm and its limits."""

    resting: float = 45.0
    floor: float = 10.0
    ceiling: float = 120.0
    interest_factor: float = 0.8  # one full-strength sign of interest
    ignored_factor: float = 1.15  # one mail that nobody reacted to
    ignored_after_days: float = 14.0
    calm_factor: float = 1.5  # while a later date is agreed
    first_within_days: float = 21.0  # a new person's first mail, and the one that tells where we got their address
    daily_cap: int = 1
    weekly_cap: int = 2

    def __post_init__(self) -> None:
        if not 1 <= self.floor <= self.resting <= self.ceiling:
            raise ValueError("The rhythm needs 1 day ≤ floor ≤ resting ≤ ceiling.")
        if not 0 < self.interest_factor <= 1 <= self.ignored_factor:
            raise ValueError("Interest must shorten and silence must lengthen the interval.")
        if self.calm_factor < 1 or self.first_within_days < 0 or self.daily_cap < 1 or self.weekly_cap < 1:
            raise ValueError("Calm means longer, and the caps let at least one mail through.")


@dataclass(frozen=True, slots=True)
class Change:
    """The new interval and why: a code for the contact's page."""

    days: float
    because: str


def after_interest(rule: Rule, days: float, strength: float) -> Change:
    """Shorten the interval after a human sign of interest of strength 0 to 1."""
    factor = rule.interest_factor ** min(max(strength, 0.0), 1.0)
    return _bounded(rule, days * factor, "interest", limit="at_floor", at=rule.floor)


def after_ignored(rule: Rule, days: float) -> Change:
    """Lengthen the interval after a mail that was left alone."""
    return _bounded(rule, days * rule.ignored_factor, "ignored", limit="at_ceiling", at=rule.ceiling)


def wished(rule: Rule, wish: Wish) -> Change:
    """The interval a recipient asked for, or the resting one when the wish is taken back. A wish may pass the bounds."""
    if wish is Wish.NONE:
        return Change(rule.resting, "wish_lifted")
    return Change(WISHED_DAYS[wish], f"wish_{wish.value}")


def interval(rule: Rule, days: float, wish: Wish = Wish.NONE, *, calm: bool = False) -> float:
    """Days between two mails as they stand now: the wish if there is one, else the learned interval within bounds.

    `calm` while a later date is agreed with them: rarer, but still not beyond the ceiling.
    """
    if wish is not Wish.NONE:
        return WISHED_DAYS[wish]
    bounded = clamp(rule, days)
    return min(bounded * rule.calm_factor, rule.ceiling) if calm else bounded


def clamp(rule: Rule, days: float) -> float:
    """The interval within the silo's floor and ceiling."""
    return min(max(days, rule.floor), rule.ceiling)


def _bounded(rule: Rule, days: float, because: str, *, limit: str, at: float) -> Change:
    bounded = clamp(rule, days)
    return Change(bounded, f"{because}_{limit}" if bounded == at else because)
