"""The conditions that this room adds to segments: temperature, what people did, where they stand, their sequences."""

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from contacts import spoken
from contacts.models import Topic
from contacts.segments import kinds, plain
from contacts.segments.facts import Person
from contacts.segments.inputs import Choice, Days, Number, Option, Text
from contacts.segments.kinds import Kind, Members, Operator
from contacts.segments.truth import Truth
from nurturing.models import EngagementEvent, Enrollment, Handoff, Send, Sequence, Standing
from nurturing.queries import live, temperature
from nurturing.temperature import curve
from nurturing.temperature.points import HUMAN

Type = EngagementEvent.Type
SENT = (Send.State.ACCEPTED, Send.State.UNKNOWN)  # what may have left has to count as having left


@dataclass(slots=True)
class Story:
    """What this room knows about one person."""

    heat: float | None = None
    state: str = Standing.State.NURTURED
    written: list[datetime] = field(default_factory=list)
    events: list[EngagementEvent] = field(default_factory=list)
    runs: list[Enrollment] = field(default_factory=list)
    handoffs: list[Handoff] = field(default_factory=list)


def load(contact_ids: Collection[int], now: datetime) -> dict[int, Story]:
    """The stories of a few people, in five statements."""
    found: dict[int, Story] = defaultdict(Story)
    for pk, heat, state in Standing.objects.filter(pk__in=contact_ids).values_list("pk", "heat", "state"):
        found[pk].heat, found[pk].state = heat, state
    for pk, at in written().filter(contact__in=contact_ids).values_list("contact_id", "finished_at"):
        found[pk].written += [at] if at else []
    for event in human().filter(contact__in=contact_ids):
        found[event.contact_id].events.append(event)
    for run in Enrollment.objects.filter(contact__in=contact_ids):
        found[run.contact_id].runs.append(run)
    for handoff in Handoff.objects.filter(contact__in=contact_ids):
        found[handoff.contact_id].handoffs.append(handoff)
    return {pk: found[pk] for pk in contact_ids}


def written() -> QuerySet[Send]:
    """The mails of the lane that left (or may have), in the mode in which the silo is."""
    return Send.objects.lane().filter(state__in=SENT, sandbox=not live.is_live())


def human(*types: str) -> QuerySet[EngagementEvent]:
    """What a person did, and no machine."""
    rows = EngagementEvent.objects.filter(human__gte=HUMAN)
    return rows.filter(type__in=types) if types else rows


class RowsKind(Kind):
    """A condition that there is a row of some sort, or that there is none; each operator names its rows.

    An operator that ends with `_not` is the opposite of the one without.
    """

    @abstractmethod
    def rows(self, operator: str, value: Any, now: datetime) -> QuerySet[Any]:
        """The rows of which there must be one; they have a column `contact`."""

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        rows = self.rows(operator.removesuffix("_not"), value, now)
        found = Q(Exists(rows.filter(contact=OuterRef("pk"))))
        return ~found if operator.endswith("_not") else found

    def members(self, operator: str, value: Any, now: datetime) -> Members:
        return Members(
            self.rows(operator.removesuffix("_not"), value, now), inside=not operator.endswith("_not")
        )

    @abstractmethod
    def has(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        """Whether the person has such a row."""

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        return self.has(person, operator.removesuffix("_not"), value, now) != operator.endswith("_not")


def since(days: int, now: datetime) -> datetime:
    """So many days ago."""
    return now - timedelta(days=days)


class TemperatureKind(Kind):
    """Degrees at this moment: a range of the stored heat, because everything cools at one rate."""

    name = "temperature"
    label = gettext_lazy("temperature")
    section = kinds.BEHAVIOUR

    def __init__(self) -> None:
        blank = Number(name="degrees", label=gettext_lazy("degrees"), least=1, most=1_000)
        self.operators = (
            Operator(
                "at_least",
                gettext_lazy("is at least"),
                (blank,),
                gettext_lazy("the temperature is at least %(degrees)s°"),
            ),
            Operator(
                "below",
                gettext_lazy("is below"),
                (blank,),
                gettext_lazy("the temperature is below %(degrees)s°"),
            ),
        )

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        found = Q(Exists(self._warm(value, now).filter(contact=OuterRef("pk"))))
        return found if operator == "at_least" else ~found

    def members(self, operator: str, value: Any, now: datetime) -> Members:
        return Members(self._warm(value, now), inside=operator == "at_least", once=True)

    def _warm(self, value: float, now: datetime) -> QuerySet[Standing]:
        return Standing.objects.filter(heat__gte=self.heat(value, now))

    def heat(self, value: float, now: datetime) -> float:
        """The stored figure that means these degrees now."""
        return temperature.in_force().rule.curve.heat_at(value, now)

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        has = person["nurturing"].heat
        return (has is not None and has >= self.heat(value, now)) == (operator == "at_least")

    def own(self, person: Person, now: datetime) -> str:
        degrees = temperature.in_force().rule.curve.degrees(person["nurturing"].heat, now)
        return _("%(degrees)s°") % {"degrees": curve.shown(degrees)}


class WrittenKind(RowsKind):
    """When the last mail to a person left."""

    name = "written"
    label = gettext_lazy("mail from us")
    section = kinds.BEHAVIOUR
    operators = (
        Operator(
            "within_not",
            gettext_lazy("has not gone out for"),
            (Days(),),
            gettext_lazy("they have not been written to for %(days)s"),
        ),
        Operator(
            "within",
            gettext_lazy("has gone out within the last"),
            (Days(),),
            gettext_lazy("they have been written to in the last %(days)s"),
        ),
        Operator(
            "ever", gettext_lazy("has gone out some time"), clause=gettext_lazy("they have been written to")
        ),
        Operator(
            "ever_not",
            gettext_lazy("has never gone out"),
            clause=gettext_lazy("they have never been written to"),
        ),
    )

    def rows(self, operator: str, value: Any, now: datetime) -> QuerySet[Any]:
        return written().filter(finished_at__gte=since(value, now)) if operator == "within" else written()

    def has(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        mails = person["nurturing"].written
        return any(at >= since(value, now) for at in mails) if operator == "within" else bool(mails)

    def own(self, person: Person, now: datetime) -> str:
        mails = person["nurturing"].written
        return (
            _("last mail %(day)s") % {"day": spoken.day(max(mails), now=now)} if mails else _("no mail yet")
        )


def topics() -> list[Option]:
    """All topics."""
    return [(str(pk), name) for pk, name in Topic.objects.values_list("pk", "name")]


ABOUT = Choice(
    name="topic",
    label=gettext_lazy("topic"),
    offered=topics,
    lost=gettext_lazy("This topic is no longer there."),
)


class ClickKind(RowsKind):
    """What a person opened from a mail; the clicks of machines are none."""

    name = "click"
    label = gettext_lazy("click")
    section = kinds.BEHAVIOUR
    operators = (
        Operator(
            "within",
            gettext_lazy("within the last"),
            (Days(),),
            gettext_lazy("they clicked something in the last %(days)s"),
        ),
        Operator(
            "within_not",
            gettext_lazy("not within the last"),
            (Days(),),
            gettext_lazy("they clicked nothing in the last %(days)s"),
        ),
        Operator(
            "about",
            gettext_lazy("in a piece about"),
            (ABOUT, Days()),
            gettext_lazy("they clicked a piece about %(topic)s in the last %(days)s"),
        ),
        Operator(
            "about_not",
            gettext_lazy("not in a piece about"),
            (ABOUT, Days()),
            gettext_lazy("they clicked no piece about %(topic)s in the last %(days)s"),
        ),
        Operator(
            "page",
            gettext_lazy("opened a page whose address contains"),
            (Text(name="page", label=gettext_lazy("part of the address")), Days()),
            gettext_lazy("they opened a page with %(page)s in its address in the last %(days)s"),
        ),
        Operator(
            "page_not",
            gettext_lazy("opened no page whose address contains"),
            (Text(name="page", label=gettext_lazy("part of the address")), Days()),
            gettext_lazy("they opened no page with %(page)s in its address in the last %(days)s"),
        ),
        Operator("ever", gettext_lazy("some time"), clause=gettext_lazy("they have clicked something")),
        Operator("ever_not", gettext_lazy("never"), clause=gettext_lazy("they have never clicked anything")),
    )

    def rows(self, operator: str, value: Any, now: datetime) -> QuerySet[Any]:
        clicks = human(Type.CLICKED)
        match operator:
            case "within":
                return clicks.filter(at__gte=since(value, now))
            case "about":
                return clicks.filter(topic_id=int(value["topic"]), at__gte=since(value["days"], now))
            case "page":
                clicks = clicks.filter(at__gte=since(value["days"], now))
                return clicks.filter(Truth("strpos(lower({}), {}) > 0", F("url"), plain.lower(value["page"])))
        return clicks

    def has(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        clicks = [one for one in person["nurturing"].events if one.type == Type.CLICKED]
        match operator:
            case "within":
                return any(one.at >= since(value, now) for one in clicks)
            case "about":
                return any(
                    one.topic_id == int(value["topic"]) and one.at >= since(value["days"], now)
                    for one in clicks
                )
            case "page":
                part = plain.lower(value["page"])
                return any(
                    part in plain.lower(one.url) and one.at >= since(value["days"], now) for one in clicks
                )
        return bool(clicks)

    def own(self, person: Person, now: datetime) -> str:
        return last(person, Type.CLICKED, now) or _("no click yet")


class ReplyKind(RowsKind):
    """Whether a person wrote back."""

    name = "reply"
    label = gettext_lazy("reply")
    section = kinds.BEHAVIOUR
    operators = (
        Operator(
            "within",
            gettext_lazy("within the last"),
            (Days(),),
            gettext_lazy("they replied in the last %(days)s"),
        ),
        Operator(
            "within_not",
            gettext_lazy("not within the last"),
            (Days(),),
            gettext_lazy("they have not replied in the last %(days)s"),
        ),
        Operator("ever", gettext_lazy("some time"), clause=gettext_lazy("they have replied")),
        Operator("ever_not", gettext_lazy("never"), clause=gettext_lazy("they have never replied")),
    )

    def rows(self, operator: str, value: Any, now: datetime) -> QuerySet[Any]:
        replies = human(Type.REPLIED)
        return replies.filter(at__gte=since(value, now)) if operator == "within" else replies

    def has(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        replies = [one for one in person["nurturing"].events if one.type == Type.REPLIED]
        return any(operator == "ever" or one.at >= since(value, now) for one in replies)

    def own(self, person: Person, now: datetime) -> str:
        return last(person, Type.REPLIED, now) or _("no reply yet")


def last(person: Person, kind: str, now: datetime) -> str:
    """The day of the last event of a kind, in words; empty when there is none."""
    moments = [one.at for one in person["nurturing"].events if one.type == kind]
    return _("last %(day)s") % {"day": spoken.day(max(moments), now=now)} if moments else ""


class StandingKind(Kind):
    """Where a person stands."""

    name = "standing"
    label = gettext_lazy("standing")
    section = kinds.SILO

    def __init__(self) -> None:
        self.blank = Choice(label=self.label, offered=states)
        self.operators = (
            Operator("is", gettext_lazy("is"), (self.blank,)),
            Operator("is_not", gettext_lazy("is not"), (self.blank,)),
        )

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        found = Q(Exists(Standing.objects.filter(contact=OuterRef("pk"), state=value)))
        return found if operator == "is" else ~found

    def members(self, operator: str, value: Any, now: datetime) -> Members:
        """Nearly everybody is nurtured: the few who are not stand in the index."""
        if value == Standing.State.NURTURED:
            return Members(Standing.objects.exclude(state=value), inside=operator != "is", once=True)
        return Members(Standing.objects.filter(state=value), inside=operator == "is", once=True)

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        return bool(person["nurturing"].state == value) == (operator == "is")

    def own(self, person: Person, now: datetime) -> str:
        return self.blank.said(person["nurturing"].state)


def states() -> list[Option]:
    """The standings by their names."""
    return [(state, Standing.words(state)) for state in Standing.State.values]


def sequences() -> list[Option]:
    """All sequences, those in the archive too: people went through them."""
    return [(str(pk), name) for pk, name in Sequence.objects.order_by("name").values_list("pk", "name")]


class SequenceKind(RowsKind):
    """The sequences of a person, now and before."""

    name = "sequence"
    label = gettext_lazy("sequence")
    section = kinds.SILO

    def __init__(self) -> None:
        blank = Choice(
            name="sequence",
            label=self.label,
            offered=sequences,
            lost=gettext_lazy("This sequence is no longer there."),
        )
        self.operators = (
            Operator(
                "in", gettext_lazy("is in"), (blank,), gettext_lazy("they are in the sequence %(sequence)s")
            ),
            Operator(
                "in_not",
                gettext_lazy("is not in"),
                (blank,),
                gettext_lazy("they are not in the sequence %(sequence)s"),
            ),
            Operator(
                "through",
                gettext_lazy("went through"),
                (blank,),
                gettext_lazy("they went through the sequence %(sequence)s"),
            ),
            Operator(
                "been",
                gettext_lazy("has been in"),
                (blank,),
                gettext_lazy("they have been in the sequence %(sequence)s"),
            ),
            Operator(
                "been_not",
                gettext_lazy("has never been in"),
                (blank,),
                gettext_lazy("they have never been in the sequence %(sequence)s"),
            ),
            Operator(
                "any", gettext_lazy("is in some sequence"), clause=gettext_lazy("they are in a sequence")
            ),
            Operator("any_not", gettext_lazy("is in none"), clause=gettext_lazy("they are in no sequence")),
        )

    def rows(self, operator: str, value: Any, now: datetime) -> QuerySet[Any]:
        if operator == "any":
            return Enrollment.objects.filter(ended_at=None)
        runs = Enrollment.objects.filter(sequence_id=int(value))
        if operator == "in":
            return runs.filter(ended_at=None)
        return runs.filter(end_reason=Enrollment.EndReason.COMPLETED) if operator == "through" else runs

    def has(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        runs: list[Enrollment] = person["nurturing"].runs
        if operator == "any":
            return any(run.ended_at is None for run in runs)
        mine = [run for run in runs if run.sequence_id == int(value)]
        if operator == "in":
            return any(run.ended_at is None for run in mine)
        if operator == "through":
            return any(run.end_reason == Enrollment.EndReason.COMPLETED for run in mine)
        return bool(mine)

    def own(self, person: Person, now: datetime) -> str:
        runs = sorted(person["nurturing"].runs, key=lambda run: run.entered_at)
        if not runs:
            return _("in no sequence so far")
        names = dict(sequences())
        said = [
            _("%(name)s: in it") % {"name": names[str(run.sequence_id)]}
            if run.ended_at is None
            else f"{names[str(run.sequence_id)]}: {run.get_end_reason_display()}"
            for run in runs
        ]
        return ", ".join(said)


class HandoffKind(RowsKind):
    """Whether sales was asked to look at a person."""

    name = "handoff"
    label = pgettext_lazy("segment", "hand-off")
    section = kinds.SILO
    operators = (
        Operator("open", gettext_lazy("is open"), clause=gettext_lazy("they wait in the queue of sales")),
        Operator(
            "open_not",
            gettext_lazy("is not open"),
            clause=gettext_lazy("they do not wait in the queue of sales"),
        ),
        Operator(
            "within",
            gettext_lazy("opened within the last"),
            (Days(),),
            gettext_lazy("they were handed to sales in the last %(days)s"),
        ),
        Operator(
            "within_not",
            gettext_lazy("not opened within the last"),
            (Days(),),
            gettext_lazy("they were not handed to sales in the last %(days)s"),
        ),
        Operator("ever_not", gettext_lazy("never"), clause=gettext_lazy("they were never handed to sales")),
    )

    def rows(self, operator: str, value: Any, now: datetime) -> QuerySet[Any]:
        if operator == "open":
            return Handoff.objects.open()
        rows = Handoff.objects.all()
        return rows.filter(opened_at__gte=since(value, now)) if operator == "within" else rows

    def has(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        rows: list[Handoff] = person["nurturing"].handoffs
        if operator == "open":
            return any(one.closed_at is None for one in rows)
        return any(operator == "ever" or one.opened_at >= since(value, now) for one in rows)

    def own(self, person: Person, now: datetime) -> str:
        moments = [one.opened_at for one in person["nurturing"].handoffs]
        return _("last %(day)s") % {"day": spoken.day(max(moments), now=now)} if moments else _("never")


def all_of_them() -> list[Kind]:
    """What this room adds."""
    return [
        TemperatureKind(),
        WrittenKind(),
        ClickKind(),
        ReplyKind(),
        StandingKind(),
        SequenceKind(),
        HandoffKind(),
    ]
