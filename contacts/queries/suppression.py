"""The stops, newest first: found by any spelling of an address, or by any part of one."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from contacts import keys, spelling
from contacts.models import Suppression
from contacts.models.suppression import THEIR_OWN

PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the list; `next` is the number before which the next one begins."""

    rows: list[Suppression]
    next: int
    total: int


def page(
    *, words: str = "", reason: str = "", lifted: bool = False, before: int = 0, size: int = PAGE
) -> Page:
    """Stops in force, or those that were lifted. A whole address also finds a stop whose address was erased."""
    rows = Suppression.objects.filter(lifted_at__isnull=not lifted)
    if words.strip():
        rows = rows.filter(_means(words))
    if reason:
        rows = rows.filter(reason=reason)
    total = rows.count()
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("by", "lifted_by").order_by("-pk")[: size + 1])
    return Page(rows=found[:size], next=found[size - 1].pk if len(found) > size else 0, total=total)


def _means(words: str) -> Q:
    plain = spelling.normal(words.replace("\x00", ""))
    hashes = [digest for one in _lookups(plain) for digest in keys.address_hashes(one)]
    return Q(address__contains=plain) | Q(address_hash__in=hashes)


def _lookups(plain: str) -> list[str]:
    return list(spelling.lookups(plain, "")) if plain.partition("@")[0] and "@" in plain else [plain]


def reasons() -> list[tuple[str, str]]:
    """For the filter."""
    return [(value, str(label)) for value, label in Suppression.Reason.choices]


def in_place_of_others(stops: QuerySet[Suppression]) -> bool:
    """Whether one of these took the place of a stop that was not the person's own (a bounce, a colleague's)."""
    before = Suppression.objects.filter(
        address_hash=OuterRef("address_hash"),
        channel=OuterRef("channel"),
        lifted_at=OuterRef("at"),
        lifted_by=None,
    )
    return stops.filter(Exists(before.exclude(reason__in=THEIR_OWN))).exists()


def with_hashes(hashes: list[str]) -> QuerySet[Suppression]:
    """Stops in force under these hashes."""
    return Suppression.objects.in_force().filter(address_hash__in=hashes)
