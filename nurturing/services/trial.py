"""A test mail to a colleague:

the same way out, the same foot, the same headers as a real one, and no row in the ledger.
"""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from nurturing.content import compiling, fields, rendering
from nurturing.content.compiling import Compiled
from nurturing.models import SandboxMail, Sender
from nurturing.queries import live, merge, sender
from nurturing.sending import message, providers, tokens, transport
from nurturing.sending.message import Mailbox, Unmailable
from nurturing.sending.outcome import Fate, Outcome
from nurturing.services import letter
from nurturing.services import sender as sender_rows


class CannotTry(Exception):
    """There is no way to send a test mail now; says why."""


def send(
    *,
    to: str,
    now: datetime,
    compiled: Compiled | None = None,
    values: fields.Merge | None = None,
    sender_id: int | None = None,
) -> Outcome:
    """Send one mail to a colleague, filled in with `values` (default: the sample person).

    In the demo, or while the sender's way out is the sandbox, it is kept on the outbox page. Missing merge
    fields are left empty: the preview shows them in red. Raises CannotTry.
    """
    who = _sender(sender_id, compiled.language if compiled else "")
    compiled = compiled or _own(who.language)
    filled: Mapping[str, Mapping[str, str]] = {**(values or fields.SAMPLE), "sender": merge.sender(who)}
    stop_url = f"{settings.PUBLIC_URL}/u/{tokens.stop_token(0, 0)}"
    try:
        rendered = rendering.render(
            compiled, filled, lambda number, url: url, stop_url, letter.footer(who, None, compiled.language)
        )
        number = int(now.timestamp() * 1_000_000)
        mail = letter.address_to(
            who,
            Mailbox("", to),
            rendered,
            message_id=f"test.{tokens.message_id(number, letter.domain(who))}",
            stop_url=stop_url,
            now=now,
        )
        raw = message.build(mail)
    except (Unmailable, rendering.RenderFailed) as error:
        raise CannotTry(str(error)) from error
    if live.is_demo() or who.transport == Sender.Transport.SANDBOX:
        SandboxMail.objects.create(at=now, to=to, subject=mail.subject[:1000], raw=raw)
        return Outcome(Fate.ACCEPTED, "sandbox")
    way = transport.make(who, timeout=transport.WHILE_SOMEBODY_WAITS)
    try:
        outcome = way.deliver(mail)
    finally:
        way.close()
    if outcome.provider_down or outcome.fate is Fate.ACCEPTED:
        sender_rows.note(sender_id=who.pk, shut=outcome if outcome.provider_down else None, now=now)
    return outcome


def _sender(sender_id: int | None, language: str) -> Sender:
    senders = sender.all_senders()
    chosen = next((one for one in senders if one.pk == sender_id), None) or sender.choose(
        senders, language=language
    )
    if chosen is None:
        raise CannotTry(_("There is no sender yet."))
    in_sandbox = live.is_demo() or chosen.transport == Sender.Transport.SANDBOX
    lacking = [] if in_sandbox else providers.missing(chosen)
    if lacking:
        raise CannotTry(
            _("Before a real mail can leave, this is missing: %(what)s.")
            % {"what": ", ".join(str(words) for words in lacking)}
        )
    return chosen


_OWN = {
    "sv": (
        "Testmejl från {{ sender.name }}",
        "Hej!\n\nOm du läser det här fungerar vägen ut. Så här ser foten ut:",
    ),
    "nb": (
        "Testmelding fra {{ sender.name }}",
        "Hei!\n\nHvis du leser dette, virker veien ut. Slik ser bunnen ut:",
    ),
    "en": (
        "Test mail from {{ sender.name }}",
        "Hello!\n\nIf you read this, the way out works. The foot looks like this:",
    ),
}


def _own(language: str) -> Compiled:
    subject, body = _OWN.get(language, _OWN["en"])
    return compiling.compile_mail(subject, "", body, language)
