"""Ask the name servers about a sender's domain: asked for by an admin, done by a worker, kept for the page."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser

from nurturing.models import DomainCheck, Sender
from nurturing.names import checking
from nurturing.names.asking import Names
from nurturing.sending import providers
from nurturing.services import letter

KEPT = 20  # looks per sender


def ask(*, sender_id: int, selectors: Sequence[str] = (), by: AbstractBaseUser, now: datetime) -> DomainCheck:
    """Note that somebody wants to know. What to do next: `run`. Raises Sender.DoesNotExist."""
    sender = Sender.objects.get(pk=sender_id)
    check = DomainCheck.objects.create(
        sender=sender,
        domain=_ascii(letter.domain(sender)),
        asked_at=now,
        asked_by_id=by.pk,
        selectors=list(selectors),
    )
    old = DomainCheck.objects.filter(sender=sender).order_by("-asked_at", "-pk").values("pk")[KEPT:]
    DomainCheck.objects.filter(pk__in=[row["pk"] for row in old]).delete()
    return check


def run(*, check_id: int, now: datetime) -> bool:
    """Look, and keep what was found. False when it was done before, or forgotten. Takes half a minute at most."""
    check = DomainCheck.objects.select_related("sender").filter(pk=check_id, done_at=None).first()
    if check is None:
        return False
    found = checking.check(question(check), Names(settings.DNS_SERVERS))
    kept = DomainCheck.objects.filter(pk=check_id, done_at=None)
    return bool(kept.update(done_at=now, findings=[one.as_json() for one in found]))


def question(check: DomainCheck) -> checking.Question:
    """What is asked about a sender."""
    sender = check.sender
    given = providers.server(sender.transport, sender.transport_settings or {})
    is_server = sender.transport == "smtp" or sender.transport in providers.MAIL_SERVERS
    return checking.Question(
        domain=check.domain,
        return_domain=_domain(sender.bounces_to) or check.domain,
        answers_domain=_domain(sender.reply_to) or check.domain,
        transport=sender.transport,
        host=str(given.get("host", "")) if is_server else "",
        selectors=tuple(check.selectors),
    )


def _domain(address: str) -> str:
    return _ascii(address.rpartition("@")[2])


def _ascii(name: str) -> str:
    try:
        return name.lower() if name.isascii() else name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return name.lower()
