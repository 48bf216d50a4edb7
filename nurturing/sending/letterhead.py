"""Who a sender's mails come from, where answers and bounces go: one answer for both ways in which a mail is made."""

from dataclasses import dataclass
from functools import lru_cache

from nurturing.sending import message
from nurturing.sending.message import Mailbox


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands in the head of every mail of one sender, and where our own links lead."""

    sender: Mailbox
    reply_to: Mailbox | None  # where answers go; without one they go to the sender's own address
    stop_address: str
    domain: str  # of Message-IDs and the list id
    base: str  # the address of the silo, before /c/, /t/ and /u/
    to_owner: bool = True  # the person's own salesperson gets answers, too
    bounces_to: str = ""  # empty: to the sender's own address
    plus: bool = False  # the mail's number stands in the addresses that answers and bounces come back to
    feedback_id: str = ""

    @property
    def list_id(self) -> str:
        return f"silo.{self.domain}"

    def answers(self, plus: str, owner: Mailbox) -> tuple[Mailbox, ...]:
        """Who is named in Reply-To: first the address that the silo reads, as some programs write to the first only,
        then the salesperson. Nobody when answers go to the sender anyhow.
        """
        ours = self.reply_to or self.sender
        too = () if not self.to_owner or is_one(owner.address, ours.address) else (owner,)
        if self.plus:
            return (Mailbox(ours.name, message.with_plus(ours.address, plus)), *too)
        return (ours, *too) if too or self.reply_to else ()

    def envelope_from(self, plus: str) -> str:
        """Where bounces come back to."""
        bare = self.bounces_to or self.sender.address
        return message.with_plus(bare, plus) if self.plus else bare


@lru_cache(maxsize=1000)
def is_one(owner: str, ours: str) -> bool:
    """No second address: there is none, it is the same one, or no mail can be sent to it."""
    if owner.lower() == ours.lower():
        return True
    try:
        message.address(owner)
    except message.Unmailable:
        return True
    return False
