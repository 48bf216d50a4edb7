"""Stop mail, calls or both for many people at once, and lift exactly those stops again."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from contacts import hooks, keys
from contacts.bulk import Done, Params
from contacts.models import BulkChange, BulkRow, Contact, Suppression
from contacts.services.suppression import normal

Outcome, Channel = BulkRow.Outcome, Suppression.Channel
NO_WAY = "no_way"


@transaction.atomic
def stop(
    contact_ids: Sequence[int], params: Params, *, now: datetime, by: Any, change_id: int
) -> dict[int, Done]:
    """A colleague's stop on every address or number of these people. One that is there already stays, whatever becomes of its cause."""
    channel = params["channel"]
    ways = {pk: _ways(email, phone, channel) for pk, email, phone in _reached(contact_ids)}
    addresses = {normal(address): "" for found in ways.values() for address in found}
    known = {digest: address for address in addresses for digest in keys.address_hashes(address)}
    stopped = Suppression.objects.in_force().filter(address_hash__in=list(known), channel=channel)
    for digest in stopped.values_list("address_hash", flat=True):
        addresses.pop(known[digest], None)
    stopped.exclude(reason=Suppression.Reason.BY_HAND, by=by).update(again_at=now)
    hashes = {keys.address_hash(address): address for address in addresses}
    made = _insert(hashes, channel, params.get("source", ""), now, by)
    done = {}
    for pk, found in ways.items():
        stops = [made[normal(address)] for address in found if normal(address) in made]
        done[pk] = (
            Done(Outcome.CHANGED, {"stops": stops})
            if stops
            else Done(Outcome.SAME if found else Outcome.REFUSED, None if found else {"why": NO_WAY})
        )
    hooks.stopped(_everybody_at(made), now=now)
    return done


def _ways(email: str | None, phone: str, channel: str) -> list[str]:
    found = [email or ""] if channel != Channel.PHONE else []
    return [way for way in [*found, phone if channel != Channel.MAIL else ""] if way]


def _reached(contact_ids: Sequence[int]) -> list[tuple[int, str | None, str]]:
    rows = Contact.objects.filter(pk__in=list(contact_ids)).order_by("pk")
    return list(rows.values_list("pk", "email", "phone"))


def _insert(hashes: Mapping[str, str], channel: str, source: str, now: datetime, by: Any) -> dict[str, int]:
    """The new stops by address. Somebody else's of this very moment stays, and is not ours to lift."""
    if not hashes:
        return {}
    with connection.cursor() as cursor:
        who = by.pk if by else None
        digests, addresses = list(hashes), list(hashes.values())
        cursor.execute(
            _INSERT, [channel, Suppression.Reason.BY_HAND, source[:200], now, who, digests, addresses]
        )
        return {hashes[digest]: pk for pk, digest in cursor.fetchall()}


_INSERT = """
INSERT INTO contacts_suppression (channel, reason, source, at, by_id, address_hash, address)
SELECT %s, %s, %s, %s, %s, digest, address FROM unnest(%s::text[], %s::text[]) v(digest, address) ORDER BY digest
ON CONFLICT DO NOTHING RETURNING id, address_hash
"""


def _everybody_at(addresses: Iterable[str]) -> list[int]:
    """Also colleagues who share a number with somebody who is stopped."""
    known = list(addresses)
    reached = Q(email_key__in=known) | Q(phone__in=[address for address in known if "@" not in address])
    return list(Contact.objects.present().filter(reached).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def undo(
    before: Mapping[int, Mapping[str, Any]], params: Params, *, now: datetime, by: Any, change_id: int
) -> Iterable[int]:
    """Lift the stops that this change made. What was lifted since, or what the people asked for themselves, stays as it is."""
    ours = {stop for was in before.values() for stop in was.get("stops", ())}
    began = BulkChange.objects.values_list("undo_began_at", flat=True).get(pk=change_id)
    rows = Suppression.objects.filter(pk__in=ours).said_once()
    rows.in_force().update(lifted_at=now, lifted_by=by)
    lifted = dict(rows.filter(lifted_at__gte=began or now, lifted_by=by).values_list("pk", "address"))
    hooks.changed(_everybody_at(lifted.values()), now=now)
    return [pk for pk, was in before.items() if not lifted.keys() & set(was.get("stops", ()))]
