"""Do mails leave this machine, and may they now?"""

from django.conf import settings

from nurturing.models import GoLive, SendingHold


def is_demo() -> bool:
    """The demo silo: its people are fictional and nothing ever leaves."""
    return bool(settings.SILO_DEMO)


def is_live() -> bool:
    """True once somebody took the silo live. Until then every send is a sandbox send."""
    return not is_demo() and GoLive.objects.exists()


def open_hold() -> SendingHold | None:
    """The switch that stops all sending, when it is on."""
    return SendingHold.objects.filter(released_at=None).select_related("by").first()
