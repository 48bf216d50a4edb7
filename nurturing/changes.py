"""What the marketer's room does with many people at once: bring into a sequence, pause."""

from collections.abc import Sequence as Sequence_
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import bulk, roles, spoken
from contacts.bulk import Params
from contacts.models import Contact
from nurturing.forms.bulk import PauseForm, SequenceForm
from nurturing.models import Enrollment, Pause, Standing
from nurturing.services import bulk_nurture

HANDS = (roles.MARKETER, roles.SALESPERSON)


def _stopped(people: QuerySet[Contact]) -> int:
    return people.filter(standing__state=Standing.State.STOPPED).order_by().count()


def _into(people: QuerySet[Contact], params: Params, *, now: datetime) -> Sequence_[tuple[str, int]]:
    here = Enrollment.objects.filter(contact=OuterRef("pk"), ended_at=None)
    mine = here.filter(sequence_id=params["sequence"])
    another = people.filter(Exists(here.filter(started_at__isnull=False))).exclude(Exists(mine))
    away = people.filter(standing__state__in=(Standing.State.HOT, Standing.State.WITH_SALES))
    return [
        (
            _("are in this sequence already and stay as they are"),
            people.filter(Exists(mine)).order_by().count(),
        ),
        (_("must not be written to and stay out"), _stopped(people)),
        (_("are in another sequence now, and wait for its end"), another.order_by().count()),
        (_("are with sales: nothing is sent while they are"), away.order_by().count()),
    ]


def _silent(people: QuerySet[Contact], params: Params, *, now: datetime) -> Sequence_[tuple[str, int]]:
    longer = Pause.objects.filter(contact=OuterRef("pk"), ended_at=None, until__gte=params["until"])
    return [
        (_("are paused for as long or longer and stay so"), people.filter(Exists(longer)).order_by().count()),
        (_("must not be written to anyway"), _stopped(people)),
    ]


def _until(params: Params) -> str:
    return _("Pause until %(day)s") % {"day": spoken.exact(datetime.fromisoformat(params["until"]).date())}


WHY = {
    bulk_nurture.STOPPED: gettext_lazy("must not be written to"),
    bulk_nurture.NOT_LIVE: gettext_lazy("nothing of the sequence was live any more"),
    bulk_nurture.OVER: gettext_lazy("the date had passed"),
}
CHANGES = (
    bulk.Change(
        "enroll",
        gettext_lazy("Bring into a sequence…"),
        HANDS,
        SequenceForm,
        lambda params: _("Bring into “%(name)s”") % params,
        _into,
        bulk_nurture.enroll,
        bulk_nurture.undo_enroll,
        note=gettext_lazy(
            "The gate is asked again before each mail. What was sent stays sent when this is taken back."
        ),
        why=WHY,
    ),
    bulk.Change(
        "pause",
        gettext_lazy("Pause…"),
        HANDS,
        PauseForm,
        _until,
        _silent,
        bulk_nurture.pause,
        bulk_nurture.undo_pause,
        why=WHY,
    ),
)
