"""Send one of the fixed mails that are about the law: through the ledger and the gate like every other mail."""

from datetime import datetime, timedelta

from django.conf import settings

from contacts.models import Contact
from nurturing.content import answers, words
from nurturing.models import MailVersion, Send
from nurturing.queries import recipient
from nurturing.sending import links
from nurturing.services import mail_version, send

LATEST = timedelta(days=2)  # who asked for an answer does not want it next week
NOTICE_LATEST = timedelta(days=14)


def mail(kind: str, language: str, *, now: datetime) -> MailVersion:
    """The version of a fixed mail, kept once per language and wording."""
    code = words.language(language)
    subject, body = answers.text(
        kind, code, page=links.confirm_page(), data=f"{settings.PUBLIC_URL}/your-data/"
    )
    known = MailVersion.objects.filter(subject=subject, body=body, language=code, preheader="")
    return known.order_by("-pk").first() or mail_version.keep(
        subject=subject, preheader="", body=body, language=code, by=None, now=now
    )


def plan(
    *,
    contact: Contact,
    kind: str,
    key: str,
    now: datetime,
    language: str = "",
    sender_id: int | None = None,
) -> int | None:
    """Put the mail into the ledger; the gate is asked when it leaves. None when the key was there already."""
    about = {answers.ASK: Send.Kind.ASK, answers.NOTICE: Send.Kind.NOTICE}.get(kind, Send.Kind.CONFIRM)
    version = mail(kind, language or recipient.language_of(contact), now=now)
    latest = NOTICE_LATEST if kind == answers.NOTICE else LATEST
    row = send.Planned(
        contact_id=contact.pk,
        kind=about,
        dedupe_key=key,
        not_before=now,
        latest_at=now + latest,
        mail_id=version.pk,
        sender_id=sender_id,
    )
    return next(iter(send.plan([row], now=now)), None)
