"""Erase people: cut them off from everything, keep every total, and never let a backup bring them back.

What stays is a tombstone: the contact's number, country, kind of recipient and moments, so that a report adds up as
before. Final: nothing here can be undone, and every page says so first.
"""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import OperationalError, connection, transaction

from contacts import erasing, hooks, keys, ledger, spelling
from contacts.models import (
    Company,
    Contact,
    ContactAddress,
    Erasure,
    FormerGround,
    LegalGround,
    Objection,
    Suppression,
)
from contacts.services import audit

log = logging.getLogger(__name__)

Why = Erasure.Why
CHUNK = 500
TRIES = 3
# Who said that they want to be forgotten is not brought in again by the next list; who was only cleared away may come
# back by themselves.
STOPPING = frozenset({Why.PERSON, Why.COLLEAGUE})
EMPTY: dict[str, Any] = {
    "email": None,
    "first_name": "",
    "last_name": "",
    "title": "",
    "phone": "",
    "company": None,
    "city": "",
    "language": "",
    "time_zone": "",
    "way_in_note": "",
    "tags": [],
    "custom": {},
}


@dataclass(frozen=True, slots=True)
class _Known:
    """What the silo knows a person by, read before it is emptied."""

    contact_id: int
    made_at: datetime
    addresses: tuple[str, ...]
    phone: str

    @property
    def hashes(self) -> list[str]:
        return [keys.address_hash(one) for one in (*self.addresses, *([self.phone] if self.phone else []))]


def erase(*, contact_ids: Iterable[int], why: str, now: datetime, by: Any = None) -> int:
    """Erase these people, five hundred in a transaction. Answers how many there were; the erased stay erased.

    It touches all that is known of them. Where that runs into somebody else's work on the same rows, it is tried again.
    """
    ids = sorted(set(contact_ids))
    return sum(
        _patiently(ids[start : start + CHUNK], why=why, now=now, by=by) for start in range(0, len(ids), CHUNK)
    )


def _patiently(ids: list[int], *, why: str, now: datetime, by: Any) -> int:
    for left in reversed(range(TRIES)):
        try:
            return _erase(ids, why=why, now=now, by=by)
        except OperationalError:
            if not left:
                raise
    raise AssertionError("unreachable")


@transaction.atomic
def _erase(ids: list[int], *, why: str, now: datetime, by: Any, stop: bool | None = None) -> int:
    hooks.holding(ids, now=now)
    people = _known(ids)
    if not people:
        return 0
    stop = why in STOPPING if stop is None else stop
    found = [one.contact_id for one in people]
    _stop_and_empty_stops(people, now=now, by=by, stop=stop)
    _cut_off(found, now=now)
    hooks.erased(found, now=now)
    who = erasing.Who(
        contact_ids=tuple(found),
        addresses=tuple(dict.fromkeys(address for one in people for address in one.addresses)),
        phones=tuple(dict.fromkeys(one.phone for one in people if one.phone)),
    )
    erasing.empty_all(who, now=now)
    rows = Erasure.objects.bulk_create(
        (
            Erasure(contact_id=one.contact_id, made_at=one.made_at, at=now, why=why, by=by, hashes=one.hashes)
            for one in people
        ),
        ignore_conflicts=True,
    )
    audit.write_for(verb="contact.erased", contact_ids=found, now=now, by=by, why=why)
    # After the commit, because a line about somebody who is still here would erase them at the next start. Should the
    # machine die in between, `replay` adds the line: the row above knows it.
    lines = [_line(row, stop=stop) for row in rows]
    transaction.on_commit(partial(ledger.append, lines), robust=True)
    return len(found)


def _known(ids: list[int]) -> list[_Known]:
    people = list(
        Contact.objects.present()
        .select_for_update(no_key=True, of=("self",))
        .filter(pk__in=ids)
        .order_by("pk")
        .values_list("pk", "created_at", "email", "phone")
    )
    further: dict[int, list[str]] = {}
    for contact_id, email in ContactAddress.objects.filter(contact_id__in=ids).values_list(
        "contact", "email"
    ):
        further.setdefault(contact_id, []).append(spelling.normal(email))
    return [
        _Known(pk, made_at, tuple(([spelling.normal(email)] if email else []) + further.get(pk, [])), phone)
        for pk, made_at, email, phone in people
    ]


def _stop_and_empty_stops(people: list[_Known], *, now: datetime, by: Any, stop: bool) -> None:
    """The stops that are there keep their hash and lose their words; those who asked for it are stopped for good."""
    hashes = {
        digest
        for one in people
        for known in (*one.addresses, one.phone)
        if known
        for digest in keys.address_hashes(known)
    }
    Suppression.objects.filter(address_hash__in=hashes).update(address="", source="", lift_reason="")
    if not stop:
        return
    ids = [one.contact_id for one in people]
    shared = set(  # the switchboard that colleagues answer, too
        Contact.objects.present()
        .filter(phone__in=[one.phone for one in people if one.phone])
        .exclude(pk__in=ids)
        .values_list("phone", flat=True)
    )
    digests = [keys.address_hash(address) for one in people for address in one.addresses]
    digests += [keys.address_hash(one.phone) for one in people if one.phone and one.phone not in shared]
    _stop_hashes(digests, now=now, by=by)


def _stop_hashes(digests: Collection[str], *, now: datetime, by: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_STOP, [now, getattr(by, "pk", None), sorted(set(digests))])


_STOP = """
INSERT INTO contacts_suppression (address, address_hash, channel, reason, source, at, by_id)
SELECT '', h, 'all', 'erased', '', %s, %s FROM unnest(%s::text[]) h
ON CONFLICT (address_hash, channel) WHERE lifted_at IS NULL
DO UPDATE SET reason = 'erased', address = '', source = '', batch_id = NULL
"""


def _cut_off(ids: list[int], *, now: datetime) -> None:
    _unname_companies(ids)
    Contact.objects.filter(pk__in=ids).update(**EMPTY, erased_at=now, updated_at=now)


def empty_own(who: erasing.Who, *, now: datetime) -> None:
    """This room's tables about the person, but for the contact itself: that was emptied first, the rooms above judge
    by it.
    """
    about = {"contact_id__in": who.contact_ids}
    ContactAddress.objects.filter(**about).delete()
    Contact.topics.through.objects.filter(**about).delete()
    Objection.objects.filter(**about).update(source="")
    LegalGround.objects.filter(**about).update(source="", wording="", ip="")
    FormerGround.objects.filter(**about).update(source="", wording="", ip="")  # the line above wrote one more


def _unname_companies(ids: list[int]) -> None:
    """A sole trader's company bears their name: where nobody else works there, it loses name, domain and number."""
    private = (Contact.Recipient.NATURAL_PERSON, Contact.Recipient.SOLE_TRADER)
    rows = Contact.objects.filter(pk__in=ids, recipient__in=private, company__isnull=False)
    own = set(rows.values_list("company", flat=True))
    others = Contact.objects.present().filter(company__in=own).exclude(pk__in=ids)
    for company_id in own - set(others.values_list("company", flat=True)):
        Company.objects.filter(pk=company_id).update(
            name=f"#{company_id}", name_key=f"#{company_id}", domain="", org_number="", city=""
        )


def _line(row: Erasure, *, stop: bool) -> ledger.Line:
    return ledger.Line(
        contact_id=row.contact_id,
        made_at=row.made_at,
        at=row.at,
        why=row.why,
        hashes=tuple(row.hashes),
        stop=stop,
    )


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a comparison of ledger and database brought to light, and put right."""

    in_ledger: int
    written: int
    erased_again: int

    def as_json(self) -> dict[str, int]:
        return {
            "in_ledger": self.in_ledger,
            "written_to_ledger": self.written,
            "erased_again": self.erased_again,
        }


def replay(*, now: datetime) -> Replayed:
    """Let ledger and database say the same again; without effect when they do.

    Lines that are missing in the ledger (the machine died after the commit, the file was lost) are added. Lines that
    are missing in the database mean that a backup was restored: these people are erased again, and stopped again.
    """
    lines = {line.key: line for line in ledger.read()}
    here = {(row.contact_id, row.made_at): row for row in Erasure.objects.order_by("pk").iterator()}
    missing = [_line(row, stop=row.why in STOPPING) for key, row in here.items() if key not in lines]
    ledger.append(missing)
    restored = [line for key, line in lines.items() if key not in here]
    again = 0
    if restored:
        log.warning("A backup was restored: %d erasures are carried out again.", len(restored))
        again = _erase_again(restored, now=now)
    return Replayed(in_ledger=len(lines) + len(missing), written=len(missing), erased_again=again)


def _erase_again(lines: list[ledger.Line], *, now: datetime) -> int:
    again = 0
    everywhere = _carriers(lines)
    for line in lines:
        with transaction.atomic():
            ids = Contact.objects.present().filter(pk=line.contact_id, created_at=line.made_at)
            found = set(ids.values_list("pk", flat=True)) | everywhere.get(line.key, set())
            again += _erase(sorted(found), why=Why.RESTORED, now=now, by=None, stop=line.stop)
            if line.stop:
                Suppression.objects.filter(address_hash__in=line.hashes).update(address="", source="")
                _stop_hashes(line.hashes, now=now, by=None)
            Erasure.objects.get_or_create(
                contact_id=line.contact_id,
                made_at=line.made_at,
                defaults={"at": line.at, "why": line.why, "hashes": list(line.hashes)},
            )
    return again


def _carriers(lines: list[ledger.Line]) -> dict[tuple[int, datetime], set[int]]:
    """Who bears an erased address under another number (a duplicate that was merged later) and was here before the
    erasure. Whoever came by themselves afterwards is somebody new.
    """
    wanted: dict[str, list[ledger.Line]] = {}
    for line in lines:
        for digest in line.hashes:
            wanted.setdefault(digest, []).append(line)
    found: dict[tuple[int, datetime], set[int]] = {}
    rows = Contact.objects.present().filter(email__isnull=False).order_by("pk")
    for pk, email, created_at in rows.values_list("pk", "email", "created_at").iterator(chunk_size=5_000):
        for digest in keys.address_hashes(spelling.normal(email or "")):
            for line in wanted.get(digest, ()):
                if created_at <= line.at:
                    found.setdefault(line.key, set()).add(pk)
    return found
