"""The secrets by which providers prove themselves when they post to us: set, rotated with an overlap, taken back."""

from datetime import datetime, timedelta

import structlog
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction
from django.utils.translation import gettext as _

from contacts import keys
from contacts.services import audit
from nurturing.inbound import doors
from nurturing.models import WebhookKey

log = structlog.get_logger(__name__)
OVERLAP = timedelta(
    hours=48
)  # the old key opens so long beside the new one: time to change it at the provider
REMEMBERED = timedelta(minutes=1)


class NoSuchKey(ValueError):
    """The provider has no key of this name."""


class Unusable(ValueError):
    """This cannot be such a key; says why."""


@transaction.atomic
def put(*, provider: str, name: str, secret: str, by: AbstractBaseUser, now: datetime) -> WebhookKey:
    """Keep a key; the one before holds for two more days. Raises NoSuchKey, Unusable."""
    door = doors.DOORS.get(provider)
    if door is None or door.key(name) is None:
        raise NoSuchKey(f"{provider} has no key {name!r}.")
    secret = "".join(secret.split())
    if not secret.isascii() or not secret.isprintable():
        raise Unusable(_("A key is made of plain letters, digits and signs. Copy it once more."))
    if not 8 <= len(secret) <= doors.LONGEST_KEY:
        raise Unusable(_("This is too short or too long for a key. Copy it once more."))
    rows = WebhookKey.objects.filter(provider=provider, name=name)
    rows.filter(ends_at__lte=now).delete()
    rows.filter(ends_at=None).update(ends_at=now + OVERLAP)
    row = WebhookKey.objects.create(
        provider=provider, name=name, secret=keys.encrypt(secret), made_at=now, made_by_id=by.pk
    )
    _audit("webhook_key.set", row, by, now)
    return row


def make(*, provider: str, name: str, by: AbstractBaseUser, now: datetime) -> str:
    """A new password for an address; returned once, and shown never again. Raises NoSuchKey."""
    password = doors.new_password()
    put(provider=provider, name=name, secret=password, by=by, now=now)
    return password


@transaction.atomic
def end_old(*, provider: str, name: str, by: AbstractBaseUser, now: datetime) -> int:
    """The replaced keys open no more, from this moment on. Returns how many there were."""
    rows = WebhookKey.objects.filter(provider=provider, name=name, ends_at__gt=now)
    ended = 0
    for row in rows.select_for_update():
        row.ends_at = now
        row.save(update_fields=["ends_at"])
        _audit("webhook_key.ended", row, by, now)
        ended += 1
    return ended


@transaction.atomic
def close(*, provider: str, name: str, by: AbstractBaseUser, now: datetime) -> int:
    """No key of this name opens any more: what the provider posts is turned away. Returns how many there were."""
    rows = list(WebhookKey.objects.in_force(now).filter(provider=provider, name=name).select_for_update())
    for row in rows:
        row.ends_at = now
        row.save(update_fields=["ends_at"])
        _audit("webhook_key.ended", row, by, now)
    return len(rows)


def _audit(verb: str, row: WebhookKey, by: AbstractBaseUser, now: datetime) -> None:
    audit.write(
        verb=verb,
        now=now,
        by=by,
        object_type="WebhookKey",
        object_id=row.pk,
        provider=row.provider,
        name=row.name,
    )


def turned_away(*, provider: str, kind: str, why: str, now: datetime) -> None:
    """Remember that a request was refused, for the page: once a minute at most, as anybody can make one."""
    with connection.cursor() as cursor:
        cursor.execute(_TURNED_AWAY, [provider, kind, why, now, now - REMEMBERED])
        if cursor.rowcount:
            log.warning("webhook_refused", provider=provider, kind=kind, why=why)


_TURNED_AWAY = """
INSERT INTO nurturing_webhookrefusal (provider, kind, why, at) VALUES (%s, %s, %s, %s)
ON CONFLICT (provider, kind) DO UPDATE SET why = excluded.why, at = excluded.at
WHERE nurturing_webhookrefusal.at <= %s
"""
