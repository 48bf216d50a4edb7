"""How warm a company is: the sum of its people's temperatures, so that its receipts are theirs.

All temperatures decay at one rate, so time alone never changes the order of two companies either.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from nurturing.queries import receipts, temperature
from nurturing.queries.receipts import Receipt

HOTTEST = 2_000
"""The people among whom the warmest companies are looked for."""


@dataclass(frozen=True, slots=True)
class Warmth:
    """The sum, and how many people it comes from."""

    degrees: float
    people: int


def of(company_ids: Collection[int], *, now: datetime) -> dict[int, Warmth]:
    """The joint temperature of each; a company of which nobody has one is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_OF, [list(company_ids)])
        return _summed(cursor.fetchall(), now)


_OF = """
SELECT c.company_id, s.heat FROM contacts_contact c JOIN nurturing_standing s ON s.contact_id = c.id
WHERE c.company_id = ANY(%s) AND c.erased_at IS NULL AND s.heat IS NOT NULL
"""


def warmest(*, now: datetime, most: int) -> list[int]:
    """The companies with the highest sum among those of the warmest people: two index scans, whatever the silo's size."""
    with connection.cursor() as cursor:
        cursor.execute(_WARMEST, [HOTTEST])
        ids = [company_id for (company_id,) in cursor.fetchall()]
    found = of(ids, now=now)
    return sorted(found, key=lambda pk: (-found[pk].degrees, pk))[:most]


_WARMEST = """
SELECT DISTINCT c.company_id FROM (
    SELECT contact_id FROM nurturing_standing WHERE heat IS NOT NULL ORDER BY heat DESC NULLS LAST, contact_id LIMIT %s
) s JOIN contacts_contact c ON c.id = s.contact_id WHERE c.company_id IS NOT NULL AND c.erased_at IS NULL
"""


def _summed(rows: Sequence[tuple[int, float]], now: datetime) -> dict[int, Warmth]:
    curve = temperature.in_force().rule.curve
    found: dict[int, Warmth] = {}
    for company_id, heat in rows:
        known = found.get(company_id, Warmth(0.0, 0))
        found[company_id] = Warmth(known.degrees + curve.degrees(heat, now), known.people + 1)
    return found


def why(contact_ids: Sequence[int], *, now: datetime, most: int = 8) -> list[tuple[int, Receipt]]:
    """The receipts behind it that weigh most now, each with whose it is."""
    lines = receipts.by_contact(contact_ids, now=now)
    told = [(pk, line) for pk, mine in lines.items() for line in mine if line.now >= 0.5]
    return sorted(told, key=lambda one: -one[1].now)[:most]
