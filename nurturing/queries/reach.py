"""Is there a channel left that we may use? A stop on one is no stop on the other."""

from collections.abc import Collection

from contacts.queries import gate

SUPPRESSED = "suppressed:"
ERASED = "erased"


def stop_of(mail: gate.Verdict, phone: gate.Verdict) -> str:
    """The stop's name when no channel is left that we may use: an unknown ground or address is no stop."""
    if mail.reason == ERASED:
        return ERASED
    if mail.reason.startswith(SUPPRESSED):
        return "" if phone.allowed else mail.reason.removeprefix(SUPPRESSED)
    if mail.reason == "no_address" and phone.reason.startswith(SUPPRESSED):
        return phone.reason.removeprefix(SUPPRESSED)
    return ""


def out_of_reach(contact_ids: Collection[int]) -> set[int]:
    """Those of them whom we may neither write to nor call."""
    mail = gate.verdicts(contact_ids)
    phone = gate.verdicts(contact_ids, channel=gate.PHONE)
    return {pk for pk in contact_ids if stop_of(mail[pk], phone[pk])}
