"""What an event is worth: points by what happened, how far along the funnel it was, and how human it looks.

Caps are functions of the *set* of events: the order in which they reached us cannot change a figure.
Within a capped group the newest events take the room first. That is the only way of sharing under which
one more event, or a better grade, can never make a contact colder; it holds because the groups are nested
(a mail's day lies inside its kind's week).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nurturing.temperature import curve

# Below this grade a machine is the better explanation, and a machine's click is not a person.
HUMAN = 0.5

COUNTED = "counted"
MACHINE = "machine"
NOT_SCORED = "not_scored"
CAPPED_MAIL = "capped_mail_day"
CAPPED_KIND = "capped_kind_week"

DEFAULT_POINTS: Mapping[str, float] = {
    "clicked": 22.0,
    "page": 8.0,
    "replied": 40.0,
    "form": 45.0,
    "call_me": 60.0,
}
DEFAULT_LEVELS: Mapping[str, float] = {"tofu": 0.6, "mofu": 1.0, "bofu": 1.7}


@dataclass(frozen=True, slots=True)
class Event:
    """What scoring needs to know about one thing that happened."""

    key: int
    kind: str
    at: datetime
    level: str = ""
    mail: int | None = None
    human: float = 1.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A version of the scoring rule. A kind without points is never heat: opens and deliveries are not in
    the list.
    """

    version: int = 1
    half_life_days: float = 21.0
    points: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_POINTS))
    levels: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_LEVELS))
    per_mail_day: float = 50.0
    per_kind_week: float = 90.0

    def __post_init__(self) -> None:
        figures = [*self.points.values(), *self.levels.values(), self.per_mail_day, self.per_kind_week]
        if any(figure < 0 or figure != figure for figure in figures):
            raise ValueError("Points, levels and caps are never negative.")
        curve.Curve(self.half_life_days)

    @property
    def curve(self) -> curve.Curve:
        """The rate at which this rule's points fade."""
        return curve.Curve(self.half_life_days)


@dataclass(frozen=True, slots=True)
class Contribution:
    """One event's receipt: what it is worth by itself, what is left of that under the caps, and why."""

    event: Event
    raw: float
    points: float
    because: str


def rule_from(version: int, half_life_days: float, definition: Mapping[str, Any]) -> Rule:
    """A rule as it is stored: missing parts are those of the standard rule, unknown parts are refused."""
    known = {"points", "levels", "per_mail_day", "per_kind_week"}
    if unknown := set(definition) - known:
        raise ValueError(f"Unknown parts of a temperature rule: {', '.join(sorted(unknown))}.")
    return Rule(version=version, half_life_days=half_life_days, **definition)


def raw_points(event: Event, rule: Rule) -> float:
    """The event's worth before any cap: nothing for a machine, less for a doubtful human."""
    if event.human < HUMAN:
        return 0.0
    worth = rule.points.get(event.kind, 0.0) * rule.levels.get(event.level, 1.0)
    return worth * min(event.human, 1.0)


def evaluate(events: Iterable[Event], rule: Rule) -> list[Contribution]:
    """The receipts of a set of events, newest first. Events of a cap's group must all be in the set."""
    room_mail: dict[tuple[int, int, str], float] = defaultdict(lambda: rule.per_mail_day)
    room_kind: dict[tuple[int, str], float] = defaultdict(lambda: rule.per_kind_week)
    receipts = []
    for event in sorted(events, key=_newest_first):
        raw = raw_points(event, rule)
        if raw == 0.0:
            receipts.append(Contribution(event, 0.0, 0.0, MACHINE if event.human < HUMAN else NOT_SCORED))
            continue
        day = int(curve.days(event.at) // 1)
        in_week = (day_to_week(day), event.kind)
        points, because = raw, COUNTED
        if event.mail is not None:
            in_mail = (event.mail, day, event.kind)
            if room_mail[in_mail] < points:
                points, because = room_mail[in_mail], CAPPED_MAIL
        if room_kind[in_week] < points:
            points, because = room_kind[in_week], CAPPED_KIND
        if event.mail is not None:
            room_mail[in_mail] -= points
        room_kind[in_week] -= points
        receipts.append(Contribution(event, raw, points, because))
    return receipts


def heat(contributions: Iterable[Contribution], rule: Rule) -> float | None:
    """The heat of receipts: what is stored on the contact's standing."""
    return rule.curve.total((one.points, one.event.at) for one in contributions)


def addable(added: Sequence[Event], neighbours: Iterable[Event], rule: Rule) -> bool:
    """True when the added events change no other receipt: their points may then be added to the stored
    heat as they are.

    `neighbours` are the contact's other events of the same weeks; where a cap binds, the contact is
    computed anew instead.
    """
    return all(one.points == one.raw for one in evaluate([*added, *neighbours], rule))


def day_to_week(day: int) -> int:
    """The number of the week (Monday to Sunday, UTC) a day since EPOCH lies in. EPOCH was a Wednesday."""
    return (day + 2) // 7


def _newest_first(event: Event) -> tuple[float, str, int, float, str, int]:
    # Everything that tells two events apart is in the key, so that a set has one order, whoever collected it.
    return (-curve.days(event.at), event.kind, event.mail or 0, -event.human, event.level, event.key)
