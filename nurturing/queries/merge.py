"""What stands behind the merge fields, for many people at once."""

import json
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db import connection

from contacts import arrays
from nurturing.content import fields
from nurturing.models import Sender


def of(senders: Mapping[int, Sender | None]) -> dict[int, fields.Merge]:
    """The merge values of contacts, each with the sender who writes to them. Two statements for any number
    of people.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [arrays.numbers(senders)])
        rows = [_Row(*row) for row in cursor.fetchall()]
    owners = owners_of({row.owner_id for row in rows})
    own: dict[int | None, dict[str, str]] = {}
    found: dict[int, fields.Merge] = {}
    for row in rows:
        who = senders[row.pk]
        key = who.pk if who is not None else None
        if key not in own:
            own[key] = sender(who)
        found[row.pk] = {
            "contact": {
                "first_name": row.first_name,
                "last_name": row.last_name,
                "name": f"{row.first_name} {row.last_name}".strip(),
                "title": row.title,
                "company": row.company or "",
                "city": row.city,
                "country": row.country,
                "email": row.email or "",
                "phone": row.phone,
            },
            "owner": _owner(owners.get(row.owner_id or 0), who),
            "sender": own[key],
            "custom": _custom(row.custom) if row.custom != "{}" else {},
        }
    return found


class _Row(NamedTuple):
    pk: int
    first_name: str
    last_name: str
    title: str
    city: str
    country: str
    email: str | None
    phone: str
    custom: str
    owner_id: int | None
    company: str | None


# By hand: asked for every mail that leaves.
_PEOPLE = """
SELECT c.id, c.first_name, c.last_name, c.title, c.city, c.country, c.email, c.phone, c.custom::text, c.owner_id, k.name
FROM contacts_contact c LEFT JOIN contacts_company k ON k.id = c.company_id WHERE c.id = ANY(%s::bigint[])
"""


def owners_of(ids: Collection[int | None]) -> dict[int, Any]:
    """The colleagues with these ids: few, however many people they look after."""
    return get_user_model().objects.in_bulk([pk for pk in ids if pk is not None])


def sender(who: Sender | None) -> dict[str, str]:
    """The fields that speak of us."""
    if who is None:
        return {}
    return {"name": who.name, "company": who.company or who.name, "email": who.email, "website": who.website}


def _custom(stored: str) -> dict[str, str]:
    return {str(name): str(value) for name, value in json.loads(stored).items() if value is not None}


def _owner(owner: Any, who: Sender | None) -> dict[str, str]:
    """Their salesperson; where they have none, we who write: better than a mail that never leaves."""
    if owner is None:
        return {"name": who.name, "email": who.reply_to or who.email} if who else {}
    return {
        "first_name": owner.get_short_name(),
        "name": owner.get_full_name(),
        "phone": owner.phone,
        "email": owner.email,
    }
