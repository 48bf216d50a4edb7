"""One finding: what was looked at, how it stands, and the record to paste. Kept as JSON, put into words when shown."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How a thing stands."""

    GOOD = "good"
    NOTE = "note"  # works, and could be better
    MISSING = "missing"
    WRONG = "wrong"
    UNCLEAR = "unclear"  # the name servers gave no answer


@dataclass(frozen=True, slots=True)
class Record:
    """A record to paste at whoever runs the domain's name servers."""

    name: str
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` names the sentences in `words`; `found` is what stands there now."""

    about: str  # mx, spf, dkim, dmarc, alignment, reverse
    state: State
    code: str
    values: dict[str, Any] = field(default_factory=dict)
    paste: tuple[Record, ...] = ()
    found: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As a database keeps it."""
        return asdict(self)


def of_json(kept: dict[str, Any]) -> Finding:
    """The finding behind `as_json`."""
    return Finding(
        about=kept["about"],
        state=State(kept["state"]),
        code=kept["code"],
        values=kept["values"],
        paste=tuple(Record(**one) for one in kept["paste"]),
        found=tuple(kept["found"]),
    )
