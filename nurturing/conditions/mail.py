"""The conditions on what we wrote."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import spoken
from contacts.segments import kinds
from contacts.segments.facts import Person
from contacts.segments.inputs import Days
from contacts.segments.kinds import Operator
from nurturing.conditions.rows import RowsKind, since
from nurturing.conditions.story import written


class WrittenKind(RowsKind):
    """When the last mail to a person left."""

    name = "written"
    label = gettext_lazy("mail from us")
    section = kinds.BEHAVIOUR
    operators = (
        Operator(
            "within_not",
            gettext_lazy("has not gone out for"),
            (Days(),),
            gettext_lazy("they have not been written to for %(days)s"),
        ),
        Operator(
            "within",
            gettext_lazy("has gone out within the last"),
            (Days(),),
            gettext_lazy("they have been written to in the last %(days)s"),
        ),
        Operator(
            "ever", gettext_lazy("has gone out some time"), clause=gettext_lazy("they have been written to")
        ),
        Operator(
            "ever_not",
            gettext_lazy("has never gone out"),
            clause=gettext_lazy("they have never been written to"),
        ),
    )

    def rows(self, operator: str, value: Any, now: datetime) -> QuerySet[Any]:
        return written().filter(finished_at__gte=since(value, now)) if operator == "within" else written()

    def has(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        mails = person["nurturing"].written
        return any(at >= since(value, now) for at in mails) if operator == "within" else bool(mails)

    def own(self, person: Person, now: datetime) -> str:
        mails = person["nurturing"].written
        return (
            _("last mail %(day)s") % {"day": spoken.day(max(mails), now=now)} if mails else _("no mail yet")
        )
