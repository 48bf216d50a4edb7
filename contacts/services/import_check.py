"""The dry run: what a staged file would do, counted. Nothing is written."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from django.db import connection, transaction

from contacts.queries import gate
from contacts.services import import_hands, import_judge
from contacts.services.import_stage import Plan, Stage

STRETCH = 50_000
SAMPLES = 5
SETTINGS = (
    "SET LOCAL work_mem = '64MB'",
    "SET LOCAL jit = off",
    "SET LOCAL max_parallel_workers_per_gather = 0",  # there is a hand for each core already
)
Moved = Callable[[int], None]


@dataclass(slots=True)
class Found:
    """A count for each verdict, a few rows of each, what happens to each field, and who comes in without being written to."""

    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    silent: Counter[str] = field(
        default_factory=Counter
    )  # come in and are not written to, by the gate's reason
    effects: dict[str, Counter[str]] = field(default_factory=dict)  # field → filled, overwritten, kept
    notes: Counter[str] = field(default_factory=Counter)  # by code of reasons.WORDS
    companies: int = 0

    def add(self, other: "Found") -> None:
        """What another stretch said."""
        self.counts += other.counts
        self.silent += other.silent
        self.notes += other.notes
        for word, rows in other.samples.items():
            both = [*self.samples.get(word, []), *rows]
            self.samples[word] = sorted(both, key=itemgetter("number"))[:SAMPLES]
        for name, counted in other.effects.items():
            self.effects[name] = self.effects.get(name, Counter()) + counted

    def as_options(self) -> dict[str, Any]:
        """For ImportBatch.options."""
        return {
            "samples": self.samples,
            "silent": dict(self.silent),
            "effects": {name: dict(counted) for name, counted in sorted(self.effects.items())},
            "notes": dict(self.notes),
            "companies": self.companies,
        }


def check(*, stage: Stage, plan: Plan, moved: Moved | None = None) -> Found:
    """Judge the whole staging table, stretch by stretch."""
    found = Found(rows=stage.rows)
    one_counts = threading.Lock()
    done = 0

    def do(after: int, upto: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for setting in SETTINGS:
                cursor.execute(setting)
            known = import_judge.judge(
                plan=plan, stage=stage, after=after, upto=upto, batch_id=None, lock=False
            )
            counted = _counted(cursor, stage, known=known)
            cursor.execute("DROP TABLE judged")
        with one_counts:
            found.add(counted)

    def told(_upto: int) -> None:
        nonlocal done
        done += STRETCH
        if moved:
            moved(min(done, stage.rows))

    with connection.cursor() as cursor:
        found.companies = _companies(cursor, stage)
        cursor.execute(f"DROP TABLE IF EXISTS {stage.people}")
        cursor.execute(
            f"CREATE UNLOGGED TABLE {stage.people} (contact_id bigint PRIMARY KEY, stretch integer)"
        )
        try:
            stretches = range(0, stage.rows, STRETCH)
            import_hands.share([(after, after + STRETCH) for after in stretches], do, told)
        finally:
            if not connection.needs_rollback:
                cursor.execute(f"DROP TABLE {stage.people}")
    return found


def _companies(cursor: Any, stage: Stage) -> int:
    cursor.execute(
        "SELECT count(*) FROM (SELECT DISTINCT company_key FROM"  # noqa: S608 - a table of ours
        f" {stage.table} WHERE verdict IS NULL AND company_key IS NOT NULL) s"
        " WHERE NOT EXISTS (SELECT 1 FROM contacts_company k WHERE k.name_key = s.company_key)"
    )
    return int(cursor.fetchone()[0])


def _counted(cursor: Any, stage: Stage, *, known: bool) -> Found:
    """What `judged` says."""
    found = Found()
    cursor.execute(
        "SELECT verdict, CASE WHEN verdict = 'changed' THEN '' ELSE split_part(coalesce(reason, ''), '|', 1) END, count(*)"
        " FROM judged GROUP BY 1, 2"
    )
    for word, code, number in cursor.fetchall():
        found.counts[word] += number
        if code:
            found.notes[code] += number
    for word, rows in import_judge.samples(stage, list(found.counts), SAMPLES).items():
        for number, line, raw, reason in rows:
            cells = [cell[:60] for cell in json.loads(raw)[:8] if cell.strip()]
            found.samples.setdefault(word, []).append(
                {"number": number, "line": line, "cells": cells, "reason": reason}
            )
    _count_silent(cursor, found)
    if known:
        _count_effects(cursor, found)
    return found


def _count_silent(cursor: Any, found: Found) -> None:
    cursor.execute(
        "SELECT CASE WHEN j.ground_new THEN j.ground_said ELSE coalesce(g.ground, '') END, coalesce(c.recipient, j.recipient),"
        " coalesce(nullif(c.country, ''), j.country, ''), coalesce(c.email, j.email) IS NULL, coalesce(j.email LIKE '%.no', false),"
        " count(*) FROM judged j LEFT JOIN contacts_contact c ON c.id = j.contact_id"
        " LEFT JOIN contacts_legalground g ON g.contact_id = c.id AND g.purpose = 'marketing'"
        " WHERE j.verdict IN ('new', 'changed') GROUP BY 1, 2, 3, 4, 5"
    )
    for ground, recipient, country, no_address, norwegian, number in cursor.fetchall():
        country = gate.country_of(country, "x@x.no" if norwegian else "")
        reason = (
            "no_address" if no_address else gate.judge(ground=ground, recipient=recipient, country=country)
        )
        if reason:
            found.silent[reason] += number


def _count_effects(cursor: Any, found: Found) -> None:
    cursor.execute(
        "SELECT e.key, e.value, count(*) FROM judged j CROSS JOIN LATERAL jsonb_each_text(j.effect) e"
        " WHERE j.effect IS NOT NULL AND e.key <> 'custom' AND j.verdict IN ('changed', 'same', 'suppressed') GROUP BY 1, 2"
    )
    said = cursor.fetchall()
    for kind, column in (("overwrite", "custom_over"), ("fill", "custom_fill"), ("keep", "custom_keep")):
        other = "overwritten" if kind == "overwrite" else "kept"
        filled = "kept" if kind == "keep" else "filled"
        cursor.execute(
            "SELECT 'custom:' || e.key, CASE WHEN c.custom ? e.key THEN %s ELSE %s END, count(*)"  # noqa: S608
            f" FROM judged j JOIN contacts_contact c ON c.id = j.contact_id CROSS JOIN LATERAL jsonb_each(j.{column}) e"
            f" WHERE j.{column} IS NOT NULL AND j.verdict IN ('changed', 'same', 'suppressed')"
            " AND c.custom -> e.key IS DISTINCT FROM e.value GROUP BY 1, 2",
            [other, filled],
        )
        said += cursor.fetchall()
    cursor.execute(
        "SELECT 'ground', 'overwritten', count(*) FROM judged WHERE ground_new AND contact_id IS NOT NULL"
        " AND verdict IN ('changed', 'suppressed') HAVING count(*) > 0"
    )
    for name, what, number in [*said, *cursor.fetchall()]:
        found.effects.setdefault(name, Counter())[what] += number
