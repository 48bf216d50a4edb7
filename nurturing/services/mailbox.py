"""Set up the mailboxes that answers and bounces come back to, and look into them.

How far a mailbox was read moves on in the transaction that keeps a mail: each is handled once, whatever dies when. A
mail that cannot be read is noted for a person and passed over, so that one bad mail never stops the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import Error as DatabaseFailure
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from contacts import keys, network
from contacts.models import AuditEvent
from nurturing.inbound import imap, parsing
from nurturing.models import Mailbox
from nurturing.services import access, incoming, webhook

log = structlog.get_logger(__name__)
OPEN_FIELDS = frozenset(
    {
        *("address", "host", "port", "security", "sign_in", "username", "folder"),
        *("client_id", "tenant", "inside_allowed"),
    }
)
AT_ONCE = 200
A_LOOK_TAKES = timedelta(minutes=10)  # longer than that, whoever looked is dead
READS_BACK = timedelta(days=14)  # of a mailbox that is new to us


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look brought."""

    seen: int = 0
    kept: int = 0
    more: bool = False
    trouble: str = ""


@transaction.atomic
def save(
    *,
    mailbox_id: int | None,
    fields: Mapping[str, Any],
    secret: str,
    client_secret: str,
    by: AbstractBaseUser,
    now: datetime,
) -> Mailbox:
    """Make or change a mailbox. An empty secret keeps the stored one, as no page ever shows it again.

    Another server or user forgets it: a password must not be sent to a server that it was not meant for.
    """
    unknown = set(fields) - OPEN_FIELDS
    if unknown:
        raise ValueError(f"A mailbox has no {', '.join(sorted(unknown))}.")
    row = Mailbox.objects.select_for_update().get(pk=mailbox_id) if mailbox_id else Mailbox(made_at=now)
    before = {name: getattr(row, name) for name in OPEN_FIELDS}
    for name, value in fields.items():
        setattr(row, name, value)
    elsewhere = any(before[name] != getattr(row, name) for name in ("host", "port", "username", "sign_in"))
    other_folder = elsewhere or before["folder"] != row.folder
    if secret or elsewhere:
        row.secret = keys.encrypt(secret) if secret else ""
    if client_secret or elsewhere:
        row.client_secret = keys.encrypt(client_secret) if client_secret else ""
    if mailbox_id and other_folder:
        row.uid_validity, row.last_uid, row.looked_at, row.worked_at = None, 0, None, None
    row.trouble, row.trouble_since = "", None
    if not mailbox_id:
        row.made_by_id = by.pk
    row.save()
    changed = sorted(name for name in OPEN_FIELDS if before[name] != getattr(row, name))
    _audit(
        "mailbox.changed" if mailbox_id else "mailbox.added",
        row,
        by,
        now,
        [*changed, *(["secret"] * bool(secret))],
    )
    return row


@transaction.atomic
def stop(*, mailbox_id: int, by: AbstractBaseUser, now: datetime) -> bool:
    """Look into it no more, and forget its password. False when it was stopped before."""
    row = Mailbox.objects.select_for_update().filter(pk=mailbox_id, stopped_at=None).first()
    if row is None:
        return False
    row.stopped_at, row.secret, row.client_secret = now, "", ""
    row.save(update_fields=["stopped_at", "secret", "client_secret"])
    _audit("mailbox.stopped", row, by, now, [])
    return True


def _audit(verb: str, row: Mailbox, by: AbstractBaseUser, now: datetime, fields: list[str]) -> None:
    AuditEvent.objects.create(
        at=now, by_id=by.pk, verb=verb, object_type="Mailbox", object_id=row.pk, detail={"fields": fields}
    )


def try_out(*, mailbox_id: int, now: datetime) -> Looked:
    """Open it and count, and read nothing."""
    row = Mailbox.objects.get(pk=mailbox_id)
    try:
        with imap.Look(_server(row, now)) as look:
            found = Looked(seen=look.mails)
    except _TROUBLES as error:
        return _note_trouble(row, error, now)
    Mailbox.objects.filter(pk=row.pk).update(trouble="", trouble_since=None, worked_at=now)
    return found


def read(*, mailbox_id: int, now: datetime) -> Looked:
    """Take what is new in a mailbox, a few hundred mails at most. Nothing when somebody else is at it."""
    taken = Mailbox.objects.to_look_into(now).filter(pk=mailbox_id)
    if not taken.update(taken_until=now + A_LOOK_TAKES):
        return Looked()
    row = Mailbox.objects.get(pk=mailbox_id)
    seen = kept = 0
    more = False
    try:
        with imap.Look(_server(row, now)) as look:
            after, since = _where_to_begin(row, look, now)
            uids = look.newer(after, since=since, most=AT_ONCE)
            more = len(uids) == AT_ONCE
            for found in look.fetch(uids):
                kept += _handle(row, found, look.uid_validity, now)
                seen += 1
            if not uids and row.uid_validity != look.uid_validity:
                _move_on(row, look.uid_validity, max(after, look.highest()), kept=0, seen=0)
    except _TROUBLES as error:
        return _note_trouble(row, error, now, seen=seen, kept=kept)
    Mailbox.objects.filter(pk=row.pk).update(
        taken_until=None, looked_at=now, worked_at=now, trouble="", trouble_since=None
    )
    return Looked(seen, kept, more)


def _where_to_begin(row: Mailbox, look: imap.Look, now: datetime) -> tuple[int, Any]:
    """The number after which mails are new. A folder that counts anew is read back a little: what is known is known."""
    if row.uid_validity == look.uid_validity:
        return row.last_uid, None
    return 0, (now - READS_BACK).date()


def _handle(row: Mailbox, found: imap.Found, uid_validity: int, now: datetime) -> int:
    """One mail, in one transaction with how far we are. Returns 1 when it was about somebody in the silo."""
    try:
        with transaction.atomic():
            mail = parsing.parse(found.raw)
            got = incoming.receive(mail, source="imap", now=now, keep_strangers=False)
            kept = 1 if got.contact_id is not None else 0
            _move_on(row, uid_validity, found.uid, kept=kept, seen=1)
            return kept
    except DatabaseFailure:
        raise
    except Exception as error:
        # One mail that no parser takes: noted for a person (it lies in the mailbox still), and the next has its turn.
        log.exception("mail_unread", mailbox=row.pk, uid=found.uid)
        with transaction.atomic():
            where = f"mail number {found.uid} of {row.folder} in {row.address}".encode()
            webhook.keep_unread(source="imap", kind="inbound", body=where, why=repr(error)[:300], now=now)
            _move_on(row, uid_validity, found.uid, kept=0, seen=1)
        return 0


def _move_on(row: Mailbox, uid_validity: int, uid: int, *, kept: int, seen: int) -> None:
    Mailbox.objects.filter(pk=row.pk).update(
        uid_validity=uid_validity, last_uid=uid, seen=F("seen") + seen, kept=F("kept") + kept
    )


_TROUBLES = (
    imap.CannotSignIn,
    access.Refused,
    network.Inside,
    network.Unresolvable,
    keys.BadSecret,
    *imap.Failure,
)


def _note_trouble(
    row: Mailbox, error: BaseException, now: datetime, *, seen: int = 0, kept: int = 0
) -> Looked:
    words = trouble_words(row, error)
    log.warning("mailbox_trouble", mailbox=row.pk, error=repr(error)[:300])
    Mailbox.objects.filter(pk=row.pk).update(
        taken_until=None, looked_at=now, trouble=words[:300], trouble_since=row.trouble_since or now
    )
    return Looked(seen, kept, trouble=words)


def trouble_words(row: Mailbox, error: BaseException) -> str:
    """What went wrong and what to do about it."""
    words = {"host": row.host, "said": imap.one_line(error)}
    match error:
        case access.Refused():
            return _("No access is given to us. Sign in again. They said: %(said)s") % words
        case imap.CannotSignIn():
            return _("%(host)s does not let us in. Look at user name and password. It said: %(said)s") % words
        case network.Inside():
            return _("%(host)s is inside our own network. If that is right, say so below.") % words
        case network.Unresolvable():
            return _("There is no server named %(host)s.") % words
        case keys.BadSecret():
            return _("The stored password cannot be read any more. Type it again.")
        case TimeoutError():
            return _("%(host)s does not answer. We try again in two minutes.") % words
        case _other:
            return (
                _("The connection to %(host)s broke. We try again in two minutes. It said: %(said)s") % words
            )


def _server(row: Mailbox, now: datetime) -> imap.Server:
    """Raises access.Refused, keys.BadSecret and what a connection raises."""
    secret = keys.decrypt(row.secret) if row.secret else ""
    token = access.token(row, secret, now=now) if row.sign_in != Mailbox.SignIn.PASSWORD else ""
    return imap.Server(
        host=row.host,
        port=row.port,
        security=row.security,
        username=row.username,
        folder=row.folder,
        password="" if token else secret,
        access_token=token,
        inside_allowed=row.inside_allowed,
    )
