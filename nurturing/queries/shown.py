"""What the list of people shows of the marketer's room: standing, temperature, next touch."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.lenses import Column
from contacts.models import Contact
from nurturing.models import Standing
from nurturing.queries import receipts


def of_state(found: QuerySet[Contact], value: str, *, now: datetime) -> QuerySet[Contact]:
    """Those who stand so."""
    return found.filter(standing__state=value)


def _degrees(people: Sequence[Contact], *, now: datetime) -> Mapping[int, Any]:
    return receipts.degrees_of([one.pk for one in people], now=now)


def _states(people: Sequence[Contact], *, now: datetime) -> Mapping[int, Any]:
    rows = Standing.objects.filter(pk__in=[one.pk for one in people]).values_list("pk", "state")
    return {pk: Standing.words(state) for pk, state in rows}


def _next(people: Sequence[Contact], *, now: datetime) -> Mapping[int, Any]:
    rows = Standing.objects.filter(pk__in=[one.pk for one in people])
    return dict(rows.values_list("pk", "next_at"))


COLUMNS = (
    Column("temperature", _("Temperature"), "heat", _degrees, usual=True),
    Column("standing", _("Standing"), "words", _states),
    Column("next", _("Next touch"), "moment", _next),
)
