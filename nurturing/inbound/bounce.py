"""Is this bounce for ever? Only an address that does not exist is; a full mailbox, a filter or a policy
is not.

What the server wrote decides first, because the codes lie: half of the servers that say 5.1.1 or 5.7.1 mean something
else. The enhanced status code (RFC 3463) decides where the words say nothing, the provider's own word where there is
neither. A refusal of *us* (policy, spam, sender, network) never stops an address.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from nurturing.inbound.words import bounce as words

READ_LENGTH = 4_000  # of what a server wrote; more is a quoted mail or an attack


class Reason(StrEnum):
    """Why a mail came back, in our words. Only `GONE` reasons are for ever."""

    THEIRS = "theirs"  # the person's own filter
    SENDER = "sender"  # they do not take our sender address
    FULL = "full"
    AUTH = "auth"  # SPF, DKIM, DMARC, reverse DNS
    SPAM = "spam"
    BLOCKED = "blocked"  # our network, our rate, a list
    SIZE = "size"
    PAUSED = "paused"  # the mailbox is there and switched off for now
    MOVED = "moved"
    NO_HOST = "no_host"
    NO_MAIL = "no_mail"  # the domain takes no mail at all
    UNKNOWN = "unknown"
    POLICY = "policy"
    EXPIRED = "expired"  # tried for days
    LOCAL = "local"  # their server could not put it into the mailbox
    BROKEN = "broken"  # their system, or the road there
    OTHER = "other"


GONE = frozenset({Reason.MOVED, Reason.NO_HOST, Reason.NO_MAIL, Reason.UNKNOWN})

# The first pattern that fits decides, so the order is the rule: what is said about us and about their room comes before
# "no such user", because "user unknown" stands in many a policy refusal, and hardly a policy in a "user unknown".
_TABLE = tuple(
    (reason, re.compile(rf"(?i)(?:{form})"))
    for reason, form in (
        (Reason.LOCAL, words.LOCAL),
        (Reason.THEIRS, words.THEIRS),
        (Reason.UNKNOWN, words.SURELY_UNKNOWN),
        (Reason.POLICY, words.SURELY_POLICY),
        (Reason.SENDER, words.SENDER),
        (Reason.FULL, words.FULL),
        (Reason.AUTH, words.AUTH),
        (Reason.SPAM, words.SPAM),
        (Reason.BLOCKED, words.BLOCKED),
        (Reason.SIZE, words.SIZE),
        (Reason.PAUSED, words.PAUSED),
        (Reason.MOVED, words.MOVED),
        (Reason.NO_MAIL, words.NO_MAIL),
        (Reason.NO_HOST, words.NO_HOST),
        (Reason.UNKNOWN, words.UNKNOWN),
        (Reason.EXPIRED, words.EXPIRED),
        (Reason.POLICY, words.POLICY),
        (Reason.BROKEN, words.BROKEN),
    )
)

# 5.1.x is about the address, and these of it say that it does not exist or cannot take mail at all (5.1.10: null MX,
# and Microsoft's unknown recipient).
_DEAD = {(1, 0), (1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (4, 4)}
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_BASIC = re.compile(r"(?<![\d.\w-])([45]\d\d)(?![\d.\w])")
# Ironport's and Amazon's frame around what the server really said.
_FRAMED = re.compile(r"^[45]\.\d\.\d - [A-Z][\w ]{3,40} \d{3}-'(.+)'")
_ADDRESS = re.compile(r"<?[\w.+=!#$%&'*/?^`{|}~-]{1,100}@[\w.-]{1,200}>?")
# An address of a list of blocked networks says enough by its name.
_LISTED = re.compile(
    r"(?i)https?://\S*(?:spamhaus|spamcop|rbl|dnsbl|sorbs|abuseat|blocklist|blacklist|barracudacentral|senderscore)"
)
_NO_ACCOUNT = re.compile(r"(?i)does\ ?n[o']t have an? \S{0,80} ?account")
_LINK = re.compile(r"https?://\S{1,400}")

_NOT_FOR_EVER = frozenset(
    {"softbounce", "soft", "temporary", "transient", "blocked", "spamnotification", "virusnotification"}
    | {"dmarcpolicy", "undetermined", "block", "soft_bounce", "softfail", "mailboxfull", "contentrejected"}
)
_FOR_EVER = frozenset(
    {
        "hardbounce",
        "hard",
        "hard_bounce",
        "bademailaddress",
        "permanent",
        "suppress-bounce",
        "bounced",
        "invalid",
    }
    | {"invalid_email", "invalid_domain", "bad_mailbox", "invalid_mailbox", "hardfail", "noemail"}
)


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a provider or a mail server tells about a mail that came back."""

    text: str = ""
    provider_word: str = ""  # HardBounce, permanent, suppress-bounce…
    enhanced: str = ""
    action: str = ""  # of RFC 3464: failed, delayed…
    after_data: bool = False  # refused when the whole mail was over, not when its recipient was named


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether any mail will ever reach this address, and why not."""

    hard: bool
    reason: Reason


def is_hard(bounce: Bounce) -> bool:
    """True when no mail will ever reach this address."""
    return judge(bounce).hard


def judge(bounce: Bounce) -> Judgement:
    """Read the words, then the codes, then the provider's own word."""
    whole = " ".join(bounce.text[:READ_LENGTH].split())
    said = _LINK.sub(" ", _LISTED.sub(" blacklist http://", whole))
    framed = _FRAMED.match(said)
    said = _ADDRESS.sub(" ", framed.group(1) if framed else said)
    reason = next((reason for reason, form in _TABLE if form.search(said)), Reason.OTHER)
    word = bounce.provider_word.lower().replace(" ", "")
    if word in _NOT_FOR_EVER or bounce.action.lower() in ("delayed", "delivered", "relayed", "expanded"):
        return Judgement(False, reason)
    kinds = _kinds(bounce.enhanced, said)
    if reason in GONE:
        emphatic = _NO_ACCOUNT.search(said) or any(code[1] == "1" for code in _codes(bounce.enhanced, said))
        if bounce.after_data and not emphatic:
            # The address was taken before; who says "no such user" to the text of a mail is a filter.
            return Judgement(False, Reason.POLICY)
        return Judgement(kinds != "4", reason)
    if reason not in (Reason.OTHER, Reason.POLICY, Reason.BROKEN):
        return Judgement(False, reason)
    codes = [
        (int(kind), int(subject), int(detail)) for kind, subject, detail in _codes(bounce.enhanced, said)
    ]
    if codes:
        dead = any(kind == 5 and (subject, detail) in _DEAD for kind, subject, detail in codes)
        return Judgement(dead, Reason.UNKNOWN if dead else reason)
    if kinds == "4" or reason is Reason.POLICY:
        return Judgement(False, reason)
    dead = word in _FOR_EVER
    return Judgement(dead, Reason.UNKNOWN if dead else reason)


def _codes(enhanced: str, said: str) -> list[tuple[str, str, str]]:
    """The server's own codes in its words; the report's Status field where those hold none."""
    return _ENHANCED.findall(said) or _ENHANCED.findall(enhanced)


def _kinds(enhanced: str, said: str) -> str:
    """4 or 5: for now or for good, as the server says; empty when it does not."""
    firsts = [code[0] for code in _ENHANCED.findall(said)] or [code[0] for code in _BASIC.findall(said)]
    firsts = firsts or [code[0] for code in _ENHANCED.findall(enhanced)]
    return "5" if "5" in firsts else next(iter(firsts), "")
