"""Switch retention rules on and off, and carry them out in bounded chunks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from contacts import keeping
from contacts.models import Contact, Erasure, ImportBatch, ImportRow, RetentionRule, RetentionRun, Suppression
from contacts.services import audit, erasure, import_forgetting

CHUNKS_AT_A_TIME = 20
# Imports that still need their file and their rows.
IN_HAND = (ImportBatch.State.RUNNING, ImportBatch.State.PAUSED, ImportBatch.State.UNDOING)


class TooShort(Exception):
    """The rule would reach further than makes sense; `least` is the shortest in days."""

    def __init__(self, least: int) -> None:
        super().__init__(f"At least {least} days.")
        self.least = least


@transaction.atomic
def switch_on(*, kind: str, days: int, by: Any, now: datetime) -> RetentionRule:
    """From now on the clock keeps this rule. Raises TooShort, and KeyError for a kind that does not exist."""
    known = keeping.kind(kind)
    if days < known.least:
        raise TooShort(known.least)
    rule, _made = RetentionRule.objects.update_or_create(
        kind=kind, defaults={"days": days, "on_since": now, "changed_at": now, "by": by}
    )
    audit.write(verb="retention.switched_on", now=now, by=by, object_type="retention", kind=kind, days=days)
    return rule


@transaction.atomic
def switch_off(*, kind: str, by: Any, now: datetime) -> None:
    """The rule rests; what it did stays done."""
    if RetentionRule.objects.filter(kind=kind, on_since__isnull=False).update(
        on_since=None, changed_at=now, by=by
    ):
        audit.write(verb="retention.switched_off", now=now, by=by, object_type="retention", kind=kind)


def keep_all(*, now: datetime) -> dict[str, int]:
    """One round of every rule that is on: a bounded number of chunks each, the rest at the next round."""
    rules = RetentionRule.objects.filter(on_since__isnull=False).order_by("kind")
    return {rule.kind: _keep(rule, now=now) for rule in rules}


def _keep(rule: RetentionRule, *, now: datetime) -> int:
    try:
        kind = keeping.kind(rule.kind)
    except KeyError:  # of a version that knew more
        return 0
    done = 0
    for _chunk in range(CHUNKS_AT_A_TIME):
        with transaction.atomic():
            step = kind.keeper.run(before=kind.before(rule.days, now=now), limit=kind.chunk, now=now)
        done += step
        if step < kind.chunk:
            break
    if done:
        with transaction.atomic():
            RetentionRun.objects.create(kind=rule.kind, at=now, days=rule.days, count=done)
            audit.write(
                verb="retention.kept",
                now=now,
                object_type="retention",
                kind=rule.kind,
                days=rule.days,
                count=done,
            )
    return done


# --- The kinds of this room


@dataclass(frozen=True, slots=True)
class People:
    """Erases the people that a query names."""

    people: Callable[[datetime], QuerySet[Contact]]
    why: str = Erasure.Why.RETENTION

    def _meant(self, before: datetime) -> QuerySet[Contact]:
        return keeping.without_spared(self.people(before), before=before)

    def count(self, *, before: datetime) -> int:
        return self._meant(before).count()

    def sample(self, *, before: datetime, limit: int) -> Sequence[keeping.Touched]:
        rows = self._meant(before).order_by("created_at", "pk")[:limit]
        return [keeping.Touched(one.name, one.get_absolute_url(), one.created_at) for one in rows]

    def run(self, *, before: datetime, limit: int, now: datetime) -> int:
        ids = list(self._meant(before).order_by("pk").values_list("pk", flat=True)[:limit])
        return erasure.erase(contact_ids=ids, why=self.why, now=now)


def bounced(before: datetime) -> QuerySet[Contact]:
    """People whose address does not exist since then, and who have no phone."""
    stops = Suppression.objects.in_force().filter(
        reason=Suppression.Reason.BOUNCED, at__lt=before, address=OuterRef("email_key")
    )
    return Contact.objects.present().filter(Exists(stops), phone="")


class ImportFiles:
    """Uploaded files of imports that are over."""

    def _meant(self, before: datetime) -> QuerySet[ImportBatch]:
        return ImportBatch.objects.filter(created_at__lt=before).exclude(file="").exclude(state__in=IN_HAND)

    def count(self, *, before: datetime) -> int:
        return self._meant(before).count()

    def sample(self, *, before: datetime, limit: int) -> Sequence[keeping.Touched]:
        return [_touched(one) for one in self._meant(before).order_by("created_at")[:limit]]

    def run(self, *, before: datetime, limit: int, now: datetime) -> int:
        found = list(self._meant(before).order_by("pk")[:limit])
        for batch in found:
            import_forgetting.let_go_of_file(batch)
        return len(found)


class ImportRows:
    """The raw rows and before-images of imports that are over and past their undo."""

    def _meant(self, before: datetime) -> QuerySet[ImportBatch]:
        rows = ImportBatch.objects.filter(created_at__lt=before).exclude(options__has_key="emptied")
        return rows.exclude(state__in=IN_HAND)

    def count(self, *, before: datetime) -> int:
        return ImportRow.objects.filter(batch__in=self._meant(before)).count()

    def sample(self, *, before: datetime, limit: int) -> Sequence[keeping.Touched]:
        return [_touched(one) for one in self._meant(before).order_by("created_at")[:limit]]

    def run(self, *, before: datetime, limit: int, now: datetime) -> int:
        batch = self._meant(before).select_for_update(of=("self",)).order_by("pk").first()
        if batch is None:
            return 0
        done_to = int(batch.options.get("emptied_to", 0))
        numbers = list(
            ImportRow.objects.filter(batch=batch, number__gt=done_to)
            .order_by("number")
            .values_list("number", flat=True)[:limit]
        )
        if numbers:
            meant = ImportRow.objects.filter(batch=batch, number__gt=done_to, number__lte=numbers[-1])
            meant.update(raw=[], before=None, after=None)
        mark = (
            {"emptied_to": numbers[-1]}
            if len(numbers) == limit
            else {"emptied": now.isoformat(), "samples": {}}
        )
        batch.options = {**batch.options, **mark}
        batch.save(update_fields=["options"])
        # a small batch must not end the round: the next one may be large
        return limit if self._meant(before).exists() else len(numbers)


class AuditLines:
    """Old lines of the audit log, through the one door that its trigger leaves open."""

    def count(self, *, before: datetime) -> int:
        return int(_one("SELECT count(*) FROM contacts_auditevent WHERE at < %s", before))

    def sample(self, *, before: datetime, limit: int) -> Sequence[keeping.Touched]:
        return []

    def run(self, *, before: datetime, limit: int, now: datetime) -> int:
        return int(_one("SELECT silo_audit_forget(%s, %s)", before, limit))


def _one(question: str, *values: datetime | int) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchone()[0]


def _touched(batch: ImportBatch) -> keeping.Touched:
    return keeping.Touched(batch.name, f"/imports/{batch.pk}/", batch.created_at)
