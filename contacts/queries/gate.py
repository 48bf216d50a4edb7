"""May we write to, or call, these people? The one gate, asked before every send of any kind.

A ground is stored when a person comes in and judged here, each time: what the law asks for depends on who
receives and where.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import keys
from contacts.models import Contact, LegalGround, Suppression

MAIL, PHONE = "mail", "phone"
MARKETING, SERVICE = "marketing", "service"

WORDS: dict[str, str | Promise] = {
    "": gettext_lazy("We may write."),
    "erased": gettext_lazy("This person was erased."),
    "no_address": gettext_lazy("No e-mail address is known."),
    "no_phone": gettext_lazy("No phone number is known."),
    "no_ground": gettext_lazy("No legal ground for writing is stored."),
    "norway_needs_consent": gettext_lazy(
        "In Norway a named person must have agreed first; legitimate interest is not enough."
    ),
    "natural_person_needs_consent": gettext_lazy(
        "A private person or a sole trader must have agreed first, or be a customer."
    ),
}
LEGITIMATE, NOT_LEGITIMATE_IN = LegalGround.Ground.LEGITIMATE_INTEREST, {"NO"}
PRIVATE = {Contact.Recipient.NATURAL_PERSON, Contact.Recipient.SOLE_TRADER}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether we may, and the code of the reason when we may not."""

    reason: str = ""

    @property
    def allowed(self) -> bool:
        return not self.reason

    @property
    def words(self) -> str:
        """The reason as a sentence in the reader's language."""
        code, _colon, why = self.reason.partition(":")
        if code == "suppressed":
            label = dict(Suppression.Reason.choices).get(why, why)
            return _("Stopped: %(reason)s.") % {"reason": label}
        return str(WORDS[code])


ALLOWED, ERASED = Verdict(), Verdict("erased")


class _Person(NamedTuple):
    pk: int
    email: str | None
    phone: str
    country: str
    recipient: str
    erased_at: datetime | None
    ground: str | None


def judge(*, ground: str, recipient: str, country: str) -> str:
    """Whether a stored ground carries advertising by mail: "" or the code of the reason why not."""
    if ground in (LegalGround.Ground.CONSENT, LegalGround.Ground.EXISTING_CUSTOMER):
        return ""
    to_role = recipient == Contact.Recipient.ROLE_ADDRESS
    if ground == LegalGround.Ground.ROLE_ADDRESS:
        return "" if to_role else "no_ground"
    if ground != LEGITIMATE:
        return "no_ground"
    if to_role:
        return ""
    if recipient in PRIVATE:
        return "natural_person_needs_consent"
    return "norway_needs_consent" if country in NOT_LEGITIMATE_IN else ""


def country_of(country: str, email: str | None) -> str:
    """The stored country; without one an address that ends in .no is taken for Norwegian, to be on the safe
    side.
    """
    return country or ("NO" if email and email.lower().endswith(".no") else "")


def verdicts(
    contact_ids: Iterable[int], *, channel: str = MAIL, purpose: str = MARKETING
) -> dict[int, Verdict]:
    """A verdict for each person, in two SQL statements for any number. Unknown ids count as erased."""
    ids = list(contact_ids)
    people = _people(ids)
    return _verdicts(ids, people, _stops(people), channel=channel, purpose=purpose)


def mail_and_phone(contact_ids: Iterable[int]) -> tuple[dict[int, Verdict], dict[int, Verdict]]:
    """`verdicts` for marketing on both channels, with people and stops read once."""
    ids = list(contact_ids)
    people = _people(ids)
    stops = _stops(people)
    mail = _verdicts(ids, people, stops, channel=MAIL, purpose=MARKETING)
    return mail, _verdicts(ids, people, stops, channel=PHONE, purpose=MARKETING)


def _people(ids: list[int]) -> list[_Person]:
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [ids])
        return [_Person(*row) for row in cursor.fetchall()]


# By hand, because the planner asks this of everybody whom it looks at.
_PEOPLE = """
SELECT c.id, c.email, c.phone, c.country, c.recipient, c.erased_at, g.ground
FROM contacts_contact c
LEFT JOIN contacts_legalground g ON g.contact_id = c.id AND g.purpose = 'marketing'
WHERE c.id = ANY(%s)
"""


def _verdicts(
    ids: list[int], people: list[_Person], all_stops: dict[int, dict[str, str]], *, channel: str, purpose: str
) -> dict[int, Verdict]:
    stops = {
        contact_id: reason
        for contact_id, by_channel in all_stops.items()
        if (reason := by_channel.get(Suppression.Channel.ALL) or by_channel.get(channel))
    }
    found = dict.fromkeys(ids, ERASED)
    for contact_id, email, phone, country, recipient, erased_at, ground in people:
        if erased_at:
            continue
        if contact_id in stops:
            reason = f"suppressed:{stops[contact_id]}"
        elif channel == PHONE:
            reason = "" if phone else "no_phone"
        elif not email:
            reason = "no_address"
        elif purpose == SERVICE:
            reason = ""
        else:
            reason = judge(ground=ground or "", recipient=recipient, country=country_of(country, email))
        found[contact_id] = Verdict(reason) if reason else ALLOWED
    return found


def verdict(contact_id: int, *, channel: str = MAIL, purpose: str = MARKETING) -> Verdict:
    """`verdicts` for one person."""
    return verdicts([contact_id], channel=channel, purpose=purpose)[contact_id]


def spellings(email: str | None, phone: str) -> list[str]:
    """Everything by which a person may have been stopped: the address, its whole domain, the phone."""
    found = []
    if email:
        lower = email.lower()
        found += [lower, "@" + lower.rpartition("@")[2]]
    if phone:
        found.append(phone)
    return found


def _stops(people: list[_Person]) -> dict[int, dict[str, str]]:
    """The reasons of the stops on each of these people, by channel; nobody is named who has none."""
    spelled: dict[str, list[int]] = {}
    for one in people:
        for spelling in spellings(one.email, one.phone):
            spelled.setdefault(spelling, []).append(one.pk)
    hashed = {digest: ids for spelling, ids in spelled.items() for digest in keys.address_hashes(spelling)}
    found: dict[int, dict[str, str]] = {}
    for digest, channel, reason in stops_on(hashed):
        for contact_id in hashed[digest]:
            found.setdefault(contact_id, {})[channel] = reason
    return found


def stops_on(hashes: Collection[str]) -> list[tuple[str, str, str]]:
    """(hash, channel, reason) of the stops in force among any number of hashes.

    They travel as one text: thousands of parameters cost more to write and to parse than to look up.
    """
    if not hashes:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_STOPS, [" ".join(hashes)])
        return [(hashed, channel, reason) for hashed, channel, reason in cursor.fetchall()]


_STOPS = """
SELECT address_hash, channel, reason FROM contacts_suppression
WHERE lifted_at IS NULL AND address_hash = ANY(string_to_array(%s, ' '))
"""
