"""What import-linter cannot see of the one direction `silo → sales → nurturing → contacts`."""

import ast
import re

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Field, ForeignObjectRel, Model

from tests.architecture import rooms

ADDRESS = re.compile(r"""\{%\s*url\s+['"]([^'"]+)['"]""")
# Names without a room: what Django and allauth bring along, open to every template.
EVERYBODYS = re.compile(r"^(account_|mfa_|set_language$|theme$)")


def rank(model: type[Model]) -> int:
    return rooms.ROOMS.index(model._meta.app_label)


def our_models() -> list[type[Model]]:
    return [model for room in rooms.ROOMS for model in apps.get_app_config(room).get_models()]


def test_no_key_points_to_a_higher_room() -> None:
    upward = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model in our_models()
        for field in model._meta.get_fields()
        if isinstance(field, Field)
        and field.is_relation
        and isinstance(field.related_model, type)
        and field.related_model._meta.app_label in rooms.ROOMS
        and field.related_model._meta.label != settings.AUTH_USER_MODEL
        and rank(field.related_model) > rank(model)
    ]
    assert upward == []


@pytest.mark.parametrize("room", rooms.ROOMS[:-1])
def test_no_template_links_to_a_higher_room(room: str) -> None:
    upward = [
        f"{path}: {name}"
        for path, text in rooms.templates(room)
        for name in ADDRESS.findall(text)
        if name.split(":")[0] in rooms.above(room) or (":" not in name and not EVERYBODYS.match(name))
    ]
    assert upward == []


@pytest.mark.parametrize("room", rooms.ROOMS[:-1])
def test_no_code_reverses_an_address_of_a_higher_room(room: str) -> None:
    upward = [
        f"{path}:{node.lineno}: {node.value}"
        for path, tree in rooms.sources(room)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.match(rf"^({'|'.join(rooms.above(room))}):[a-z_]+$", node.value)
    ]
    assert upward == []


def accessors_from_above(room: str) -> set[str]:
    """Names by which a model of this room could reach back up, less the names that the room has itself."""
    reaching, own = set[str](), set[str]()
    for model in our_models():
        for field in model._meta.get_fields(include_hidden=True):
            if rank(model) <= rooms.ROOMS.index(room) and isinstance(field, Field):
                own.add(field.name)
            if model._meta.app_label != room or not isinstance(field, ForeignObjectRel):
                continue
            origin = field.related_model
            if isinstance(origin, type) and origin._meta.app_label in rooms.above(room):
                names = {field.get_accessor_name(), field.name} if not field.hidden else set()
                reaching |= {name for name in names if name}
            elif not field.hidden:
                own |= {name for name in (field.get_accessor_name(), field.name) if name}
    return reaching - own


@pytest.mark.parametrize("room", rooms.ROOMS[:-1])
def test_no_code_reaches_up_through_a_reverse_accessor(room: str) -> None:
    names = accessors_from_above(room)
    upward = []
    for path, tree in rooms.sources(room):
        for node in ast.walk(tree):
            # `contact.claims`, but not a module's or an enum's member of the same name
            if isinstance(node, ast.Attribute) and node.attr in names and _is_row(node.value):
                upward.append(f"{path}:{node.lineno}: .{node.attr}")
            # `filter(claims__open=True)`
            if (
                isinstance(node, ast.keyword)
                and node.arg
                and "__" in node.arg
                and node.arg.split("__")[0] in names
            ):
                upward.append(f"{path}:{node.value.lineno}: {node.arg}")
    assert upward == []


def _is_row(value: ast.expr) -> bool:
    """Whether this reads like a row of ours: a plain name that is the noun of a model, or a field that holds one."""
    nouns = {model._meta.model_name for model in our_models()}
    last = value.id if isinstance(value, ast.Name) else value.attr if isinstance(value, ast.Attribute) else ""
    return last in nouns
