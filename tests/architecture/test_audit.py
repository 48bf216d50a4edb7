"""Whatever is written into the audit log can be read there in words."""

import ast

from contacts.queries import audit
from tests.architecture import rooms


def verbs() -> set[str]:
    found = set()
    for room in rooms.ROOMS:
        for _path, tree in rooms.sources(room):
            for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
                found |= {
                    one.value.value
                    for one in call.keywords
                    if one.arg == "verb" and isinstance(one.value, ast.Constant) and one.value.value
                }
    return found


def test_every_verb_that_is_written_has_its_words() -> None:
    written = verbs()
    assert "contact.given_out" in written
    assert sorted(written - audit.VERBS.keys()) == []
