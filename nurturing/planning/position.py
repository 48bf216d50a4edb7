"""What the planner is given: one person, where they stand, and what there is to send. Plain values."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from nurturing.planning.calendar import Calendar

# Funnel levels in the order in which people come through them.
LEVELS = ("tofu", "mofu", "bofu")


class Next(StrEnum):
    """What the clock comes for."""

    NOTHING = ""
    STEP = "step"
    PIECE = "piece"
    RESUME = "resume"
    REMINDER = "reminder"
    COOL = "cool"
    RELEASE = "release"
    REVIEW = "review"


class State(StrEnum):
    """Who looks after the person now."""

    NURTURED = "nurtured"
    HOT = "hot"
    WITH_SALES = "with_sales"
    PAUSED = "paused"
    STOPPED = "stopped"


class Person(NamedTuple):
    """Who they are, as far as the next touch depends on it."""

    contact_id: int
    joined_at: datetime
    calendar: Calendar = Calendar()
    mail: str = ""  # why no mail may go to them now; empty when it may
    stopped: str = ""  # why no channel at all is left; empty when one is
    languages: tuple[str, ...] = ()  # those they read, best first; empty when unknown
    topics: tuple[tuple[int, float], ...] = ()  # what they care about, 0 to 1
    level: str = "tofu"  # how far they have come
    wish_days: float | None = None  # the interval they asked for


class ActiveEnrollment(NamedTuple):
    """The one sequence they are in."""

    enrollment_id: int
    sequence_id: int
    started_at: datetime
    last_step_key: str = ""
    last_step_at: datetime | None = None
    done: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WaitingEnrollment:
    """A sequence that waits for the lane to be free."""

    enrollment_id: int
    sequence_id: int
    priority: int  # a higher number goes first
    queued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenPause:
    """Silence until a date."""

    pause_id: int
    until: datetime
    because: str


@dataclass(frozen=True, slots=True)
class OpenReminder:
    """Somebody wants this person woken at a moment."""

    reminder_id: int
    at: datetime
    kind: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class OpenHandoff:
    """They wait in the sales queue; `cools_at` when time alone will take them out again."""

    handoff_id: int
    kind: str
    cools_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenHold:
    """A salesperson has them: a claim runs out, an open opportunity does not."""

    hold_id: int
    kind: str
    until: datetime | None = None


class Position(NamedTuple):
    """Where the person stands, from rows."""

    rhythm_days: float | None = None  # None: the silo's resting interval
    enrollment: ActiveEnrollment | None = None
    waiting: tuple[WaitingEnrollment, ...] = ()
    pause: OpenPause | None = None
    reminders: tuple[OpenReminder, ...] = ()
    handoffs: tuple[OpenHandoff, ...] = ()
    holds: tuple[OpenHold, ...] = ()
    got: frozenset[int] = frozenset()  # pieces they have had
    last_piece_id: int | None = None
    last_touch_at: datetime | None = None
    recent: tuple[datetime, ...] = ()  # their last drip mails, enough for the caps
    mail_waiting: bool = False  # a planned mail has not left yet


@dataclass(frozen=True, slots=True)
class Step:
    """One mail of a sequence. The key is its identity; its place is not."""

    key: str
    wait_days: float
    own_rhythm: bool = False  # wait at their own rhythm, at most `wait_days`
    mail_id: int | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """The live version in order, and the order of keys in the versions before it, newest first."""

    sequence_id: int
    steps: tuple[Step, ...] = ()
    former: tuple[tuple[str, ...], ...] = ()
    live: bool = True


@dataclass(frozen=True, slots=True)
class Piece:
    """One evergreen mail of the library."""

    piece_id: int
    level: str = "tofu"
    language: str = ""  # empty: for everybody
    topic: int | None = None
    mail_id: int | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that can be sent today."""

    sequences: dict[int, Sequence] = field(default_factory=dict)
    pieces: tuple[Piece, ...] = ()
