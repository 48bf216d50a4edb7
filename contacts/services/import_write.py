"""Write one chunk of judged rows: a constant number of statements, no object per row.

The database's triggers give each new contact a standing and a search line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q
from psycopg2.extras import Json, execute_values

from contacts import hooks, keys
from contacts.models import Contact, Suppression
from contacts.reading import verdict
from contacts.services import company as companies
from contacts.services.import_judge import Outcome

CHANGED_COLUMNS = {
    **dict.fromkeys(
        ("email", "first_name", "last_name", "title", "phone", "city", "country", "language", "recipient"),
        "varchar",
    ),
    "tags": "varchar[]",
    "custom": "jsonb",
    "company_id": "bigint",
}

NEW_COLUMNS = ("id", *CHANGED_COLUMNS, "obtained", "way_in", "way_in_note", "created_at", "updated_at")


@dataclass(slots=True)
class Trace:
    """What a row wrote, and how it was before: the material of undo."""

    before: dict[str, Any] | None = None
    after: dict[str, Any] = field(default_factory=dict)


def write(outcomes: Sequence[Outcome], *, batch_id: int, source: str, now: datetime) -> None:
    """Bring the rows into the silo and keep every one of them with its verdict. Call inside a transaction."""
    writing = [outcome for outcome in outcomes if outcome.writes]
    traces = {outcome.person.number: Trace() for outcome in writing}
    company_ids = _companies(writing, traces, now)
    new = [outcome for outcome in writing if outcome.known is None]
    _insert(new, traces, company_ids, source=source, now=now)
    old = [outcome for outcome in writing if outcome.known is not None]
    _update(old, traces, company_ids, now)
    _grounds(writing, traces, batch_id)
    _addresses(writing, traces)
    stopped = _stops(writing, traces, batch_id=batch_id, source=source, now=now)
    _keep_rows(outcomes, traces, batch_id)
    _tell(writing, stopped, now)


def _tell(writing: Sequence[Outcome], addresses: Sequence[str], now: datetime) -> None:
    """Who came in, changed or was stopped; a stop counts for everybody who is reached at that address."""
    hooks.added([one.contact_id for one in writing if one.known is None and one.contact_id], now=now)
    changed = [one for one in writing if one.known is not None and one.verdict == verdict.CHANGED]
    hooks.changed([one.contact_id for one in changed if one.contact_id], now=now)
    stopped = [one for one in writing if one.verdict == verdict.SUPPRESSED or one.person.no_calls]
    reached = Contact.objects.present().filter(Q(email_key__in=addresses) | Q(phone__in=addresses))
    also = set(reached.values_list("id", flat=True)) if addresses else set()
    hooks.stopped(sorted(also | {one.contact_id for one in stopped if one.contact_id}), now=now)


def _companies(writing: Sequence[Outcome], traces: dict[int, Trace], now: datetime) -> dict[str, int]:
    naming = [one for one in writing if one.person.company and (one.known is None or one.new_company)]
    named = [
        companies.Named(one.person.company, one.person.domain, one.person.org_number, one.person.country)
        for one in naming
    ]
    ids, made = companies.get_or_make_many(named, now=now)
    left = set(made)
    for one in naming:
        if (company_id := ids[one.person.company_key]) in left:
            traces[one.person.number].after["company_made"] = company_id
            left.discard(company_id)
    return dict(ids)


def _insert(
    new: Sequence[Outcome],
    traces: dict[int, Trace],
    company_ids: dict[str, int],
    *,
    source: str,
    now: datetime,
) -> None:
    if not new:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('contacts_contact', 'id')) FROM generate_series(1, %s)",
            [len(new)],
        )
        for outcome, (contact_id,) in zip(new, cursor.fetchall(), strict=True):
            outcome.contact_id = contact_id
    rows = []
    for outcome in new:
        one = outcome.person
        company_id = company_ids[one.company_key] if one.company else None
        written = [
            one.email or None, one.first_name, one.last_name, one.title, one.phone, one.city, one.country,
            one.language, one.recipient, one.tags, one.custom, company_id,
        ]  # fmt: skip
        traces[one.number].after["fields"] = dict(zip(CHANGED_COLUMNS, written, strict=True))
        written[10] = Json(one.custom)
        rows.append((outcome.contact_id, *written, "list", "list", source[:200], now, now))
    _values(f"INSERT INTO contacts_contact ({', '.join(NEW_COLUMNS)}) VALUES %s", rows)  # noqa: S608


def _update(
    old: Sequence[Outcome], traces: dict[int, Trace], company_ids: dict[str, int], now: datetime
) -> None:
    rows = []
    for outcome in old:
        known = outcome.known or {}
        changes = dict(outcome.changes)
        if outcome.new_company:
            changes["company_id"] = company_ids[outcome.person.company_key]
        trace = traces[outcome.person.number]
        trace.before = {"fields": {name: known[name] for name in changes}}
        if not changes:
            continue
        trace.after["fields"] = changes
        values = [changes.get(name, known[name]) for name in CHANGED_COLUMNS]
        values[10] = Json(values[10])
        rows.append((outcome.contact_id, *values, now))
    sets = ", ".join(f"{name} = v.{name}::{kind}" for name, kind in CHANGED_COLUMNS.items())
    names = ", ".join(CHANGED_COLUMNS)
    _values(
        f"UPDATE contacts_contact c SET {sets}, updated_at = v.at"  # noqa: S608 - our own column names
        f" FROM (VALUES %s) AS v (id, {names}, at) WHERE c.id = v.id",
        rows,
        template="(%s, "
        + ", ".join(f"%s::{kind}" for kind in CHANGED_COLUMNS.values())
        + ", %s::timestamptz)",
    )


def _grounds(writing: Sequence[Outcome], traces: dict[int, Trace], batch_id: int) -> None:
    rows = []
    for outcome in writing:
        if (ground := outcome.ground) is None:
            continue
        trace = traces[outcome.person.number]
        trace.after["ground"] = _plain(ground)
        if trace.before is not None:
            trace.before["ground"] = _plain(outcome.known_ground) if outcome.known_ground else None
        columns = (ground["ground"], ground["at"], ground["source"], ground["wording"], ground["ip"])
        rows.append((outcome.contact_id, "marketing", *columns, batch_id))
    _values(
        "INSERT INTO contacts_legalground (contact_id, purpose, ground, at, source, wording, ip, batch_id)"
        " VALUES %s ON CONFLICT (contact_id, purpose) DO UPDATE SET ground = EXCLUDED.ground, at "
        "= EXCLUDED.at,"
        " source = EXCLUDED.source, wording = EXCLUDED.wording, ip = EXCLUDED.ip, batch_id = "
        "EXCLUDED.batch_id",
        rows,
    )


def _addresses(writing: Sequence[Outcome], traces: dict[int, Trace]) -> None:
    rows = [(one.contact_id, email) for one in writing for email in one.addresses]
    made = _values(
        "INSERT INTO contacts_contactaddress (contact_id, email) VALUES %s"
        " ON CONFLICT (email_key) DO NOTHING RETURNING contact_id, email",
        rows,
        fetch=True,
    )
    by_contact: dict[int, list[str]] = {}
    for contact_id, email in made:
        by_contact.setdefault(contact_id, []).append(email)
    for outcome in writing:
        if found := by_contact.get(outcome.contact_id or 0):
            traces[outcome.person.number].after["addresses"] = found


def _stops(
    writing: Sequence[Outcome], traces: dict[int, Trace], *, batch_id: int, source: str, now: datetime
) -> list[str]:
    """Write the stops that the list asks for; answers the addresses and numbers that are stopped now."""
    wanted: dict[tuple[str, str], tuple[Outcome, str]] = {}
    for outcome in writing:
        one = outcome.person
        if one.stop:
            for email in (one.email, *one.further) if one.email else ():
                wanted.setdefault((email, "mail"), (outcome, one.stop))
            if not one.email:
                wanted.setdefault((one.phone, "all"), (outcome, one.stop))
        if one.no_calls and one.phone:
            wanted.setdefault((one.phone, "phone"), (outcome, Suppression.Reason.DO_NOT_CALL))
    rows = [
        (address, keys.address_hash(address), channel, reason, source[:200], now, batch_id)
        for (address, channel), (_outcome, reason) in sorted(wanted.items(), key=lambda item: item[0])
    ]
    made = _values(
        "INSERT INTO contacts_suppression (address, address_hash, channel, reason, source, at, batch_id)"
        " VALUES %s ON CONFLICT (address_hash, channel) WHERE lifted_at IS NULL DO NOTHING"
        " RETURNING id, address, channel",
        rows,
        fetch=True,
    )
    for pk, address, channel in made:
        after = traces[wanted[address, channel][0].person.number].after
        after.setdefault("suppressions", []).append(pk)
    return [address for _pk, address, _channel in made]


def _keep_rows(outcomes: Sequence[Outcome], traces: dict[int, Trace], batch_id: int) -> None:
    rows = []
    for outcome in outcomes:
        one = outcome.person
        trace = traces.get(one.number)
        before = Json(trace.before) if trace and trace.before is not None else None
        after = Json(trace.after) if trace and trace.after else None
        raw = Json([] if outcome.forget else one.cells)
        contact_id = outcome.contact_id
        rows.append(
            (batch_id, one.number, one.line, raw, outcome.verdict, outcome.reason, contact_id, before, after)
        )
    _values(
        "INSERT INTO contacts_importrow (batch_id, number, line, raw, verdict, reason, "
        "contact_id, before, after)"
        " VALUES %s",
        rows,
    )


def _plain(ground: Any) -> dict[str, Any]:
    names = ("ground", "at", "source", "wording", "ip")
    return {name: ground[name].isoformat() if name == "at" else ground[name] for name in names}


def _values(
    statement: str, rows: Iterable[Sequence[Any]], *, template: str | None = None, fetch: bool = False
) -> list[tuple[Any, ...]]:
    taken = list(rows)
    if not taken:
        return []
    # the raw cursor's errors become Django's, so that a race is known as an IntegrityError
    with connection.cursor() as cursor, connection.wrap_database_errors:
        raw: Any = cursor.cursor
        found = execute_values(raw, statement, taken, template=template, page_size=len(taken), fetch=fetch)
    return found if fetch else []
