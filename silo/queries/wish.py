"""What a person wants and knows of their data, each with the button that changes it."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts import spoken
from contacts.models import Contact, Objection
from contacts.queries import untold


@dataclass(frozen=True, slots=True)
class Wish:
    """One line: how it is, since when, and what a press would do (nothing, without a button)."""

    title: str
    note: str
    button: str = ""
    url: str = ""


def of(contact: Contact, *, now: datetime) -> list[Wish]:
    """Clicks, temperature, and whether they were told where their data came from."""
    said = {one.kind: one for one in contact.objections.all()}
    found = [
        _clicks(contact, said.get(Objection.Kind.TRACKING), now),
        _heat(contact, said.get(Objection.Kind.PROFILING), now),
    ]
    if contact.obtained == Contact.Obtained.LIST:
        found.append(_told(contact, now))
    return found


def _clicks(contact: Contact, said: Objection | None, now: datetime) -> Wish:
    if said:
        return _objected(contact, said, _("Clicks are not counted"), _("Count clicks again"), now)
    if not settings.SILO_TRACKING:
        return Wish(_("Clicks are not counted"), _("Tracking is switched off for everybody."))
    return _may(contact, Objection.Kind.TRACKING, _("Clicks are counted"), _("Do not count clicks"))


def _heat(contact: Contact, said: Objection | None, now: datetime) -> Wish:
    if said:
        return _objected(contact, said, _("No temperature"), _("Give a temperature again"), now)
    return _may(contact, Objection.Kind.PROFILING, _("They have a temperature"), _("No temperature"))


def _may(contact: Contact, kind: str, title: str, button: str) -> Wish:
    url = reverse("contacts:object_to", args=[contact.pk, kind])
    return Wish(title, _("If they do not want that, press: it holds at once."), button, url)


def _objected(contact: Contact, said: Objection, title: str, button: str, now: datetime) -> Wish:
    day = spoken.long_day(said.at, now=now)
    if said.is_their_own:
        return Wish(title, _("They said so themselves, %(day)s.") % {"day": day})
    url = reverse("contacts:allow", args=[contact.pk, said.kind])
    return Wish(title, _("They told a colleague, %(day)s.") % {"day": day}, button, url)


def _told(contact: Contact, now: datetime) -> Wish:
    title = _("Where we have their data from")
    if contact.informed_at:
        return Wish(
            title, _("They were told, %(day)s.") % {"day": spoken.long_day(contact.informed_at, now=now)}
        )
    due = contact.created_at + untold.WITHIN
    words = (
        _("They had to be told by %(day)s.")
        if due < now
        else _("They must be told by %(day)s: with the first mail, or by you.")
    )
    url = reverse("contacts:told_by_hand", args=[contact.pk])
    return Wish(title, words % {"day": spoken.long_day(due, now=now)}, _("I told them"), url)
