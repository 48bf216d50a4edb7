"""Who may be one person twice: found in one pass over the silo, and laid side by side.

Signs are only what people themselves go by: a phone number, a name at a company, one address in two spellings. Never a device, never a
network address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from contacts import spoken
from contacts.models import Contact, CustomField, DuplicatePair, LegalGround
from contacts.places import COUNTRY_NAMES, LANGUAGE_NAMES
from contacts.queries import custom_field
from contacts.reading import custom_values, words

MOST_ALIKE = 6  # more people than this with one number or one name are a switchboard, not one person

# One pass: each person's keys (an address loses its accents, its "+label" and, at a free provider, its dots), and whoever shares a key with
# the oldest of them. A number alone is no sign: the names must not contradict, unless it is a mobile, which people have to themselves.
FIND = r"""
WITH plain AS MATERIALIZED (
    SELECT id, phone, company_id,
           silo_alike(first_name) AS first, silo_alike(last_name) AS last,
           silo_alike(split_part(split_part(email_key, '@', 1), '+', 1)) AS local, split_part(email_key, '@', 2) AS host,
           recipient
    FROM contacts_contact WHERE erased_at IS NULL
), keyed AS (
    SELECT id, first, last, 'phone' AS sign, 'p' || phone AS key FROM plain WHERE phone <> ''
    UNION ALL
    SELECT id, first, last, 'name_company', 'n' || company_id || ' ' || first || ' ' || last
      FROM plain WHERE company_id IS NOT NULL AND first <> '' AND last <> ''
    UNION ALL
    SELECT id, first, last, 'address',
           'a' || CASE WHEN host = ANY(%(free)s) THEN replace(local, '.', '') ELSE local END
               || '@' || CASE WHEN host = 'googlemail.com' THEN 'gmail.com' ELSE silo_alike(host) END
      FROM plain WHERE local <> ''
    UNION ALL
    SELECT id, first, last, 'address', 'c' || company_id || ' ' || local
      FROM plain WHERE local <> '' AND company_id IS NOT NULL AND recipient <> 'role_address' AND NOT host = ANY(%(free)s)
), shared AS (
    SELECT sign, key, min(id) AS oldest FROM keyed GROUP BY sign, key HAVING count(*) BETWEEN 2 AND %(most)s
), pairs AS (
    SELECT s.oldest AS first_id, k.id AS second_id, k.sign
    FROM shared s JOIN keyed k ON k.sign = s.sign AND k.key = s.key AND k.id <> s.oldest
    JOIN plain a ON a.id = s.oldest
    WHERE k.sign <> 'phone' OR a.first = k.first OR a.last = k.last
       OR (a.first = '' AND a.last = '') OR (k.first = '' AND k.last = '')
       OR k.key ~ '^p\+(467|47[49]|358(4|50)|45[2-9])'
)
SELECT first_id, second_id, array_agg(DISTINCT sign ORDER BY sign) FROM pairs GROUP BY first_id, second_id
"""

# Nothing that the two say contradicts, and what they may be sent is judged alike.
SAFE = r"""
UPDATE contacts_duplicatepair d
SET safe = (
      (silo_alike(a.first_name), silo_alike(a.last_name)) = (silo_alike(b.first_name), silo_alike(b.last_name))
      AND a.last_name <> '' AND a.first_name <> ''
      AND (a.phone = b.phone OR a.phone = '' OR b.phone = '')
      AND (a.company_id = b.company_id OR a.company_id IS NULL OR b.company_id IS NULL)
      AND (a.email IS NULL OR b.email IS NULL OR 'address' = ANY(d.signs))
      AND (a.owner_id = b.owner_id OR a.owner_id IS NULL OR b.owner_id IS NULL)
      AND (a.country = b.country OR a.country = '' OR b.country = '')
      AND (a.email IS NULL OR b.email IS NULL OR a.recipient = b.recipient)
      AND (a.email IS NULL OR b.email IS NULL OR ga.ground IS NOT DISTINCT FROM gb.ground)
    )
FROM contacts_contact a
LEFT JOIN contacts_legalground ga ON ga.contact_id = a.id AND ga.purpose = 'marketing',
     contacts_contact b
LEFT JOIN contacts_legalground gb ON gb.contact_id = b.id AND gb.purpose = 'marketing'
WHERE a.id = d.first_id AND b.id = d.second_id AND d.dismissed_at IS NULL AND (%(ids)s IS NULL OR d.id = ANY(%(ids)s))
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Two contacts and why."""

    first_id: int
    second_id: int
    signs: tuple[str, ...]


def find() -> list[Found]:
    """Everybody who may be there twice, as things are now. Inside a transaction: a million people want room to be sorted in."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute(FIND, {"free": sorted(words.FREE_MAIL), "most": MOST_ALIKE})
        return [Found(first, second, tuple(signs)) for first, second, signs in cursor.fetchall()]


def is_large() -> bool:
    """Whether one pass takes longer than somebody waits for a page, by the database's own estimate."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples > 50000 FROM pg_class WHERE oid = 'contacts_contact'::regclass")
        return bool(cursor.fetchone()[0])


def to_decide() -> QuerySet[DuplicatePair]:
    """The open proposals, the safe ones first."""
    rows = DuplicatePair.objects.open().select_related("first__company", "second__company")
    return rows.order_by("-safe", "id")


def of_person(contact_id: int) -> list[DuplicatePair]:
    """The open proposals with one person."""
    open_ones = DuplicatePair.objects.open().select_related("first", "second")
    mine = [*open_ones.filter(first_id=contact_id)[:5], *open_ones.filter(second_id=contact_id)[:5]]
    return sorted(mine, key=lambda pair: pair.pk)


@dataclass(frozen=True, slots=True)
class Line:
    """One field of the two, side by side. `name` is what merge.merge takes; "" where there is nothing to choose."""

    name: str
    label: StrOrPromise
    kept: str
    dropped: str

    @property
    def is_choice(self) -> bool:
        return bool(self.name and self.kept and self.dropped and self.kept != self.dropped)


def side_by_side(kept: Contact, dropped: Contact, *, now: datetime) -> list[Line]:
    """What both say, field by field; what neither says is left out."""
    texts = (
        ("first_name", _("First name"), "first_name"),
        ("last_name", _("Last name"), "last_name"),
        ("email", _("E-mail"), "email"),
        ("phone", _("Phone"), "phone"),
        ("title", _("Title"), "title"),
        ("company_id", _("Company"), "company"),
        ("city", _("City"), "city"),
        ("country", _("Country"), "country"),
        ("language", _("Language"), "language"),
        ("owner_id", _("Salesperson"), "owner"),
    )
    lines = [
        Line(name, label, _text(kept, attribute), _text(dropped, attribute))
        for name, label, attribute in texts
    ]
    lines.append(Line("way_in", _("Came by"), kept.get_way_in_display(), dropped.get_way_in_display()))
    lines += _own_fields(kept.custom, dropped.custom)
    lines.append(Line("", _("Tags"), ", ".join(kept.tags), ", ".join(dropped.tags)))
    stored = grounds([kept, dropped])
    named = [stored[one.pk].get_ground_display() if one.pk in stored else "" for one in (kept, dropped)]
    lines.append(Line("", _("Ground"), *named))
    lines.append(Line("", _("Writes as"), kept.get_recipient_display(), dropped.get_recipient_display()))
    since = [spoken.day(one.created_at, now=now) for one in (kept, dropped)]
    lines.append(Line("", _("In the silo since"), *since))
    return [line for line in lines if line.kept or line.dropped]


def _text(one: Contact, attribute: str) -> str:
    said = str(getattr(one, attribute) or "")
    names = {"country": COUNTRY_NAMES, "language": LANGUAGE_NAMES}.get(attribute, {})
    return str(names.get(said, said))


def grounds(contacts: Sequence[Contact]) -> dict[int, LegalGround]:
    """The stored ground for news and offers of each."""
    rows = LegalGround.objects.filter(contact__in=contacts, purpose=LegalGround.Purpose.MARKETING)
    return {row.contact_id: row for row in rows}


def _own_fields(kept: dict[str, Any], dropped: dict[str, Any]) -> list[Line]:
    keys = sorted({*kept, *dropped})
    fields = {field.key: field for field in CustomField.objects.filter(key__in=keys)} if keys else {}
    return [
        Line(
            f"custom:{key}",
            fields[key].name if key in fields else custom_field.loose_name(key),
            *(
                custom_values.shown(fields[key].kind if key in fields else "text", of.get(key))
                for of in (kept, dropped)
            ),
        )
        for key in keys
    ]
