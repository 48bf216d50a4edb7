"""Write the rows that were judged: a constant number of statements for any number of rows.

The database's triggers give each new contact a standing and a search line. Call inside the transaction in which
`import_judge.judge` filled the temporary table `judged`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from psycopg2.extras import execute_values

from contacts import hooks, keys, spelling
from contacts.models import Company, Contact, ImportCompany, Suppression
from contacts.services.import_judge import MERGED, SCALARS
from contacts.services.import_stage import Plan, Stage

# What a row says of somebody who is new, by column of contacts_contact.
NEW = {
    "email": "j.email",
    **{name: f"coalesce(j.{name}, '')" for name in ("first_name", "last_name", "title", "phone", "city")},
    **{name: f"coalesce(j.{name}, '')" for name in ("country", "language")},
    "recipient": "j.recipient",
    "tags": "coalesce(j.tags, '{}')",
    "custom": "coalesce(j.custom_keep, '{}') || coalesce(j.custom_fill, '{}') || coalesce(j.custom_over, '{}')",
    "company_id": "j.company_id",
    "way_in": "'list'",
    "way_in_note": "%(source)s",
}
# Everything that an import may write, in one text: who looks otherwise at undo was changed by somebody since.
MARKED = (
    *(
        "email",
        "first_name",
        "last_name",
        "title",
        "phone",
        "city",
        "country",
        "language",
        "recipient",
        "tags",
    ),
    *("custom", "company_id", "owner_id", "time_zone", "way_in", "way_in_note"),
)


def _mark(said: Mapping[str, str]) -> str:
    return f"md5(concat_ws('|', {', '.join(said[name] for name in MARKED)}))"


MARK = _mark({name: f"c.{name}" for name in MARKED})
MARK_OF_NEW = _mark(
    {**NEW, "owner_id": "NULL", "time_zone": "''"}
)  # without looking for the person once more


def _pairs(alias: str, names: Sequence[str]) -> str:
    """Arguments of jsonb_build_object."""
    return ", ".join(f"'{name}', {alias}.{name}" for name in names)


_COMPANIES = """
WITH named AS (
    SELECT min(number) AS number FROM {stage} s WHERE verdict IS NULL AND company_key IS NOT NULL GROUP BY company_key
), made AS (
    INSERT INTO contacts_company (name, name_key, domain, org_number, country, city, created_at)
    SELECT s.company, s.company_key, coalesce(left(s.domain, 255), ''), coalesce(s.org_number, ''),
           coalesce(s.country, ''), '', %(now)s
      FROM named n JOIN {stage} s ON s.number = n.number
     WHERE NOT EXISTS (SELECT 1 FROM contacts_company k WHERE k.name_key = s.company_key)
     ORDER BY s.company_key
    ON CONFLICT (name_key) DO NOTHING RETURNING id
)
INSERT INTO contacts_importcompany (batch_id, company_id) SELECT %(batch)s, id FROM made
"""
# The one company with the domain of the address, where the row names none. Free-mail domains are no domain here.
_COMPANY_BY_DOMAIN = """
UPDATE judged j SET company_id = k.id
  FROM (SELECT domain, min(id) AS id FROM contacts_company
         WHERE domain <> '' AND domain = ANY(ARRAY(SELECT domain FROM judged WHERE made AND company_key IS NULL AND domain IS NOT NULL))
         GROUP BY domain HAVING count(*) = 1) k
 WHERE j.made AND j.company_key IS NULL AND j.domain = k.domain
"""
_INSERT = f"""
INSERT INTO contacts_contact (id, {", ".join(NEW)}, obtained, created_at, updated_at)
SELECT contact_id, {", ".join(NEW.values())}, 'list', %(now)s, %(now)s FROM judged j WHERE made ORDER BY number
"""  # noqa: S608 - column names of ours
_IMAGES = f"""
WITH seen AS (
    SELECT j.number,
           jsonb_build_object({_pairs("c", (*SCALARS, "email", "tags", "custom"))}, 'company_id', c.company_id) AS b,
           jsonb_build_object({_pairs("j", (*SCALARS, "email"))}, 'tags', m.tags, 'custom', m.custom,
                              'company_id', j.company_id) AS a,
           CASE WHEN g.id IS NOT NULL THEN
                jsonb_build_object('ground', g.ground, 'at', g.at, 'source', g.source, 'wording', g.wording, 'ip', g.ip)
           END AS had
      FROM judged j
      JOIN contacts_contact c ON c.id = j.contact_id
      LEFT JOIN contacts_legalground g ON g.contact_id = c.id AND g.purpose = 'marketing'
     CROSS JOIN LATERAL (SELECT {MERGED}) m
     WHERE NOT j.made AND j.verdict IN ('changed', 'suppressed')
)
UPDATE judged j SET
    before = jsonb_build_object('fields', coalesce((SELECT jsonb_object_agg(key, value) FROM jsonb_each(s.b)
                WHERE key = ANY(j.changes) OR (key = 'company_id' AND 'company' = ANY(j.changes))), '{{}}'))
             || CASE WHEN j.ground_new THEN jsonb_build_object('ground', s.had) ELSE '{{}}' END,
    after = jsonb_strip_nulls(jsonb_build_object('fields', (SELECT jsonb_object_agg(key, value) FROM jsonb_each(s.a)
                WHERE key = ANY(j.changes) OR (key = 'company_id' AND 'company' = ANY(j.changes)))))
  FROM seen s WHERE s.number = j.number
"""  # noqa: S608 - column names of ours
_UPDATE = """
UPDATE contacts_contact c SET {sets},
       tags = CASE WHEN f ? 'tags' THEN ARRAY(SELECT jsonb_array_elements_text(f -> 'tags')) ELSE c.tags END,
       custom = CASE WHEN f ? 'custom' THEN f -> 'custom' ELSE c.custom END,
       company_id = CASE WHEN f ? 'company_id' THEN (f ->> 'company_id')::bigint ELSE c.company_id END,
       updated_at = %(now)s
  FROM (SELECT contact_id, after -> 'fields' AS f FROM judged WHERE NOT made AND after ? 'fields') j
 WHERE c.id = j.contact_id
"""
_GROUNDS = """
INSERT INTO contacts_legalground (contact_id, purpose, ground, at, source, wording, ip, batch_id)
SELECT contact_id, 'marketing', ground_said,
       CASE WHEN ground_said = 'consent' AND consent_at IS NOT NULL THEN consent_at ELSE %(now)s END,
       %(source)s, coalesce(consent_words, ''), coalesce(consent_ip, ''), %(batch)s
  FROM judged WHERE ground_new AND contact_id IS NOT NULL AND verdict IN ('new', 'changed', 'suppressed') ORDER BY number
"""
_REPLACE = """
ON CONFLICT (contact_id, purpose) DO UPDATE SET ground = EXCLUDED.ground, at = EXCLUDED.at, source = EXCLUDED.source,
    wording = EXCLUDED.wording, ip = EXCLUDED.ip, batch_id = EXCLUDED.batch_id
"""
_ADDRESSES = """
WITH made AS (
    INSERT INTO contacts_contactaddress (contact_id, email)
    SELECT j.contact_id, a.email FROM judged j, unnest(j.addresses) AS a(email)
     WHERE j.addresses IS NOT NULL AND j.contact_id IS NOT NULL AND j.verdict IN ('new', 'changed', 'suppressed')
    ON CONFLICT (email_key) DO NOTHING RETURNING contact_id, email
), together AS (SELECT contact_id, jsonb_agg(email) AS emails FROM made GROUP BY contact_id)
UPDATE judged j SET after = coalesce(j.after, '{}') || jsonb_build_object('addresses', t.emails)
  FROM together t WHERE t.contact_id = j.contact_id AND j.verdict <> 'duplicate'
"""
_AGAIN = """
ON CONFLICT (batch_id, number) DO UPDATE SET line = EXCLUDED.line, raw = EXCLUDED.raw, verdict = EXCLUDED.verdict,
    reason = EXCLUDED.reason, contact_id = EXCLUDED.contact_id, before = EXCLUDED.before, after = EXCLUDED.after
"""


def _rows(stage: Stage) -> str:
    return f"""
INSERT INTO contacts_importrow (batch_id, number, line, raw, verdict, reason, contact_id, before, after)
SELECT %(batch)s, j.number, j.line, CASE WHEN j.stopped = 'erased' THEN '[]' ELSE s.raw END::jsonb, j.verdict,
       coalesce(j.reason, ''), j.contact_id, j.before,
       nullif(CASE WHEN j.made THEN jsonb_build_object('mark', {MARK_OF_NEW}) ELSE '{{}}' END || coalesce(j.after, '{{}}')
              || CASE WHEN j.ground_new AND NOT j.made THEN '{{"ground": true}}' ELSE '{{}}' END::jsonb, '{{}}')
  FROM judged j JOIN {stage.table} s ON s.number = j.number AND s.number > %(after)s AND s.number <= %(upto)s
 ORDER BY j.number
"""  # noqa: S608 - names of ours


def make_companies(*, stage: Stage, batch_id: int, plan: Plan) -> int:
    """Make the companies that the file names and nobody knows; the import remembers which. Answers how many."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '96MB'")
        cursor.execute(_COMPANIES.format(stage=stage.table), {"now": plan.now, "batch": batch_id})
        return int(cursor.rowcount)


def remove_empty_companies(batch_id: int) -> int:
    """Take away the companies that an import made and to which nothing hangs. Answers how many."""
    empty = Company.objects.filter(id__in=ImportCompany.objects.filter(batch=batch_id).values("company_id"))
    for relation in Company._meta.related_objects:
        related: Any = relation.related_model
        there = related._default_manager.filter(**{relation.field.name: OuterRef("pk")})
        empty = empty.filter(~Exists(there))
    removed: int = empty._raw_delete(empty.db)  # nothing points at them: that was the question
    return removed


def write(
    *, stage: Stage, plan: Plan, batch_id: int, after: int, upto: int, known: bool, again: bool = False
) -> None:
    """Bring the judged rows, those after one number up to another, into the silo, keep every one of them with its verdict, and
    tell the rooms above.
    """
    said: dict[str, Any] = {"now": plan.now, "source": plan.source[:200], "batch": batch_id}
    said |= {"after": after, "upto": upto}
    with connection.cursor() as cursor:
        cursor.execute(_COMPANY_BY_DOMAIN)
        if known:
            _change(cursor, said)
        cursor.execute(_INSERT, said)
        cursor.execute(_GROUNDS + (_REPLACE if known else ""), said)
        cursor.execute(_ADDRESSES)
        stopped = _stops(cursor, plan, batch_id)
        cursor.execute(_rows(stage) + (_AGAIN if again else ""), said)
    _tell(plan, stopped)


def _change(cursor: Any, said: dict[str, Any]) -> None:
    cursor.execute(_IMAGES)
    sets = ", ".join(f"{name} = coalesce(f ->> '{name}', c.{name})" for name in (*SCALARS, "email"))
    cursor.execute(_UPDATE.format(sets=sets), said)


def _stops(cursor: Any, plan: Plan, batch_id: int) -> list[str]:
    """Write the stops that the list asks for; answers the addresses and numbers that are stopped now."""
    cursor.execute(
        "SELECT number, email, further, phone, stop, no_calls FROM judged"
        " WHERE (stop IS NOT NULL OR no_calls) AND contact_id IS NOT NULL AND verdict IN ('new', 'changed', 'same', 'suppressed')"
        " ORDER BY number"
    )
    wanted: dict[tuple[str, str], tuple[int, str]] = {}
    for number, email, further, phone, stop, no_calls in cursor.fetchall():
        if stop:
            for address in (email, *(further or ())) if email else ():
                wanted.setdefault((spelling.normal(address), "mail"), (number, stop))
            if not email:
                wanted.setdefault((phone, "all"), (number, stop))
        if no_calls and phone:
            wanted.setdefault((phone, "phone"), (number, Suppression.Reason.DO_NOT_CALL))
    if not wanted:
        return []
    rows = [
        (address, keys.address_hash(address), channel, reason, plan.source[:200], plan.now, batch_id)
        for (address, channel), (_number, reason) in sorted(wanted.items())
    ]
    with connection.wrap_database_errors:
        made = execute_values(
            cursor.cursor,
            "INSERT INTO contacts_suppression (address, address_hash, channel, reason, source, at, batch_id) VALUES %s"
            " ON CONFLICT (address_hash, channel) WHERE lifted_at IS NULL DO NOTHING RETURNING id, address, channel",
            rows,
            page_size=len(rows),
            fetch=True,
        )
        cursor.execute(
            _AGAIN_STOPPED, [plan.now, [row[1] for row in rows], [row[2] for row in rows], batch_id]
        )
        by_row: dict[int, list[int]] = {}
        for pk, address, channel in made:
            by_row.setdefault(wanted[address, channel][0], []).append(pk)
        if by_row:
            lines = [(number, pk) for number, stops in by_row.items() for pk in stops]
            cursor.execute(
                _STOPPED, [plan.now, [line[0] for line in lines], [line[1] for line in lines], batch_id]
            )
            execute_values(
                cursor.cursor,
                "UPDATE judged j SET after = coalesce(j.after, '{}') || jsonb_build_object('suppressions', to_jsonb(v.ids))"
                " FROM (VALUES %s) AS v (number, ids) WHERE v.number = j.number",
                list(by_row.items()),
                page_size=len(by_row),
            )
    return [address for _pk, address, _channel in made]


_STOPPED = """
INSERT INTO contacts_auditevent (at, by_id, verb, contact_id, object_type, object_id, detail)
SELECT %s, b.created_by_id, 'suppression.made', j.contact_id, 'suppression', s.id,
       jsonb_build_object('channel', s.channel, 'reason', s.reason, 'batch', b.id)
  FROM unnest(%s::bigint[], %s::bigint[]) v(number, stop)
  JOIN judged j ON j.number = v.number JOIN contacts_suppression s ON s.id = v.stop
  JOIN contacts_importbatch b ON b.id = %s
"""
# Where another list, a colleague or a server said so before, that stop is no longer theirs alone.
_AGAIN_STOPPED = """
UPDATE contacts_suppression s SET again_at = %s FROM unnest(%s::text[], %s::text[]) v(hash, channel)
 WHERE s.address_hash = v.hash AND s.channel = v.channel AND s.lifted_at IS NULL AND s.again_at IS NULL
   AND s.batch_id IS DISTINCT FROM %s
"""


def _tell(plan: Plan, addresses: Sequence[str]) -> None:
    """Who came in, changed or was stopped; a stop counts for everybody who is reached at that address."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT contact_id, made, verdict, coalesce(no_calls, false) FROM judged"
            " WHERE contact_id IS NOT NULL AND verdict IN ('new', 'changed', 'same', 'suppressed') ORDER BY number"
        )
        rows = cursor.fetchall()
    hooks.added([pk for pk, made, _verdict, _no_calls in rows if made], now=plan.now)
    hooks.changed([pk for pk, _made, verdict, _no_calls in rows if verdict == "changed"], now=plan.now)
    stopped = {
        pk
        for pk, _made, verdict, no_calls in rows
        if verdict == "suppressed" or (no_calls and verdict != "same")
    }
    if addresses:
        reached = Contact.objects.present().filter(Q(email_key__in=addresses) | Q(phone__in=addresses))
        stopped |= set(reached.values_list("id", flat=True))
    hooks.stopped(sorted(stopped), now=plan.now)
