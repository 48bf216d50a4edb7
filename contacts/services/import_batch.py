"""What people decide about an import: its file, what it means, and whether it runs. The work itself is `import_work`."""

from __future__ import annotations  # Django's File takes no type at run time

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, cast

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from contacts.models import AuditEvent, CustomField, ImportBatch, ImportRow, LegalGround
from contacts.reading import columns, dialect, inspection, reasons, verdict
from contacts.services import import_stage

State = ImportBatch.State


class NotNow(Exception):
    """The import is not in a state in which this can be done; the message says which it is in."""


def receive(*, name: str, file: File[bytes], by: Any, now: datetime) -> ImportBatch:
    """Keep an uploaded file and understand it. Raises decoding.Unreadable, and then keeps nothing."""
    return keep(batch=draft(name=name, file=plain(file)), file=file, by=by, now=now)


def draft(*, name: str, file: BinaryIO, **chosen: Any) -> ImportBatch:
    """An import of which nothing is kept yet: how the file is understood, as found or as its owner says (see inspection.inspect).

    Raises decoding.Unreadable.
    """
    reading = inspection.inspect(file, **chosen)
    batch = ImportBatch(
        name=name[:255],
        reading=reading.as_json(),
        mapping={str(at): field_ for at, field_ in enumerate(reading.fields)},
        options={"country": reading.country},
    )
    if said := {name: value for name, value in chosen.items() if value}:
        batch.options["chosen"] = said
    return batch


def keep(*, batch: ImportBatch, file: File[bytes], by: Any, now: datetime) -> ImportBatch:
    """Store a draft and its file."""
    file.seek(0)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    batch.sha256, batch.size = digest.hexdigest(), file.size
    batch.created_at, batch.created_by = now, by
    batch.file.save(f"{digest.hexdigest()[:16]}.csv", file, save=False)
    batch.save()
    return batch


def read_again(*, batch: ImportBatch, **chosen: Any) -> None:
    """Understand the file as its owner says: encoding, delimiter, header, sheet, repair, as in inspection.inspect.

    Raises decoding.Unreadable, and then everything stays as it was.
    """
    require(batch, State.UPLOADED, State.CHECKED)
    with batch.file.open("rb") as file:
        reading = inspection.inspect(plain(file), **chosen)
    batch.reading = reading.as_json()
    batch.mapping = {str(at): field_ for at, field_ in enumerate(reading.fields)}
    batch.options = {**batch.options, "chosen": {name: value for name, value in chosen.items() if value}}
    batch.state, batch.counts, batch.rows = State.UPLOADED, {}, None
    batch.save(update_fields=["reading", "mapping", "options", "state", "counts", "rows"])


def settle(*, batch: ImportBatch, **said: Any) -> None:
    """`decide`, and keep it. Raises NotNow once the import has begun, decoding.Unreadable when nobody could be reached."""
    require(batch, State.UPLOADED, State.CHECKED)
    decide(batch=batch, **said)
    batch.save(update_fields=["mapping", "ground", "options", "state", "counts", "rows"])


def decide(
    *,
    batch: ImportBatch,
    fields: Sequence[str],
    ground: str,
    country: str = "",
    source: str = "",
    fill_only: bool = False,
    policy: Mapping[str, str] | None = None,
    policy_default: str = "",
    tags: Sequence[str] = (),
    capitals: str = "",
) -> None:
    """What each column is, on what ground, from where, and per field what happens to what is known already ("keep",
    "fill", "overwrite"); names in capitals: "write" them as names, "keep" them, "look" at each.

    Raises decoding.Unreadable when nobody could be reached.
    """
    known = [name if columns.is_known(name) else columns.LEAVE_OUT for name in fields]
    reading = inspection.Reading(**{**batch.reading, "fields": known})
    inspection.require_reachable(reading)
    batch.mapping = {str(at): name for at, name in enumerate(known)}
    batch.ground = LegalGround.Ground(ground)
    batch.options = {
        **batch.options,
        "country": country,
        "source": source[:160],
        "fill_only": fill_only or policy_default == "fill",
        "policy_default": policy_default or ("fill" if fill_only else "overwrite"),
        "policy": dict(policy or {}),
        "tags": list(tags),
        "capitals": capitals,
        "checking": False,
    }
    batch.state, batch.counts, batch.rows = State.UPLOADED, {}, None


def expect_check(*, batch: ImportBatch) -> None:
    """Remember that the dry run is under way in the background."""
    batch.options = {**batch.options, "checking": True}
    batch.save(update_fields=["options"])


def plan_of(batch: ImportBatch, *, now: datetime, silo_country: str = "SE") -> import_stage.Plan:
    """The decisions about a batch, in the form in which rows are judged."""
    reading = inspection.Reading(**batch.reading)
    options = batch.options
    fields = [batch.mapping.get(str(at), "") for at in range(len(reading.fields))]
    return import_stage.Plan(
        codec=reading.codec,
        form=dialect.Dialect(**reading.form),
        fields=fields,
        labels=reading.labels(),
        country=options.get("country") or reading.country or silo_country,
        ground=batch.ground,
        source=options.get("source")
        or batch.name,  # stands in mails of every language: no word of ours in it
        now=now,
        policy=dict(options.get("policy") or {}),
        otherwise=options.get("policy_default") or ("fill" if options.get("fill_only") else "overwrite"),
        tags=options.get("tags", []),
        typed=_typed(fields),
        capitals=options.get("capitals") or "look",
    )


def _typed(fields: Sequence[str]) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    keys = [name.removeprefix("custom:") for name in fields if name.startswith("custom:")]
    known = CustomField.objects.filter(key__in=keys) if keys else []
    return {one.key: (one.name, one.kind, tuple(one.choices)) for one in known}


@transaction.atomic
def begin(*, batch_id: int, by: Any, now: datetime) -> ImportBatch:
    """Let a settled batch run, or one that stopped go on. The caller starts the work (`run`)."""
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    require(batch, State.UPLOADED, State.CHECKED, State.FAILED, State.CANCELLED)
    if not batch.file:
        raise NotNow(_("The file of this import is not kept any more. Upload it again."))
    if not batch.ground:
        raise NotNow(_("Say first on what ground these people may be written to."))
    if batch.started_at is None:
        batch.started_at, batch.rows_done, batch.counts = now, 0, {}
    batch.state, batch.error, batch.progress = State.RUNNING, "", {}
    batch.save(update_fields=["state", "error", "started_at", "rows_done", "counts", "progress"])
    audit(batch, "import.started", by, now)
    return batch


@transaction.atomic
def pause(*, batch_id: int, by: Any, now: datetime) -> ImportBatch:
    """Let a running import rest after the rows in hand. What came in stays."""
    return _turn(batch_id, (State.RUNNING,), State.PAUSED, "import.paused", by, now)


@transaction.atomic
def resume(*, batch_id: int, by: Any, now: datetime) -> ImportBatch:
    """Let a paused import go on. The caller starts the work (`run`)."""
    return _turn(batch_id, (State.PAUSED,), State.RUNNING, "import.resumed", by, now)


@transaction.atomic
def cancel(*, batch_id: int, by: Any, now: datetime) -> ImportBatch:
    """Stop an import after the rows in hand. What came in stays, and can be undone."""
    return _turn(batch_id, (State.RUNNING, State.PAUSED), State.CANCELLED, "import.cancelled", by, now)


def _turn(batch_id: int, states: Sequence[str], to: State, verb: str, by: Any, now: datetime) -> ImportBatch:
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    require(batch, *states)
    batch.state = to
    batch.save(update_fields=["state"])
    audit(batch, verb, by, now)
    return batch


def plain(file: File[bytes]) -> BinaryIO:
    """The real file inside Django's wrappers: text can be read from it without holding it."""
    inner: Any = file
    while isinstance(inner, File):
        inner = inner.file
    return cast(BinaryIO, inner)


def rejected(batch: ImportBatch) -> Iterator[tuple[ImportRow, str]]:
    """Rows that did not come in, with the reason in words."""
    rows = ImportRow.objects.filter(batch=batch, verdict__in=verdict.REJECTED).order_by("number")
    for row in rows.iterator(chunk_size=2_000):
        yield row, reasons.words(row.reason)


def rejects_table(batch: ImportBatch) -> Iterator[list[str]]:
    """The rows that did not come in, as they were, with their line and the reason: to correct and bring in again."""
    labels = inspection.Reading(**batch.reading).labels()
    yield [*labels, _("Line"), _("Reason")]
    for row, words in rejected(batch):
        yield [*row.raw[: len(labels)], *[""] * (len(labels) - len(row.raw)), str(row.line), words]


def require(batch: ImportBatch, *states: str) -> None:
    """Raises NotNow when the import is in none of these states."""
    if batch.state not in states:
        raise NotNow(_("This import is %(state)s.") % {"state": batch.get_state_display()})


def audit(batch: ImportBatch, verb: str, by: Any, now: datetime) -> None:
    """A line of the audit log about the import."""
    AuditEvent.objects.create(
        at=now,
        by=by,
        verb=verb,
        object_type="import_batch",
        object_id=batch.pk,
        detail={"rows": batch.rows_done},
    )
