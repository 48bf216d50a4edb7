"""How many mails may leave in a minute, an hour and a day: set by an admin, for a sender and for a house of mailboxes."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction

from contacts.models import AuditEvent
from nurturing.models import MailHost, Sender, SendLimit
from nurturing.sending import pace
from nurturing.services import breaker, line

# By period; None or absent: no limit.
Figures = Mapping[str, int | None]


class DomainTaken(Exception):
    """A domain belongs to one house."""

    def __init__(self, domain: str, host: str) -> None:
        super().__init__(domain, host)
        self.domain, self.host = domain, host


class NameTaken(Exception):
    """Two houses of one name would be one line of those who wait."""


def of_sender(*, sender_id: int, figures: Figures, by: AbstractBaseUser, now: datetime) -> None:
    """Set a sender's limits. Who waits for one of them is asked again at once."""
    with transaction.atomic():
        sender = Sender.objects.select_for_update().get(pk=sender_id)
        if _set(figures, sender=sender):
            line.wake(f"limit_sender:{sender.name}", now=now)
            _write_down("Sender", sender.pk, figures, by, now)


def of_host(
    *,
    host_id: int | None,
    name: str,
    domains: Sequence[str],
    figures: Figures,
    by: AbstractBaseUser,
    now: datetime,
) -> MailHost:
    """Make or change a house with its domains and limits.

    Raises DomainTaken, NameTaken.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:  # two admins at once must not give one domain to two houses
            cursor.execute("LOCK TABLE nurturing_mailhost IN SHARE ROW EXCLUSIVE MODE")
        others = MailHost.objects.exclude(pk=host_id or 0)
        if others.filter(name=name).exists():
            raise NameTaken(name)
        taken = others.filter(domains__overlap=list(domains)).first()
        if taken is not None:
            raise DomainTaken(next(one for one in domains if one in taken.domains), taken.name)
        host = MailHost.objects.get(pk=host_id) if host_id else MailHost(made_at=now)
        before = (host.name, list(host.domains or []))
        host.name, host.domains = name, list(dict.fromkeys(domains))
        host.save()
        changed = _set(figures, host=host)
        if changed or before != (host.name, host.domains):
            for waited in {before[0], name} - {""}:
                line.wake(f"limit_host:{waited}", now=now)
                breaker.wake(waited, now=now)
            _write_down("MailHost", host.pk, figures, by, now)
    return host


def _set(figures: Figures, **owner: Sender | MailHost) -> bool:
    """What was counted goes on counting under the new number."""
    changed = False
    for period in pace.PERIODS:
        most = figures.get(period)
        row = SendLimit.objects.filter(period=period, **owner).first()
        if most is None and row is not None:
            row.delete()
        elif most is not None and row is None:
            SendLimit.objects.create(period=period, most=most, counts=pace.empty(period), **owner)
        elif most is not None and row is not None and row.most != most:
            SendLimit.objects.filter(pk=row.pk).update(most=most)
        else:
            continue
        changed = True
    if changed:
        SendLimit.objects.filter(**owner).update(tail_at=None)
    return changed


def _write_down(what: str, pk: int, figures: Figures, by: AbstractBaseUser, now: datetime) -> None:
    AuditEvent.objects.create(
        at=now,
        by_id=by.pk,
        verb="limits.changed",
        object_type=what,
        object_id=pk,
        detail={period: figures.get(period) for period in pace.PERIODS},
    )
