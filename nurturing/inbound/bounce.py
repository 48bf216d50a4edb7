"""Is this bounce for ever? Only an address that does not exist is; a full mailbox, a filter or a policy
is not.

The enhanced status code (RFC 3463) decides where there is one, the provider's own word where there is none.
"""

import re
from dataclasses import dataclass

# 5.1.x is about the address, and these of it say that it does not exist or cannot take mail at all.
_DEAD = {(1, 0), (1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1), (4, 4)}
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_BASIC = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.])")
_NOT_THE_ADDRESS = re.compile(
    r"""(?ix)quota|full|spam|block|policy|reputation|blacklist|dnsbl|rbl|denied|rejected\ due|virus|content|too\ large
    |rate|throttl|temporar|try\ again|greylist|dmarc|spf|dkim|authenticat"""
)
_UNKNOWN_USER = re.compile(
    r"""(?ix)(?:user|recipient|mailbox|address|account)[^.]{0,40}
        (?:unknown|not\ found|does\ ?n[o']t\ exist|no\ such|invalid|disabled)
    |no\ such\ (?:user|recipient|mailbox|address)|unknown\ (?:user|recipient|mailbox)|user\ unknown|suppress-bounce
    |bad\ destination"""
)


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a provider tells about a mail that came back."""

    text: str = ""
    provider_word: str = ""  # HardBounce, permanent, suppress-bounce…
    enhanced: str = ""


def is_hard(bounce: Bounce) -> bool:
    """True when no mail will ever reach this address."""
    word = bounce.provider_word.lower()
    if word in (
        "softbounce",
        "temporary",
        "transient",
        "blocked",
        "spamnotification",
        "virusnotification",
        "dmarcpolicy",
    ):
        return False
    told = f"{bounce.enhanced} {bounce.text}"
    codes = [(int(kind), int(subject), int(detail)) for kind, subject, detail in _ENHANCED.findall(told)]
    if codes:
        return any(kind == 5 and (subject, detail) in _DEAD for kind, subject, detail in codes)
    if _UNKNOWN_USER.search(told):
        return True
    if _NOT_THE_ADDRESS.search(told):
        return False
    if any(code.startswith("4") for code in _BASIC.findall(told)):
        return False
    return word in ("hardbounce", "bademailaddress", "permanent", "suppress-bounce", "bounced", "invalid")
