"""What each row of a file would do to the silo: the same judgement for the dry run and for the run.

Nothing is written here. For a chunk of rows the silo is asked a constant number of questions.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

from django.db.models import QuerySet

from contacts import keys
from contacts.models import Contact, ContactAddress, LegalGround, Suppression
from contacts.queries import gate
from contacts.reading import decoding, dialect, person, reasons, table, values, verdict
from contacts.services import ground as grounds

CHUNK = 2_000
COLUMNS = (
    "id", "email", "first_name", "last_name", "title", "phone", "city", "country", "language", "recipient",
    "tags", "custom", "company_id", "company__name_key",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """All that was decided about a file before its rows are read."""

    codec: decoding.Encoding
    form: dialect.Dialect
    fields: Sequence[str]
    labels: Sequence[str]
    country: str
    ground: str
    source: str  # where the list comes from, in words: the proof behind the ground
    now: datetime
    fill_only: bool = False
    tags: Sequence[str] = ()

    def rows(self, file: BinaryIO) -> Iterator[table.Row]:
        """The rows of the file, one after another."""
        return table.header_and_rows(file, self.codec, self.form)[1]

    def columns(self) -> person.Columns:
        """The mapping, ready for `person.read`."""
        return person.mapping(self.fields, self.labels, country=self.country, latest=self.now)


@dataclass(slots=True)
class Outcome:
    """One row, judged."""

    person: person.Person
    verdict: str
    reason: str = ""
    contact_id: int | None = None
    known: Mapping[str, Any] | None = None  # the contact as it is
    changes: dict[str, Any] = field(default_factory=dict)
    new_company: bool = False
    ground: dict[str, Any] | None = None  # the ground to store, None when the stored one stays
    known_ground: dict[str, Any] | None = None
    addresses: list[str] = field(default_factory=list)  # further addresses that are new
    forget: bool = False  # an erased person: not even stored again

    @property
    def writes(self) -> bool:
        """True when this row changes something in the silo."""
        if self.verdict in (verdict.NEW, verdict.CHANGED):
            return True
        return self.verdict == verdict.SUPPRESSED and not self.forget

    @property
    def silent(self) -> str:
        """Why this person comes in and is still not written to: the code of the gate, or ""."""
        ground, one = self.ground or self.known_ground, self.person
        if self.verdict not in (verdict.NEW, verdict.CHANGED) or ground is None:
            return ""
        known = self.known or {}
        recipient, country = known.get("recipient") or one.recipient, known.get("country") or one.country
        if not (one.email or known.get("email")):
            return "no_address"
        return gate.judge(
            ground=ground["ground"], recipient=recipient, country=gate.country_of(country, one.email)
        )


class Judge:
    """Judges the rows of one file in order, remembering who stood in it before."""

    def __init__(self, plan: Plan, *, lock: bool = False) -> None:
        self.plan = plan
        self.columns = plan.columns()
        self.lock = lock
        self.seen = verdict.Seen()
        self.touched: set[int] = set()
        self.counts: Counter[str] = Counter()

    def read(self, rows: Iterable[table.Row]) -> list[person.Person]:
        """What the rows say."""
        found = [person.read(row, self.columns) for row in rows]
        for one in found:
            one.tags += [tag for tag in self.plan.tags if tag not in one.tags]
        return found

    def pass_over(self, rows: Iterable[table.Row]) -> None:
        """Remember rows that an earlier, interrupted run has judged."""
        for one in self.read(rows):
            if not one.problem:
                self.seen.add(one)

    def judge(self, rows: Sequence[table.Row]) -> list[Outcome]:
        """The outcome of each row, in their order."""
        people = self.read(rows)
        outcomes: list[Outcome] = []
        for one in people:
            if one.problem:
                outcomes.append(Outcome(one, one.problem, reasons.join(one.reason, one.detail)))
                continue
            why, earlier = self.seen.duplicate_of(one)
            self.seen.add(one)
            duplicate = Outcome(one, verdict.DUPLICATE, reasons.join(why, str(earlier)))
            outcomes.append(duplicate if why else Outcome(one, ""))
        self._look_up([outcome for outcome in outcomes if not outcome.verdict])
        self.counts.update(outcome.verdict for outcome in outcomes)
        return outcomes

    def _look_up(self, open_: Sequence[Outcome]) -> None:
        contacts = Known(open_, lock=self.lock)
        stops = _stops(open_)
        for outcome in open_:
            outcome.known = contacts.match(outcome.person)
            if outcome.known is not None:
                outcome.contact_id = outcome.known["id"]
                if outcome.contact_id in self.touched:
                    outcome.verdict, outcome.reason = verdict.DUPLICATE, "same_person"
                    continue
                self.touched.add(outcome.known["id"])
            self._compare(outcome, contacts)
            self._decide(outcome, stops.get(outcome.person.number, ""))

    def _compare(self, outcome: Outcome, contacts: "Known") -> None:
        one, known = outcome.person, outcome.known
        outcome.known_ground = contacts.grounds.get(outcome.contact_id or 0)
        outcome.ground = self._ground(one, outcome.known_ground)
        taken = contacts.addresses | contacts.others.keys()
        outcome.addresses = [further for further in one.further if further not in taken]
        if known is None:
            return
        said: dict[str, Any] = person.contact_fields(one)
        if known["email"]:
            said.pop("email", None)
        if "country" not in one.said and known["country"]:
            said.pop("country", None)
        if "recipient" in one.said:
            said["recipient"] = one.recipient
        said |= {"tags": one.tags, "custom": one.custom}
        outcome.changes = verdict.differences(known, said, fill_only=self.plan.fill_only)
        named = one.company_key and one.company_key != (known["company__name_key"] or "")
        outcome.new_company = bool(named and not (self.plan.fill_only and known["company_id"]))

    def _ground(self, one: person.Person, known: Mapping[str, Any] | None) -> dict[str, Any] | None:
        ground = one.ground or self.plan.ground
        proven = one.consent_at is not None or bool(one.consent_ip)
        said = {
            "ground": ground,
            "at": one.consent_at if one.consent_at and ground == "consent" else self.plan.now,
            "source": self.plan.source[:200],
            "wording": one.consent_words,
            "ip": one.consent_ip,
        }
        if known is None or grounds.is_stronger(ground, known["ground"]):
            return said
        better_proof = (
            ground == known["ground"] == "consent" and proven and not known["ip"] and not known["wording"]
        )
        if better_proof and (one.consent_ip or one.consent_at != known["at"]):
            return said
        return None

    @staticmethod
    def _decide(outcome: Outcome, stopped: str) -> None:
        one = outcome.person
        fields = sorted(outcome.changes)
        fields += ["company"] if outcome.new_company else []
        fields += ["ground"] if outcome.ground and outcome.known else []
        fields += ["further addresses"] if outcome.addresses and outcome.known else []
        suppressed = bool(stopped or one.stop)
        outcome.verdict = verdict.verdict(
            problem="",
            duplicate=False,
            suppressed=suppressed,
            exists=outcome.known is not None,
            changes=bool(fields),
        )
        outcome.forget = stopped == Suppression.Reason.ERASED
        if suppressed:
            outcome.reason = one.stop or reasons.join("stopped_before", stopped)
        elif one.no_calls:
            outcome.reason = "do_not_call"
        elif outcome.verdict == verdict.CHANGED:
            outcome.reason = reasons.join("fields", ", ".join(fields))
        else:
            outcome.reason = one.note


class Known:
    """Those of the silo who may be meant by the rows of a chunk."""

    def __init__(self, outcomes: Sequence[Outcome], *, lock: bool) -> None:
        people = [outcome.person for outcome in outcomes]
        emails = {email for one in people for email in (one.email, *one.further) if email}
        phones = {one.phone for one in people if one.phone}
        self.others = dict(
            ContactAddress.objects.filter(email_key__in=emails).values_list("email_key", "contact_id")
        )
        self.by_id = self._contacts(emails, phones, lock=lock)
        self.by_email = {row["email"].lower(): row for row in self.by_id.values() if row["email"]}
        self.addresses = set(self.by_email)
        self.by_phone: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for row in self.by_id.values():
            if row["phone"]:
                key = (row["phone"], values.person_key(row["first_name"], row["last_name"]))
                self.by_phone.setdefault(key, []).append(row)
        self.grounds: dict[int, dict[str, Any]] = {
            row["contact_id"]: dict(row)
            for row in LegalGround.objects.filter(
                contact_id__in=list(self.by_id), purpose="marketing"
            ).values("contact_id", "ground", "at", "source", "wording", "ip")
        }

    def _contacts(self, emails: set[str], phones: set[str], *, lock: bool) -> dict[int, Mapping[str, Any]]:
        found: dict[int, Mapping[str, Any]] = {}
        questions: list[QuerySet[Contact]] = [
            Contact.objects.filter(email_key__in=emails),
            Contact.objects.filter(id__in=set(self.others.values())),
            Contact.objects.filter(phone__in=phones).exclude(phone=""),
        ]
        for question in questions:
            question = question.filter(erased_at=None).order_by("id")
            if lock:
                question = question.select_for_update(no_key=True, of=("self",))
            found |= {row["id"]: row for row in question.values(*COLUMNS)}
        return found

    def match(self, one: person.Person) -> Mapping[str, Any] | None:
        """The contact a row speaks about: by address, by a further address and name, by phone and name."""
        if one.email:
            if (found := self.by_email.get(one.email)) is not None:
                return found
            other = self.by_id.get(self.others.get(one.email, 0))
            if other is not None and one.name_key in ("", _name_key(other)):
                return other
        if one.phone:
            for row in self.by_phone.get((one.phone, one.name_key), ()):
                if not one.email or not row["email"]:
                    return row
        return None


def _name_key(row: Mapping[str, Any]) -> str:
    return values.person_key(row["first_name"], row["last_name"])


def _stops(outcomes: Sequence[Outcome]) -> dict[int, str]:
    """Row number → reason, for those whose address was stopped for mail before."""
    hashes: dict[str, list[int]] = {}
    for outcome in outcomes:
        for spelling in gate.spellings(outcome.person.email, outcome.person.phone):
            for hashed in keys.address_hashes(spelling):
                hashes.setdefault(hashed, []).append(outcome.person.number)
    found = gate.stops_on(hashes)
    against_mail = (Suppression.Channel.MAIL, Suppression.Channel.ALL)
    return {
        number: reason
        for hashed, channel, reason in found
        if channel in against_mail
        for number in hashes[hashed]
    }


def chunks(rows: Iterator[table.Row], size: int = CHUNK) -> Iterator[list[table.Row]]:
    """The rows by the number."""
    while taken := list(islice(rows, size)):
        yield taken
