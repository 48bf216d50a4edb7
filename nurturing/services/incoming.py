"""Whatever reaches us as a mail, from a provider or out of a mailbox: a report about a mail of ours, or an answer."""

from dataclasses import dataclass
from datetime import datetime

from nurturing.inbound import reading, report
from nurturing.services import bounce, matching, reply


@dataclass(frozen=True, slots=True)
class Received:
    """What became of it: `bounced`, `complained`, `human`, `out_of_office`…; nothing when nobody we know is concerned."""

    what: str
    contact_id: int | None = None
    send_id: int | None = None
    reply_id: int | None = None


def receive(mail: reading.Incoming, *, source: str, now: datetime, keep_strangers: bool = True) -> Received:
    """Read it as what it is and let it have its consequences, once.

    `keep_strangers` False: a mail about nobody in the silo leaves no trace. For mailboxes that people use, too.
    """
    told = report.read(mail)
    if told is not None:
        kept = bounce.receive(mail, told, source=source, now=now, keep_strangers=keep_strangers)
        if kept.event is None:
            return Received("")
        return Received(told.kind.value, kept.event.contact_id, kept.event.send_id)
    if not keep_strangers and not (reply.match_of(mail) or matching.by_stop_token(mail)):
        return Received("")
    got = reply.receive(mail, source=source, now=now)
    return Received(got.kind, got.contact_id, got.send_id, got.pk)
