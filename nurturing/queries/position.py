"""Who people are and where they stand, from rows, for a whole batch in a constant number of statements.

No ORM object per contact: these are the tick's hot path. Turning rows into the planner's values happens one
contact at a time (`Snapshot.of`), so that one who cannot be understood does not stop the batch.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from contacts import arrays
from contacts.queries import gate
from nurturing.models import Send
from nurturing.planning import position
from nurturing.planning.position import Content, Person, Position
from nurturing.queries import live, reach, rhythm, sendable
from nurturing.temperature.points import HUMAN

# Enough of somebody's last mails for any weekly cap that makes sense.
RECENT_MAILS = 14
# Told outweighs shown: a click may have been curiosity.
SHOWN_INTEREST = 0.7


class _Row(NamedTuple):
    contact_id: int
    created_at: datetime
    language: str
    time_zone: str
    country: str
    company_country: str | None
    rhythm_days: float | None


class _Enrollment(NamedTuple):
    pk: int
    contact_id: int
    sequence_id: int
    priority: int
    entered_at: datetime
    started_at: datetime | None
    expires_at: datetime
    last_step_key: str
    last_step_at: datetime | None


class _Mails(NamedTuple):
    got: frozenset[int] = frozenset()
    recent: tuple[datetime, ...] = ()
    last_piece_id: int | None = None
    waiting: bool = False


_NO_MAILS = _Mails()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The rows of one batch, and what the planner needs besides."""

    content: Content
    in_force: rhythm.InForce
    rows: dict[int, _Row]
    mail: dict[int, gate.Verdict]
    phone: dict[int, gate.Verdict]
    interests: dict[int, dict[int, float]]
    levels: dict[int, str]
    enrollments: dict[int, list[_Enrollment]]
    done: dict[int, frozenset[str]]
    mails: dict[int, _Mails]
    small: dict[int, "_Small"]
    sandbox: bool

    def of(self, contact_id: int) -> tuple[Person, Position]:
        """One person and their position. Raises ValueError when their rows make no sense."""
        return self._person(self.rows[contact_id]), self._position(contact_id)

    def _person(self, row: _Row) -> Person:
        country = row.country or row.company_country or ""
        mail, small = self.mail[row.contact_id], self.small[row.contact_id]
        stopped = reach.stop_of(mail, self.phone[row.contact_id])
        return Person(
            contact_id=row.contact_id,
            joined_at=row.created_at,
            calendar=rhythm.calendar_of(self.in_force.window, country, row.time_zone),
            mail="" if mail.allowed else mail.reason,
            # whoever waits for our answer is not done with, whatever else they stopped
            stopped="" if small.handoffs else stopped,
            languages=rhythm.languages_of(row.language, country),
            topics=tuple(sorted(self.interests.get(row.contact_id, {}).items())),
            level=self.levels.get(row.contact_id, position.LEVELS[0]),
            wish_days=small.wish_days,
        )

    def _position(self, contact_id: int) -> Position:
        mails, small = self.mails.get(contact_id, _NO_MAILS), self.small[contact_id]
        active, waiting = None, []
        for row in self.enrollments.get(contact_id, ()):
            if row.started_at is not None:
                active = position.ActiveEnrollment(
                    row.pk,
                    row.sequence_id,
                    row.started_at,
                    row.last_step_key,
                    row.last_step_at,
                    self.done.get(row.pk, frozenset()),
                )
            else:
                waiting.append(
                    position.WaitingEnrollment(
                        row.pk, row.sequence_id, row.priority, row.entered_at, row.expires_at
                    )
                )
        return Position(
            rhythm_days=self.rows[contact_id].rhythm_days,
            enrollment=active,
            waiting=tuple(waiting),
            pause=small.pause,
            reminders=tuple(small.reminders),
            handoffs=tuple(small.handoffs),
            holds=tuple(small.holds),
            got=mails.got,
            last_piece_id=mails.last_piece_id,
            last_touch_at=max(mails.recent, default=None),
            recent=mails.recent,
            mail_waiting=mails.waiting,
        )


def load(contact_ids: Collection[int]) -> Snapshot:
    """Everything the planner has to know about these people, as the rows say now."""
    ids = list(contact_ids)
    these = arrays.ids(ids)
    sandbox = not live.is_live()
    open_rows = _open_enrollments(these)
    enrollments: dict[int, list[_Enrollment]] = defaultdict(list)
    for row in open_rows:
        enrollments[row.contact_id].append(row)
    running = [row.pk for row in open_rows if row.started_at is not None]
    told, small = _small_rows(these)
    interests, levels = _interests(these, told)
    mail, phone = gate.mail_and_phone(ids)
    return Snapshot(
        content=sendable.content({row.sequence_id for row in open_rows}),
        in_force=rhythm.in_force(),
        rows=_rows(these),
        mail=mail,
        phone=phone,
        interests=interests,
        levels=levels,
        enrollments=enrollments,
        done=_done(running, sandbox=sandbox),
        mails=_mails(these, sandbox=sandbox),
        small=small,
        sandbox=sandbox,
    )


@dataclass(slots=True)
class _Small:
    """The open rows of one person in the small tables."""

    pause: position.OpenPause | None = None
    reminders: list[position.OpenReminder] = field(default_factory=list)
    handoffs: list[position.OpenHandoff] = field(default_factory=list)
    holds: list[position.OpenHold] = field(default_factory=list)
    wish_days: float | None = None


def _small_rows(ids: str) -> tuple[dict[int, list[int]], dict[int, _Small]]:
    """The topics they told us of, and what is open around them: seven small tables in one statement."""
    told: dict[int, list[int]] = defaultdict(list)
    small: dict[int, _Small] = defaultdict(_Small)
    with connection.cursor() as cursor:
        cursor.execute(_SMALL, {"ids": ids})
        for table, contact_id, pk, at, kind, words, days in cursor.fetchall():
            match table:
                case "topic":
                    told[contact_id].append(pk)
                case "pause":
                    small[contact_id].pause = position.OpenPause(pk, at, words)
                case "reminder":
                    small[contact_id].reminders.append(position.OpenReminder(pk, at, kind, words))
                case "handoff":
                    small[contact_id].handoffs.append(position.OpenHandoff(pk, kind, at))
                case "hold":
                    small[contact_id].holds.append(position.OpenHold(pk, kind, at))
                case "wish":
                    small[contact_id].wish_days = days
    return told, small


_SMALL = """
SELECT 'topic', contact_id, topic_id, NULL::timestamptz, '', '', NULL::float8
  FROM contacts_contact_topics WHERE contact_id = ANY(%(ids)s::bigint[])
UNION ALL SELECT 'pause', contact_id, id, until, '', because, NULL
  FROM nurturing_pause WHERE ended_at IS NULL AND contact_id = ANY(%(ids)s::bigint[])
UNION ALL SELECT 'reminder', contact_id, id, at, kind, because, NULL
  FROM nurturing_reminder WHERE done_at IS NULL AND contact_id = ANY(%(ids)s::bigint[])
UNION ALL SELECT 'handoff', contact_id, id, cools_at, kind, '', NULL
  FROM nurturing_handoff WHERE closed_at IS NULL AND contact_id = ANY(%(ids)s::bigint[])
UNION ALL SELECT 'hold', contact_id, id, until, kind, '', NULL
  FROM nurturing_saleshold WHERE ended_at IS NULL AND contact_id = ANY(%(ids)s::bigint[])
UNION ALL SELECT 'wish', contact_id, id, NULL, '', '', days
  FROM nurturing_rhythmwish WHERE withdrawn_at IS NULL AND contact_id = ANY(%(ids)s::bigint[])
ORDER BY 1, 2, 3
"""


def _open_enrollments(ids: str) -> list[_Enrollment]:
    with connection.cursor() as cursor:
        cursor.execute(_ENROLLMENTS, [ids])
        return [_Enrollment(*row) for row in cursor.fetchall()]


_ENROLLMENTS = """
SELECT id, contact_id, sequence_id, priority, entered_at, started_at, expires_at, last_step_key, last_step_at
FROM nurturing_enrollment WHERE ended_at IS NULL AND contact_id = ANY(%s::bigint[]) ORDER BY id
"""


def _rows(ids: str) -> dict[int, _Row]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [ids])
        return {row[0]: _Row(*row) for row in cursor.fetchall()}


_ROWS = """
SELECT s.contact_id, c.created_at, c.language, c.time_zone, c.country, k.country, s.rhythm_days
FROM nurturing_standing s JOIN contacts_contact c ON c.id = s.contact_id
LEFT JOIN contacts_company k ON k.id = c.company_id
WHERE s.contact_id = ANY(%s::bigint[])
"""


def _interests(ids: str, told: dict[int, list[int]]) -> tuple[dict[int, dict[int, float]], dict[int, str]]:
    """What each cares about (told or shown by human clicks and answers), and the deepest level they read."""
    interests: dict[int, dict[int, float]] = defaultdict(dict)
    levels: dict[int, str] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SHOWN, [ids, HUMAN])
        shown = cursor.fetchall()
    for contact_id, topic_id, level in shown:
        if topic_id is not None:
            interests[contact_id][topic_id] = SHOWN_INTEREST
        if level in position.LEVELS:
            deepest = levels.get(contact_id, position.LEVELS[0])
            levels[contact_id] = max(deepest, level, key=position.LEVELS.index)
    for contact_id, topic_ids in told.items():
        interests[contact_id] |= dict.fromkeys(topic_ids, 1.0)
    return interests, levels


_SHOWN = """
SELECT DISTINCT contact_id, topic_id, level FROM nurturing_engagementevent
WHERE contact_id = ANY(%s::bigint[]) AND type IN ('clicked', 'replied') AND human >= %s
"""


def _mails(ids: str, *, sandbox: bool) -> dict[int, _Mails]:
    """What each got in this mode: a sandbox mail is no history of a live silo."""
    with connection.cursor() as cursor:
        cursor.execute(_MAILS, [RECENT_MAILS, list(Send.WAITING), ids, sandbox])
        return {
            contact_id: _Mails(frozenset(got or ()), tuple(recent), got[0] if got else None, waiting)
            for contact_id, got, recent, waiting in cursor.fetchall()
        }


_MAILS = """
SELECT contact_id, array_agg(piece_id ORDER BY planned_at DESC, id DESC) FILTER (WHERE piece_id IS NOT NULL),
       (array_agg(planned_at ORDER BY planned_at DESC))[1:%s], bool_or(state = ANY(%s))
FROM nurturing_send
WHERE contact_id = ANY(%s::bigint[]) AND kind IN ('step', 'piece') AND sandbox = %s
GROUP BY contact_id
"""


def _done(enrollment_ids: list[int], *, sandbox: bool) -> dict[int, frozenset[str]]:
    if not enrollment_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_DONE, [arrays.numbers(enrollment_ids), sandbox])
        return {pk: frozenset(keys) for pk, keys in cursor.fetchall()}


_DONE = """
SELECT enrollment_id, array_agg(step_key) FROM nurturing_send
WHERE enrollment_id = ANY(%s::bigint[]) AND kind IN ('step', 'piece') AND sandbox = %s GROUP BY enrollment_id
"""
