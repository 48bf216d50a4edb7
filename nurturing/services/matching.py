"""Which of our mails something that came back is about, and whom it went to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from contacts.keys import BadToken
from contacts.models import Contact
from nurturing.inbound import reading
from nurturing.models import Send
from nurturing.sending import tokens

MOST = 60  # of the numbers that one mail names


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a mail came from, and which of our mails it answers."""

    contact_id: int | None = None
    send_id: int | None = None

    def __bool__(self) -> bool:
        return self.contact_id is not None


def by_signs(mail: reading.Incoming, also: Sequence[str] = ()) -> Match:
    """By what only our own mail can have given them: the address we wrote from, the numbers of our mails."""
    numbers = list(dict.fromkeys([*also, *reading.references(mail)]))[:MOST]
    envelope = [mail.envelope_sender or "", mail.header("return-path").strip(" <>")]
    return (
        _by_signed_number(reading.plus_tokens([*mail.to_addresses, *envelope]), tokens.read_plus)
        or _by_signed_number(numbers, tokens.read_message_id)
        or _by_provider_number(numbers)
    )


def by_address(address: str) -> Match:
    """Somebody in the silo who has this address, and the last mail they got."""
    key = reading.clean(address).strip().lower()
    if not key:
        return Match()
    contact = Contact.objects.present().filter(Q(email_key=key) | Q(addresses__email_key=key)).first()
    if contact is None:
        return Match()
    last = Send.objects.filter(contact=contact, state__in=(Send.State.ACCEPTED, Send.State.UNKNOWN))
    return Match(contact.pk, last.order_by("-planned_at").values_list("pk", flat=True).first())


def by_stop_token(mail: reading.Incoming) -> Match:
    """The mailto of List-Unsubscribe: the subject carries the token, whoever's program sent it."""
    for candidate in (reading.stop_token(mail.subject), *reading.plus_tokens(mail.to_addresses)):
        try:
            who = tokens.read_stop(candidate)
        except BadToken:
            continue
        if Contact.objects.filter(pk=who.contact_id).exists():
            send = Send.objects.filter(pk=who.send_id, contact_id=who.contact_id).first()
            return Match(who.contact_id, send.pk if send else None)
    return Match()


def _by_signed_number(candidates: Sequence[str], read: Callable[[str], int]) -> Match:
    for candidate in candidates:
        try:
            send = Send.objects.filter(pk=read(candidate)).first()
        except BadToken:
            continue
        if send is not None:
            return Match(send.contact_id, send.pk)
    return Match()


def _by_provider_number(candidates: Sequence[str]) -> Match:
    """Providers that put their own Message-ID into our mail told us which one."""
    names = [spelling for one in candidates for spelling in (one, f"<{one}>", one.partition("@")[0])]
    send = Send.objects.filter(provider_id__in=names).exclude(provider_id="").first() if names else None
    return Match(send.contact_id, send.pk) if send is not None else Match()
