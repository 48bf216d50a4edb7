"""Make two rows of one person into one; `merge_undo` parts them again.

What is kept: everything. The dropped person's address becomes a further one, tags and topics are joined, gaps are filled, and what
the rooms hold about them moves along (hooks.merged). Where two say different things about what we may do, the stricter holds.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, OperationalError, transaction

from contacts import erasing, hooks, keys
from contacts.models import (
    AuditEvent,
    CarriedStop,
    Contact,
    ContactAddress,
    DetailsChange,
    DuplicatePair,
    FormerGround,
    LegalGround,
    Merge,
    Objection,
    Suppression,
)
from contacts.models.suppression import THEIR_OWN
from contacts.queries import wish
from contacts.services import ground, image, new_address, suppression

FIELDS = (
    "first_name",
    "last_name",
    "title",
    "phone",
    "company_id",
    "city",
    "country",
    "language",
    "time_zone",
    "owner_id",
    "way_in",
)
"""What a colleague may choose per field, beside "email"."""

R = Contact.Recipient
GROUND_FIELDS = ("ground", "at", "source", "wording", "ip", "batch_id", "by_id")
SECOND_PHONES = ("phone_2", "phone_3", "phone_4")
TRIES = 3


class SamePerson(Exception):
    """A person cannot be merged into themselves."""


class NotHere(Exception):
    """One of the two is no longer in the silo: erased, or merged meanwhile."""


def merge(
    *,
    kept_id: int,
    dropped_id: int,
    take: Collection[str] = (),
    by: Any,
    now: datetime,
    run_id: int | None = None,
) -> Merge:
    """Put `dropped` into `kept`. `take` names what is taken from the dropped one although the kept one has it too: "email",
    a name of FIELDS, or "custom:<key>". Calls hooks.merged and hooks.changed.

    Raises SamePerson, NotHere. When something comes in for the dropped person in this very moment, it is tried again.
    """
    for left in reversed(range(TRIES)):
        try:
            return _merge(kept_id, dropped_id, frozenset(take), by, now, run_id)
        except (IntegrityError, OperationalError):
            if not left:
                raise
    raise AssertionError("unreachable")


@transaction.atomic
def _merge(
    kept_id: int, dropped_id: int, take: frozenset[str], by: Any, now: datetime, run_id: int | None
) -> Merge:
    kept, dropped = _both(kept_id, dropped_id, now)
    before = image.take([kept.pk, dropped.pk])
    wishes = _wishes([kept, dropped])
    hooks.merged([(dropped.pk, kept.pk)], now=now)
    _stricter(kept, dropped, take)
    _move_small(kept, dropped)
    changed = _join(kept, dropped, take)
    Contact.objects.filter(pk=dropped.pk).delete()
    kept.updated_at = now
    kept.save(update_fields=[*changed, "updated_at"])
    _further(kept, dropped)
    standing_stops = _in_force(kept)
    carried = _carry(kept, wishes, by=by, now=now)
    weaker = sorted(standing_stops - _in_force(kept))  # taken over by somebody's own word
    hooks.changed([kept.pk], now=now)
    made = Merge.objects.create(
        kept_id=kept.pk,
        dropped_id=dropped.pk,
        at=now,
        by=by,
        run_id=run_id,
        image={"rows": image.difference(before, [kept.pk]), "weaker_stops": weaker},
    )
    CarriedStop.objects.bulk_create(CarriedStop(suppression=stop, merge=made) for stop in carried)
    fields = sorted({"company" if name == "company_id" else name.removesuffix("_id") for name in changed})
    audit("contact.merged", kept.pk, made, by, now, dropped=dropped.pk, fields=fields)
    audit("contact.merged_into", dropped.pk, made, by, now, kept=kept.pk)
    return made


def _both(kept_id: int, dropped_id: int, now: datetime) -> tuple[Contact, Contact]:
    """The two, locked as everybody locks them: first what the rooms hold, then the people."""
    if kept_id == dropped_id:
        raise SamePerson
    hooks.merging([kept_id, dropped_id], now=now)
    people = Contact.objects.select_for_update(no_key=True).filter(erased_at=None).order_by("pk")
    found = people.in_bulk([kept_id, dropped_id])
    if len(found) < 2:
        raise NotHere
    return found[kept_id], found[dropped_id]


def _join(kept: Contact, dropped: Contact, take: frozenset[str]) -> list[str]:
    """The kept person's fields afterwards; answers the names of those that changed."""
    changed, numbers = [], (kept.phone, dropped.phone)
    for name in FIELDS:
        mine, theirs = getattr(kept, name), getattr(dropped, name)
        empty = mine in ("", None) or (name == "way_in" and mine == Contact.WayIn.OTHER)
        if theirs not in ("", None) and theirs != mine and (empty or name in take):
            setattr(kept, name, theirs)
            changed.append(name)
            if name == "way_in":
                kept.way_in_note = dropped.way_in_note
                changed.append("way_in_note")
    if dropped.email and (not kept.email or "email" in take):
        kept.email, dropped.email = dropped.email, kept.email
        changed.append("email")
    tags = [*kept.tags, *(tag for tag in dropped.tags if tag not in kept.tags)]
    if tags != kept.tags:
        kept.tags = tags
        changed.append("tags")
    custom = _custom(kept, dropped, take, numbers)
    if custom != kept.custom:
        kept.custom = custom
        changed.append("custom")
    if dropped.created_at < kept.created_at:
        kept.created_at = dropped.created_at
        changed.append("created_at")
    untold = [one for one in (kept, dropped) if one.obtained == Contact.Obtained.LIST and not one.informed_at]
    if untold and kept not in untold:
        kept.obtained, kept.informed_at = Contact.Obtained.LIST, None
        changed += ["obtained", "informed_at"]
    return changed


def _custom(kept: Contact, dropped: Contact, take: frozenset[str], numbers: Sequence[str]) -> dict[str, Any]:
    """Both people's own fields; a second phone number is not lost."""
    taken = {key: value for key, value in dropped.custom.items() if f"custom:{key}" in take}
    joined = {**dropped.custom, **kept.custom, **taken}
    for number in numbers:
        if number and number != kept.phone and number not in joined.values():
            free = next((key for key in SECOND_PHONES if key not in joined), None)
            if free:
                joined[free] = number
    return joined


def _stricter(kept: Contact, dropped: Contact, take: frozenset[str]) -> None:
    """The weaker ground, and the recipient whom the law protects more. Who has no address brings no ground along: nobody was
    ever to be written to there. Of two alike, the one counts that was given for the address that mail goes to. The kept person's row is
    changed in place, so that its history goes on.
    """
    if not dropped.email:
        return
    mine = {one.purpose: one for one in LegalGround.objects.filter(contact=kept)}
    theirs = {one.purpose: one for one in LegalGround.objects.filter(contact=dropped)}
    for purpose in {*mine, *theirs}:
        own, other = mine.get(purpose), theirs.get(purpose)
        if other is None:  # what nobody said of the one cannot hold for both
            if own and kept.email:
                _become(own, LegalGround(ground=LegalGround.Ground.NONE, at=own.at))
        elif own is None:
            weak = LegalGround(ground=LegalGround.Ground.NONE, at=other.at) if kept.email else other
            _become(LegalGround(contact=kept, purpose=purpose), weak)
        elif (
            not kept.email
            or ground.is_stronger(own.ground, other.ground)
            or ("email" in take and own.ground == other.ground)
        ):
            _become(own, other)
    if (
        not kept.email
        or new_address.STRICTNESS[R(dropped.recipient)] > new_address.STRICTNESS[R(kept.recipient)]
    ):
        kept.recipient = dropped.recipient
        kept.save(update_fields=["recipient"])


def _become(own: LegalGround, other: LegalGround) -> None:
    for name in GROUND_FIELDS:
        setattr(own, name, getattr(other, name))
    own.save()


def _move_small(kept: Contact, dropped: Contact) -> None:
    """Topics, objections, further addresses, and that somebody is not the same person as a third."""
    kept.topics.add(*dropped.topics.all())
    known = Objection.objects.filter(contact=kept).values("kind")
    Objection.objects.filter(contact=dropped).exclude(kind__in=known).update(contact=kept)
    for model in (ContactAddress, DetailsChange, FormerGround):
        model.objects.filter(contact=dropped).update(contact=kept)
    for pair in DuplicatePair.objects.filter(first=dropped).union(
        DuplicatePair.objects.filter(second=dropped)
    ):
        other = pair.second_id if pair.first_id == dropped.pk else pair.first_id
        if other != kept.pk and pair.dismissed_at:
            DuplicatePair.objects.get_or_create(
                first_id=min(other, kept.pk),
                second_id=max(other, kept.pk),
                defaults={
                    "signs": pair.signs,
                    "found_at": pair.found_at,
                    "dismissed_at": pair.dismissed_at,
                    "dismissed_by_id": pair.dismissed_by_id,
                },
            )


def _further(kept: Contact, dropped: Contact) -> None:
    """The addresses that mail no longer goes to; the one that it does go to is no further one."""
    if kept.email:
        ContactAddress.objects.filter(contact=kept, email_key=kept.email.lower()).delete()
    if dropped.email:  # after `_join` this is the one that was not chosen
        ContactAddress.objects.get_or_create(
            email_key=dropped.email.lower(), defaults={"contact": kept, "email": dropped.email}
        )


def _wishes(people: Sequence[Contact]) -> list[Suppression]:
    """What the two said about being written to or called, on any address or number of theirs."""
    ways = [way for one in people for way in (one.email, one.phone) if way]
    ways += ContactAddress.objects.filter(contact__in=people).values_list("email", flat=True)
    return list(wish.on(*ways))


def _carry(kept: Contact, wishes: Sequence[Suppression], *, by: Any, now: datetime) -> list[Suppression]:
    """Let each wish hold for the address and the number that are used from now on; returns the stops made for that."""
    made = []
    for said in wishes:
        for way in _ways(kept, said.channel):
            if not _holds(way, said):
                stop = suppression.stop(
                    address=way,
                    channel=said.channel,
                    reason=said.reason,
                    source=said.source,
                    by=by,
                    now=now,
                    contact_ids=[kept.pk],
                )
                made.append(stop)
    return made


def _ways(kept: Contact, channel: str) -> list[str]:
    mail = kept.email if channel != Suppression.Channel.PHONE else None
    phone = kept.phone if channel != Suppression.Channel.MAIL else None
    return [way for way in (mail, phone) if way]


def _in_force(kept: Contact) -> set[int]:
    hashes = [
        digest
        for way in (kept.email, kept.phone)
        if way
        for digest in keys.address_hashes(suppression.normal(way))
    ]
    return set(Suppression.objects.in_force().filter(address_hash__in=hashes).values_list("pk", flat=True))


def _holds(way: str, wish: Suppression) -> bool:
    there = Suppression.objects.in_force().filter(
        address_hash__in=keys.address_hashes(suppression.normal(way)), channel=wish.channel
    )
    reasons = set(there.values_list("reason", flat=True))
    return bool(reasons & THEIR_OWN) or (bool(reasons) and wish.reason not in THEIR_OWN)


def audit(verb: str, contact_id: int, made: Merge, by: Any, now: datetime, **detail: Any) -> None:
    """A line about one of the two."""
    AuditEvent.objects.create(
        at=now, by=by, verb=verb, contact_id=contact_id, object_type="merge", object_id=made.pk, detail=detail
    )


def forget(who: erasing.Who, *, now: datetime) -> None:
    """What was kept for undoing holds the words of people who are erased: it goes, also along a chain of merges."""
    ids = set(who.contact_ids)
    while True:
        rows = Merge.objects.filter(noun=Merge.Noun.CONTACT, kept_id__in=ids)
        more = set(rows.values_list("dropped_id", flat=True)) - ids
        rows.update(image={})
        if not more:
            break
        ids |= more
    Merge.objects.filter(noun=Merge.Noun.CONTACT, dropped_id__in=ids).update(image={})
    DetailsChange.objects.filter(contact_id__in=ids).delete()
    DuplicatePair.objects.filter(first_id__in=ids).delete()
    DuplicatePair.objects.filter(second_id__in=ids).delete()
