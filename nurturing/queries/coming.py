"""What is coming for one person: the planner's simulation of the weeks ahead, with titles and places."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from contacts import spoken
from nurturing.models import Enrollment, MailVersion, Piece
from nurturing.planning import planner
from nurturing.planning.calendar import zone_of
from nurturing.planning.planner import What
from nurturing.queries import position


@dataclass(frozen=True, slots=True)
class Coming:
    """One thing that will happen if nothing else does."""

    at: datetime
    what: str  # step, piece, resume, escalate… (planner.What)
    title: str  # of the mail
    origin: str  # the sequence, or empty for the library
    because: str  # the planner's code
    zone: str

    def when(self, *, now: datetime) -> str:
        """ "Tue 24 Nov 09:10, Oslo": their wall clock, with the place when it is not ours."""
        with timezone.override(zone_of(self.zone)):
            said = spoken.moment(self.at, now=now)
        ours = timezone.get_current_timezone_name()
        return said if self.zone == ours else f"{said}, {place(self.zone)}"


def of(contact_id: int, *, now: datetime, weeks: int = 12) -> list[Coming]:
    """Everything that will happen to this person in the coming weeks.

    Raises ValueError when their rows make no sense.
    """
    snapshot = position.load([contact_id])
    person, stands = snapshot.of(contact_id)
    found = list(planner.simulate(person, stands, snapshot.content, snapshot.in_force.rule, now, weeks=weeks))
    mail_ids = {one.decision.mail_id for one in found if one.decision.mail_id is not None}
    subjects = dict(MailVersion.objects.filter(pk__in=mail_ids).values_list("pk", "subject"))
    titles = dict(
        Piece.objects.filter(
            pk__in={one.decision.piece_id for one in found if one.decision.piece_id is not None}
        ).values_list("pk", "title")
    )
    names = dict(
        Enrollment.objects.filter(contact_id=contact_id, ended_at=None).values_list("pk", "sequence__name")
    )
    return [
        Coming(
            at=one.at,
            what=one.decision.what.value,
            title=titles.get(one.decision.piece_id or 0) or subjects.get(one.decision.mail_id or 0, ""),
            origin=names.get(one.decision.row_id or 0, "") if one.decision.what is What.STEP else "",
            because=one.decision.because,
            zone=person.calendar.zone,
        )
        for one in found
    ]


def place(zone: str) -> str:
    """The city of a zone, as people say it: "Oslo", "New York"; UTC stays UTC."""
    return zone.rpartition("/")[2].replace("_", " ")
