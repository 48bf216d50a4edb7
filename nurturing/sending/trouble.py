"""What a refusal says about the server that gave it: how much it weighs when we ask whether to leave that server alone.

A person who has left, a full mailbox, a mail that is too big say nothing about the server. Greylisting says "once more in
a few minutes", which is what happens anyhow. A refusal of *us* says: stop, before it gets worse.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from nurturing.inbound import bounce
from nurturing.inbound.bounce import Reason


class Kind(StrEnum):
    """What kind of trouble it is; the worst last."""

    GONE = "gone"  # nobody of that name: one is nothing, many of them are an old list
    DEFERRED = "deferred"  # not now
    BLOCKED = "blocked"  # not from you


@dataclass(frozen=True, slots=True)
class Trouble:
    """One refusal, and how much it weighs."""

    kind: Kind
    weight: int


_WEIGHT = {Kind.GONE: 1, Kind.DEFERRED: 1, Kind.BLOCKED: 3}
_ABOUT_THE_PERSON = frozenset({Reason.THEIRS, Reason.FULL, Reason.PAUSED, Reason.SIZE})
_ABOUT_US = frozenset({Reason.SPAM, Reason.BLOCKED, Reason.AUTH, Reason.SENDER, Reason.POLICY})
_GREYLISTED = re.compile(r"(?i)gr[ea]y-?\s?list|please\s+retry\s+in|postgrey")
# A server that is only busy says "try again later", too: for the time being it is about us when it says why.
_FOR_NOW_ABOUT_US = re.compile(
    r"""(?ix) (?<![\d.])4\.7\.\d{1,3} | block | black\ ?list | \blisted\b | reputation | \bspam | abus | complaint
    | rate\b.{0,20}\blimit | too\ many | throttl | unusual | \bpolic | frequen | \bbulk\b"""
)


def of(reply: str, *, for_now: bool) -> Trouble | None:
    """The trouble in a server's own words; `for_now` when it may take the mail later. None: about a person or a mail."""
    if _GREYLISTED.search(reply):
        return None
    judged = bounce.judge(bounce.Bounce(text=reply, action="delayed" if for_now else ""))
    if judged.reason in _ABOUT_THE_PERSON:
        return None
    if for_now:
        kind = Kind.BLOCKED if _FOR_NOW_ABOUT_US.search(reply) else Kind.DEFERRED
    elif judged.reason in _ABOUT_US:
        kind = Kind.BLOCKED
    elif judged.reason in bounce.GONE:
        kind = Kind.GONE
    else:
        kind = Kind.DEFERRED
    return Trouble(kind, _WEIGHT[kind])
