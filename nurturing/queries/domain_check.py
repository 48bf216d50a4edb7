"""What was last found about a sender's domain."""

from dataclasses import dataclass

from nurturing.models import DomainCheck
from nurturing.names import findings, words
from nurturing.names.findings import Finding


@dataclass(frozen=True, slots=True)
class Line:
    """One finding, in words."""

    finding: Finding
    state: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The newest look that is done, and one that is under way."""

    done: DomainCheck | None
    pending: DomainCheck | None
    parts: list[tuple[str, list[Line]]]  # what was looked at → its findings

    @property
    def selectors(self) -> list[str]:
        """Those that were typed in last."""
        last = self.pending or self.done
        return list(last.selectors) if last else []


def shown(sender_id: int) -> Shown:
    """For the page of one sender."""
    checks = DomainCheck.objects.filter(sender_id=sender_id).select_related("asked_by")
    newest = checks.order_by("-asked_at", "-pk").first()
    done = checks.exclude(done_at=None).order_by("-asked_at", "-pk").first()
    by_part: dict[str, list[Line]] = {}
    for kept in done.findings if done else ():
        finding = findings.of_json(kept)
        line = Line(finding, str(words.STATES[finding.state]), words.sentence(finding))
        by_part.setdefault(finding.about, []).append(line)
    return Shown(
        done=done,
        pending=newest if newest is not None and newest.done_at is None else None,
        parts=[(str(words.ABOUT.get(about, about)), lines) for about, lines in by_part.items()],
    )
