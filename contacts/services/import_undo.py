"""Undo an import, updates included: back to how each person was before, except for what people did since.

Rows are taken back by the stretch, in a constant number of statements; a run that was killed goes on where it was.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from contacts import arrays, hooks, traces
from contacts.models import (
    AuditEvent,
    Contact,
    ContactAddress,
    DuplicatePair,
    ImportBatch,
    ImportRow,
    Suppression,
)
from contacts.models.audit_event import LOOKED_AT
from contacts.services import import_batch, import_hands, import_stage, import_work, suppression
from contacts.services.import_judge import SCALARS
from contacts.services.import_write import MARK, remove_empty_companies

State = ImportBatch.State
DAYS = 30
CHUNK = 10_000
WORTHLESS_ALONE = (ContactAddress, Contact.topics.through, DuplicatePair)
TALLY = ("removed", "restored", "kept", "kept_fields", "lifted")

# People whom the import changed or made. Who was made looks as the import left them, or else somebody was at them since.
_START = f"""
CREATE TEMP TABLE undone AS
SELECT r.number, r.contact_id, r.before, r.after, r.before IS NULL AS made, false AS theirs, false AS shared,
       r.before IS NULL AND CASE WHEN r.after ? 'mark' THEN r.after ->> 'mark' = {MARK}
                                 ELSE to_jsonb(c) @> coalesce(r.after -> 'fields', '{{}}') END AS untouched
  FROM (SELECT * FROM contacts_importrow WHERE batch_id = %(batch)s AND number > %(after)s AND number <= %(upto)s
           AND after IS NOT NULL) r
  JOIN contacts_contact c ON c.id = r.contact_id AND c.erased_at IS NULL
 ORDER BY c.id FOR NO KEY UPDATE OF c
"""  # noqa: S608 - no value in it
_TOUCHED = f"""
UPDATE undone u SET untouched = false, theirs = true WHERE made AND (
    contact_id = ANY(%(busy)s)
    OR EXISTS (SELECT 1 FROM contacts_auditevent e WHERE e.contact_id = u.contact_id AND e.at >= %(since)s
                  AND (e.verb LIKE 'contact.%%' AND e.verb <> '{LOOKED_AT}' OR e.verb LIKE 'ground.%%')))
"""  # noqa: S608 - no value in it
# Another list has them, too, and stands. It made them, then, as far as its own undo is concerned.
_SHARED = """
UPDATE undone u SET untouched = false, shared = NOT theirs FROM contacts_importrow r, contacts_importbatch b
 WHERE u.made AND r.contact_id = u.contact_id AND r.batch_id + 0 <> %(batch)s AND r.after IS NOT NULL
   AND b.id = r.batch_id AND b.state <> 'undone'
"""
_HAND_ON = f"""
UPDATE contacts_importrow o SET before = NULL, after = o.after || jsonb_build_object('mark', {MARK})
  FROM contacts_contact c, (
    SELECT DISTINCT ON (r.contact_id) r.id FROM undone u
      JOIN contacts_importrow r ON r.contact_id = u.contact_id AND r.batch_id + 0 <> %(batch)s AND r.after IS NOT NULL
      JOIN contacts_importbatch b ON b.id = r.batch_id AND b.state <> 'undone'
     WHERE u.shared ORDER BY r.contact_id, r.batch_id, r.number) x
 WHERE o.id = x.id AND c.id = o.contact_id
"""  # noqa: S608 - no value in it
# A later list found what this one wrote: its undo goes back to what was before both.
_HAND_ON_FIELDS = """
UPDATE contacts_importrow o SET before = jsonb_set(o.before, '{fields}', o.before -> 'fields' || x.fields)
  FROM (SELECT r.id, jsonb_object_agg(f.key, u.before -> 'fields' -> f.key) AS fields
          FROM undone u CROSS JOIN LATERAL jsonb_each(u.after -> 'fields') f
          JOIN contacts_importrow r ON r.contact_id = u.contact_id AND r.batch_id + 0 > %(batch)s
               AND r.before -> 'fields' -> f.key = f.value
         WHERE NOT u.made AND u.after ? 'fields' GROUP BY r.id) x
 WHERE o.id = x.id
"""
# A field goes back when it still holds what the import wrote.
_BACK = """
CREATE TEMP TABLE undone_fields AS
SELECT u.contact_id, coalesce(jsonb_object_agg(f.key, u.before -> 'fields' -> f.key) FILTER (WHERE
           to_jsonb(c) -> f.key = f.value AND (f.key <> 'company_id' OR k.id IS NOT NULL
                OR jsonb_typeof(u.before -> 'fields' -> 'company_id') = 'null')), '{}') AS back,
       count(*) AS written
  FROM undone u JOIN contacts_contact c ON c.id = u.contact_id
 CROSS JOIN LATERAL jsonb_each(u.after -> 'fields') f
  LEFT JOIN contacts_company k ON f.key = 'company_id' AND k.id = (u.before -> 'fields' ->> 'company_id')::bigint
 WHERE NOT u.made AND u.after ? 'fields' GROUP BY u.contact_id
"""
_RESTORE = """
UPDATE contacts_contact c SET {sets},
       tags = CASE WHEN back ? 'tags' THEN ARRAY(SELECT jsonb_array_elements_text(back -> 'tags')) ELSE c.tags END,
       custom = CASE WHEN back ? 'custom' THEN back -> 'custom' ELSE c.custom END,
       company_id = CASE WHEN back ? 'company_id' THEN (back ->> 'company_id')::bigint ELSE c.company_id END,
       updated_at = %(now)s
  FROM undone_fields f WHERE f.contact_id = c.id AND f.back <> '{{}}'
"""
# Not taken away where there was none before: mails that left then had a ground, and this says what became of it.
_GROUNDS = """
UPDATE contacts_legalground g SET
    ground = coalesce(u.before -> 'ground' ->> 'ground', 'none'),
    at = coalesce((u.before -> 'ground' ->> 'at')::timestamptz, g.at),
    source = coalesce(u.before -> 'ground' ->> 'source', %(words)s),
    wording = coalesce(u.before -> 'ground' ->> 'wording', ''),
    ip = coalesce(u.before -> 'ground' ->> 'ip', ''), batch_id = NULL
  FROM undone u WHERE g.contact_id = u.contact_id AND g.purpose = 'marketing' AND g.batch_id = %(batch)s
   AND (u.made AND NOT u.untouched OR NOT u.made AND u.after ? 'ground')
"""
_ADDRESSES = """
DELETE FROM contacts_contactaddress a USING undone u, jsonb_array_elements_text(u.after -> 'addresses') e(email)
 WHERE NOT u.made AND u.after ? 'addresses' AND a.contact_id = u.contact_id AND a.email_key = lower(e.email)
"""


_PREVIEW = """
SELECT count(*) FILTER (WHERE before IS NULL), count(*) FILTER (WHERE before IS NOT NULL) FROM contacts_importrow
 WHERE batch_id = %(batch)s AND contact_id IS NOT NULL AND after IS NOT NULL
"""
_PREVIEW_KEPT = f"""
SELECT r.contact_id FROM contacts_importrow r JOIN contacts_contact c ON c.id = r.contact_id AND c.erased_at IS NULL
 WHERE r.batch_id = %(batch)s AND r.before IS NULL AND r.after ? 'mark' AND r.after ->> 'mark' <> {MARK}
UNION
SELECT e.contact_id FROM contacts_auditevent e JOIN contacts_importrow r ON r.contact_id = e.contact_id
 WHERE r.batch_id = %(batch)s AND r.before IS NULL AND r.after IS NOT NULL AND e.at >= %(since)s
   AND (e.verb LIKE 'contact.%%' AND e.verb <> '{LOOKED_AT}' OR e.verb LIKE 'ground.%%')
UNION
SELECT o.contact_id FROM contacts_importrow o JOIN contacts_importrow r ON r.contact_id = o.contact_id
  JOIN contacts_importbatch b ON b.id = o.batch_id AND b.state <> 'undone'
 WHERE r.batch_id = %(batch)s AND r.before IS NULL AND r.after IS NOT NULL AND o.batch_id <> r.batch_id
   AND o.after IS NOT NULL
"""  # noqa: S608 - no value in it


def can_undo(batch: ImportBatch, *, now: datetime) -> bool:
    """True for thirty days after a file came in, also when only part of it did."""
    if batch.state not in (State.DONE, State.FAILED, State.CANCELLED, State.PAUSED) or not batch.rows_done:
        return False
    since = batch.finished_at or batch.started_at
    return since is not None and now - since <= timedelta(days=DAYS)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an undo would do, as far as it can be told quickly: people, and stops."""

    removes: int
    restores: int
    keeps: int
    lifts: int


def preview(batch: ImportBatch, *, now: datetime) -> Preview:
    """What undoing now would do. In a very large import, mails and clicks are looked up only while it runs."""
    with connection.cursor() as cursor:
        cursor.execute(_PREVIEW, {"batch": batch.pk, "since": batch.created_at})
        made, restores = cursor.fetchone()
        cursor.execute(_PREVIEW_KEPT, {"batch": batch.pk, "since": batch.created_at})
        kept = {row[0] for row in cursor.fetchall()}
    if made <= CHUNK:
        rows = ImportRow.objects.filter(
            batch=batch, before__isnull=True, after__isnull=False, contact__isnull=False
        )
        kept |= traces.among(rows.values_list("contact_id", flat=True))
    lifts = Suppression.objects.in_force().said_once().filter(batch_id=batch.pk).count()
    return Preview(made - len(kept), restores, len(kept), lifts)


@transaction.atomic
def begin(*, batch_id: int, by: Any, now: datetime) -> ImportBatch:
    """Say that an import is to be undone. The caller starts the work (`run`). Raises import_batch.NotNow."""
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    if not can_undo(batch, now=now):
        raise import_batch.NotNow(
            _("This import is %(state)s; an import can be undone for %(days)s days.")
            % {"state": batch.get_state_display(), "days": DAYS}
        )
    last = ImportRow.objects.filter(batch=batch).aggregate(last=Max("number"))["last"] or 0
    batch.state, batch.undone_by, batch.rows_done = State.UNDOING, by, last
    batch.options = {**batch.options, "undo": {}}
    batch.progress = {"phase": "undoing", "of": last, "since": now.isoformat(), "from": 0}
    batch.save(update_fields=["state", "undone_by", "options", "rows_done", "progress"])
    AuditEvent.objects.create(
        at=now, by=by, verb="import.undone", object_type="import_batch", object_id=batch_id
    )
    return batch


def run(*, batch_id: int, now: datetime) -> ImportBatch:
    """Take the rows back; goes on where an earlier run was stopped."""
    with import_work.one_worker(batch_id) as alone:
        batch = ImportBatch.objects.get(pk=batch_id)
        if alone and batch.state == State.UNDOING:

            def do(after: int, upto: int) -> None:
                _stretch(batch_id, after, upto, now)

            import_hands.share(_left(batch), do)
            _finish(batch_id, now)
    return ImportBatch.objects.get(pk=batch_id)


def _left(batch: ImportBatch) -> list[import_hands.Stretch]:
    """The stretches that are not taken back yet, the last one first."""
    cut = range(0, batch.rows_done, CHUNK)
    whole = [(after, min(after + CHUNK, batch.rows_done)) for after in reversed(cut)]
    return [(after, upto) for after, upto in batch.options.get("undo_left", whole)]


@transaction.atomic
def _stretch(batch_id: int, after: int, upto: int, now: datetime) -> None:
    batch = ImportBatch.objects.get(pk=batch_id)
    if batch.state != State.UNDOING:
        raise import_hands.Stopped
    counted = _take_back(batch, after, upto, now)
    # the row of the import is locked last and briefly, so that the other hand does not wait for it
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    _count(batch, counted)
    batch.options["undo_left"] = [one for one in _left(batch) if one != (after, upto)]
    batch.rows_done -= upto - after
    batch.save(update_fields=["rows_done", "options"])


def _count(batch: ImportBatch, more: Counter[str]) -> None:
    counted = Counter(batch.options.get("undo", {})) + more
    batch.options["undo"] = {name: counted[name] for name in TALLY}


@transaction.atomic
def _finish(batch_id: int, now: datetime) -> None:
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state != State.UNDOING or batch.rows_done:
        return
    remove_empty_companies(batch_id)
    _count(batch, _lift(batch, now))
    batch.options.pop("undo_left", None)
    batch.state, batch.undone_at, batch.progress = State.UNDONE, now, {}
    import_stage.drop(str(batch_id))
    batch.save(update_fields=["state", "undone_at", "options", "progress"])


def _take_back(batch: ImportBatch, after: int, upto: int, now: datetime) -> Counter[str]:
    said: dict[str, Any] = {
        "batch": batch.pk,
        "after": after,
        "upto": upto,
        "since": batch.created_at,
        "now": now,
        "words": _("the import was undone"),
    }
    sets = ", ".join(
        f"{name} = CASE WHEN back ? '{name}' THEN back ->> '{name}' ELSE c.{name} END"
        for name in (*SCALARS, "email")
    )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("DROP TABLE IF EXISTS undone, undone_fields")
        cursor.execute(_START, said)
        cursor.execute("SELECT contact_id FROM undone WHERE made")
        made = [row[0] for row in cursor.fetchall()]
        cursor.execute(_TOUCHED, {**said, "busy": sorted(traces.among(made))})
        cursor.execute(_SHARED, said)
        cursor.execute(_HAND_ON, said)
        cursor.execute(_HAND_ON_FIELDS, said)
        cursor.execute(_BACK)
        cursor.execute(_RESTORE.format(sets=sets), said)
        cursor.execute(_GROUNDS, said)
        cursor.execute(_ADDRESSES)
        cursor.execute(
            "SELECT coalesce(sum(written - (SELECT count(*) FROM jsonb_object_keys(back))), 0)::int FROM undone_fields"
        )
        counted = Counter(kept_fields=cursor.fetchone()[0])
        cursor.execute("SELECT contact_id, made, untouched FROM undone ORDER BY number DESC")
        rows = cursor.fetchall()
        cursor.execute("DROP TABLE undone, undone_fields")
    removed = [pk for pk, _made, untouched in rows if untouched]
    stay = [pk for pk, _made, untouched in rows if not untouched]
    counted.update(
        removed=len(removed),
        restored=sum(1 for _pk, made, _untouched in rows if not made),
        kept=sum(1 for _pk, made, untouched in rows if made and not untouched),
    )
    hooks.unmade(removed, now=now)
    _remove(removed)
    hooks.changed(stay, now=now)
    return counted


def _remove(contact_ids: Sequence[int]) -> None:
    """Take people away with what only the database itself made for them; where more hangs on somebody, Django looks."""
    if not contact_ids:
        return
    simple = [one for one in traces.relations() if one.primary_key or one.model in WORTHLESS_ALONE]
    others = [one for one in traces.relations() if one not in simple and one.db_constraint]  # type: ignore[attr-defined]
    more = traces.pointing(others, contact_ids)
    alone = {"ids": arrays.ids(set(contact_ids) - more)}
    with connection.cursor() as cursor:
        for one in simple:
            cursor.execute(
                f"DELETE FROM {one.model._meta.db_table} WHERE {one.column} = ANY(%(ids)s::bigint[])",  # noqa: S608
                alone,
            )
        cursor.execute("DELETE FROM contacts_contact WHERE id = ANY(%(ids)s::bigint[])", alone)
    Contact.objects.filter(id__in=more).delete()


def _lift(batch: ImportBatch, now: datetime) -> Counter[str]:
    """Stops that this import alone caused; what a person said themselves has taken their place where they did."""
    alone = Suppression.objects.in_force().said_once().filter(batch_id=batch.pk)
    stops = list(alone.select_for_update().values_list("id", "address"))
    Suppression.objects.filter(id__in=[pk for pk, _address in stops]).update(
        lifted_at=now, lifted_by=batch.undone_by
    )
    addresses = [address for _pk, address in stops if address]
    reached: dict[str | None, list[int]] = defaultdict(list)
    still_here = Contact.objects.filter(email_key__in=addresses) | Contact.objects.filter(phone__in=addresses)
    for contact_id, email, phone in still_here.values_list("id", "email_key", "phone"):
        for address in {email, phone}:
            reached[address].append(contact_id)
    lines = [
        AuditEvent(
            at=now,
            by=batch.undone_by,
            verb="suppression.lifted",
            contact_id=contact_id,
            object_type="suppression",
            object_id=pk,
            detail={"because": "import undone", "batch": batch.pk},
        )
        for pk, address in stops
        for contact_id in reached.get(address) or suppression.NOBODY
    ]
    AuditEvent.objects.bulk_create(lines, batch_size=5_000)
    hooks.changed(sorted({pk for address in addresses for pk in reached.get(address, ())}), now=now)
    return Counter(lifted=len(stops))
