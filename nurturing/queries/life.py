"""Who has gone quiet: asked by the retention rules."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from contacts.models import Contact, LegalGround
from nurturing.models import EngagementEvent, Enrollment, Handoff, Reminder, Reply, SalesHold

HUMAN = 0.5
T = EngagementEvent.Type
# what a person does, not what happens to a mail
SIGNS = (T.CLICKED, T.REPLIED, T.CALL_ME, T.FORM, T.RHYTHM)


def gone_quiet(before: datetime) -> QuerySet[Contact]:
    """People without a ground, in the silo since before that moment, who did nothing after it and whom nobody plans to
    meet.
    """
    person = {"contact": OuterRef("pk")}
    carries = LegalGround.objects.filter(**person).exclude(ground=LegalGround.Ground.NONE)
    signs = EngagementEvent.objects.filter(**person, type__in=SIGNS, human__gte=HUMAN, at__gte=before)
    answers = Reply.objects.filter(**person, at__gte=before)
    planned = Reminder.objects.filter(**person, done_at=None)
    running = Enrollment.objects.filter(**person, ended_at=None)
    waiting = Handoff.objects.open().filter(**person)
    people = Contact.objects.present().filter(created_at__lt=before)
    return people.filter(*(~Exists(rows) for rows in (carries, signs, answers, planned, running, waiting)))


def held_by_sales(before: datetime) -> QuerySet[Contact]:
    """People whom sales has in hand."""
    return Contact.objects.filter(pk__in=SalesHold.objects.filter(ended_at=None).values("contact"))
