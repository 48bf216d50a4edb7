"""The table of consequences: what follows from each outcome of a call, to be read row by row."""

from dataclasses import dataclass

from contacts.models import Suppression
from nurturing.models import Reminder
from sales.models import Call

Outcome = Call.Outcome
Comes = Reminder.Kind
Channel = Suppression.Channel
Stop = Suppression.Reason

NAMED = "named"
TOMORROW = "tomorrow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """One row of the table. What is left out does not happen; an open hand-off is closed by every outcome."""

    again: Reminder.Kind | None = None
    """They come back to the queue as this…"""
    on: str = ""
    """…on the date they NAMED, or TOMORROW (the next working day)."""
    stage: int | None = None
    """An opportunity opens at the open stage with this place in the pipeline, counted from 0."""
    ends: tuple[str, ...] = ()
    """Sequences end that stop when this happens."""
    stops: str = ""
    """We may not use this channel any more…"""
    stop_reason: str = ""
    """…because of this."""
    buys: bool = False
    """A purchase, the ground of a customer, the welcome sequence, and the question who else might need us."""
    forgets: bool = True
    """Dates that were agreed before do not hold any more."""
    asks: tuple[str, ...] = ()
    """What has to be said with it."""


CONSEQUENCES: dict[str, Consequence] = {
    Outcome.MEETING: Consequence(stage=0, ends=("met", "opportunity")),
    Outcome.OPPORTUNITY: Consequence(stage=1, ends=("met", "opportunity")),
    Outcome.FOLLOW_UP: Consequence(again=Comes.CALL_BACK, on=NAMED, asks=("until",)),
    Outcome.NOT_NOW: Consequence(again=Comes.RIPE, on=NAMED, asks=("until",)),
    Outcome.NO_ANSWER: Consequence(again=Comes.CALL_BACK, on=TOMORROW, forgets=False),
    Outcome.WRONG_PERSON: Consequence(),
    Outcome.NOT_HOT: Consequence(forgets=False, asks=("because",)),
    Outcome.NOT_INTERESTED: Consequence(stops=Channel.ALL, stop_reason=Stop.NOT_INTERESTED),
    Outcome.DO_NOT_CALL: Consequence(stops=Channel.PHONE, stop_reason=Stop.DO_NOT_CALL),
    Outcome.BOUGHT: Consequence(buys=True, ends=("met", "opportunity", "bought")),
}
LEFT_COMPANY = Consequence(stops=Channel.ALL, stop_reason=Stop.LEFT_COMPANY)
"""The wrong person, because they do not work there any more."""


def of(outcome: str, because: str = "") -> Consequence:
    """The row of the table for an outcome."""
    if outcome == Outcome.WRONG_PERSON and because == Call.LEFT:
        return LEFT_COMPANY
    return CONSEQUENCES[outcome]
