"""Who logged in, logged out and failed to: into the audit log, without the words that were typed."""

from typing import Any

from contacts import clock
from contacts.services import audit
from silo.models import User


def logged_in(sender: Any, user: User, **_more: Any) -> None:
    """A colleague came in."""
    audit.write(verb="login.done", now=clock.now(), by=user)


def logged_out(sender: Any, user: User | None, **_more: Any) -> None:
    """A colleague went; a session that ended by itself says nothing."""
    if user is not None:
        audit.write(verb="login.ended", now=clock.now(), by=user)


def failed(sender: Any, credentials: dict[str, Any], **_more: Any) -> None:
    """Somebody tried. When the address is a colleague's, the line says whose; what else was typed is kept nowhere."""
    typed = str(credentials.get("email") or credentials.get("login") or credentials.get("username") or "")
    known = User.objects.filter(email__iexact=typed[:254]).first() if typed else None
    number = known.pk if known else None
    audit.write(verb="login.failed", now=clock.now(), object_type="user" if known else "", object_id=number)
