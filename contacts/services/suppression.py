"""Stop an address, a phone number or a domain, and lift such a stop."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from contacts import hooks, keys, spelling
from contacts.models import AuditEvent, CarriedStop, Contact, Suppression
from contacts.models.suppression import THEIR_OWN, SuppressionQuerySet
from contacts.reading import addresses, phones, values

R = Suppression.Reason

NOBODY: list[int | None] = [None]  # the line in the audit log when nobody in the silo has the address


def normal(address: str) -> str:
    """The form under which an address, a phone number or "@domain" is looked up."""
    return spelling.normal(address)


def contacts_of(address: str) -> list[int]:
    """Everybody in the silo who is reached at an address, a phone number or a domain ("@firma.se")."""
    key = normal(address)
    people = Contact.objects.present()
    if key.startswith("@"):
        people = people.filter(Q(email_key__endswith=key) | Q(email_key__endswith=f".{key[1:]}"))
    elif "@" in key:
        people = people.filter(email_key=key)
    else:
        people = people.filter(phone=key)
    return list(people.values_list("id", flat=True))


@transaction.atomic
def stop(
    *,
    address: str,
    channel: str,
    reason: str,
    source: str,
    now: datetime,
    by: Any = None,
    contact_ids: Iterable[int] = (),
    batch_id: int | None = None,
) -> Suppression:
    """Nobody is written to at `address` on `channel` any more. Stopping twice is the same as once, but that no undo of the
    first cause lifts it then.

    `contact_ids` are people known to be meant beside those who have the address now.
    Calls hooks.stopped.
    """
    key = normal(address)
    known = (
        Suppression.objects.in_force()
        .select_for_update()
        .filter(address_hash__in=keys.address_hashes(key), channel=channel)
        .first()
    )
    if known and (known.reason in THEIR_OWN or reason not in THEIR_OWN):
        made = known
        CarriedStop.objects.filter(suppression=known).delete()  # said again: no undone merge lifts it
        told = by is not None or known.again_at is None  # a server says the same a thousand times
        known.again_at = now
        known.save(update_fields=["again_at"])
    else:
        told = True
        if known:
            known.lifted_at = now
            known.save(update_fields=["lifted_at"])
        made = _insert(key, channel, reason, source, now, by, batch_id)
    ids = sorted({*contact_ids, *contacts_of(key)})
    if told:
        AuditEvent.objects.bulk_create(
            AuditEvent(
                at=now,
                by=by,
                verb="suppression.made",
                contact_id=contact_id,
                object_type="suppression",
                object_id=made.pk,
                detail={"channel": channel, "reason": reason},
            )
            for contact_id in (ids or NOBODY)
        )
    hooks.stopped(ids, now=now)
    return made


def _insert(
    key: str,
    channel: str,
    reason: str,
    source: str,
    now: datetime,
    by: Any,
    batch_id: int | None,
) -> Suppression:
    hashed = keys.address_hash(key)
    try:
        with transaction.atomic():
            return Suppression.objects.create(
                address=key,
                address_hash=hashed,
                channel=channel,
                reason=reason,
                source=source[:200],
                at=now,
                by=by,
                batch_id=batch_id,
            )
    except IntegrityError:  # somebody else stopped it in this very moment
        return Suppression.objects.in_force().get(address_hash=hashed, channel=channel)


@transaction.atomic
def lift(*, suppression_id: int, by: Any, now: datetime, judge: bool = True) -> bool:
    """Take a stop back. False when it was lifted before. Calls hooks.changed, so that the people are judged
    again; without `judge` the caller does, when several go together.
    """
    lifted = Suppression.objects.in_force().filter(pk=suppression_id).update(lifted_at=now, lifted_by=by)
    if not lifted:
        return False
    row = Suppression.objects.get(pk=suppression_id)
    ids = contacts_of(row.address) if row.address else []
    AuditEvent.objects.bulk_create(
        AuditEvent(
            at=now,
            by=by,
            verb="suppression.lifted",
            contact_id=contact_id,
            object_type="suppression",
            object_id=suppression_id,
            detail={"channel": row.channel, "reason": row.reason},
        )
        for contact_id in (ids or NOBODY)
    )
    if judge:
        hooks.changed(ids, now=now)
    return True


def bring_back(suppression_ids: Iterable[int]) -> None:
    """Let stops hold again that another one took the place of, unless that one still stands."""
    stands = Suppression.objects.in_force().filter(
        address_hash=OuterRef("address_hash"), channel=OuterRef("channel")
    )
    gone = Suppression.objects.filter(pk__in=list(suppression_ids)).exclude(Exists(stands))
    gone.update(lifted_at=None, lifted_by=None)


def in_force_on(*, email: str | None, phone: str) -> SuppressionQuerySet:
    """The stops in force that lie on exactly this address or number, not on its domain."""
    known = [spelling.normal(email)] if email else []
    known += [phone] if phone else []
    hashes = [digest for one in known for digest in keys.address_hashes(one)]
    return Suppression.objects.in_force().filter(address_hash__in=hashes)


class NothingToStop(Exception):
    """The person has no address or number on that channel."""


@transaction.atomic
def stop_person(*, contact_id: int, channel: str, source: str, by: Any, now: datetime) -> list[Suppression]:
    """A colleague stops a channel for one person: their address, their number, or both.

    Raises NothingToStop, Contact.DoesNotExist.
    """
    one = Contact.objects.get(pk=contact_id, erased_at=None)
    ways = {
        Suppression.Channel.MAIL: (one.email,),
        Suppression.Channel.PHONE: (one.phone,),
        Suppression.Channel.ALL: (one.email, one.phone),
    }
    addresses = [way for way in ways.get(channel, ()) if way]  # type: ignore[call-overload]
    if not addresses:
        raise NothingToStop
    return [
        stop(
            address=address,
            channel=channel,
            reason=R.BY_HAND,
            source=source,
            now=now,
            by=by,
            contact_ids=[contact_id],
        )
        for address in addresses
    ]


@transaction.atomic
def lift_for(*, contact_id: int, suppression_ids: Iterable[int], by: Any, now: datetime) -> int:
    """Lift those of the stops that lie on this person and that they did not ask for themselves; answers how many."""
    one = Contact.objects.get(pk=contact_id, erased_at=None)
    hashes = [
        digest
        for address in (one.email, one.phone)
        if address
        for digest in keys.address_hashes(normal(address))
    ]
    rows = Suppression.objects.in_force().filter(pk__in=list(suppression_ids), address_hash__in=hashes)
    return sum(lift(suppression_id=row.pk, by=by, now=now) for row in rows.exclude(reason__in=THEIR_OWN))


@dataclass(frozen=True, slots=True)
class Pasted:
    """What became of a pasted list: how many are stopped now, and the lines that are no address, number or domain."""

    stopped: int
    known: int
    not_understood: list[str]


def stop_many(*, text: str, channel: str, source: str, by: Any, now: datetime, country: str = "SE") -> Pasted:
    """Stop every address, number and @domain in a pasted text, one a line or apart by commas and semicolons.

    Each is stopped by itself, so that one that cannot be read holds up nobody.
    """
    stopped, known, wrong = 0, 0, []
    for word in dict.fromkeys(part.strip() for part in re.split(r"[\n\r,;]+", text) if part.strip()):
        try:
            address = readable(word, country=country)
        except NotAnAddress:
            wrong.append(word[:120])
            continue
        before = in_force_on_key(address, channel)
        stop(address=address, channel=channel, reason=R.BY_HAND, source=source, now=now, by=by)
        stopped, known = (stopped, known + 1) if before else (stopped + 1, known)
    return Pasted(stopped, known, wrong)


class NotAnAddress(Exception):
    """Neither an address, nor a number, nor a domain that may be stopped."""


def readable(word: str, *, country: str = "SE") -> str:
    """The normal form of what a colleague typed: "firma.no" and "@firma.no" are domains.

    Raises NotAnAddress, also for the domain of a mail provider, behind which are strangers by the million.
    """
    plain = word.strip().strip("<>\"'").removeprefix("mailto:")
    try:
        if "@" in plain[1:]:
            return addresses.address(plain)
        if re.search(r"[A-Za-z]", plain):
            domain = addresses.address("a@" + plain.removeprefix("@")).rpartition("@")[2]
            if addresses.is_free_mail(f"a@{domain}"):
                raise NotAnAddress(word)
            return "@" + domain
        return phones.phone(plain, country) or _refuse(word)
    except values.Problem as problem:
        raise NotAnAddress(word) from problem


def _refuse(word: str) -> str:
    raise NotAnAddress(word)


def in_force_on_key(address: str, channel: str) -> bool:
    """Whether exactly this is stopped on exactly this channel."""
    hashes = keys.address_hashes(normal(address))
    return Suppression.objects.in_force().filter(address_hash__in=hashes, channel=channel).exists()


SHORTEST_REQUEST = 10


class NotDocumented(Exception):
    """A person's own stop is lifted only by them, or on a request of theirs that is written down."""


@transaction.atomic
def lift_by_hand(*, suppression_id: int, documented: str, by: Any, now: datetime) -> bool:
    """An admin takes a stop back. Their own needs the person's request in words (who asked, when, how).

    Raises NotDocumented, Suppression.DoesNotExist. False when it was lifted before.
    """
    row = Suppression.objects.select_for_update().get(pk=suppression_id)
    if row.is_their_own and len(documented.strip()) < SHORTEST_REQUEST:
        raise NotDocumented
    if not lift(suppression_id=suppression_id, by=by, now=now):
        return False
    Suppression.objects.filter(pk=suppression_id).update(lift_reason=documented.strip()[:300])
    return True
