"""The retention rules as the pages show them: what each would touch, and what it did."""

from dataclasses import dataclass
from datetime import datetime

from contacts import keeping
from contacts.models import RetentionRule, RetentionRun

SAMPLE = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A kind, its rule where somebody made one, and its last round."""

    kind: keeping.Kind
    rule: RetentionRule | None
    last: RetentionRun | None

    @property
    def is_on(self) -> bool:
        return self.rule is not None and self.rule.on_since is not None

    @property
    def days(self) -> int:
        return self.rule.days if self.rule else self.kind.days


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom a rule would touch now."""

    count: int
    sample: list[keeping.Touched]


def rows() -> list[Row]:
    """Every kind there is."""
    rules = {rule.kind: rule for rule in RetentionRule.objects.select_related("by")}
    last = {run.kind: run for run in RetentionRun.objects.order_by("kind", "-at").distinct("kind")}
    return [Row(kind, rules.get(kind.name), last.get(kind.name)) for kind in keeping.kinds()]


def row(name: str) -> Row:
    """One kind. Raises KeyError."""
    kind = keeping.kind(name)
    rule = RetentionRule.objects.filter(kind=name).select_related("by").first()
    return Row(kind, rule, RetentionRun.objects.filter(kind=name).order_by("-at").first())


def preview(kind: keeping.Kind, *, days: int, now: datetime) -> Preview:
    """How many and which, before anything is switched on."""
    before = kind.before(days, now=now)
    return Preview(kind.keeper.count(before=before), list(kind.keeper.sample(before=before, limit=SAMPLE)))
