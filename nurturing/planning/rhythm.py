"""A person's own interval: bounded multiplicative steps, each with the code of its explanation.

Interest shortens, silence lengthens, and the recipient's own wish outranks both. The interval never
leaves the silo's floor and ceiling, so no sign and no silence can turn a low, steady stream into spam or
into forgetting.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """The silo's rhythm and its limits."""

    resting: float = 45.0
    floor: float = 10.0
    ceiling: float = 120.0
    interest_factor: float = 0.8  # one full-strength sign of interest
    ignored_factor: float = 1.25  # one mail that nobody reacted to
    ignored_after_days: float = 14.0
    calm_factor: float = 1.5  # while a later date is agreed
    # a new person's first mail: it also tells them where we got their address, which must happen in a month
    first_within_days: float = 21.0
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


def interval(rule: Rule, days: float | None, wish_days: float | None = None, *, calm: bool = False) -> float:
    """Days between two mails as they stand now: their own wish, else the learned or the resting interval.

    `calm` while a later date is agreed with them: rarer, but still not beyond the ceiling.
    """
    if wish_days is not None:
        return wish_days
    bounded = clamp(rule, rule.resting if days is None else days)
    return min(bounded * rule.calm_factor, rule.ceiling) if calm else bounded


def clamp(rule: Rule, days: float) -> float:
    """The interval within the silo's floor and ceiling."""
    return min(max(days, rule.floor), rule.ceiling)


def _bounded(rule: Rule, days: float, because: str, *, limit: str, at: float) -> Change:
    bounded = clamp(rule, days)
    return Change(bounded, f"{because}_{limit}" if bounded == at else because)
