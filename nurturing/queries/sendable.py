"""What can be sent today: live versions of sequences and the pieces of the library, as plain values.

By hand: asked for every batch that is planned, and most of what it took went into building the statements.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db import connection

from contacts import arrays
from nurturing.models import Step
from nurturing.planning import position


def content(sequence_ids: Collection[int]) -> position.Content:
    """The library and these sequences, in three statements."""
    pieces = tuple(position.Piece(*row) for row in _rows(_PIECES))
    return position.Content(sequences=_sequences(sequence_ids) if sequence_ids else {}, pieces=pieces)


def _sequences(ids: Collection[int]) -> dict[int, position.Sequence]:
    these = arrays.numbers(ids)
    live: dict[int, bool] = {}
    steps: dict[int, list[position.Step]] = defaultdict(list)
    for pk, is_live, key, days, wait, mail_id in _rows(_STEPS, these):
        live[pk] = is_live
        if key is not None:
            steps[pk].append(position.Step(key, days, wait == Step.Wait.RHYTHM, mail_id))
    former = _former(these)
    return {
        pk: position.Sequence(pk, tuple(steps[pk]), tuple(former[pk]), live=is_live)
        for pk, is_live in live.items()
    }


def _former(ids: str) -> dict[int, list[tuple[str, ...]]]:
    """The keys of all published versions, newest first: where somebody is whose step has vanished."""
    orders: dict[tuple[int, int], list[str]] = defaultdict(list)
    for sequence_id, version_id, key in _rows(_FORMER, ids):
        orders[sequence_id, version_id].append(key)
    former: dict[int, list[tuple[str, ...]]] = defaultdict(list)
    for (sequence_id, _), keys in orders.items():
        former[sequence_id].append(tuple(keys))
    return former


def _rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return list(cursor.fetchall())


# those of `PieceQuerySet.live`
_PIECES = """
SELECT p.id, p.level, m.language, p.topic_id, p.mail_id
FROM nurturing_piece p JOIN nurturing_mailversion m ON m.id = p.mail_id WHERE p.retired_at IS NULL ORDER BY p.id
"""
_STEPS = """
SELECT q.id, q.live_version_id IS NOT NULL AND q.archived_at IS NULL, s.key, s.days, s.wait, s.mail_id
FROM nurturing_sequence q
LEFT JOIN nurturing_step s ON s.version_id = q.live_version_id AND s.mail_id IS NOT NULL
WHERE q.id = ANY(%s::bigint[]) ORDER BY q.id, s.position
"""
_FORMER = """
SELECT v.sequence_id, v.id, s.key FROM nurturing_sequenceversion v JOIN nurturing_step s ON s.version_id = v.id
WHERE v.sequence_id = ANY(%s::bigint[]) AND v.number IS NOT NULL ORDER BY v.sequence_id, v.number DESC, s.position
"""
