"""What the library pages show."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Case, Count, QuerySet, Value, When

from contacts.models import Topic
from nurturing.models import EngagementEvent, Piece, Send
from nurturing.models.mail_version import Level
from nurturing.queries import kept, live
from nurturing.temperature import points

STATES = ("live", "draft", "edited", "retired")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A topic and how many live pieces stand at each level: where the library has a gap."""

    topic: Topic
    levels: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A piece in the library: how many got it, and how many of them clicked."""

    piece: Piece
    state: str
    got: int
    clicked: int


def listed(
    *, topic_id: int | None = None, level: str = "", language: str = "", state: str = ""
) -> list[Listed]:
    """Pieces by topic, level and title; retired ones only when asked for."""
    rows = Piece.objects.select_related("topic", "mail")
    if topic_id is not None:
        rows = rows.filter(topic_id=topic_id)
    if level:
        rows = rows.filter(level=level)
    if language:
        rows = rows.filter(language=language)
    got, clicked = kept.a_minute(f"pieces:{live.is_live()}", _figures)
    return [
        Listed(one, state_of(one), got.get(one.pk, 0), clicked.get(one.pk, 0))
        for one in _in_state(rows, state).order_by("topic__name", _level_order(), "title", "pk")
    ]


def _figures() -> tuple[dict[int, int], dict[int, int]]:
    """Who got and who clicked, by piece: each one pass over the ledger, not one per piece."""
    sandbox = not live.is_live()
    sent = Send.objects.filter(piece__isnull=False, state=Send.State.ACCEPTED, sandbox=sandbox).order_by()
    clicks = EngagementEvent.objects.filter(
        type=EngagementEvent.Type.CLICKED,
        human__gte=points.HUMAN,
        send__piece__isnull=False,
        send__sandbox=sandbox,
    ).order_by()
    return (
        dict(sent.values_list("piece").annotate(n=Count("pk"))),
        dict(clicks.values_list("send__piece").annotate(n=Count("contact", distinct=True))),
    )


def state_of(piece: Piece) -> str:
    """live · edited (live, with newer words that wait) · draft · retired."""
    if piece.retired_at is not None:
        return "retired"
    if piece.mail is None:
        return "draft"
    written = (piece.subject, piece.preheader, piece.body, piece.language)
    out = (piece.mail.subject, piece.mail.preheader, piece.mail.body, piece.mail.language)
    return "live" if written == out else "edited"


def shelves() -> list[Shelf]:
    """Every topic with its live pieces per level."""
    counted: Counter[tuple[int, str]] = Counter()
    rows = Piece.objects.live().order_by().values_list("topic_id", "level").annotate(n=Count("pk"))
    for topic_id, level, number in rows:
        counted[topic_id, level] += number
    return [
        Shelf(topic, tuple((level, counted[topic.pk, level]) for level in Level.values))
        for topic in Topic.objects.order_by("name")
    ]


def _in_state(rows: QuerySet[Piece], state: str) -> QuerySet[Piece]:
    if state == "retired":
        return rows.filter(retired_at__isnull=False)
    rows = rows.filter(retired_at=None)
    if state == "draft":
        return rows.filter(mail=None)
    if state == "live":
        return rows.filter(mail__isnull=False)
    return rows


def _level_order() -> Case:
    return Case(*(When(level=level, then=Value(place)) for place, level in enumerate(Level.values)))
