"""What each row of a file would do to the silo: the same statements for the dry run and for the run.

A stretch of the staging table is judged as a whole: a constant number of statements for any number of rows. The result
is the temporary table `judged`, from which `import_write` writes and from which the dry run counts.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from psycopg2.extras import execute_values

from contacts import keys, spelling
from contacts.models import Suppression
from contacts.queries import gate
from contacts.reading import staged, values
from contacts.services import ground as grounds
from contacts.services.import_stage import Plan, Stage

SCALARS = ("first_name", "last_name", "title", "phone", "city", "country", "language", "recipient")

# Most rows of a fresh list speak of nobody whom the silo knows in any way: for them all is said in this first pass, since each later
# change of a row of `judged` writes it anew. (Who has an address can be known by a number only where the silo has no address.)
# OFFSET 0: the question is asked once and not per column.
# (Joins, not questions per row: planned while the silo is empty, such a question reads everything that comes in beside it.)
_START = """
CREATE TEMP TABLE judged AS
SELECT {cells}, CASE WHEN unknown THEN 'new' ELSE s.verdict END AS verdict,
       CASE WHEN unknown THEN {fresh} ELSE s.contact_id END AS contact_id, unknown AS made, NULL::text AS stopped,
       NULL::jsonb AS effect, NULL::jsonb AS before, NULL::jsonb AS after, CASE WHEN unknown THEN true END AS ground_new,
       NULL::text[] AS addresses, NULL::text[] AS changes, s.company_id, coalesce(s.ground, %(ground)s) AS ground_said
  FROM (
    SELECT s.*, c.id AS contact_id, k.id AS company_id,
           s.verdict IS NULL AND c.id IS NULL AND s.email IS NOT NULL AND s.further IS NULL AND s.stop IS NULL
           AND s.no_calls IS NOT TRUE AND s.maybe_stopped IS NOT TRUE AND NOT %(stopped_since)s
           AND a.email_key IS NULL AND p.phone IS NULL AS unknown
      FROM {stage} s
      LEFT JOIN contacts_contact c ON c.email_key = s.email AND c.erased_at IS NULL AND s.verdict IS NULL
      LEFT JOIN contacts_company k ON k.name_key = s.company_key AND s.verdict IS NULL
      LEFT JOIN contacts_contactaddress a ON a.email_key = s.email
      LEFT JOIN (SELECT DISTINCT phone FROM contacts_contact WHERE email IS NULL AND phone <> '') p ON p.phone = s.phone
     WHERE s.number > %(after)s AND s.number <= %(upto)s OFFSET 0
  ) s
"""
# The row as it stood in the file is long and stays in the staging table until it is written.
_CELLS = ", ".join(f"s.{name}" for name in staged.COLUMNS if name not in ("raw", "verdict"))
# A further address is another way to the same person, when the row does not name somebody else.
_NEAR_BY_ADDRESS = """
SELECT j.number, coalesce(j.name_key, ''), c.id, c.first_name, c.last_name
  FROM judged j JOIN contacts_contactaddress a ON a.email_key = j.email
  JOIN contacts_contact c ON c.id = a.contact_id AND c.erased_at IS NULL
 WHERE j.verdict IS NULL AND j.contact_id IS NULL ORDER BY j.number
"""
# Who was erased has no number. To ask for it here would bring in an index with that condition, read whole for each number.
_CALLED = """
SELECT c.phone, c.id, c.first_name, c.last_name, c.email IS NULL
  FROM (SELECT phone, bool_or(email IS NULL) AS alone FROM judged
         WHERE verdict IS NULL AND contact_id IS NULL AND phone IS NOT NULL GROUP BY phone) j
  JOIN contacts_contact c ON c.phone = j.phone AND c.phone <> '' AND (j.alone OR c.email IS NULL)
 ORDER BY c.id
"""
_CALLERS = """
SELECT number, phone, coalesce(name_key, ''), email IS NULL FROM judged
 WHERE verdict IS NULL AND contact_id IS NULL AND phone = ANY(%s) ORDER BY number
"""
_SAME_PERSON = """
UPDATE judged j SET verdict = 'duplicate', reason = 'same_person'
  FROM (SELECT number, contact_id, min(number) OVER (PARTITION BY contact_id) AS first
          FROM judged WHERE contact_id IS NOT NULL AND verdict IS NULL) w
 WHERE w.number = j.number AND (w.first < w.number OR EXISTS ({earlier}))
"""
# (batch_id + 0, because only the index by contact finds them at once)
_EARLIER_ROW = (
    "SELECT 1 FROM contacts_importrow r WHERE r.contact_id = w.contact_id AND r.batch_id + 0 = %(batch)s"
    " AND r.number <> w.number"
)
_MET = """
INSERT INTO {people} SELECT DISTINCT contact_id, %s FROM judged WHERE contact_id IS NOT NULL AND verdict IS NULL
 ORDER BY contact_id ON CONFLICT DO NOTHING
"""
_EARLIER_LOOK = "SELECT 1 FROM {people} p WHERE p.contact_id = w.contact_id AND p.stretch <> %(after)s"
# The number of a person who comes in: given when the row is judged, so that the row is written once.
_FRESH = "nextval('contacts_contact_id_seq')"
_LOCK = """
SELECT 1 FROM contacts_contact c JOIN judged j ON j.contact_id = c.id ORDER BY c.id FOR NO KEY UPDATE OF c
"""


def judge(*, plan: Plan, stage: Stage, after: int, upto: int, batch_id: int | None, lock: bool) -> bool:
    """Fill `judged` with the rows after one number up to another. Answers whether some of them are known already.

    With `lock`, the people who are known stay as they are until the transaction ends.
    """
    fresh = "NULL::bigint" if batch_id is None else _FRESH
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS judged")
        cursor.execute("SELECT coalesce(max(id), 0) > %s FROM contacts_suppression", [stage.stops])
        stopped_since = bool(cursor.fetchone()[0])
        cursor.execute(
            _START.format(stage=stage.table, cells=_CELLS, fresh=fresh),
            {"ground": plan.ground, "after": after, "upto": upto, "stopped_since": stopped_since},
        )
        cursor.execute("SELECT EXISTS (SELECT 1 FROM judged WHERE verdict IS NULL)")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("ANALYZE judged (number, verdict, contact_id, phone, email)")
        _near(cursor)
        cursor.execute("SELECT EXISTS (SELECT 1 FROM judged WHERE contact_id IS NOT NULL AND NOT made)")
        known = bool(cursor.fetchone()[0])
        if known:
            if lock:
                cursor.execute(_LOCK)
            earlier = _EARLIER_ROW
            if batch_id is None:
                cursor.execute(_MET.format(people=stage.people), [after])
                earlier = _EARLIER_LOOK.format(people=stage.people)
            cursor.execute(_SAME_PERSON.format(earlier=earlier), {"batch": batch_id, "after": after})
            cursor.execute(_compare(plan))
        _stopped(cursor, everybody=stopped_since)
        cursor.execute(_FURTHER)
        if known:
            cursor.execute(_CHANGES)
        cursor.execute(_DECIDE.format(fresh=fresh))
    return known


def _near(cursor: Any) -> None:
    """People who are known by a further address, or by their phone and name."""
    matched: dict[int, int] = {}
    cursor.execute(_NEAR_BY_ADDRESS)
    for number, key, contact_id, first, last in cursor.fetchall():
        if number not in matched and key in ("", values.person_key(first, last)):
            matched[number] = contact_id
    cursor.execute(_CALLED)
    called: dict[tuple[str, str], list[tuple[int, bool]]] = {}
    for phone, contact_id, first, last, no_address in cursor.fetchall():
        called.setdefault((phone, values.person_key(first, last)), []).append((contact_id, no_address))
    if called:
        cursor.execute(_CALLERS, [sorted({phone for phone, _key in called})])
        for number, phone, key, no_address in cursor.fetchall():
            for contact_id, has_none in called.get((phone, key), ()):
                if number not in matched and (no_address or has_none):
                    matched[number] = contact_id
    _tell(cursor, "contact_id = v.said::bigint", matched)


def _tell(cursor: Any, what: str, said: dict[int, Any]) -> None:
    if said:
        with connection.wrap_database_errors:
            execute_values(
                cursor.cursor,
                f"UPDATE judged j SET {what} FROM (VALUES %s) AS v (number, said) WHERE v.number = j.number",  # noqa: S608
                list(said.items()),
                page_size=len(said),
            )


def _stopped(cursor: Any, *, everybody: bool) -> None:
    """The reason of the stop that lies on an address; with `everybody` also of one that came after the file was read."""
    cursor.execute(
        "SELECT number, email, phone FROM judged WHERE verdict IS NULL AND (maybe_stopped OR %s)", [everybody]
    )
    hashes: dict[str, list[int]] = {}
    for number, email, phone in cursor.fetchall():
        for spelled in spelling.lookups(email, phone or ""):
            for hashed in keys.address_hashes(spelled):
                hashes.setdefault(hashed, []).append(number)
    stops: dict[int, str] = {}
    for hashed, channel, reason in gate.stops_on(hashes):
        if channel == Suppression.Channel.PHONE:
            continue
        for number in hashes[hashed]:
            if stops.get(number) != Suppression.Reason.ERASED:
                stops[number] = reason
    _tell(cursor, "stopped = v.said", stops)


def _strength(column: str) -> str:
    cases = " ".join(f"WHEN '{name.value}' THEN {strength}" for name, strength in grounds.STRENGTH.items())
    return f"CASE {column} {cases} END"


_FILLED_STRICTER = """c.email IS NULL AND j.email IS NOT NULL AND (c.recipient = 'role_address'
    OR c.recipient = 'company_role' AND c.company_id IS NULL AND j.recipient IN ('natural_person', 'sole_trader'))"""


def _effect(name: str, policy: str) -> str:
    """SQL for what a row does to one column of a known person: NULL, filled, overwritten or kept."""
    filled = "kept" if policy == "keep" else "filled"
    other = "overwritten" if policy == "overwrite" else "kept"
    silent = ""
    if name == "country":
        silent = "WHEN NOT j.country_said AND c.country <> '' THEN NULL"
    if name == "recipient":
        # The address that fills a gap says who receives, where that is stricter: see services.new_address.
        silent = f"WHEN NOT j.recipient_said AND {_FILLED_STRICTER} THEN '{filled}' WHEN NOT j.recipient_said THEN NULL"
    return (
        f"CASE WHEN j.{name} IS NULL OR j.{name} = c.{name} THEN NULL {silent}"
        f" WHEN c.{name} = '' THEN '{filled}' ELSE '{other}' END"
    )


def _compare(plan: Plan) -> str:
    """SQL that compares the rows with the people they speak about."""
    effects = {name: _effect(name, plan.policy_of(name)) for name in SCALARS}
    keep_mail = plan.policy_of("email") == "keep"
    effects["email"] = (
        f"CASE WHEN j.email IS NULL OR c.email IS NOT NULL THEN NULL ELSE '{'kept' if keep_mail else 'filled'}' END"
    )
    keep_tags = plan.policy_of("tags") == "keep"
    effects["tags"] = (
        "CASE WHEN j.tags IS NULL OR j.tags::varchar[] <@ c.tags THEN NULL ELSE"
        f" '{'kept' if keep_tags else 'filled'}' END"
    )
    effects["custom"] = (
        "CASE WHEN m.custom = c.custom THEN NULL"
        " WHEN j.custom_over IS NOT NULL AND c.custom || j.custom_over <> j.custom_over || c.custom THEN 'overwritten'"
        " ELSE 'filled' END"
    )
    company = plan.policy_of("company")
    effects["company"] = (
        "CASE WHEN j.company_key IS NULL OR j.company_key = coalesce(k.name_key, '') THEN NULL"
        f" WHEN c.company_id IS NULL THEN '{'kept' if company == 'keep' else 'filled'}'"
        f" ELSE '{'overwritten' if company == 'overwrite' else 'kept'}' END"
    )
    pairs = ", ".join(f"'{name}', {sql}" for name, sql in effects.items())
    return f"""
WITH seen AS (
    SELECT j.number, jsonb_strip_nulls(jsonb_build_object({pairs})) AS effect,
           g.ground IS NULL OR {_strength("j.ground_said")} > {_strength("g.ground")}
           OR (j.ground_said = 'consent' AND g.ground = 'consent' AND g.ip = '' AND g.wording = ''
               AND (j.consent_ip IS NOT NULL OR j.consent_at <> g.at)) AS ground_new
      FROM judged j
      JOIN contacts_contact c ON c.id = j.contact_id
      LEFT JOIN contacts_company k ON k.id = c.company_id
      LEFT JOIN contacts_legalground g ON g.contact_id = c.id AND g.purpose = 'marketing'
     CROSS JOIN LATERAL (SELECT {MERGED}) m
     WHERE j.verdict IS NULL
)
UPDATE judged j SET effect = s.effect, ground_new = s.ground_new
  FROM seen s WHERE s.number = j.number
"""  # noqa: S608 - column names and words of ours


# What the tags and the custom fields of a known person (c) become with those of the row (j).
MERGED = """coalesce(j.custom_fill, '{}') || c.custom || coalesce(j.custom_over, '{}') AS custom,
    c.tags || ARRAY(SELECT t FROM unnest(j.tags) WITH ORDINALITY AS u(t, n) WHERE t <> ALL(c.tags) ORDER BY n)::varchar[] AS tags"""

_FURTHER = """
UPDATE judged j SET addresses = n.addresses
  FROM (SELECT x.number, array_agg(f.email ORDER BY f.at) AS addresses
          FROM judged x CROSS JOIN LATERAL unnest(x.further) WITH ORDINALITY AS f(email, at)
         WHERE x.further IS NOT NULL AND x.verdict IS NULL
           AND NOT EXISTS (SELECT 1 FROM contacts_contact c WHERE c.email_key = f.email)
           AND NOT EXISTS (SELECT 1 FROM contacts_contactaddress a WHERE a.email_key = f.email)
         GROUP BY x.number) n
 WHERE n.number = j.number
"""
# One pass over the rows: each change of a row of `judged` writes it anew, with all of its cells.
_CHANGES = """
WITH said AS (
    SELECT j.number,
           ARRAY(SELECT key FROM jsonb_each_text(j.effect) WHERE value <> 'kept' AND key <> 'company' ORDER BY key)
           || CASE WHEN j.effect ->> 'company' IN ('filled', 'overwritten') THEN ARRAY['company'] END
           || CASE WHEN j.ground_new THEN ARRAY['ground'] END
           || CASE WHEN j.addresses IS NOT NULL THEN ARRAY['further addresses'] END AS changes
      FROM judged j WHERE j.verdict IS NULL AND j.contact_id IS NOT NULL
)
UPDATE judged j SET changes = s.changes FROM said s WHERE s.number = j.number
"""
_DECIDE = """
UPDATE judged SET
    verdict = CASE WHEN stopped IS NOT NULL OR stop IS NOT NULL THEN 'suppressed'
                   WHEN contact_id IS NULL THEN 'new'
                   WHEN changes <> '{{}}' THEN 'changed' ELSE 'same' END,
    reason = CASE WHEN stop IS NOT NULL THEN stop
                  WHEN stopped IS NOT NULL THEN 'stopped_before|' || stopped
                  WHEN no_calls THEN 'do_not_call'
                  WHEN changes <> '{{}}' THEN left('fields|' || array_to_string(changes, ', '), 300)
                  ELSE reason END,
    made = contact_id IS NULL AND stopped IS DISTINCT FROM 'erased',
    contact_id = CASE WHEN contact_id IS NULL AND stopped IS DISTINCT FROM 'erased' THEN {fresh} ELSE contact_id END,
    ground_new = coalesce(ground_new, contact_id IS NULL AND stopped IS DISTINCT FROM 'erased')
 WHERE verdict IS NULL
"""


def samples(stage: Stage, verdicts: Sequence[str], each: int) -> dict[str, list[tuple[Any, ...]]]:
    """The first rows of each verdict in `judged`: (number, line, raw, reason)."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        for word in verdicts:
            cursor.execute(
                "SELECT j.number, j.line, s.raw, coalesce(j.reason, '') FROM (SELECT number, line, reason FROM judged WHERE verdict = %s"  # noqa: S608
                f" ORDER BY number LIMIT %s) j JOIN {stage.table} s ON s.number = j.number ORDER BY j.number",
                [word, each],
            )
            if rows := cursor.fetchall():
                found[word] = rows
    return found
