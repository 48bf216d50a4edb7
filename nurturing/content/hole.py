"""A merge field that a person lacks."""

from typing import Any

from liquid.undefined import Undefined


class _Nothing(str):
    """What a hole is in a comparison: equal to nil, "", blank and empty, and false by itself."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return other is None or other == ""

    def __hash__(self) -> int:
        return hash("")


# Liquid takes an empty string for true, and an undefined value for different from an empty string. Nobody who writes
# `{% if contact.city != "" %}` means that; so nothing is both at once.
Undefined.register(_Nothing)
_NOTHING = _Nothing()


class Hole(str):
    """False in a condition, replaced by `default`, and written down in `sink` when it is printed."""

    __slots__ = ("name", "shown", "sink")
    name: str
    shown: str
    sink: list[str]

    def __new__(cls, name: str, sink: list[str], shown: str) -> "Hole":
        made = super().__new__(cls)
        made.name, made.sink, made.shown = name, sink, shown
        return made

    def __str__(self) -> str:
        self.sink.append(self.name)
        return self.shown

    def __html__(self) -> str:
        return str(self)

    def __liquid__(self) -> object:
        return _NOTHING


def printed(value: Any) -> Any:
    """The value as it goes into a filter: a hole counts as printed there."""
    return str(value) if isinstance(value, Hole) else value
