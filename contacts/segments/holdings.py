"""The conditions of this room beyond the fields: tags, topics, ground, stops, imports."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact, ImportBatch, ImportRow, LegalGround, Topic
from contacts.segments import kinds
from contacts.segments.facts import Person
from contacts.segments.inputs import Choice, Fixed, Option, Text
from contacts.segments.kinds import EMPTY, FILLED, IS, IS_NOT, Kind, Members, Operator

MARKETING = LegalGround.Purpose.MARKETING
NONE = LegalGround.Ground.NONE
FEW = 20_000  # people; up to so many all tags are read, beyond that the most common


@dataclass(frozen=True, slots=True)
class Holdings:
    """What this room knows about a person beside the contact."""

    topics: frozenset[int]
    ground: str
    batches: frozenset[int]
    colleagues: int


def load(contact_ids: Collection[int], now: datetime) -> dict[int, Holdings]:
    """The facts behind these conditions for a few people, in four statements."""
    topics, batches = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
    through = Contact.topics.through.objects.filter(contact_id__in=contact_ids)
    for pk, topic in through.values_list("contact_id", "topic_id"):
        topics[pk].add(topic)
    for pk, batch in ImportRow.objects.filter(contact__in=contact_ids).values_list("contact_id", "batch_id"):
        if pk is not None:
            batches[pk].add(batch)
    grounds = dict(
        LegalGround.objects.filter(contact__in=contact_ids, purpose=MARKETING).values_list(
            "contact_id", "ground"
        )
    )
    employers = dict(Contact.objects.filter(pk__in=contact_ids).values_list("pk", "company_id"))
    present = Contact.objects.present().filter(company__in={one for one in employers.values() if one})
    sizes = dict(present.order_by().values_list("company").annotate(number=Count("pk")))
    return {
        pk: Holdings(
            frozenset(topics[pk]),
            grounds.get(pk, NONE),
            frozenset(batches[pk]),
            sizes.get(employers.get(pk), 0),
        )
        for pk in contact_ids
    }


class TagKind(Kind):
    """A tag, letter by letter as it is written."""

    name = "tag"
    label = gettext_lazy("tag")

    def __init__(self) -> None:
        blank = Text(label=self.label, suggest=known_tags)
        self.operators = (
            Operator("has", IS, (blank,)),
            Operator("has_not", IS_NOT, (blank,)),
            Operator("filled", gettext_lazy("is set")),
            Operator("empty", gettext_lazy("is not set")),
        )

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        if operator in ("filled", "empty"):
            found = ~Q(tags=[])
            return found if operator == "filled" else ~found
        found = Q(tags__contains=[value])
        return found if operator == "has" else ~found

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        tags = person.contact.tags
        if operator in ("filled", "empty"):
            return bool(tags) == (operator == "filled")
        return (value in tags) == (operator == "has")

    def own(self, person: Person, now: datetime) -> str:
        return ", ".join(person.contact.tags) or _("no tag")


def known_tags() -> list[Option]:
    """The tags that people have, to suggest: all in a small silo, what the statistics of the database name in a large one."""
    with connection.cursor() as cursor:
        cursor.execute(_TAGS, [FEW, FEW])
        return [(tag, tag) for (tag,) in cursor.fetchall()]


_TAGS = """
SELECT DISTINCT tag FROM (
    SELECT unnest(most_common_elems::text::text[]) AS tag FROM pg_stats
    WHERE schemaname = current_schema() AND tablename = 'contacts_contact' AND attname = 'tags'
      AND (SELECT max(id) FROM contacts_contact) > %s
    UNION ALL
    SELECT unnest(tags) FROM contacts_contact WHERE (SELECT max(id) FROM contacts_contact) <= %s AND tags <> '{}'
) known ORDER BY tag LIMIT 1000
"""


class LinkedKind(Kind):
    """Something of which a person has some: topics, imports."""

    def __init__(
        self, name: str, label: Any, blank: Choice, rows: Callable[[], QuerySet[Any]], column: str
    ) -> None:
        self.name, self.label = name, label
        self.rows, self.column = rows, column
        self.operators = (
            Operator("has", IS, (blank,)),
            Operator("has_not", IS_NOT, (blank,)),
            Operator("filled", FILLED),
            Operator("empty", EMPTY),
        )
        self.blank = blank

    def _of(self, operator: str, value: Any) -> QuerySet[Any]:
        return (
            self.rows()
            if operator in ("filled", "empty")
            else self.rows().filter(**{self.column: int(value)})
        )

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        found = Q(Exists(self._of(operator, value).filter(contact=OuterRef("pk"))))
        return found if operator in ("has", "filled") else ~found

    def members(self, operator: str, value: Any, now: datetime) -> Members:
        rows = self._of(operator, value).filter(contact__isnull=False)
        return Members(rows, inside=operator in ("has", "filled"))

    def mine(self, person: Person) -> frozenset[int]:
        """The ids of those that the person has."""
        found: frozenset[int] = getattr(
            person["contacts"], {"topic": "topics", "import": "batches"}[self.name]
        )
        return found

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        if operator in ("filled", "empty"):
            return bool(self.mine(person)) == (operator == "filled")
        return (int(value) in self.mine(person)) == (operator == "has")

    def own(self, person: Person, now: datetime) -> str:
        return ", ".join(self.blank.said(pk) for pk in sorted(self.mine(person))) or _("none")


def topics() -> list[Option]:
    """All topics."""
    return [(str(pk), name) for pk, name in Topic.objects.values_list("pk", "name")]


def imports() -> list[Option]:
    """The imports that brought people in, newest first."""
    rows = ImportBatch.objects.exclude(started_at=None).order_by("-created_at")[:1000]
    return [(str(one.pk), f"{one.name} ({one.created_at:%Y-%m-%d})") for one in rows]


class GroundKind(Kind):
    """The ground for news and offers; nobody without a stored one has another than "none"."""

    name = "ground"
    label = gettext_lazy("legal ground")
    section = kinds.LAW

    def __init__(self) -> None:
        self.blank = Fixed(label=self.label, offered=grounds)
        self.operators = (Operator("is", IS, (self.blank,)), Operator("is_not", IS_NOT, (self.blank,)))

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        rows = LegalGround.objects.filter(contact=OuterRef("pk"), purpose=MARKETING)
        if value == NONE:
            found = ~Q(Exists(rows.exclude(ground=NONE)))
        else:
            found = Q(Exists(rows.filter(ground=value)))
        return found if operator == "is" else ~found

    def members(self, operator: str, value: Any, now: datetime) -> Members:
        rows = LegalGround.objects.filter(purpose=MARKETING)
        if value == NONE:
            return Members(rows.exclude(ground=NONE), inside=operator != "is", once=True)
        return Members(rows.filter(ground=value), inside=operator == "is", once=True)

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        return bool(person["contacts"].ground == value) == (operator == "is")

    def own(self, person: Person, now: datetime) -> str:
        return self.blank.said(person["contacts"].ground)


def grounds() -> Iterable[Option]:
    """The grounds by their names."""
    return LegalGround.Ground.choices


def the_silos() -> list[Kind]:
    """The conditions on what hangs on a contact."""
    return [
        TagKind(),
        LinkedKind(
            "topic",
            gettext_lazy("topic of interest"),
            Choice(
                label=gettext_lazy("topic"),
                offered=topics,
                lost=gettext_lazy("This topic is no longer there."),
            ),
            Contact.topics.through.objects.all,
            "topic_id",
        ),
        LinkedKind(
            "import",
            gettext_lazy("import"),
            Choice(
                label=gettext_lazy("import"),
                offered=imports,
                lost=gettext_lazy("This import is no longer there."),
            ),
            ImportRow.objects.all,
            "batch_id",
        ),
        GroundKind(),
    ]
