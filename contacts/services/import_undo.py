"""Undo an import, updates included: back to how each person was before, except for what people did since."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import dateparse
from django.utils.translation import gettext as _

from contacts import hooks, traces
from contacts.models import (
    AuditEvent,
    Company,
    Contact,
    ContactAddress,
    ImportBatch,
    ImportRow,
    LegalGround,
    Suppression,
)
from contacts.services import import_batch

State = ImportBatch.State
DAYS = 30
CHUNK = 1_000
TALLY = ("removed", "restored", "kept", "kept_fields", "lifted")


def can_undo(batch: ImportBatch, *, now: datetime) -> bool:
    """True for thirty days after a file came in, also when only part of it did."""
    if batch.state not in (State.DONE, State.FAILED, State.CANCELLED) or not batch.rows_done:
        return False
    since = batch.finished_at or batch.started_at
    return since is not None and now - since <= timedelta(days=DAYS)


@transaction.atomic
def begin(*, batch_id: int, by: Any, now: datetime) -> ImportBatch:
    """Say that an import is to be undone. The caller starts the work (`run`). Raises import_batch.NotNow."""
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    if not can_undo(batch, now=now):
        raise import_batch.NotNow(
            _("This import is %(state)s; an import can be undone for %(days)s days.")
            % {"state": batch.get_state_display(), "days": DAYS}
        )
    batch.state, batch.undone_by = State.UNDOING, by
    batch.options = {**batch.options, "undo": {}}
    batch.save(update_fields=["state", "undone_by", "options"])
    AuditEvent.objects.create(
        at=now, by=by, verb="import.undone", object_type="import_batch", object_id=batch_id
    )
    return batch


def run(*, batch_id: int, now: datetime) -> ImportBatch:
    """Take the rows back, the last one first; goes on where an earlier run was stopped."""
    with import_batch.one_worker(batch_id) as alone:
        while alone and _chunk(batch_id, now):
            pass
    return ImportBatch.objects.get(pk=batch_id)


@transaction.atomic
def _chunk(batch_id: int, now: datetime) -> bool:
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state != State.UNDOING:
        return False
    rows = list(
        ImportRow.objects.filter(batch=batch, number__lte=batch.rows_done)
        .exclude(after=None)
        .order_by("-number")[:CHUNK]
    )
    counted = Counter(batch.options.get("undo", {}))
    if rows:
        counted += _take_back(rows, batch, now)
        batch.rows_done = rows[-1].number - 1
    if len(rows) < CHUNK:
        counted += _lift(batch, now)
        batch.state, batch.undone_at, batch.rows_done = State.UNDONE, now, 0
    batch.options = {**batch.options, "undo": {name: counted[name] for name in TALLY}}
    batch.save(update_fields=["state", "undone_at", "rows_done", "options"])
    return batch.state == State.UNDOING


def _take_back(rows: Sequence[ImportRow], batch: ImportBatch, now: datetime) -> Counter[str]:
    counted: Counter[str] = Counter()
    ids = [row.contact_id for row in rows if row.contact_id]
    people = Contact.objects.select_for_update(no_key=True).filter(erased_at=None).order_by("id").in_bulk(ids)
    grounds = {
        ground.contact_id: ground
        for ground in LegalGround.objects.filter(contact_id__in=ids, purpose="marketing")
    }
    busy = traces.among(ids) | _touched_elsewhere(ids, batch)
    removed: list[int] = []
    restored: list[int] = []
    for row in rows:
        one = people.get(row.contact_id or 0)
        if one is None:
            continue
        if row.before is None:
            if one.pk not in busy and _as_written(one, row):
                removed.append(one.pk)
            else:  # what people did stays; the ground that only this list gave goes, and with it all mail
                counted["kept"] += 1
                restored.append(one.pk)
                _restore_ground(grounds.get(one.pk), row, batch)
            continue
        restored.append(one.pk)
        counted["restored"] += 1
        counted["kept_fields"] += _restore(one, row, now)
        _restore_ground(grounds.get(one.pk), row, batch)
    added = [
        address
        for row in rows
        if row.before is not None
        for address in (row.after or {}).get("addresses", [])
    ]
    ContactAddress.objects.filter(email_key__in=added, contact_id__in=restored).delete()
    Contact.objects.filter(id__in=removed).delete()
    counted["removed"] += len(removed)
    _remove_companies(rows)
    hooks.changed(restored, now=now)
    return counted


def _touched_elsewhere(ids: Sequence[int], batch: ImportBatch) -> set[int]:
    others = ImportRow.objects.filter(contact_id__in=ids).exclude(batch=batch).exclude(after=None)
    by_people = AuditEvent.objects.filter(
        Q(verb__startswith="contact.") | Q(verb__startswith="ground."),
        contact_id__in=ids,
        at__gte=batch.created_at,
    )
    return {pk for pk in others.values_list("contact_id", flat=True) if pk} | {
        pk for pk in by_people.values_list("contact_id", flat=True) if pk
    }


def _as_written(one: Contact, row: ImportRow) -> bool:
    written = (row.after or {}).get("fields", {})
    return all(getattr(one, name) == value for name, value in written.items())


def _restore(one: Contact, row: ImportRow, now: datetime) -> int:
    """Put back each field that still holds what the import wrote; returns how many people changed since."""
    before, after = (row.before or {}).get("fields", {}), (row.after or {}).get("fields", {})
    back = [name for name in after if getattr(one, name) == after[name]]
    if (
        "company_id" in back
        and before["company_id"]
        and not Company.objects.filter(pk=before["company_id"]).exists()
    ):
        back.remove("company_id")
    for name in back:
        setattr(one, name, before[name])
    if back:
        one.updated_at = now
        one.save(update_fields=[*back, "updated_at"])
    return len(after) - len(back)


def _restore_ground(ground: LegalGround | None, row: ImportRow, batch: ImportBatch) -> None:
    if "ground" not in (row.after or {}) or ground is None or ground.batch_id != batch.pk:
        return
    before = (row.before or {}).get("ground")
    if before is None:  # not taken away: mails that left then had a ground, and this says what became of it
        ground.ground, ground.source, ground.wording, ground.ip = (
            LegalGround.Ground.NONE,
            _("the import was undone"),
            "",
            "",
        )
        ground.batch_id = None
        ground.save()
        return
    for name in ("ground", "source", "wording", "ip"):
        setattr(ground, name, before[name])
    ground.at = dateparse.parse_datetime(before["at"]) or ground.at
    ground.batch_id = None
    ground.save()


def _remove_companies(rows: Sequence[ImportRow]) -> None:
    made = [company for row in rows if (company := (row.after or {}).get("company_made"))]
    empty = Company.objects.filter(id__in=made)
    for relation in Company._meta.related_objects:
        empty = empty.filter(**{f"{relation.name}__isnull": True})
    empty.delete()


def _lift(batch: ImportBatch, now: datetime) -> Counter[str]:
    """Stops that this import alone caused; what a person said themselves has taken their place where they
    did.
    """
    stops = list(Suppression.objects.in_force().filter(batch_id=batch.pk).values_list("id", "address"))
    Suppression.objects.filter(id__in=[pk for pk, _address in stops]).update(
        lifted_at=now, lifted_by=batch.undone_by
    )
    AuditEvent.objects.bulk_create(
        AuditEvent(
            at=now,
            by=batch.undone_by,
            verb="suppression.lifted",
            object_type="suppression",
            object_id=pk,
            detail={"because": "import undone", "batch": batch.pk},
        )
        for pk, _address in stops
    )
    addresses = [address for _pk, address in stops if address]
    still_here = Contact.objects.filter(email_key__in=addresses) | Contact.objects.filter(phone__in=addresses)
    hooks.changed(list(still_here.values_list("id", flat=True)), now=now)
    return Counter(lifted=len(stops))
