"""Find or make the company that a person works for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from contacts import hooks
from contacts.models import AuditEvent, Company, Contact, DetailsChange, Merge
from contacts.queries import merge as merges
from contacts.reading import values

FIELDS = ("name", "domain", "org_number", "country", "city")
LONGEST = {"name": 300, "domain": 255, "org_number": 40, "country": 2, "city": 120}


class ChangedMeanwhile(Exception):
    """Somebody else saved since this colleague looked."""


class SameName(Exception):
    """Another company has this name: `company_id` says which. Perhaps the two are one."""

    def __init__(self, company_id: int) -> None:
        super().__init__("Another company has this name.")
        self.company_id = company_id


class NoName(Exception):
    """A company without a name."""


class SameCompany(Exception):
    """A company cannot be merged into itself."""


class NothingToUndo(Exception):
    """Undone before, or one of the two has gone into a third since."""


@dataclass(frozen=True, slots=True)
class Named:
    """A company as somebody wrote it."""

    name: str
    domain: str = ""
    org_number: str = ""
    country: str = ""
    city: str = ""


def get_or_make(
    *, name: str, now: datetime, domain: str = "", country: str = "", city: str = ""
) -> Company | None:
    """The company by its name without the legal form; None for an empty name."""
    name = values.text(name)[:300]
    if not name:
        return None
    named = Named(name=name, domain=values.domain(domain), country=country, city=city)
    ids, _made = get_or_make_many([named], now=now)
    return Company.objects.get(pk=ids[values.company_key(name)[:300]])


def get_or_make_many(named: Sequence[Named], *, now: datetime) -> tuple[Mapping[str, int], list[int]]:
    """({name key: id}, ids of those made now), in three statements for any number of companies."""
    wanted: dict[str, Named] = {}
    for one in named:
        wanted.setdefault(values.company_key(one.name)[:300], one)
    known = dict(Company.objects.filter(name_key__in=list(wanted)).values_list("name_key", "id"))
    missing = [key for key in wanted if key not in known]
    if not missing:
        return known, []
    before = set(known.values())
    Company.objects.bulk_create(
        [
            Company(
                name=wanted[key].name,
                name_key=key,
                domain=wanted[key].domain[:255],
                org_number=wanted[key].org_number[:40],
                country=wanted[key].country,
                city=wanted[key].city[:120],
                created_at=now,
            )
            for key in sorted(missing)  # one order for all, so that two imports cannot lock each other
        ],
        ignore_conflicts=True,
    )
    made = dict(Company.objects.filter(name_key__in=missing).values_list("name_key", "id"))
    return {**known, **made}, [pk for pk in made.values() if pk not in before]


def seen_of(company: Company) -> str:
    """The state that a colleague looks at, as one line for a form."""
    return "|".join(str(getattr(company, name)) for name in FIELDS)


@transaction.atomic
def change(
    *, company_id: int, said: Mapping[str, str], seen: str, by: Any, now: datetime
) -> DetailsChange | None:
    """Write the named fields of FIELDS; None when nothing changed.

    Raises ChangedMeanwhile, SameName, NoName, values.Problem, Company.DoesNotExist.
    """
    one = Company.objects.select_for_update(no_key=True).get(pk=company_id)
    fresh = {name: _read(name, said[name]) for name in FIELDS if name in said}
    before = {name: getattr(one, name) for name in fresh if getattr(one, name) != fresh[name]}
    if not before:
        return None
    if seen != seen_of(one):
        raise ChangedMeanwhile
    after = {name: fresh[name] for name in before}
    _write(one, after, by=by, now=now)
    return DetailsChange.objects.create(company_id=one.pk, at=now, by=by, before=before, after=after)


@transaction.atomic
def undo_change(*, change_id: int, by: Any, now: datetime) -> Company:
    """Take a change back. Raises ChangedMeanwhile when somebody wrote there since, SameName, and DetailsChange.DoesNotExist for
    one that is unknown or taken back already.
    """
    made = DetailsChange.objects.select_for_update().get(
        pk=change_id, company_id__isnull=False, undone_at=None
    )
    one = Company.objects.select_for_update(no_key=True).get(pk=made.company_id or 0)
    if any(getattr(one, name) != value for name, value in made.after.items()):
        raise ChangedMeanwhile
    _write(one, made.before, by=by, now=now)
    made.undone_at = now
    made.save(update_fields=["undone_at"])
    return one


def _read(name: str, said: str) -> str:
    if name == "domain":
        found = values.domain(said)
        if values.text(said) and not found:
            raise values.Problem("bad_address", said)
        return found
    clean = values.limited(said, LONGEST[name], field=name.replace("_", " "))
    if name == "name" and not clean:
        raise NoName
    return clean


def _write(one: Company, fields: Mapping[str, str], *, by: Any, now: datetime) -> None:
    for name, value in fields.items():
        setattr(one, name, value)
    touched = [*fields]
    if "name" in fields:
        one.name_key = values.company_key(one.name)[:300]
        touched.append("name_key")
    try:
        with transaction.atomic():
            one.save(update_fields=touched)
    except IntegrityError:
        raise SameName(Company.objects.values_list("pk", flat=True).get(name_key=one.name_key)) from None
    _audit("company.changed", one.pk, by, now, fields=sorted(fields))
    if "country" in fields:  # where people are decides what they may be sent
        hooks.changed(_people_of(one.pk), now=now)


def _people_of(company_id: int) -> list[int]:
    return list(Contact.objects.present().filter(company_id=company_id).values_list("pk", flat=True))


@transaction.atomic
def merge(*, kept_id: int, dropped_id: int, by: Any, now: datetime) -> Merge:
    """Everybody and everything of one company goes to the other; gaps are filled; the dropped row goes.

    Raises SameCompany, Company.DoesNotExist.
    """
    if kept_id == dropped_id:
        raise SameCompany
    found = Company.objects.select_for_update().order_by("pk").in_bulk([kept_id, dropped_id])
    if len(found) < 2:
        raise Company.DoesNotExist
    kept, dropped = found[kept_id], found[dropped_id]
    filled = {
        name: getattr(dropped, name) for name in FIELDS if not getattr(kept, name) and getattr(dropped, name)
    }
    image = {
        "moved": _move(dropped.pk, kept.pk),
        "dropped": {name: getattr(dropped, name) for name in (*FIELDS, "name_key")},
        "created_at": dropped.created_at.isoformat(),
        "filled": filled,
    }
    dropped.delete()
    for name, value in filled.items():
        setattr(kept, name, value)
    kept.save(update_fields=[*filled])
    made = Merge.objects.create(
        noun=Merge.Noun.COMPANY, kept_id=kept.pk, dropped_id=dropped_id, at=now, by=by, image=image
    )
    _audit("company.merged", kept.pk, by, now, dropped=dropped_id)
    hooks.changed(_moved_people(image), now=now)
    return made


@transaction.atomic
def part(*, merge_id: int, by: Any, now: datetime) -> Merge:
    """Two companies again. Who has moved on to a third since stays there, and who came since stays with the kept one.

    Raises NothingToUndo, SameName, Merge.DoesNotExist.
    """
    made = Merge.objects.select_for_update().get(pk=merge_id, noun=Merge.Noun.COMPANY)
    kept = Company.objects.select_for_update().filter(pk=made.kept_id).first()
    if made.undone_at or not made.image or kept is None or merges.is_overtaken(made):
        raise NothingToUndo
    image = made.image
    key = image["dropped"]["name_key"]
    if (taken := Company.objects.filter(name_key=key).values_list("pk", flat=True).first()) is not None:
        raise SameName(taken)
    Company.objects.create(pk=made.dropped_id, created_at=image["created_at"], **image["dropped"])
    for table, column, ids in image["moved"]:
        _point(table, column, ids, at=made.kept_id, to=made.dropped_id)
    for name, value in image["filled"].items():
        if getattr(kept, name) == value:
            setattr(kept, name, "")
    kept.save(update_fields=[*image["filled"]])
    people = _moved_people(image)
    made.undone_at, made.undone_by, made.image = now, by, {}
    made.save(update_fields=["undone_at", "undone_by", "image"])
    _audit("company.parted", made.kept_id, by, now, dropped=made.dropped_id)
    hooks.changed(people, now=now)
    return made


def _moved_people(image: Mapping[str, Any]) -> list[int]:
    table = Contact._meta.db_table
    return [pk for name, _column, ids in image["moved"] if name == table for pk in ids]


def _move(dropped_id: int, kept_id: int) -> list[tuple[str, str, list[int]]]:
    """Every row of every room that names the dropped company names the kept one: (table, column, ids)."""
    moved = []
    for relation in Company._meta.get_fields(include_hidden=True):
        field = getattr(relation, "field", None)
        if field is None or not relation.auto_created or relation.concrete or field.many_to_many:
            continue
        table, column = field.model._meta.db_table, field.column
        quote = connection.ops.quote_name
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {quote(table)} SET {quote(column)} = %s WHERE {quote(column)} = %s RETURNING id",  # noqa: S608 - our names
                [kept_id, dropped_id],
            )
            if ids := [pk for (pk,) in cursor.fetchall()]:
                moved.append((table, column, ids))
    return moved


def _point(table: str, column: str, ids: Sequence[int], *, at: int, to: int) -> None:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(table)} SET {quote(column)} = %s WHERE id = ANY(%s) AND {quote(column)} = %s",  # noqa: S608
            [to, list(ids), at],
        )


def _audit(verb: str, company_id: int, by: Any, now: datetime, **detail: Any) -> None:
    AuditEvent.objects.create(
        at=now, by=by, verb=verb, object_type="company", object_id=company_id, detail=detail
    )
