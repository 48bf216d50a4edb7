"""What became of handing over one mail, and what a server's reply code means for it."""

import zlib
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple


class Fate(StrEnum):
    """What is known after a hand-over."""

    ACCEPTED = "accepted"  # the server took it: from here on it is theirs
    LATER = "later"  # it did not leave, and may be tried again
    REFUSED = "refused"  # it did not leave, and trying again changes nothing
    UNKNOWN = "unknown"  # it may have left: nobody can know (RFC 1047)


class Outcome(NamedTuple):
    """The fate of one mail, with the reply as the server gave it."""

    fate: Fate
    reason: str = ""
    reply: str = ""
    provider_id: str = ""
    # The fault lies with the server, the login or the line, not with this mail: the rest of the batch need
    # not be tried.
    provider_down: bool = False


# Reply codes worth a word of their own (RFC 5321 4.2, RFC 4954 6). Others go by their first digit.
MEANING = {
    421: "server_busy",  # closing the line: shut down, or too many of us
    432: "login",  # password must be changed
    450: "mailbox_busy",  # greylisting also says this
    451: "server_error",
    452: "storage",  # disk full, or too many recipients
    454: "login",  # TLS or login not available now
    455: "server_error",
    501: "bad_address",
    530: "login",
    534: "login",
    535: "login",
    538: "login",
    550: "no_mailbox",  # or policy: 5.7.x
    551: "moved",
    552: "too_big",  # or the mailbox is full: 5.2.2
    553: "bad_address",
    554: "policy",
    555: "bad_address",
    556: "no_mailbox",
}
_OURS = frozenset({"login"})


def of_reply(code: int, text: str, *, about_sender: bool = False) -> Outcome:
    """The outcome when a server answers a step before the final dot, or the dot itself, with `code`.

    A refusal of our own login or From address says nothing about the recipient: those mails wait until
    somebody has mended the set-up.
    """
    reply = f"{code} {text}".strip()[:500]
    reason = MEANING.get(code, "server_error" if code < 500 else "refused")
    if code == 550 and " 5.7" in f" {text}":
        reason = "policy"
    if code == 552 and " 5.2.2" in f" {text}":
        reason = "mailbox_full"
    if reason in _OURS or (about_sender and code >= 500):
        return Outcome(Fate.LATER, reason if reason in _OURS else "sender_refused", reply, provider_down=True)
    if 500 <= code < 600:
        return Outcome(Fate.REFUSED, reason, reply)
    return Outcome(Fate.LATER, reason, reply, provider_down=code == 421)


class Then(StrEnum):
    """What we do after an answer, as the table on the page says it."""

    AGAIN = "again"
    ALL_WAIT = "all_wait"
    MEND = "mend"
    NEVER = "never"


# Codes with more to them than their number, beside those of MEANING.
_NUANCES = (("550", "5.7.1"), ("552", "5.2.2"))


def table() -> list[tuple[str, str, Then]]:
    """Every code that we know by name, why it is said, and what we do: asked of the code itself, so it cannot be wrong."""
    rows = [(str(code), "") for code in MEANING] + [*_NUANCES] + [("4xx", ""), ("5xx", "")]
    found = []
    for code, detail in rows:
        answered = of_reply(int(code.replace("xx", "99")), detail)
        if answered.reason in _OURS:
            then = Then.MEND
        elif answered.provider_down:
            then = Then.ALL_WAIT
        else:
            then = Then.NEVER if answered.fate is Fate.REFUSED else Then.AGAIN
        found.append((f"{code} {detail}".strip(), answered.reason, then))
    return sorted(found)


_PAUSES = (5, 15, 60, 180, 360, 720)  # minutes


def pauses() -> list[timedelta]:
    """How long we wait after the first refusal for now, the second…; after the last of them always as long."""
    return [timedelta(minutes=minutes) for minutes in _PAUSES]


def pause(tries: int, send_id: int) -> timedelta:
    """How long to wait after the n-th temporary refusal, spread by up to a fifth so that not all come back at
    once.
    """
    minutes = _PAUSES[min(max(tries, 1), len(_PAUSES)) - 1]
    spread = zlib.crc32(send_id.to_bytes(8, "big")) % 201 / 1000
    return timedelta(minutes=minutes * (1 + spread))
