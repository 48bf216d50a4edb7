"""Services take the moment and the facts as values: they never read the clock and never see a request."""

import ast
from pathlib import Path

import pytest

from tests.architecture import rooms

CLOCKS = {
    ("timezone", "now"),
    ("timezone", "localtime"),
    ("timezone", "localdate"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("clock", "now"),
    ("time", "time"),
}
LAYERS = ("services", "models", "planning", "temperature")


def calls_of_a_clock(tree: ast.Module) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name | ast.Attribute)
        and (_last(node.func.value), node.func.attr) in CLOCKS
    ]


def _last(value: ast.Name | ast.Attribute) -> str:
    return value.id if isinstance(value, ast.Name) else value.attr


@pytest.mark.parametrize("room", rooms.ROOMS)
@pytest.mark.parametrize("layer", LAYERS)
def test_the_clock_is_read_by_entry_points_only(room: str, layer: str) -> None:
    found = [f"{path}:{line}" for path, tree in rooms.sources(room, layer) for line in calls_of_a_clock(tree)]
    assert found == []


@pytest.mark.parametrize("room", rooms.ROOMS)
def test_services_never_see_a_request(room: str) -> None:
    found: list[tuple[Path, int]] = []
    for path, tree in rooms.sources(room, "services"):
        found += [
            (path, node.lineno)
            for node in ast.walk(tree)
            if isinstance(node, ast.arg) and node.arg == "request"
        ]
    assert found == []


def test_the_search_for_clocks_finds_one() -> None:
    assert calls_of_a_clock(ast.parse("from django.utils import timezone\nx = timezone.now()")) == [2]
