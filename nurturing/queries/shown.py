"""What the list of people shows of the marketer's room: standing, temperature, next touch."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.lenses import Column
from contacts.models import Contact
from nurturing.models import EngagementEvent, Standing
from nurturing.models.mail_version import Level
from nurturing.queries import receipts
from nurturing.temperature.points import HUMAN


def of_state(found: QuerySet[Contact], value: str, *, now: datetime) -> QuerySet[Contact]:
    """Those who stand so."""
    return found.filter(standing__state=value)


def of_level(found: QuerySet[Contact], value: str, *, now: datetime) -> QuerySet[Contact]:
    """Those who came so far down the funnel and no further, by what they read and answered."""
    read = EngagementEvent.objects.filter(
        contact=OuterRef("pk"), human__gte=HUMAN, type__in=["clicked", "replied"]
    )
    places = Level.values
    if value not in places:
        return found.none()
    deeper = places[places.index(value) + 1 :]
    found = found.filter(Exists(read.filter(level=value)))
    return found.filter(~Exists(read.filter(level__in=deeper))) if deeper else found


LEVELS = (
    (Level.TOFU.value, _("becoming aware (TOFU)")),
    (Level.MOFU.value, _("evaluating (MOFU)")),
    (Level.BOFU.value, _("ready for proof (BOFU)")),
)


def _degrees(people: Sequence[Contact], *, now: datetime) -> Mapping[int, Any]:
    return receipts.degrees_of([one.pk for one in people], now=now)


def _states(people: Sequence[Contact], *, now: datetime) -> Mapping[int, Any]:
    return {pk: Standing.words(state) for pk, state in _standings("state", people)}


def _next(people: Sequence[Contact], *, now: datetime) -> Mapping[int, Any]:
    return dict(_standings("next_at", people))


def _standings(field: str, people: Sequence[Contact]) -> Sequence[tuple[int, Any]]:
    with connection.cursor() as cursor:
        ids = [one.pk for one in people]
        cursor.execute(
            f"SELECT contact_id, {field} FROM nurturing_standing WHERE contact_id = ANY(%s)",  # noqa: S608
            [ids],
        )
        return list(cursor.fetchall())


COLUMNS = (
    Column("temperature", _("Temperature"), "heat", _degrees, usual=True),
    Column("standing", _("Standing"), "words", _states),
    Column("next", _("Next touch"), "moment", _next),
)
