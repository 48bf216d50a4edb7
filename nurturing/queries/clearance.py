"""May this mail go to this person now? Asked once more for a whole batch right before it leaves.

Whatever was true when it was planned may have changed: a stop, an ended sequence, a salesperson who has them
on the phone. The answer is always a reason, never silence: go, go back (`later`), or not at all (`skip`). A
constant number of statements for any number of mails.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from django.conf import settings
from django.db import connection

from contacts import arrays
from contacts.models import Contact, LegalGround, Objection
from contacts.queries import gate
from nurturing.models import MailVersion, Piece, Send, Sender, Standing
from nurturing.planning import calendar
from nurturing.queries import live, merge, rhythm, sender
from nurturing.sending import providers

CAP_WINDOW = timedelta(days=7)
BUSY_PAUSE = timedelta(hours=4)
CAP_PAUSE = timedelta(days=1)
SENDER_PAUSE = timedelta(minutes=30)
# A batch that was in hand when the office closed, or a mail that had to wait a moment, still leaves.
OFFICE_GRACE = timedelta(hours=1)

_SENT = (Send.State.ACCEPTED, Send.State.ATTEMPTING, Send.State.UNKNOWN)


class Asked(Protocol):
    """What a send must tell to be judged (read-only)."""

    @property
    def id(self) -> int: ...
    @property
    def contact_id(self) -> int: ...
    @property
    def sandbox(self) -> bool: ...
    @property
    def kind(self) -> str: ...
    @property
    def in_lane(self) -> bool: ...
    @property
    def enrollment_id(self) -> int | None: ...
    @property
    def piece_id(self) -> int | None: ...
    @property
    def mail_id(self) -> int | None: ...
    @property
    def sender_id(self) -> int | None: ...
    @property
    def latest_at(self) -> datetime: ...


class Answer(StrEnum):
    GO = "go"
    LATER = "later"
    SKIP = "skip"


class Person(NamedTuple):
    """Who gets it: what stands in the head and the foot of the mail."""

    id: int
    name: str
    address: str
    owner_name: str
    owner_address: str
    ground: str
    source: str
    from_list: bool
    informed_at: datetime | None
    tracked: bool = True
    country: str = ""
    time_zone: str = ""

    @property
    def must_be_told(self) -> bool:
        """Nobody has told them yet where we have their data from (GDPR 14): this mail does."""
        return self.from_list and self.informed_at is None


class Clearance(NamedTuple):
    """The answer for one send."""

    answer: Answer
    reason: str = ""
    pause: timedelta = timedelta(0)
    person: Person | None = None
    sender: Sender | None = None


def of(sends: Sequence[Asked], *, now: datetime) -> dict[int, Clearance]:
    """Judge a batch.

    `sends` come in the order in which they would leave: an earlier one counts towards the cap of a later one.
    """
    facts = _Facts(sends, now=now)
    return {send.id: facts.judge(send) for send in sends}


def _skip(reason: str) -> Clearance:
    return Clearance(Answer.SKIP, reason)


class _Facts:
    """Everything that is true now about the people and things of one batch."""

    def __init__(self, sends: Sequence[Asked], *, now: datetime) -> None:
        contact_ids = sorted({send.contact_id for send in sends})
        self.now = now
        self.live = live.is_live()
        # one answer for what may have changed about a sequence since the mail was planned
        sequences = _rows(_SEQUENCES, arrays.numbers(_ids(send.enrollment_id for send in sends)))
        self.ended = {pk for pk, ended, _purpose in sequences if ended}
        self.purposes = {pk: purpose for pk, _ended, purpose in sequences}
        self.verdicts = _verdicts((self._purpose(send), send.contact_id) for send in sends)
        self.people = people(contact_ids)
        self.states = dict(_rows(_STATES, arrays.numbers(contact_ids)))
        pieces = _ids(send.piece_id for send in sends)
        self.retired = (
            pieces - set(Piece.objects.live().filter(pk__in=pieces).values_list("pk", flat=True))
            if pieces
            else set()
        )
        self.languages = dict(
            MailVersion.objects.filter(pk__in=_ids(send.mail_id for send in sends)).values_list(
                "pk", "language"
            )
        )
        self.senders = sender.all_senders()
        self.complete: dict[int, bool] = {}
        self.chosen: dict[str, Sender | None] = {}
        in_force = rhythm.in_force()
        self.window, self.cap = in_force.window, in_force.rule.weekly_cap
        self.had = _had(contact_ids, since=now - CAP_WINDOW, live=self.live)

    def judge(self, send: Asked) -> Clearance:
        """The first reason that fits, in the order in which a person would want to hear it."""
        if send.sandbox == self.live:
            return _skip("went_live" if send.sandbox else "not_live")
        if send.latest_at < self.now:
            return _skip("too_late")
        person = self.people.get(send.contact_id)
        verdict = self.verdicts[self._purpose(send)].get(send.contact_id)
        if person is None or verdict is None or not verdict.allowed:
            return _skip(verdict.reason if verdict is not None and verdict.reason else "no_address")
        if send.in_lane and (held_up := self._lane(send) or self._office(send, person)) is not None:
            return held_up
        if send.mail_id not in self.languages:
            return _skip("no_text")
        chosen = self._sender(send)
        if chosen is None or (not send.sandbox and not self._is_complete(chosen)):
            return Clearance(Answer.LATER, "sender_incomplete", SENDER_PAUSE)
        if send.in_lane:
            self.had[send.contact_id] = self.had.get(send.contact_id, 0) + 1
        return Clearance(Answer.GO, person=person, sender=chosen)

    def _purpose(self, send: Asked) -> str:
        """What its sequence says that its mails are; a mail without one is what its kind says."""
        return self.purposes.get(send.enrollment_id or 0) or purpose_of(send.kind)

    def _lane(self, send: Asked) -> Clearance | None:
        if send.enrollment_id in self.ended:
            return _skip("sequence_ended")
        if send.piece_id in self.retired:
            return _skip("piece_retired")
        state = self.states.get(send.contact_id, Standing.State.STOPPED)
        if state == Standing.State.STOPPED:
            return _skip("stopped")
        if state in (Standing.State.HOT, Standing.State.WITH_SALES, Standing.State.PAUSED):
            return self._back(send, state, BUSY_PAUSE)
        if self.had.get(send.contact_id, 0) >= self.cap:
            return self._back(send, "cap", CAP_PAUSE)
        return None

    def _office(self, send: Asked, person: Person) -> Clearance | None:
        """It was planned for an hour in which offices are open, and may have waited since: never at night after all."""
        hours = rhythm.calendar_of(self.window, person.country, person.time_zone)
        if calendar.is_open(hours, self.now) or calendar.is_open(hours, self.now - OFFICE_GRACE):
            return None
        opens = calendar.next_open(hours, self.now, seed=send.contact_id)
        if opens > send.latest_at:
            return _skip("too_late")
        return Clearance(Answer.LATER, "closed", opens - self.now)

    def _back(self, send: Asked, reason: str, pause: timedelta) -> Clearance:
        """Later, as long as later still makes sense."""
        if self.now + pause > send.latest_at:
            return _skip(reason)
        return Clearance(Answer.LATER, reason, pause)

    def _sender(self, send: Asked) -> Sender | None:
        """The one that was asked for, else one that speaks the mail's language, else the default."""
        if send.sender_id is not None:
            return next((one for one in self.senders if one.pk == send.sender_id), None)
        language = self.languages.get(send.mail_id or 0, "")
        if language not in self.chosen:
            self.chosen[language] = sender.choose(self.senders, language=language)
        return self.chosen[language]

    def _is_complete(self, one: Sender) -> bool:
        if one.pk not in self.complete:
            self.complete[one.pk] = not providers.missing(one)
        return self.complete[one.pk]


def purpose_of(kind: str) -> str:
    """What the gate is asked about a mail of this kind. To ask for a consent is advertising; to answer is not."""
    return PURPOSES.get(kind, gate.MARKETING)


PURPOSES = {Send.Kind.CONFIRM.value: gate.ANSWER, Send.Kind.NOTICE.value: gate.NOTICE}


def _verdicts(asked: Iterable[tuple[str, int]]) -> dict[str, dict[int, gate.Verdict]]:
    """The gate's answers by purpose and person: one question for each purpose there is."""
    people: dict[str, set[int]] = {}
    for purpose, contact_id in asked:
        people.setdefault(purpose, set()).add(contact_id)
    return {purpose: gate.verdicts(sorted(ids), purpose=purpose) for purpose, ids in people.items()}


def _ids(given: Iterable[int | None]) -> set[int]:
    return {one for one in given if one is not None}


def _rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return list(cursor.fetchall())


# By hand, like the rest below: these are asked about every mail that leaves.
_STATES = "SELECT contact_id, state FROM nurturing_standing WHERE contact_id = ANY(%s::bigint[])"
_SEQUENCES = """
SELECT e.id, e.ended_at IS NOT NULL OR q.archived_at IS NOT NULL OR q.live_version_id IS NULL, q.mail_purpose
FROM nurturing_enrollment e JOIN nurturing_sequence q ON q.id = e.sequence_id
WHERE e.id = ANY(%s::bigint[])
"""


def people(contact_ids: Collection[int]) -> dict[int, Person]:
    """Who they are, as far as the head and the foot of a mail need it; nobody without an address."""
    rows = _rows(_PEOPLE, arrays.numbers(contact_ids))
    owners = merge.owners_of({row[4] for row in rows})
    boxes = {pk: (owner.name or "", owner.email if owner.is_active else "") for pk, owner in owners.items()}
    tracking = settings.SILO_TRACKING
    found = {}
    for row in rows:
        pk, first, last, email, owner_id, obtained, informed_at, ground, source, untracked, country, zone = (
            row
        )
        owner_name, owner_address = boxes.get(owner_id, ("", ""))
        found[pk] = Person(
            pk,
            f"{first} {last}".strip(),
            email,
            owner_name,
            owner_address or "",
            ground or "",
            source or "",
            obtained == _FROM_LIST,
            informed_at,
            tracking and not untracked,
            country,
            zone,
        )
    return found


_FROM_LIST = Contact.Obtained.LIST.value
_PEOPLE = f"""
SELECT c.id, c.first_name, c.last_name, c.email, c.owner_id, c.obtained, c.informed_at, g.ground, g.source,
       EXISTS (SELECT 1 FROM contacts_objection o WHERE o.contact_id = c.id AND o.kind = '{Objection.Kind.TRACKING.value}'),
       coalesce(nullif(c.country, ''), k.country, ''), c.time_zone
FROM contacts_contact c
LEFT JOIN contacts_company k ON k.id = c.company_id
LEFT JOIN contacts_legalground g ON g.contact_id = c.id AND g.purpose = '{LegalGround.Purpose.MARKETING.value}'
WHERE c.id = ANY(%s::bigint[]) AND c.email IS NOT NULL AND c.erased_at IS NULL
"""  # noqa: S608 - words of our own


def _had(contact_ids: Collection[int], *, since: datetime, live: bool) -> dict[int, int]:
    """How many mails of the lane each person had in the window, in this mode."""
    return dict(_rows(_HAD, arrays.numbers(contact_ids), not live, [state.value for state in _SENT], since))


_HAD = """
SELECT contact_id, count(*) FROM nurturing_send
WHERE contact_id = ANY(%s::bigint[]) AND kind IN ('step', 'piece') AND sandbox = %s AND state = ANY(%s)
  AND (finished_at > %s OR finished_at IS NULL)
GROUP BY contact_id
"""
