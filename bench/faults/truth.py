"""What really happened: the ledger against what the fake servers saw, and the doctor's own sum."""

import json
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bench.faults.cluster import Servers
from bench.faults.points import POISON_PEOPLE, POISON_TEMPLATES
from bench.faults.staff import Staff

AT_ONCE = timedelta(hours=1)  # what waits for moments so near one another is not waited for one by one
NOTHING, SOMEBODY, A_PERSON = "nothing", "somebody", "a person"


@dataclass
class Found:
    """The comparison of one round. `twice` and `missing` hold addresses with what is known about them."""

    due: int = 0
    states: Counter[str] = field(default_factory=Counter)
    accepted: int = 0  # mails for which the fakes answered 250 or 200
    unclear: int = 0  # mails that the fakes had whole and did not answer
    cut: int = 0  # lines broken in the middle of a mail: the sender may have written all of it
    did: Counter[str] = field(default_factory=Counter)
    why_unknown: Counter[str] = field(default_factory=Counter)  # by the ledger's reason
    twice: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unstopped: list[str] = field(default_factory=list)
    told: int = 0
    poison: int = 0
    doctor: dict[str, Any] = field(default_factory=dict)

    @property
    def drops(self) -> int:
        """How often the fakes left a sender in the dark."""
        return self.unclear + self.cut

    @property
    def leaks(self) -> list[str]:
        """What the doctor found broken."""
        return [*self.doctor.get("broken", ["the doctor said nothing"])]


def waiting(servers: Servers, staff: Staff, *, now: datetime) -> str | datetime:
    """What a silo that is not quiet yet waits for: somebody's work, a person, or a moment."""
    with closing(servers.connect()) as line, line.cursor() as cursor:
        cursor.execute(
            "BEGIN ISOLATION LEVEL REPEATABLE READ"
        )  # else a batch of the clock falls between two questions
        cursor.execute(
            "SELECT state, not_before, lease_until, claimed_by FROM nurturing_send WHERE state IN ('planned', 'claimed', 'attempting')"
        )
        rows = cursor.fetchall()
        cursor.execute(
            "SELECT count(*) FROM nurturing_standing WHERE state <> 'stopped' AND next_at <= %s", [now]
        )
        due = cursor.fetchone()[0]
        cursor.execute(
            "SELECT min(next_at) FROM nurturing_standing s WHERE next_what = 'step'"
            " AND NOT EXISTS (SELECT 1 FROM nurturing_decision d WHERE d.contact_id = s.contact_id)"
        )
        undecided = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM nurturing_sendinghold WHERE released_at IS NULL")
        if cursor.fetchone()[0]:
            return A_PERSON
    if due or any(state == "planned" and not_before <= now for state, not_before, _, _ in rows):
        return SOMEBODY
    alive = staff.pids()
    in_hand = [(until, int(by.rpartition(":")[2] or 0)) for state, _, until, by in rows if state != "planned"]
    if any(pid in alive for _until, pid in in_hand) or any(until < now for until, _pid in in_hand):
        return SOMEBODY
    moments = [not_before for state, not_before, _, _ in rows if state == "planned"] + [
        until for until, _pid in in_hand
    ]
    moments += [undecided] if undecided else []
    return max(each for each in moments if each <= min(moments) + AT_ONCE) if moments else NOTHING


def handing_over(servers: Servers) -> set[int]:
    """The processes that have mails in the middle of being handed over."""
    rows = servers.ask("SELECT DISTINCT claimed_by FROM nurturing_send WHERE state = 'attempting'")
    return {int(name.rpartition(":")[2]) for (name,) in rows}


def let_go_on(servers: Servers, *, now: datetime) -> None:
    """The admin looks, and lets the mails go."""
    servers.ask("UPDATE nurturing_sendinghold SET released_at = %s WHERE released_at IS NULL", [now])


def compare(
    servers: Servers, staff: Staff, report: dict[str, Any], *, told: set[str], clocks_jumped: bool
) -> Found:
    """Every person of the round, once: what the ledger says and what the fakes saw."""
    seen: dict[str, dict[str, int]] = report["seen"]
    rows = servers.ask(
        "SELECT c.email, s.state, s.reason, s.tries, a.id IS NOT NULL FROM contacts_contact c"
        " LEFT JOIN nurturing_send s ON s.contact_id = c.id LEFT JOIN nurturing_setaside a ON a.contact_id = c.id ORDER BY c.id"
    )
    found = Found(
        due=len(rows),
        accepted=sum(one.get("accepted", 0) for one in seen.values()),
        unclear=sum(one.get("unclear", 0) for one in seen.values()),
        cut=sum(one.get("cut", 0) for one in seen.values()),
        did=Counter(report["did"]),
        told=len(told),
    )
    for place, (address, state, reason, _tries, is_set_aside) in enumerate(rows):
        fakes = seen.get(address, {})
        found.states[state or ("set aside" if is_set_aside else "never decided")] += 1
        if state == "unknown":
            found.why_unknown[reason] += 1
        line = f"{address}: ledger {state} {reason!r}, fakes {fakes}"
        if fakes.get("accepted", 0) + fakes.get("unclear", 0) > 1:
            found.twice.append(line)
        if place < POISON_PEOPLE + POISON_TEMPLATES:
            found.poison += 1
            explained = is_set_aside if place < POISON_PEOPLE else (state, reason) == ("failed", "error")
        else:
            explained = _explained(state, fakes)
        if not explained:
            found.missing.append(line)
    if told:
        stopped = {
            row[0] for row in servers.ask("SELECT address FROM contacts_suppression WHERE lifted_at IS NULL")
        }
        found.unstopped = sorted(told - stopped)
    said = staff.doctor(staff.folder / "doctor.json")
    found.doctor = json.loads(said) if said.startswith("{") else {}
    if clocks_jumped:
        # Somebody unsubscribed by a clock that was an hour behind the one by which they had got their mail.
        found.doctor["broken"] = [
            one for one in found.doctor["broken"] if "the address had been stopped" not in one
        ]
    return found


def _explained(state: str | None, fakes: dict[str, int]) -> bool:
    """Whether what the ledger says about a mail is what the fakes know."""
    match state:
        case "accepted":
            return fakes.get("accepted", 0) == 1
        case "failed":
            return fakes.get("accepted", 0) == 0 and fakes.get("refused", 0) + fakes.get("later", 0) > 0
        case "unknown":
            return True
        case _:  # still waiting, skipped without a cause in this world, or nobody ever decided it
            return False
