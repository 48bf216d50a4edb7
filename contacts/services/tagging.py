"""Tags and owners of many people at once, and back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from contacts.bulk import Done, Params
from contacts.models import BulkRow, Contact

Outcome = BulkRow.Outcome


def _ids(sql: str, params: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def tag(
    contact_ids: Sequence[int], params: Params, *, now: datetime, by: Any, change_id: int
) -> dict[int, Done]:
    """Add a tag at the end of each person's tags. Who has it keeps it where it is."""
    rows = _ids(_TAG, [params["tag"], now, list(contact_ids), params["tag"]])
    return {pk: Done(Outcome.CHANGED) for (pk,) in rows}


_TAG = """
UPDATE contacts_contact SET tags = tags || ARRAY[%s]::varchar[], updated_at = %s
WHERE id IN (SELECT id FROM contacts_contact WHERE id = ANY(%s) AND NOT tags @> ARRAY[%s]::varchar[] ORDER BY id FOR UPDATE)
RETURNING id
"""


def undo_tag(
    before: Mapping[int, Mapping[str, Any]], params: Params, *, now: datetime, by: Any, change_id: int
) -> Iterable[int]:
    """Take the tag away again. Whoever lost it since stays as they are."""
    taken = {pk for pk, _ in _ids(_UNTAG, [list(before), params["tag"], params["tag"], now])}
    return [pk for pk in before if pk not in taken]


def untag(
    contact_ids: Sequence[int], params: Params, *, now: datetime, by: Any, change_id: int
) -> dict[int, Done]:
    """Take a tag away, and remember all of them in their order."""
    rows = _ids(_UNTAG, [list(contact_ids), params["tag"], params["tag"], now])
    return {pk: Done(Outcome.CHANGED, {"tags": tags}) for pk, tags in rows}


_UNTAG = """
WITH was AS (SELECT id, tags FROM contacts_contact WHERE id = ANY(%s) AND tags @> ARRAY[%s]::varchar[] ORDER BY id FOR UPDATE)
UPDATE contacts_contact c SET tags = array_remove(c.tags, %s), updated_at = %s FROM was WHERE c.id = was.id
RETURNING c.id, was.tags
"""


def undo_untag(
    before: Mapping[int, Mapping[str, Any]], params: Params, *, now: datetime, by: Any, change_id: int
) -> Iterable[int]:
    """Put the tag back where it was; at the end when the tags changed since. Who has it again stays as they are."""
    people = Contact.objects.select_for_update().filter(pk__in=before).order_by("pk").only("tags")
    changed, kept = [], []
    for one in people:
        was = list(before[one.pk].get("tags", []))
        if params["tag"] in one.tags:
            kept.append(one.pk)
            continue
        untouched = one.tags == [name for name in was if name != params["tag"]]
        one.tags = was if untouched else [*one.tags, params["tag"]]
        one.updated_at = now
        changed.append(one)
    Contact.objects.bulk_update(changed, ["tags", "updated_at"], batch_size=500)
    return kept


def assign(
    contact_ids: Sequence[int], params: Params, *, now: datetime, by: Any, change_id: int
) -> dict[int, Done]:
    """Give people an owner, or none."""
    rows = _ids(_ASSIGN, [list(contact_ids), params["owner"], params["owner"], now])
    return {pk: Done(Outcome.CHANGED, {"owner": owner}) for pk, owner in rows}


_ASSIGN = """
WITH was AS (SELECT id, owner_id FROM contacts_contact
             WHERE id = ANY(%s) AND owner_id IS DISTINCT FROM %s::bigint ORDER BY id FOR UPDATE)
UPDATE contacts_contact c SET owner_id = %s::bigint, updated_at = %s FROM was WHERE c.id = was.id RETURNING c.id, was.owner_id
"""


def undo_assign(
    before: Mapping[int, Mapping[str, Any]], params: Params, *, now: datetime, by: Any, change_id: int
) -> Iterable[int]:
    """Give each person back to whom they belonged. Whoever was given to somebody else since stays with them."""
    owners = [before[pk].get("owner") for pk in before]
    back = {pk for (pk,) in _ids(_UNASSIGN, [now, list(before), owners, params["owner"]])}
    return [pk for pk in before if pk not in back]


_UNASSIGN = """
UPDATE contacts_contact c SET owner_id = u.id, updated_at = %s
FROM unnest(%s::bigint[], %s::bigint[]) v(contact_id, owner_id) LEFT JOIN silo_user u ON u.id = v.owner_id
WHERE c.id = v.contact_id AND c.owner_id IS NOT DISTINCT FROM %s::bigint
RETURNING c.id
"""
