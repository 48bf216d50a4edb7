"""Words to begin with: two sequences, a library and a few segments for a fictional company, Nordvik Underhåll AB, that sells
maintenance software.

The demo lives on them, and a marketer who begins with an empty silo can read how such mails may sound.
"""

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser

from nurturing.models import Sequence
from nurturing.services import piece, sequence, topic
from nurturing.starter import library, segments, sequences

WEBINAR = sequences.WEBINAR.name
ONBOARDING = sequences.ONBOARDING.name


def content(*, by: AbstractBaseUser | None, now: datetime) -> None:
    """Make and publish everything. Does nothing when a sequence of these names is there already."""
    if Sequence.objects.filter(name__in=[WEBINAR, ONBOARDING]).exists():
        return
    segments.make(by=by, now=now)
    for text in library.PIECES:
        made = piece.make(
            title=text.title,
            topic_id=topic.named(name=text.topic).pk,
            level=text.level,
            language=text.language,
            subject=text.subject,
            preheader=text.preheader,
            body=text.body,
            by=by,
            now=now,
        )
        piece.publish(piece_id=made.pk, by=by, now=now)
    for plan in (sequences.WEBINAR, sequences.ONBOARDING):
        begun = sequence.make(
            name=plan.name,
            purpose=plan.purpose,
            stops_when=plan.stops_when,
            priority=plan.priority,
            by=by,
            now=now,
        )
        for step in plan.steps:
            sequence.add_step(
                sequence_id=begun.pk,
                by=by,
                now=now,
                wait=step.wait,
                days=step.days,
                level=step.level,
                language=step.language,
                subject=step.subject,
                preheader=step.preheader,
                body=step.body,
            )
        sequence.publish(sequence_id=begun.pk, by=by, now=now)
