"""Which providers may post to us, by which secrets, and when they last did."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import connection

from contacts import keys
from nurturing.inbound import doors
from nurturing.inbound.doors import Door, Key
from nurturing.models import Sender, WebhookKey, WebhookRefusal

log = structlog.get_logger(__name__)


def address(provider: str, kind: str) -> str:
    """Where a provider posts to, without the password that may stand in it."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/webhooks/{provider}/{kind}/"


def with_password(url: str, password: str) -> str:
    """The same with `user:password`, as it is pasted at the provider."""
    return url.replace("://", f"://{password}@", 1)


def secrets(provider: str, kind: str, *, now: datetime) -> list[dict[str, Any]]:
    """What anymail's view of this address takes, one set for each key in force, the newest first."""
    door = doors.DOORS.get(provider)
    key = door.keys.get(kind.removesuffix("_mime")) if door else None
    if key is None:
        return []
    found = []
    for number, stored in _in_force(provider, key, now):
        try:
            secret = keys.decrypt(stored)
        except keys.BadSecret:
            log.error("webhook_key_unreadable", provider=provider, key=number)
            continue
        # A signature is enough: the password of the environment is not asked for beside it.
        given: dict[str, Any] = {"webhook_secret": []} | {key.keyword: [secret] if key.is_made else secret}
        found.append(given | _beside(provider, kind))
    return found


def _in_force(provider: str, key: Key, now: datetime) -> list[tuple[int, str]]:
    """As `WebhookKey.objects.in_force`; asked with every report."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE, [provider, key.name, now])
        return list(cursor.fetchall())


_IN_FORCE = """
SELECT id, secret FROM nurturing_webhookkey
WHERE provider = %s AND name = %s AND (ends_at IS NULL OR ends_at > %s) ORDER BY made_at DESC, id DESC
"""


def _beside(provider: str, kind: str) -> dict[str, Any]:
    """What else two providers need."""
    if provider == "mandrill":
        return {"webhook_url": address(provider, kind)}  # it signs the address, too, as it was pasted
    if (provider, kind) in _FETCHED:
        # The mail is fetched with the key that we send with.
        sender = Sender.objects.filter(transport=provider).exclude(secret="").order_by("-is_default").first()
        try:
            return {_FETCHED[provider, kind]: keys.decrypt(sender.secret) if sender else ""}
        except keys.BadSecret:
            return {_FETCHED[provider, kind]: ""}
    return {}


_FETCHED = {("resend", "inbound"): "api_key", ("mailtrap", "inbound"): "api_token"}


@dataclass(frozen=True, slots=True)
class KeyState:
    """One key of a door and the addresses that it opens."""

    key: Key
    urls: list[tuple[str, str]]  # kind, address
    current: WebhookKey | None
    old: WebhookKey | None  # replaced, and still good for a while
    by_environment: bool = False


@dataclass(frozen=True, slots=True)
class DoorState:
    """One provider as the page shows it."""

    door: Door
    keys: list[KeyState]
    sends: bool  # a sender sends through it
    last_at: datetime | None
    refusal: WebhookRefusal | None

    @property
    def is_open(self) -> bool:
        """At least one of its addresses lets the provider in."""
        return any(one.current or one.by_environment for one in self.keys)

    @property
    def refused_since(self) -> bool:
        """Somebody was turned away, and since then nothing has come through and no key was set."""
        if self.refusal is None:
            return False
        later = [self.last_at, *(one.current.made_at for one in self.keys if one.current)]
        return not any(moment and moment >= self.refusal.at for moment in later)

    @property
    def is_in_use(self) -> bool:
        """It concerns us: we send through it, let it in, or somebody knocked."""
        return self.sends or self.is_open or self.last_at is not None or self.refused_since


def overview(*, now: datetime, by_environment: frozenset[tuple[str, str]] = frozenset()) -> list[DoorState]:
    """All providers: those that we send through first, then those that are open, then the rest."""
    rows = list(WebhookKey.objects.in_force(now).select_related("made_by").order_by("-made_at", "-pk"))
    refusals = {row.provider: row for row in WebhookRefusal.objects.order_by("at")}
    senders = set(Sender.objects.values_list("transport", flat=True))
    last = _last_events()
    states = []
    for door in doors.DOORS.values():
        own = [row for row in rows if row.provider == door.provider]
        states.append(
            DoorState(
                door=door,
                keys=[_key_state(door, key, own, by_environment) for key in door.own_keys],
                sends=door.provider in senders,
                last_at=last.get(door.provider),
                refusal=refusals.get(door.provider),
            )
        )
    return sorted(
        states, key=lambda one: (not one.sends, not one.is_open, not one.refused_since, one.door.label)
    )


def _key_state(
    door: Door, key: Key, rows: list[WebhookKey], by_environment: frozenset[tuple[str, str]]
) -> KeyState:
    kinds = [kind for kind, one in door.keys.items() if one.name == key.name]
    mine = [row for row in rows if row.name == key.name]
    return KeyState(
        key=key,
        urls=[(kind, address(door.provider, kind)) for kind in kinds],
        current=next((row for row in mine if row.ends_at is None), None),
        old=next((row for row in mine if row.ends_at is not None), None),
        by_environment=any((door.provider, kind) in by_environment for kind in kinds),
    )


def _last_events() -> dict[str, datetime]:
    """One look into the index for each provider."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [list(doors.DOORS)])
        return dict(cursor.fetchall())


_LAST = """
SELECT p.provider, e.at FROM unnest(%s::text[]) p(provider),
LATERAL (SELECT at FROM nurturing_providerevent v WHERE v.provider = p.provider ORDER BY v.at DESC LIMIT 1) e
"""
