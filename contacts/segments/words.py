"""A rule as one sentence in the reader's language."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contacts.segments import kinds
from contacts.segments.inputs import Wrong
from contacts.segments.rule import ALL, ANY, NONE, Condition, Group, Node


def sentence(rule: Group) -> str:
    """Who is meant: "Everybody of whom this is true: country is Sweden, and temperature is above 40°."."""
    if not rule.parts:
        return _("Nobody yet: add a condition.") if rule.join == ANY else _("Everybody in the silo.")
    if rule.join == NONE:
        return _("Everybody except those of whom this is true: %(rule)s.") % {
            "rule": _joined(rule.parts, ANY)
        }
    return _("Everybody of whom this is true: %(rule)s.") % {"rule": _joined(rule.parts, rule.join)}


def clause(node: Node) -> str:
    """One part of the sentence."""
    if isinstance(node, Condition):
        return condition(node)
    if not node.parts:
        return pgettext("segment", "nothing else") if node.join != ANY else pgettext("segment", "nobody")
    inner = _joined(node.parts, ANY if node.join == NONE else node.join)
    if node.join == NONE:
        return pgettext("segment", "not (%(rule)s)") % {"rule": inner}
    return inner if len(node.parts) == 1 else f"({inner})"


def condition(asked: Condition) -> str:
    """A condition in words; what cannot be asked says so."""
    try:
        known = kinds.known(asked)
    except Wrong as wrong:
        kind = kinds.find(asked.name)
        label = str(kind.label) if kind else asked.name
        return pgettext("segment", "%(what)s … (%(trouble)s)") % {"what": label, "trouble": wrong}
    return known.kind.words(known.operator, known.value)


def _joined(parts: tuple[Node, ...], join: str) -> str:
    words = [clause(part) for part in parts]
    if len(words) == 1:
        return words[0]
    glue = pgettext("segment", ", and ") if join == ALL else pgettext("segment", ", or ")
    return glue.join(words)
