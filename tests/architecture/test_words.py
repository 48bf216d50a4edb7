"""Words are chosen for whoever reads them, not for whoever happened to load the module first."""

import ast
from collections.abc import Iterator

from tests.architecture import rooms

EAGER = {"gettext", "ngettext", "pgettext", "npgettext"}


def eager_names(tree: ast.Module) -> set[str]:
    return {
        name.asname or name.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
        if name.name in EAGER
    }


def calls_at_import(node: ast.AST) -> Iterator[ast.Call]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from calls_at_import(child)


def test_no_words_are_frozen_in_one_language_when_a_module_is_loaded() -> None:
    frozen = [
        f"{path}:{call.lineno}"
        for room in rooms.ROOMS
        for path, tree in rooms.sources(room)
        for names in [eager_names(tree)]
        for call in calls_at_import(tree)
        if isinstance(call.func, ast.Name) and call.func.id in names
    ]
    assert frozen == []
