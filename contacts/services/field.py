"""Change one thing about somebody where it stands, keep what was there before, and take the change back.

Two colleagues may change two fields at once. Of two who change the same one, the second is told what the first wrote, and nothing is
lost: `seen` is the value that was looked at.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction

from contacts import hooks
from contacts.models import (
    AuditEvent,
    Company,
    Contact,
    ContactAddress,
    CustomField,
    DetailsChange,
    LegalGround,
    Topic,
)
from contacts.models.audit_event import LOOKED_AT
from contacts.queries import wish
from contacts.reading import addresses, custom_values, values
from contacts.services import contact as contacts
from contacts.services import suppression

TEXTS = (
    "first_name",
    "last_name",
    "title",
    "email",
    "phone",
    "city",
    "country",
    "language",
    "recipient",
    "way_in",
    "way_in_note",
)
NAMES = (*TEXTS, "company", "owner", "topics")
CUSTOM = "custom:"
UNDO_FOR = timedelta(days=30)
LOOK_EVERY = timedelta(hours=1)
LONGEST_TAG = 60
MOST_TAGS = 100


class ChangedMeanwhile(Exception):
    """A colleague wrote something else here since: `theirs` is what stands there now, as `seen_of` gives it."""

    def __init__(self, theirs: str) -> None:
        super().__init__("Somebody else changed this meanwhile.")
        self.theirs = theirs


class NoSuchField(Exception):
    """No field of this name can be changed."""


class NoSuchTag(Exception):
    """An empty tag, one that is too long, or one too many."""


class NotTheirs(Exception):
    """The address is not among the person's further ones."""


def seen_of(one: Contact, name: str) -> str:
    """What stands in a field now, as one line of text: a form remembers it, and typing the same again changes nothing.

    Raises NoSuchField.
    """
    if name.startswith(CUSTOM):
        return custom_values.written(one.custom.get(name.removeprefix(CUSTOM)))
    if name == "company":
        return one.company.name if one.company else ""
    if name == "owner":
        return str(one.owner_id or "")
    if name == "topics":
        return ",".join(str(pk) for pk in sorted(one.topics.values_list("pk", flat=True)))
    if name in TEXTS:
        return str(getattr(one, name) or "")
    raise NoSuchField


@transaction.atomic
def change(
    *, contact_id: int, name: str, said: str, seen: str, by: Any, now: datetime
) -> DetailsChange | None:
    """Write one field; `said` is what was typed or chosen (ids with commas for topics). None when nothing changed.

    Raises NoSuchField, ChangedMeanwhile, custom_values.NotThat, values.Problem, contacts.AlreadyHere, contacts.NoWayToReach,
    Contact.DoesNotExist.
    """
    one = _locked(contact_id)
    there = seen_of(one, name)
    if said == there:
        return None
    if seen != there:
        raise ChangedMeanwhile(there)
    before = _with_the_address(one, name) if name == "email" else _state(one, name)
    _write(one, name, said, by=by, now=now)
    return _remember(one, before, name, by=by, now=now)


@transaction.atomic
def tag(*, contact_id: int, said: str, by: Any, now: datetime) -> DetailsChange | None:
    """One more tag. Raises NoSuchTag, Contact.DoesNotExist."""
    one = _locked(contact_id)
    word = values.text(said)
    if not word or len(word) > LONGEST_TAG or len(one.tags) >= MOST_TAGS:
        raise NoSuchTag
    if word in one.tags:
        return None
    before = _state(one, "tags")
    contacts.update(contact_id=contact_id, now=now, by=by, tags=[*one.tags, word])
    return _remember(one, before, "tags", by=by, now=now)


@transaction.atomic
def untag(*, contact_id: int, said: str, by: Any, now: datetime) -> DetailsChange | None:
    """One tag less."""
    one = _locked(contact_id)
    if said not in one.tags:
        return None
    before = _state(one, "tags")
    contacts.update(contact_id=contact_id, now=now, by=by, tags=[word for word in one.tags if word != said])
    return _remember(one, before, "tags", by=by, now=now)


@transaction.atomic
def add_address(*, contact_id: int, said: str, by: Any, now: datetime) -> DetailsChange | None:
    """A further address; the first of somebody who had none is the one that mail goes to.

    Raises values.Problem, contacts.AlreadyHere.
    """
    one = _locked(contact_id)
    address = addresses.address(said)
    known = contacts.find(email=address)
    if known == contact_id:
        return None
    if known is not None:
        raise contacts.AlreadyHere(known)
    before = _state(one, "addresses") if one.email else _with_the_address(one, "addresses")
    if not one.email:
        contacts.update(contact_id=contact_id, now=now, by=by, email=address)
    else:
        ContactAddress.objects.create(contact=one, email=address)
        _audit(one, ["addresses"], by=by, now=now)
    return _remember(one, before, "addresses", by=by, now=now)


@transaction.atomic
def remove_address(*, contact_id: int, said: str, by: Any, now: datetime) -> DetailsChange | None:
    """A further address less. Raises NotTheirs."""
    one = _locked(contact_id)
    before = _state(one, "addresses")
    if not one.addresses.filter(email_key=said.strip().lower()).delete()[0]:
        raise NotTheirs
    _audit(one, ["addresses"], by=by, now=now)
    return _remember(one, before, "addresses", by=by, now=now)


@transaction.atomic
def make_main(*, contact_id: int, said: str, by: Any, now: datetime) -> DetailsChange | None:
    """Mail goes to this further address from now on; the old one stays as a further one.

    What the person said about mail to the old one holds for the new one. Raises NotTheirs.
    """
    one = _locked(contact_id)
    chosen = one.addresses.filter(email_key=said.strip().lower()).first()
    if chosen is None:
        raise NotTheirs
    before = _with_the_address(one, "addresses")
    _swap(one, chosen, by=by, now=now)
    return _remember(one, before, "addresses", by=by, now=now)


def _swap(one: Contact, chosen: ContactAddress, *, by: Any, now: datetime) -> None:
    old, new = one.email, chosen.email
    wishes = list(wish.on(old)) if old else []
    chosen.delete()
    contacts.update(contact_id=one.pk, now=now, by=by, email=new)
    if old:
        ContactAddress.objects.create(contact=one, email=old)
    for said in wishes:
        suppression.stop(
            address=new,
            channel=said.channel,
            reason=said.reason,
            source=said.source,
            by=by,
            now=now,
            contact_ids=[one.pk],
        )


@transaction.atomic
def undo(*, change_id: int, by: Any, now: datetime) -> list[str]:
    """Take one change back; answers the names of the fields. Raises ChangedMeanwhile when somebody wrote there since, and
    DetailsChange.DoesNotExist for one that is unknown, older than thirty days, or taken back already.
    """
    made = DetailsChange.objects.select_for_update().get(
        pk=change_id, contact__isnull=False, undone_at=None, at__gt=now - UNDO_FOR
    )
    one = _locked(made.contact_id or 0)
    for name, after in made.after.items():
        there = _state(one, name)[name]
        if there != after:
            raise ChangedMeanwhile(str(there))
    for name in sorted(made.before, key=JUDGED_BY_THE_ADDRESS.__contains__):  # the address itself first
        _put_back(one, name, made.before[name], by=by, now=now)
    made.undone_at = now
    made.save(update_fields=["undone_at"])
    return list(made.before)


def dropped_grounds(made: DetailsChange) -> bool:
    """Whether a ground for the old address went with this change."""
    return any(row not in made.before[GROUNDS] for row in made.after.get(GROUNDS, ()))


def forget_old(*, now: datetime) -> int:
    """What is too old to be taken back is not kept."""
    return DetailsChange.objects.filter(at__lt=now - UNDO_FOR).delete()[0]


def looked_at(*, contact_id: int, by: Any, now: datetime) -> None:
    """One line in the audit log: who looked at whose page, at most once an hour for the two."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED, {"at": now, "by": by.pk, "contact": contact_id, "since": now - LOOK_EVERY})


_LOOKED = f"""
INSERT INTO contacts_auditevent (at, by_id, verb, contact_id, object_type, detail)
SELECT %(at)s, %(by)s, '{LOOKED_AT}', %(contact)s, '', '{{}}'
WHERE NOT EXISTS (
    SELECT 1 FROM contacts_auditevent
    WHERE contact_id = %(contact)s AND at > %(since)s AND by_id = %(by)s AND verb = '{LOOKED_AT}'
)
"""  # noqa: S608 - no value in it


def _locked(contact_id: int) -> Contact:
    rows = Contact.objects.select_related("company").select_for_update(no_key=True, of=("self",))
    return rows.get(pk=contact_id, erased_at=None)


def _write(one: Contact, name: str, said: str, *, by: Any, now: datetime) -> None:
    fresh: dict[str, Any] = {"contact_id": one.pk, "by": by, "now": now}
    if name.startswith(CUSTOM):
        contacts.update(custom=_custom(one, name.removeprefix(CUSTOM), said), **fresh)
    elif name == "company":
        contacts.update(company=said, **fresh)
    elif name == "owner":
        people = get_user_model().objects.filter(is_active=True)
        contacts.update(owner_id=people.get(pk=int(said)).pk if said else None, **fresh)
    elif name == "topics":
        _set_topics(one, [int(pk) for pk in said.split(",") if pk], by=by, now=now)
    else:
        contacts.update(**fresh, **dict[str, Any]({name: said}))


def _custom(one: Contact, key: str, said: str) -> dict[str, Any]:
    field = CustomField.objects.filter(key=key).first()
    if field is None:
        raise NoSuchField
    value = custom_values.typed(field.kind, said, field.choices)
    rest = {other: kept for other, kept in one.custom.items() if other != key}
    return rest if value is None else {**rest, key: value}


def _set_topics(one: Contact, chosen: Sequence[int], *, by: Any, now: datetime) -> None:
    one.topics.set(Topic.objects.filter(pk__in=chosen))
    Contact.objects.filter(pk=one.pk).update(updated_at=now)
    _audit(one, ["topics"], by=by, now=now)
    hooks.changed([one.pk], now=now)


def _audit(one: Contact, fields: list[str], *, by: Any, now: datetime) -> None:
    AuditEvent.objects.create(
        at=now, by=by, verb="contact.changed", contact_id=one.pk, detail={"fields": fields}
    )


# --- before and after

ADDRESSES, GROUNDS = "addresses", "grounds"
JUDGED_BY_THE_ADDRESS = ("recipient", GROUNDS)  # another address changes them, too: they are put back with it
GROUND_FIELDS = ("purpose", "ground", "at", "source", "wording", "ip", "batch_id", "by_id")


def _state(one: Contact, name: str) -> dict[str, Any]:
    """What stands there now, in a form that can be put back."""
    if name == ADDRESSES:
        email = Contact.objects.values_list("email", flat=True).get(pk=one.pk)
        return {name: [email or "", *one.addresses.order_by("email").values_list("email", flat=True)]}
    if name == GROUNDS:
        rows = LegalGround.objects.filter(contact=one).order_by("purpose").values(*GROUND_FIELDS)
        return {name: [{**row, "at": row["at"].isoformat()} for row in rows]}
    if name == "topics":
        return {name: sorted(one.topics.values_list("pk", flat=True))}
    row = Contact.objects.get(pk=one.pk)
    if name.startswith(CUSTOM):
        return {name: row.custom.get(name.removeprefix(CUSTOM))}
    if name in ("company", "owner"):
        return {name: getattr(row, f"{name}_id")}
    return {name: getattr(row, name) or ("" if name != "tags" else [])}


def _with_the_address(one: Contact, name: str) -> dict[str, Any]:
    found = _state(one, name)
    for other in JUDGED_BY_THE_ADDRESS:
        found |= _state(one, other)
    return found


def _remember(
    one: Contact, before: dict[str, Any], name: str, *, by: Any, now: datetime
) -> DetailsChange | None:
    after = _with_the_address(one, name) if GROUNDS in before else _state(one, name)
    if before == after:
        return None
    return DetailsChange.objects.create(contact=one, at=now, by=by, before=before, after=after)


def _put_back(one: Contact, name: str, before: Any, *, by: Any, now: datetime) -> None:
    fresh: dict[str, Any] = {"contact_id": one.pk, "by": by, "now": now}
    if name == ADDRESSES:
        _put_addresses_back(one, before, by=by, now=now)
    elif name == GROUNDS:
        _put_grounds_back(one, before, by=by, now=now)
    elif name == "topics":
        _set_topics(one, before, by=by, now=now)
    elif name.startswith(CUSTOM):
        key = name.removeprefix(CUSTOM)
        rest = {other: kept for other, kept in one.custom.items() if other != key}
        contacts.update(custom=rest if before is None else {**rest, key: before}, **fresh)
    elif name == "company":
        company = Company.objects.filter(pk=before).first()
        contacts.update(company=company.name if company else "", **fresh)
    elif name == "owner":
        contacts.update(owner_id=before, **fresh)
    else:
        contacts.update(**{name: before}, **fresh)


def _put_addresses_back(one: Contact, before: list[str], *, by: Any, now: datetime) -> None:
    main, further = before[0], before[1:]
    one.addresses.all().delete()
    if (one.email or "") != main:
        contacts.update(contact_id=one.pk, now=now, by=by, email=main)
    ContactAddress.objects.bulk_create(ContactAddress(contact=one, email=email) for email in further)
    _audit(one, ["addresses"], by=by, now=now)


def _put_grounds_back(one: Contact, before: list[dict[str, Any]], *, by: Any, now: datetime) -> None:
    there = {row["purpose"]: row for row in _state(one, GROUNDS)[GROUNDS]}
    for row in before:
        if row != there.get(row["purpose"]):
            said = {**row, "at": datetime.fromisoformat(row["at"])}
            LegalGround.objects.filter(contact=one, purpose=row["purpose"]).update(**said)
            _audit(one, ["ground"], by=by, now=now)
    hooks.changed([one.pk], now=now)
