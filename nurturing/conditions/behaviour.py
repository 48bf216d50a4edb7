"""The conditions on what people did: how warm that made them, what they clicked, whether they answered."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import spoken
from contacts.models import Topic
from contacts.segments import kinds, plain
from contacts.segments.facts import Person
from contacts.segments.inputs import Choice, Days, Number, Option, Text
from contacts.segments.kinds import Kind, Members, Operator
from contacts.segments.truth import Truth
from nurturing.conditions.rows import RowsKind, since
from nurturing.conditions.story import human
from nurturing.models import EngagementEvent, Standing
from nurturing.queries import temperature
from nurturing.temperature import curve

Type = EngagementEvent.Type


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
