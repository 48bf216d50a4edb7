"""Random rules over all conditions that are registered, whichever room they are of."""

from typing import Any

from hypothesis import strategies as st

from contacts.segments import inputs, kinds
from contacts.segments.rule import JOINS, Condition, Group, Node
from tests.contacts.segments import crowd

TEXTS = [
    text
    for text in (*crowd.TEXTS, *crowd.DOMAINS, *crowd.TAGS, "@firma.se", "Only one", "priser", "a")
    if text.split()
]


def blanks(one: inputs.Input) -> st.SearchStrategy[Any]:
    """What may stand in a blank, by its sort."""
    if isinstance(one, inputs.Days):
        return st.sampled_from([1, 7, 30, 60, 400])
    if isinstance(one, inputs.Number):
        return st.sampled_from([1, 2, 3, 7, 40, 2.5]).filter(
            lambda n: one.least <= n <= one.most and not (one.whole and n % 1)
        )
    if isinstance(one, inputs.Day):
        return st.sampled_from(["2026-11-17", "2026-11-10", "2026-08-01", "2024-02-29"])
    if isinstance(one, inputs.Choice):
        return st.sampled_from([*(value for value, _label in one.options()), "999999"])
    return st.sampled_from(TEXTS) | st.text(max_size=4).filter(
        lambda t: t.split() and "\x00" not in t and t.isprintable()
    )


def values(operator: kinds.Operator) -> st.SearchStrategy[Any]:
    """What an operator may be compared with."""
    if not operator.inputs:
        return st.none()
    if len(operator.inputs) == 1:
        return blanks(operator.inputs[0])
    return st.fixed_dictionaries({one.name: blanks(one) for one in operator.inputs})


def conditions() -> st.SearchStrategy[Condition]:
    """One condition of any kind, sometimes one that nobody knows."""
    asked = [
        st.builds(Condition, st.just(kind.name), st.just(operator.name), values(operator))
        for _section, found in kinds.offered()
        for kind in found
        for operator in kind.operators
    ]
    unknown = st.sampled_from(
        [
            Condition("weather", "is", "rain"),
            Condition("city", "rhymes", "x"),
            Condition("custom:no", "is", 1),
        ]
    )
    return st.one_of(*asked, unknown)


def groups() -> st.SearchStrategy[Group]:
    """A whole rule, nested."""
    tree: st.SearchStrategy[Node] = st.recursive(
        conditions(),
        lambda inner: st.builds(Group, st.sampled_from(JOINS), st.lists(inner, max_size=3).map(tuple)),
        max_leaves=6,
    )
    return st.builds(Group, st.sampled_from(JOINS), st.lists(tree, max_size=3).map(tuple))
