"""What broke on our side: people who were set aside, and mails that could not be made or handed over, with the traceback."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from nurturing.models import Send, SendDetail, SetAside

SHOWN = 50
# An older mail is history: it stays in the outbox.
RECENT = timedelta(days=7)
REASONS = ("error", "template")


@dataclass(frozen=True, slots=True)
class BrokenMail:
    """A mail on which something of ours broke, and what was written down about it."""

    send: Send
    error: str


def people() -> QuerySet[SetAside]:
    """Those who are kept out now, newest first. Whoever can be judged again leaves the list by themselves."""
    return SetAside.objects.filter(resolved_at=None).select_related("contact").order_by("-at", "-pk")


def mails(*, now: datetime) -> list[BrokenMail]:
    """The newest mails of the last days on which something of ours broke."""
    sends = list(_mails(now).select_related("contact", "mail").order_by("-finished_at", "-pk")[:SHOWN])
    details = SendDetail.objects.filter(send_id__in=[one.pk for one in sends]).exclude(response="")
    said = dict(details.order_by("at", "pk").values_list("send_id", "response"))
    return [BrokenMail(one, said.get(one.pk, "")) for one in sends]


def numbers(*, now: datetime) -> tuple[int, int]:
    """How many people are set aside, and how many mails broke in the last days."""
    return SetAside.objects.filter(resolved_at=None).count(), _mails(now).count()


def _mails(now: datetime) -> QuerySet[Send]:
    broke = Q(state=Send.State.FAILED, reason__in=REASONS) | Q(state=Send.State.UNKNOWN, reason="error")
    return Send.objects.filter(broke, finished_at__gt=now - RECENT)
