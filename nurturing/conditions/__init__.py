"""The conditions that this room adds to segments: what we wrote, what people did, where they stand, their sequences."""

from contacts.segments.kinds import Kind
from nurturing.conditions import behaviour, mail, sequence, standing
from nurturing.conditions.story import load as load


def all_of_them() -> list[Kind]:
    """What this room adds."""
    return [
        behaviour.TemperatureKind(),
        mail.WrittenKind(),
        behaviour.ClickKind(),
        behaviour.ReplyKind(),
        standing.StandingKind(),
        sequence.SequenceKind(),
        standing.HandoffKind(),
    ]
