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

from contacts import arrays, keys, spelling
from contacts.models import Contact, LegalGround, Suppression

G, P, S = LegalGround.Ground, LegalGround.Purpose, Suppression.Reason

MAIL, PHONE = "mail", "phone"
MARKETING, INVITATION, SERVICE = P.MARKETING.value, P.INVITATION.value, P.SERVICE.value
# Two purposes that nobody stores a ground for: what somebody asked for a moment ago (confirm your address, your
# link), and being told where we have their data from (GDPR 14), which is no advertising.
ANSWER, NOTICE = "answer", "notice"

WORDS: dict[str, str | Promise] = {
    "": gettext_lazy("We may write."),
    "erased": gettext_lazy("This person was erased."),
    "no_address": gettext_lazy("No e-mail address is known."),
    "no_phone": gettext_lazy("No phone number is known."),
    "no_ground": gettext_lazy("No legal ground for writing is stored."),
    "norway_needs_consent": gettext_lazy(
        "In Norway a named person must have agreed first; legitimate interest is not enough."
    ),
    "country_needs_consent": gettext_lazy(
        "In their country also companies must have agreed first, or be customers."
    ),
    "natural_person_needs_consent": gettext_lazy(
        "A private person or a sole trader must have agreed first, or be a customer."
    ),
    "not_a_role_address": gettext_lazy(
        "The ground is for addresses like post@ and info@; this one is a person’s own."
    ),
    "consent_for_other_mail": gettext_lazy("They agreed to news and offers; invitations are another matter."),
    "not_a_customer": gettext_lazy("This mail is for customers, and no customer relation is stored."),
}
# Where a named person in a company must have agreed (the shared fact sheet; Denmark, Germany and Austria, where that
# holds for every company address, are on the safe side).
NORWAY = "NO"
CONSENT_EVEN_FROM_COMPANIES = frozenset({"DK", "DE", "AT"})
ENDS_OF = {"." + code.lower(): code for code in (NORWAY, *CONSENT_EVEN_FROM_COMPANIES)}
PRIVATE = {Contact.Recipient.NATURAL_PERSON, Contact.Recipient.SOLE_TRADER}
ADVERTISING = (MARKETING, INVITATION)
# Whoever asks us for something gets the answer, though they want no news. Not when the answer cannot arrive, or when
# they had to report us to be left alone.
MAY_BE_ANSWERED = frozenset({S.UNSUBSCRIBED, S.OPTED_OUT_IN_LIST, S.BY_HAND, S.ERASED, S.DO_NOT_CALL})


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
    own: str | None  # the ground stored for the purpose itself, when that is not marketing


def judge(*, ground: str, recipient: str, country: str, purpose: str = MARKETING) -> str:
    """Whether a stored ground carries mail for a purpose: "" or the code of the reason why not."""
    if ground in (G.CONSENT, G.EXISTING_CUSTOMER):
        return ""
    if ground not in (G.ROLE_ADDRESS, G.LEGITIMATE_INTEREST):
        return "no_ground"
    to_role = recipient == Contact.Recipient.ROLE_ADDRESS
    if ground == G.ROLE_ADDRESS and not to_role:
        return "not_a_role_address"
    if purpose not in ADVERTISING:
        return "not_a_customer" if recipient in PRIVATE else ""
    if country in CONSENT_EVEN_FROM_COMPANIES:
        return "country_needs_consent"
    if to_role:
        return ""
    if recipient in PRIVATE:
        return "natural_person_needs_consent"
    return "norway_needs_consent" if country == NORWAY else ""


def judge_for(purpose: str, *, own: str | None, marketing: str | None, recipient: str, country: str) -> str:
    """`judge` with what holds between purposes: without a ground of their own, invitations go by the one for news
    (a consent covers only what it was given for), and customer information goes to those who are customers.
    """
    if purpose == MARKETING:
        return judge(ground=marketing or "", recipient=recipient, country=country)
    if own is not None:
        return judge(ground=own, recipient=recipient, country=country, purpose=purpose)
    if purpose == INVITATION:
        if marketing == G.CONSENT:
            return "consent_for_other_mail"
        return judge(ground=marketing or "", recipient=recipient, country=country)
    if purpose == SERVICE:
        return "" if marketing == G.EXISTING_CUSTOMER else "not_a_customer"
    if purpose == NOTICE:
        return "" if marketing and marketing != G.NONE else "no_ground"
    if purpose == ANSWER:
        return ""
    raise ValueError(f"Nobody writes for the purpose {purpose!r}.")


def country_of(country: str, email: str | None) -> str:
    """The stored country; without one the end of the address names it where the law is stricter, to be on the
    safe side.
    """
    if country or not email:
        return country
    return next((code for end, code in ENDS_OF.items() if email.lower().endswith(end)), "")


def verdicts(
    contact_ids: Iterable[int], *, channel: str = MAIL, purpose: str = MARKETING
) -> dict[int, Verdict]:
    """A verdict for each person, in two SQL statements for any number. Unknown ids count as erased."""
    ids = list(contact_ids)
    people = _people(ids, purpose)
    stops = _stops(people, passing=MAY_BE_ANSWERED if purpose == ANSWER else frozenset())
    return _verdicts(ids, people, stops, channel=channel, purpose=purpose)


def mail_and_phone(contact_ids: Iterable[int]) -> tuple[dict[int, Verdict], dict[int, Verdict]]:
    """`verdicts` for marketing on both channels, with people and stops read once."""
    ids = list(contact_ids)
    people = _people(ids, MARKETING)
    stops = _stops(people)
    mail = _verdicts(ids, people, stops, channel=MAIL, purpose=MARKETING)
    return mail, _verdicts(ids, people, stops, channel=PHONE, purpose=MARKETING)


def _people(ids: list[int], purpose: str) -> list[_Person]:
    if not ids:
        return []
    with connection.cursor() as cursor:
        if purpose in (INVITATION, SERVICE):
            cursor.execute(_PEOPLE_FOR, [purpose, arrays.ids(ids)])
        else:
            cursor.execute(_PEOPLE, [arrays.ids(ids)])
        return [_Person(*row) for row in cursor.fetchall()]


# By hand, because the planner asks this of everybody whom it looks at.
_PEOPLE = """
SELECT c.id, c.email, c.phone, c.country, c.recipient, c.erased_at, g.ground, NULL
FROM contacts_contact c
LEFT JOIN contacts_legalground g ON g.contact_id = c.id AND g.purpose = 'marketing'
WHERE c.id = ANY(%s::bigint[])
"""
_PEOPLE_FOR = """
SELECT c.id, c.email, c.phone, c.country, c.recipient, c.erased_at, g.ground, o.ground
FROM contacts_contact c
LEFT JOIN contacts_legalground g ON g.contact_id = c.id AND g.purpose = 'marketing'
LEFT JOIN contacts_legalground o ON o.contact_id = c.id AND o.purpose = %s
WHERE c.id = ANY(%s::bigint[])
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
    for contact_id, email, phone, country, recipient, erased_at, ground, own in people:
        if erased_at:
            continue
        if contact_id in stops:
            reason = f"suppressed:{stops[contact_id]}"
        elif channel == PHONE:
            reason = "" if phone else "no_phone"
        elif not email:
            reason = "no_address"
        else:
            where = country_of(country, email)
            reason = judge_for(purpose, own=own, marketing=ground, recipient=recipient, country=where)
        found[contact_id] = Verdict(reason) if reason else ALLOWED
    return found


def verdict(contact_id: int, *, channel: str = MAIL, purpose: str = MARKETING) -> Verdict:
    """`verdicts` for one person."""
    return verdicts([contact_id], channel=channel, purpose=purpose)[contact_id]


def spellings(email: str | None, phone: str) -> tuple[str, ...]:
    """Everything by which a person may have been stopped: the address in its spellings, its domain and those above
    it, the phone.
    """
    return spelling.lookups(email, phone)


def _stops(
    people: list[_Person], *, passing: frozenset[Suppression.Reason] = frozenset()
) -> dict[int, dict[str, str]]:
    """The reasons of the stops on each of these people, by channel, but for those in `passing`; nobody is named who
    has none.
    """
    spelled: dict[str, list[int]] = {}
    for one in people:
        for how in spellings(one.email, one.phone):
            spelled.setdefault(how, []).append(one.pk)
    hashes = keys.address_hasher()
    hashed = {digest: ids for how, ids in spelled.items() for digest in hashes(how)}
    found: dict[int, dict[str, str]] = {}
    for digest, channel, reason in stops_on(hashed):
        if reason not in passing:
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
