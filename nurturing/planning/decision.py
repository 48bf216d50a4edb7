"""What the planner answers with."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from nurturing.planning.position import Next, State


class What(StrEnum):
    """What a decision does."""

    STEP = "step"
    PIECE = "piece"
    BEGIN = "begin"  # a sequence that waited gets the lane
    FINISH = "finish"  # a sequence has ended: back to the library
    RESUME = "resume"  # a pause is over
    ESCALATE = "escalate"  # an agreed date has come: open a hand-off
    COOL = "cool"  # a hot hand-off has cooled
    RELEASE = "release"  # a claim has run out
    LATER = "later"
    STOP = "stop"


SENDS = frozenset({What.STEP, What.PIECE})
COMES_FOR = {
    What.STEP: Next.STEP,
    What.PIECE: Next.PIECE,
    What.BEGIN: Next.STEP,
    What.FINISH: Next.PIECE,
    What.RESUME: Next.RESUME,
    What.ESCALATE: Next.REMINDER,
    What.COOL: Next.COOL,
    What.RELEASE: Next.RELEASE,
}


class Decision(NamedTuple):
    """What happens now and why, and when the clock comes again and for what."""

    what: What
    because: str
    state: State
    next_at: datetime | None
    next_what: Next
    next_because: str
    row_id: int | None = None  # the enrollment, reminder, hand-off, hold or pause it is about
    step_key: str = ""
    piece_id: int | None = None
    mail_id: int | None = None

    @property
    def acts(self) -> bool:
        """Does it change anything besides the date?"""
        return self.what not in (What.LATER, What.STOP)

    @property
    def enrollment_id(self) -> int | None:
        """The run through a sequence that it is about."""
        return self.row_id if self.what in (What.STEP, What.BEGIN, What.FINISH) else None

    @property
    def sends(self) -> bool:
        """Does a mail go out?"""
        return self.what in SENDS


@dataclass(frozen=True, slots=True)
class Planned:
    """A decision at its moment, for previews."""

    at: datetime
    decision: Decision
