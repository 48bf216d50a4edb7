"""What the sequence pages show: who is where, who got what, what differs from what is live."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery

from nurturing.content import compiling
from nurturing.content.templating import Problem
from nurturing.models import EngagementEvent, Enrollment, Send, Sequence, SequenceVersion, Step
from nurturing.planning import choosing, position
from nurturing.queries import live, sendable
from nurturing.temperature import points

_ANY = datetime.min.replace(tzinfo=UTC)
COMPARED = ("wait", "days", "level", "topic_id", "language", "subject", "preheader", "body")


@dataclass(frozen=True, slots=True)
class StepRow:
    """One line of the timeline."""

    step: Step
    number: int
    day: int
    about: bool  # the day is a guess: somebody's own rhythm stands before it
    here: int  # whose next mail this is
    got: int
    clicked: int
    change: str  # "" as live · new · changed
    problems: tuple[Problem, ...] = ()  # they keep it from being published
    warnings: tuple[Problem, ...] = ()  # to think of

    @property
    def key(self) -> str:
        return self.step.key

    @property
    def waits_for_rhythm(self) -> bool:
        return self.step.wait == Step.Wait.RHYTHM


@dataclass(frozen=True, slots=True)
class Timeline:
    """A sequence as its page shows it: the draft when there is one, else what is live."""

    sequence: Sequence
    version: SequenceVersion | None
    rows: tuple[StepRow, ...]
    removed: tuple[Step, ...]
    inside: int
    waiting: int
    through: int
    left: int
    live: SequenceVersion | None = None
    stops: tuple[str, ...] = field(default=())

    @property
    def is_draft(self) -> bool:
        return self.version is not None and self.version.number is None

    @property
    def is_edited(self) -> bool:
        """There is something to publish."""
        if not self.is_draft:
            return False
        if self.live is None or self.removed or self.is_reordered:
            return True
        return any(row.change for row in self.rows)

    @property
    def is_reordered(self) -> bool:
        keys = [row.key for row in self.rows if row.change != "new"]
        return self.live is not None and keys != [key for key in self._live_keys if key in keys]

    @property
    def _live_keys(self) -> list[str]:
        return [step.key for step in self.live.steps.all()] if self.live else []

    @property
    def problems(self) -> int:
        return sum(len(row.problems) for row in self.rows)

    def row(self, key: str) -> StepRow | None:
        return next((row for row in self.rows if row.key == key), None)

    def next_after(self, key: str) -> StepRow | None:
        """Where people go on who have had this step."""
        number = next((row.number for row in self.rows if row.key == key), 0)
        return next((row for row in self.rows if row.number == number + 1), None)


def overview() -> QuerySet[Sequence]:
    """All sequences that are not archived, with `inside`, `through`, `number` (live) and `has_draft`."""
    runs = Enrollment.objects.filter(sequence=OuterRef("pk")).order_by().values("sequence")
    return (
        Sequence.objects.filter(archived_at=None)
        .select_related("live_version")
        .annotate(
            inside=Subquery(runs.filter(ended_at=None).annotate(n=Count("pk")).values("n")),
            through=Subquery(
                runs.filter(end_reason=Enrollment.EndReason.COMPLETED).annotate(n=Count("pk")).values("n")
            ),
            has_draft=Exists(SequenceVersion.objects.filter(sequence=OuterRef("pk"), number=None)),
            steps=Subquery(
                Step.objects.filter(version=OuterRef("live_version"))
                .order_by()
                .values("version")
                .annotate(n=Count("pk"))
                .values("n")
            ),
        )
        .order_by("name")
    )


def live_ones() -> QuerySet[Sequence]:
    """Those that people can be brought into."""
    return Sequence.objects.filter(archived_at=None, live_version__isnull=False).order_by("name")


def timeline(sequence_id: int) -> Timeline:
    """Everything about one sequence in a constant number of statements. Raises Sequence.DoesNotExist."""
    sequence = Sequence.objects.select_related("made_by").get(pk=sequence_id)
    versions = list(
        SequenceVersion.objects.filter(Q(sequence=sequence, number=None) | Q(pk=sequence.live_version_id))
        .select_related("edited_by", "published_by")
        .prefetch_related("steps__topic")
    )
    draft = next((one for one in versions if one.number is None), None)
    shown = next((one for one in versions if one.pk == sequence.live_version_id), None)
    version = draft or shown
    live_steps = {step.key: step for step in shown.steps.all()} if shown else {}
    steps = list(version.steps.all()) if version else []
    kept = {step.key for step in steps}
    ends = _ends(sequence_id)
    return Timeline(
        sequence=sequence,
        version=version,
        rows=tuple(_rows(steps, live_steps if draft else None, _figures(sequence_id))),
        removed=tuple(step for step in live_steps.values() if step.key not in kept),
        inside=ends["active"],
        waiting=ends["waiting"],
        through=ends[Enrollment.EndReason.COMPLETED],
        left=sum(ends.values()) - ends["active"] - ends["waiting"] - ends[Enrollment.EndReason.COMPLETED],
        live=shown,
        stops=tuple(
            str(label) for value, label in Sequence.StopsWhen.choices if value in sequence.stops_when
        ),
    )


def step(sequence_id: int, key: str) -> Step | None:
    """The step as its page shows it: in the draft when there is one, else in what is live."""
    rows = Step.objects.filter(key=key, version__sequence_id=sequence_id)
    draft = SequenceVersion.objects.filter(sequence_id=sequence_id, number=None)
    if draft.exists():
        return rows.filter(version__in=draft).first()
    return rows.filter(version__in=Sequence.objects.filter(pk=sequence_id).values("live_version")).first()


def last_number(sequence_id: int) -> int:
    """The number of the newest version ever published; 0 when none was."""
    newest = SequenceVersion.objects.filter(sequence_id=sequence_id).aggregate(n=Max("number"))["n"]
    return newest or 0


def goes_on(timeline: Timeline) -> list[tuple[Step | None, int]]:
    """Where people in the sequence go on once the draft is live: the step (None: it is over) and how many."""
    lane = Enrollment.objects.active().filter(sequence=timeline.sequence).order_by()
    known = sendable.content((timeline.sequence.pk,)).sequences[timeline.sequence.pk]
    drawn = tuple(position.Step(row.key, row.step.days) for row in timeline.rows)
    order = position.Sequence(timeline.sequence.pk, drawn, known.former)
    rows = {row.key: row.step for row in timeline.rows}
    counted: Counter[str] = Counter()
    for last_key, number in lane.values_list("last_step_key").annotate(n=Count("pk")):
        counted[_next(order, last_key) or ""] += number
    return [(rows.get(key), counted[key]) for key in (*rows, "") if counted[key]]


def check(step: Step) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """Why the step cannot be published as it is written, and what to think of (nothing when it is live)."""
    if step.mail_id is not None:
        return (), ()
    compiled = compiling.compile_mail(step.subject, step.preheader, step.body, step.language)
    return compiled.errors, compiled.warnings


@dataclass(frozen=True, slots=True)
class _Figures:
    here: Mapping[str, int]
    got: Mapping[str, int]
    clicked: Mapping[str, int]


def _rows(steps: list[Step], live_steps: Mapping[str, Step] | None, figures: _Figures) -> list[StepRow]:
    rows: list[StepRow] = []
    day, about = 0, False
    for number, step in enumerate(steps, start=1):
        day += step.days
        about = about or step.wait == Step.Wait.RHYTHM
        problems, warnings = check(step)
        rows.append(
            StepRow(
                step=step,
                number=number,
                day=day,
                about=about,
                here=figures.here.get(step.key, 0),
                got=figures.got.get(step.key, 0),
                clicked=figures.clicked.get(step.key, 0),
                change=_change(step, live_steps),
                problems=problems,
                warnings=warnings,
            )
        )
    return rows


def _change(step: Step, live_steps: Mapping[str, Step] | None) -> str:
    if live_steps is None:
        return ""
    before = live_steps.get(step.key)
    if before is None:
        return "new"
    return "changed" if any(getattr(step, word) != getattr(before, word) for word in COMPARED) else ""


def _figures(sequence_id: int) -> _Figures:
    sent = Send.objects.filter(
        enrollment__sequence_id=sequence_id,
        kind=Send.Kind.STEP,
        state=Send.State.ACCEPTED,
        sandbox=not live.is_live(),
    )
    clicks = EngagementEvent.objects.filter(
        type=EngagementEvent.Type.CLICKED, human__gte=points.HUMAN, send__in=sent
    )
    got = sent.order_by().values("step_key").annotate(n=Count("contact", distinct=True))
    clicked = clicks.order_by().values("send__step_key").annotate(n=Count("contact", distinct=True))
    return _Figures(
        here=_here(sequence_id),
        got=dict(got.values_list("step_key", "n")),
        clicked=dict(clicked.values_list("send__step_key", "n")),
    )


def _here(sequence_id: int) -> Counter[str]:
    """Whose next mail each step is, by the planner's own rule."""
    lane = Enrollment.objects.active().filter(sequence_id=sequence_id).order_by()
    counted = lane.values_list("last_step_key").annotate(n=Count("pk"))
    order = sendable.content((sequence_id,)).sequences.get(sequence_id)
    here: Counter[str] = Counter()
    for last_key, number in counted:
        step = _next(order, last_key)
        if step is not None:
            here[step] += number
    return here


def _next(order: position.Sequence | None, last_key: str) -> str | None:
    if order is None:
        return None
    run = position.ActiveEnrollment(0, order.sequence_id, _ANY, last_step_key=last_key)
    step = choosing.next_step(order, run)
    return step.key if step else None


def _ends(sequence_id: int) -> Counter[str]:
    rows = (
        Enrollment.objects.filter(sequence_id=sequence_id)
        .order_by()
        .values("end_reason", started=Q(started_at__isnull=False))
        .annotate(n=Count("pk"))
    )
    counted: Counter[str] = Counter()
    for row in rows:
        reason = row["end_reason"] or ("active" if row["started"] else "waiting")
        counted[reason] += row["n"]
    return counted
