"""Do mails leave this machine, and may they now?"""

from dataclasses import dataclass

from django.conf import settings

from contacts.models import Contact
from nurturing.models import Enrollment, GoLive, Send, SendingHold


def is_demo() -> bool:
    """The demo silo: its people are fictional and nothing ever leaves."""
    return bool(settings.SILO_DEMO)


def is_live() -> bool:
    """True once somebody took the silo live. Until then every send is a sandbox send."""
    return not is_demo() and GoLive.objects.exists()


def open_hold() -> SendingHold | None:
    """The switch that stops all sending, when it is on."""
    return SendingHold.objects.filter(released_at=None).select_related("by").first()


def went_live() -> GoLive | None:
    """When, and by whom."""
    return GoLive.objects.select_related("by").first()


@dataclass(frozen=True, slots=True)
class Consequences:
    """What going live would do, in numbers."""

    people: int
    skipped: int
    begin_again: int


def consequences() -> Consequences:
    """People in the silo, sandbox mails that would be skipped, and people who would begin their sequence
    again.
    """
    return Consequences(
        people=Contact.objects.present().count(),
        skipped=Send.objects.filter(sandbox=True, state__in=Send.WAITING).count(),
        begin_again=Enrollment.objects.active().exclude(last_step_key="").count(),
    )
