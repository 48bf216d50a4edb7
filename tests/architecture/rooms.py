"""The four rooms and their order, and the reading of their source, for the tests of this folder."""

import ast
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("contacts", "nurturing", "sales", "silo")  # A room may use those to its left.


def above(room: str) -> tuple[str, ...]:
    """The rooms that this one may not know."""
    return ROOMS[ROOMS.index(room) + 1 :]


def sources(room: str, folder: str = "") -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file of the room (or of one layer of it), parsed; migrations are history and left out."""
    for path in sorted((CHECKOUT / room / folder).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path.relative_to(CHECKOUT), ast.parse(path.read_text(encoding="utf-8"))


def templates(room: str) -> Iterator[tuple[Path, str]]:
    """Every template of the room with its text."""
    for path in sorted((CHECKOUT / "templates" / room).rglob("*.*")):
        yield path.relative_to(CHECKOUT), path.read_text(encoding="utf-8")
