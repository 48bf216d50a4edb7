"""The ledger of sends: who may move a row from which state to which.

    planned → claimed → attempting → accepted | failed | skipped | unknown

Each move is one conditional UPDATE over many rows. `attempt` is the fencing token: it grows with each claim,
and a worker whose token is no longer the row's writes nothing. `attempting` is committed before any byte
leaves, so after a crash `claimed` is safe to send and `attempting` is not: past its lease it becomes
`unknown`, and no machine ever sends it again.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.db import connection, transaction

from contacts import arrays
from nurturing.models import Send
from nurturing.prepared import Prepared
from nurturing.queries import live
from nurturing.services import standing

log = structlog.get_logger(__name__)

State = Send.State


def lease() -> timedelta:
    """How long a claim, or a mail that is being handed over, belongs to its worker."""
    return timedelta(seconds=settings.SEND_LEASE_SECONDS)


@dataclass(frozen=True, slots=True)
class Planned:
    """A mail to be: what the planner asks for."""

    contact_id: int
    kind: str
    dedupe_key: str
    not_before: datetime
    latest_at: datetime
    enrollment_id: int | None = None
    step_key: str = ""
    piece_id: int | None = None
    mail_id: int | None = None
    sender_id: int | None = None
    held: bool = False


class Claimed(NamedTuple):
    """A row in the hand of one worker."""

    id: int
    attempt: int
    contact_id: int
    kind: str
    sandbox: bool
    enrollment_id: int | None
    piece_id: int | None
    mail_id: int | None
    sender_id: int | None
    latest_at: datetime
    tries: int

    @property
    def in_lane(self) -> bool:
        """Planned by the clock: caps, pauses and sales hold it up. A confirmation is not."""
        return self.kind in (Send.Kind.STEP, Send.Kind.PIECE)


class Leaving(NamedTuple):
    """A row in our hand that is about to leave: to which address, from whom, with which words."""

    claimed: Claimed
    address: str
    sender_id: int
    merge: dict[str, str]


class Move(NamedTuple):
    """Where a row in our hand goes. `detail` (a server's reply, a traceback) is kept beside the ledger."""

    claimed: Claimed
    state: str
    reason: str = ""
    provider_id: str = ""
    not_before: datetime | None = None
    put_off_by_server: bool = False
    detail: str = ""


def plan(rows: Sequence[Planned], *, now: datetime) -> list[int]:
    """Write mails into the ledger; one that is there already (same key, same mode) stays as it is.

    Returns the ids of the new ones.
    """
    if not rows:
        return []
    sandbox = not live.is_live()
    columns: list[list[Any]] = [
        [getattr(row, name) for row in rows]
        for name in (
            "contact_id",
            "kind",
            "dedupe_key",
            "not_before",
            "latest_at",
            "enrollment_id",
            "step_key",
            "piece_id",
            "mail_id",
            "sender_id",
            "held",
        )
    ]
    with connection.cursor() as cursor:
        cursor.execute(_PLAN, [sandbox, now, *columns])
        return [id for (id,) in cursor.fetchall()]


_PLAN = """
INSERT INTO nurturing_send (sandbox, state, planned_at, contact_id, kind, dedupe_key, not_before, latest_at,
                            enrollment_id, step_key, piece_id, mail_id, sender_id, held)
SELECT %s, 'planned', %s, r.*
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::bigint[],
            %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[]) r
ON CONFLICT (dedupe_key, sandbox) DO NOTHING
RETURNING id
"""


def claim(*, worker: str, now: datetime, limit: int) -> list[Claimed]:
    """Take up to `limit` mails whose moment has come.

    Two workers never get the same one; on hold nobody gets any.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [now, limit, worker[:80], now + lease()])
        return sorted((Claimed(*row) for row in cursor.fetchall()), key=lambda claimed: claimed.id)


# The CTE is materialized: as a plain sub-select the planner may run it again for each row and take more than
# the limit.
_CLAIM = """
WITH batch AS MATERIALIZED (
    SELECT id FROM nurturing_send
    WHERE state = 'planned' AND NOT held AND not_before <= %s
      AND not_before > coalesce((SELECT until FROM nurturing_gap WHERE answered_at IS NULL), '-infinity')
      AND NOT EXISTS (SELECT 1 FROM nurturing_sendinghold WHERE released_at IS NULL)
    ORDER BY not_before, id LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE nurturing_send s
SET state = 'claimed', attempt = s.attempt + 1, claimed_by = %s, lease_until = %s
FROM batch WHERE s.id = batch.id
RETURNING s.id, s.attempt, s.contact_id, s.kind, s.sandbox, s.enrollment_id, s.piece_id, s.mail_id,
          s.sender_id, s.latest_at, s.tries
"""


def attempt(window: Sequence[Leaving], *, now: datetime) -> set[int]:
    """Write down that these are about to leave, with address and merge snapshot.

    Commit before the first byte.

    Returns the ids that are still ours; nothing when all sending is on hold.
    """
    if not window:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            _ATTEMPT,
            [
                now + lease(),
                *_tokens(one.claimed for one in window),
                arrays.texts(one.address for one in window),
                arrays.numbers(one.sender_id for one in window),
            ],
        )
        mine = {id for (id,) in cursor.fetchall()}
        keep_details(((one.claimed.id, one.merge, "") for one in window if one.claimed.id in mine), now=now)
    return mine


# `state || ''` here and below: rows are found by their id. By the indexes over states each window would walk over the
# whole batch and over what the windows before it left behind.
_ATTEMPT = """
UPDATE nurturing_send s
SET state = 'attempting', lease_until = %s, address = v.address, sender_id = v.sender_id
FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::bigint[]) v(id, attempt, address, sender_id)
WHERE s.id = v.id AND s.attempt = v.attempt AND s.state || '' = 'claimed'
  AND NOT EXISTS (SELECT 1 FROM nurturing_sendinghold WHERE released_at IS NULL)
RETURNING s.id
"""


def turn(
    accepted: Sequence[tuple[Claimed, str]], window: Sequence[Leaving], *, now: datetime
) -> tuple[set[int], set[int]]:
    """The last window was accepted, the next one is about to leave: `move` and `attempt` in one statement, which is
    one commit. `accepted` comes with the server's own name for each. Returns the ids of both that were still ours.
    """
    done, going = [one for one, _ in accepted], [one.claimed for one in window]
    rows = _TURN.rows(
        [
            now,
            *_tokens(done),
            arrays.texts(_storable(provider_id)[:200] for _, provider_id in accepted),
            now + lease(),
            *_tokens(going),
            arrays.texts(one.address for one in window),
            arrays.numbers(one.sender_id for one in window),
            json.dumps([one.merge for one in window]),
        ]
    )
    return {id for is_done, id in rows if is_done}, {id for is_done, id in rows if not is_done}


_TURN = Prepared(
    "silo_turn",
    """
WITH done AS (
    UPDATE nurturing_send s
    SET state = 'accepted', reason = '', provider_id = v.provider_id, lease_until = NULL, finished_at = $1::timestamptz
    FROM unnest($2::bigint[], $3::int[], $4::text[]) v(id, attempt, provider_id)
    WHERE s.id = v.id AND s.attempt = v.attempt AND s.state || '' IN ('claimed', 'attempting')
    RETURNING s.id
), going AS (
    UPDATE nurturing_send s
    SET state = 'attempting', lease_until = $5::timestamptz, address = v.address, sender_id = v.sender_id
    FROM unnest($6::bigint[], $7::int[], $8::text[], $9::bigint[]) v(id, attempt, address, sender_id)
    WHERE s.id = v.id AND s.attempt = v.attempt AND s.state || '' = 'claimed'
      AND NOT EXISTS (SELECT 1 FROM nurturing_sendinghold WHERE released_at IS NULL)
    RETURNING s.id
), kept AS (
    INSERT INTO nurturing_senddetail (send_id, at, merge, response)
    SELECT v.id, $1::timestamptz, v.merge, ''
    FROM ROWS FROM (unnest($6::bigint[]), jsonb_array_elements($10::jsonb)) v(id, merge) JOIN going ON going.id = v.id
)
SELECT true, id FROM done UNION ALL SELECT false, id FROM going
""",
)


def still_ours(claims: Iterable[Claimed], *, now: datetime) -> set[int]:
    """Of rows that we had in `attempting`: those that nobody took away meanwhile, ours for another lease from now on.

    A window at a slow server may take longer than a lease. Nothing when all sending is on hold.
    """
    claims = list(claims)
    with connection.cursor() as cursor:
        cursor.execute(_STILL_OURS, [now + lease(), *_tokens(claims)])
        return {id for (id,) in cursor.fetchall()}


_STILL_OURS = """
UPDATE nurturing_send s SET lease_until = %s FROM unnest(%s::bigint[], %s::int[]) v(id, attempt)
WHERE s.id = v.id AND s.attempt = v.attempt AND s.state || '' = 'attempting'
  AND NOT EXISTS (SELECT 1 FROM nurturing_sendinghold WHERE released_at IS NULL)
RETURNING s.id
"""


def renew(claims: Iterable[Claimed], *, now: datetime) -> set[int]:
    """Keep the rest of a slow batch a while longer. Returns the ids that are still ours."""
    claims = list(claims)
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, [now + lease(), *_tokens(claims)])
        return {id for (id,) in cursor.fetchall()}


_RENEW = """
UPDATE nurturing_send s SET lease_until = %s FROM unnest(%s::bigint[], %s::int[]) v(id, attempt)
WHERE s.id = v.id AND s.attempt = v.attempt AND s.state || '' = 'claimed' RETURNING s.id
"""


def move(moves: Sequence[Move], *, now: datetime) -> set[int]:
    """Write what became of rows in our hand.

    A row whose token has grown is left alone. Returns the ids that were moved.
    """
    if not moves:
        return set()
    ended = sorted({one.claimed.contact_id for one in moves if one.state in (State.SKIPPED, State.FAILED)})
    told = {one.claimed.contact_id for one in moves if one.detail or "@" in one.reason}
    with transaction.atomic(), connection.cursor() as cursor:
        standing.lock(told.union(ended))  # before their sends: everybody locks a person's rows in this order
        moves = _without_the_erased(moves, told)
        cursor.execute(
            _MOVE,
            [
                now,
                *_tokens(one.claimed for one in moves),
                arrays.texts(one.state for one in moves),
                arrays.texts(_storable(one.reason)[:300] for one in moves),
                arrays.texts(_storable(one.provider_id)[:200] for one in moves),
                arrays.moments(one.not_before for one in moves),
                arrays.numbers(int(one.put_off_by_server) for one in moves),
            ],
        )
        moved = {id for (id,) in cursor.fetchall()}
        keep_details(
            ((one.claimed.id, {}, one.detail) for one in moves if one.detail and one.claimed.id in moved),
            now=now,
        )
        standing.recompute(ended, now=now)
    _tell(one for one in moves if one.claimed.id in moved)
    return moved


def _tell(moves: Iterable[Move]) -> None:
    """A line in the log for each that a person may ask about; none for those that went as meant, and no address."""
    for one in moves:
        why = one.reason.partition(":")[0]
        if one.state == State.FAILED:
            log.warning("mail_refused", send=one.claimed.id, why=why)
        elif one.state == State.UNKNOWN:
            log.warning("mail_unknown", send=one.claimed.id, why=why)
        elif one.put_off_by_server:
            log.info("mail_put_off", send=one.claimed.id, why=why, until=f"{one.not_before:%Y-%m-%dT%H:%MZ}")


def _without_the_erased(moves: Sequence[Move], contact_ids: Collection[int]) -> Sequence[Move]:
    """A server's answer names whom it refuses. Of people who were erased while their mail was on its way, nothing is kept."""
    if not contact_ids:
        return moves
    with connection.cursor() as cursor:
        cursor.execute(_ERASED, [arrays.numbers(contact_ids)])
        gone = {contact_id for (contact_id,) in cursor.fetchall()}
    return [
        one._replace(reason="erased" if "@" in one.reason else one.reason, detail="")
        if one.claimed.contact_id in gone
        else one
        for one in moves
    ]


_ERASED = "SELECT id FROM contacts_contact WHERE id = ANY(%s::bigint[]) AND erased_at IS NOT NULL"

_MOVE = """
UPDATE nurturing_send s
SET state = v.state, reason = v.reason, provider_id = v.provider_id, tries = s.tries + v.tries,
    not_before = coalesce(v.not_before, s.not_before), lease_until = NULL,
    finished_at = CASE WHEN v.state = 'planned' THEN NULL ELSE %s::timestamptz END
FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::int[])
     v(id, attempt, state, reason, provider_id, not_before, tries)
WHERE s.id = v.id AND s.attempt = v.attempt AND s.state || '' IN ('claimed', 'attempting')
RETURNING s.id
"""


def reap(*, now: datetime) -> tuple[int, int]:
    """Look after what lost its worker:

    `claimed` past its lease waits again, `attempting` becomes unknown. Returns both numbers.
    """
    with connection.cursor() as cursor:
        cursor.execute(_REAP_CLAIMED, [now])
        again = [id for (id,) in cursor.fetchall()]
        cursor.execute(_REAP_ATTEMPTING, [now, now])
        unknown = [id for (id,) in cursor.fetchall()]
    for id in again:
        log.info("mail_waits_again", send=id, why="worker_lost")
    for id in unknown:
        log.warning("mail_unknown", send=id, why="worker_lost")
    return len(again), len(unknown)


_REAP_CLAIMED = """
UPDATE nurturing_send SET state = 'planned', lease_until = NULL WHERE state = 'claimed' AND lease_until < %s
RETURNING id
"""
_REAP_ATTEMPTING = """
UPDATE nurturing_send SET state = 'unknown', reason = 'worker_lost', finished_at = %s, lease_until = NULL
WHERE state = 'attempting' AND lease_until < %s
RETURNING id
"""


def keep_details(rows: Iterable[tuple[int, dict[str, str], str]], *, now: datetime) -> None:
    """Merge snapshots and replies, beside the narrow ledger."""
    rows = list(rows)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _DETAILS,
            [
                now,
                arrays.numbers(id for id, _, _ in rows),
                arrays.texts(json.dumps(merge) for _, merge, _ in rows),
                arrays.texts(_storable(text) for _, _, text in rows),
            ],
        )


_DETAILS = """
INSERT INTO nurturing_senddetail (send_id, at, merge, response)
SELECT v.send_id, %s, v.merge, v.response
FROM unnest(%s::bigint[], %s::jsonb[], %s::text[]) v(send_id, merge, response)
"""


def _storable(text: str) -> str:
    """What a server or a traceback said, without what PostgreSQL cannot hold: a reply must never cost us a result."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _tokens(claims: Iterable[Claimed]) -> tuple[str, str]:
    """Ids and fencing tokens, as two columns."""
    claims = list(claims)
    return arrays.numbers(one.id for one in claims), arrays.numbers(one.attempt for one in claims)
