"""What providers say beside django-anymail's vocabulary: their own word for a bounce, and who they think is a machine.

Anymail knows "bounced" and "opened"; whether an address is dead, and whether a picture was fetched by Apple's proxy,
stands in the provider's own payload. One table, one line per word.
"""

from collections.abc import Mapping
from typing import Any

from nurturing.inbound import bounce

# Where the word stands: the path of keys, and what is put before it so that words of different fields stay apart.
_WORD_PATHS: tuple[tuple[str, ...], ...] = (
    ("event-data", "severity"),  # Mailgun
    ("bounce", "bounceType"),  # Amazon SES
    ("data", "bounce", "type"),  # Resend
    ("data", "type"),  # MailerSend
    ("Type",),  # Postmark
    ("SuppressionReason",),
    ("bounce_category",),  # Mailtrap
    ("delivery_info", "delivery_status"),  # Unisender Go
    ("msg", "bounce_description"),  # Mandrill
    ("event",),  # Brevo, Mandrill
)
_STATUS_PATHS: tuple[tuple[str, ...], ...] = (
    ("event-data", "delivery-status", "enhanced-code"),
    ("bounce", "bouncedRecipients", "0", "status"),
    ("status",),  # SendGrid
    ("error_code",),  # SparkPost
)
_TEXT_PATHS: tuple[tuple[str, ...], ...] = (
    ("event-data", "delivery-status", "message"),
    ("event-data", "delivery-status", "description"),
    ("bounce", "bouncedRecipients", "0", "diagnosticCode"),
    ("data", "morph", "reason"),
    ("error",),
    ("reason",),
    ("raw_reason",),
    ("msg", "diag"),
    ("payload", "output"),
    ("payload", "details"),
    ("Details",),
    ("Description",),
)
_WORDS = {
    "permanent": "permanent",
    "temporary": "temporary",
    "transient": "temporary",
    "undetermined": "undetermined",
    "hard_bounced": "hardbounce",
    "soft_bounced": "softbounce",
    "hardbounce": "hardbounce",
    "badsubscriber": "hardbounce",
    "hard": "hardbounce",
    "soft": "softbounce",
    "hard_bounce": "hardbounce",
    "soft_bounce": "softbounce",
    "invalid_email": "invalid_email",
    "bad_mailbox": "bad_mailbox",
    "invalid_domain": "invalid_domain",
    "mailbox_full": "mailboxfull",
    "err_user_unknown": "hardbounce",
    "err_user_inactive": "softbounce",
    "err_domain_inactive": "hardbounce",
    "err_destination_misconfigured": "softbounce",
    "err_mailbox_full": "mailboxfull",
    "err_spam_rejected": "spamnotification",
    "err_blacklisted": "blocked",
    "err_too_large": "softbounce",
    "err_unreachable": "softbounce",
    "err_will_retry": "softbounce",
    "err_delivery_failed": "softbounce",
}
# Brevo's words for a picture that Apple fetched.
_BY_PROXY = ("proxy_open", "unique_proxy_open", "unique_proxy_opened", "loadedbyproxy")
# SparkPost's numbers: invalid recipient, no recipient, unsubscribe; the others pass.
_SPARKPOST_FOR_EVER = {"10", "30", "90"}
_SPARKPOST_PASSES = {
    "1",
    "20",
    "21",
    "22",
    "23",
    "24",
    "25",
    "40",
    "50",
    "51",
    "52",
    "53",
    "54",
    "60",
    "70",
    "100",
}


def told(payload: Mapping[str, Any], *, text: str = "", word: str = "", details: str = "") -> bounce.Bounce:
    """A bounce in the words of its provider, whatever provider that is."""
    event = _innermost(payload)
    own = _own_word(event)
    said = [text, details, *(_at(event, path) for path in _TEXT_PATHS)]
    return bounce.Bounce(
        text=" ".join(dict.fromkeys(one for one in said if one)),
        provider_word=own or word,
        enhanced=next((found for path in _STATUS_PATHS if (found := _at(event, path))), ""),
    )


def is_machine(payload: Mapping[str, Any]) -> bool:
    """True where the provider itself says that no person did this."""
    event = _innermost(payload)
    flagged = (
        _at(event, ("event-data", "client-info", "bot")),  # Mailgun
        event.get("sg_machine_open"),  # SendGrid: Apple's proxy
        event.get("is_prefetched"),  # SparkPost
        str(event.get("event", "")).lower() in _BY_PROXY,
        event.get("isBot"),  # Postmark's and others' newer fields
        event.get("is_bot"),
        event.get("machine_open"),
    )
    return any(bool(one) and str(one).lower() not in ("false", "0", "no", "none") for one in flagged)


def visitor(payload: Mapping[str, Any]) -> str:
    """The network address that a click or an opening came from."""
    event = _innermost(payload)
    paths = (
        *(("event-data", "ip"), ("Geo", "IP"), ("click", "ipAddress"), ("open", "ipAddress")),
        *(("data", "click", "ipAddress"), ("data", "morph", "ip"), ("ip_address",), ("ip",)),
    )
    return next((found for path in paths if (found := _at(event, path))), "")


def _innermost(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event itself, out of the wrapping that some providers put around it."""
    wrapped = payload.get("msys")
    if isinstance(wrapped, Mapping):
        inner = next((one for one in wrapped.values() if isinstance(one, Mapping)), None)
        return inner or payload
    return payload


def _own_word(event: Mapping[str, Any]) -> str:
    suppressed = _at(event, ("event-data", "reason"))
    if suppressed.startswith(
        "suppress-"
    ):  # they did not try: it bounced there before, or its owner wanted no more
        return suppressed if suppressed == "suppress-bounce" else "blocked"
    if "bounce_class" in event:
        number = str(event["bounce_class"])
        return (
            "hardbounce"
            if number in _SPARKPOST_FOR_EVER
            else "softbounce"
            if number in _SPARKPOST_PASSES
            else ""
        )
    if isinstance(event.get("hard_bounce"), bool):  # Mailjet
        return "hardbounce" if event["hard_bounce"] else "softbounce"
    if event.get("event") == "bounce" and event.get("type") in ("bounce", "blocked"):  # SendGrid
        return "bounced" if event["type"] == "bounce" else "blocked"
    for path in _WORD_PATHS:
        found = _at(event, path)
        if found and (known := _WORDS.get(found.lower())):
            return known
    # Postmark has two dozen types, and names them in words that bounce.judge knows.
    return str(event.get("Type") or "")


def _at(event: Mapping[str, Any], path: tuple[str, ...]) -> str:
    """The text at the end of a path of keys; empty where there is none."""
    here: Any = event
    for key in path:
        if isinstance(here, Mapping):
            here = here.get(key)
        elif isinstance(here, list) and key.isdigit():
            here = here[int(key)] if int(key) < len(here) else None
        else:
            return ""
    if isinstance(here, list):
        here = here[0] if here else ""
    return str(here) if isinstance(here, str | int | float | bool) else ""
