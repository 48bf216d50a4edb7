"""Mails that wait while what they say is published anew: what leaves is what is live when it leaves.

A mail can wait for days (all sending is on hold, the person is with sales, a server puts it off), and a mistake that
was mended meanwhile must not go out. What a worker has in its hand already goes as it is.
"""

from datetime import datetime

from django.db.models import OuterRef, Subquery

from nurturing.models import Piece, Send, SequenceVersion, Step

STEP_REMOVED = "step_removed"


def follow_steps(version: SequenceVersion, *, now: datetime) -> None:
    """Give the waiting mails of a sequence the words of the version that is live now; a step that is gone goes to
    nobody. The standings of those inside are locked.
    """
    steps = Step.objects.filter(version=version, mail__isnull=False)
    waiting = Send.objects.filter(
        kind=Send.Kind.STEP, state=Send.State.PLANNED, enrollment__sequence_id=version.sequence_id
    )
    words = Subquery(steps.filter(key=OuterRef("step_key")).values("mail_id")[:1])
    waiting.filter(step_key__in=steps.values("key")).update(mail_id=words)
    waiting.exclude(step_key__in=steps.values("key")).update(
        state=Send.State.SKIPPED, reason=STEP_REMOVED, finished_at=now
    )


def follow_piece(piece: Piece) -> None:
    """The same for a piece. One that is a draft again, or retired, is stopped right before it leaves."""
    if piece.mail_id is not None:
        Send.objects.filter(piece=piece, state=Send.State.PLANNED).update(mail_id=piece.mail_id)
