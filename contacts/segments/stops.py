"""The condition on stops: addresses, whole domains and numbers that nobody may use."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact, Suppression
from contacts.segments import kinds, plain
from contacts.segments.facts import Person
from contacts.segments.kinds import Kind, Operator
from contacts.segments.truth import OneOf, Truth

Channel = Suppression.Channel
CHANNELS = {"mail": (Channel.MAIL, Channel.ALL), "phone": (Channel.PHONE, Channel.ALL)}
TAGGED = r"^(.[^@+]*)\+[^@]*@"  # anna+list@firma.se is stopped with anna@firma.se


def in_force(channel: str) -> QuerySet[Suppression]:
    """The stops on a channel that can be read; of an erased person only a hash is left, and nobody to find by it."""
    return Suppression.objects.in_force().filter(channel__in=CHANNELS[channel]).exclude(address="")


def forms(email: str | None, phone: str) -> set[str]:
    """Everything by which somebody may be stopped."""
    found = {phone} - {""}
    if email:
        address = plain.lower(email)
        labels = address.rpartition("@")[2].split(".")
        found |= {address, re.sub(TAGGED, r"\1@", address)}
        found |= {"@" + ".".join(labels[at:]) for at in range(len(labels))}
    return found


def _stopped(stops: QuerySet[Suppression]) -> "QuerySet[Contact, int]":
    """Whom they are about: from each stop to the person, by the indexes of addresses and numbers. Not those of whole domains."""
    addresses = stops.filter(address__contains="@").values("address")
    numbers = stops.exclude(address__contains="@").values("address")
    people = Contact.objects.order_by().values_list("pk", flat=True)
    bare = Func(
        F("email_key"), Value(TAGGED), Value(r"\1@"), function="regexp_replace", output_field=TextField()
    )
    tagged = people.filter(email_key__contains="+").annotate(bare=bare).filter(bare__in=addresses)
    called = people.exclude(phone="").filter(phone__in=numbers)
    return people.filter(email_key__in=addresses).union(called, tagged.values_list("pk", flat=True))


MOST_PEOPLE = 100_000  # that many ids are looked up in memory; more are joined


def load(contact_ids: Collection[int], now: datetime) -> dict[int, dict[str, frozenset[str]]]:
    """All stops by channel; they are few beside people, and these are asked about a few people only."""
    known = {channel: frozenset(in_force(channel).values_list("address", flat=True)) for channel in CHANNELS}
    return dict.fromkeys(contact_ids, known)


class StopKind(Kind):
    """Whether mail or calls to a person are stopped, by them, by a bounce or by a colleague."""

    name = "stop"
    label = gettext_lazy("stop")
    section = kinds.LAW
    operators = (
        Operator("mail", gettext_lazy("on mail"), clause=gettext_lazy("mail to them is stopped")),
        Operator("mail_not", gettext_lazy("not on mail"), clause=gettext_lazy("mail to them is not stopped")),
        Operator("phone", gettext_lazy("on calls"), clause=gettext_lazy("calls to them are stopped")),
        Operator(
            "phone_not", gettext_lazy("not on calls"), clause=gettext_lazy("calls to them are not stopped")
        ),
    )

    def q(self, operator: str, value: Any, now: datetime) -> Q:
        channel = operator.removesuffix("_not")
        stops = in_force(channel).order_by()
        if not stops.filter(address__startswith="@").exists():
            known = list(_stopped(stops)[: MOST_PEOPLE + 1])
            if len(known) <= MOST_PEOPLE:
                found = Q(OneOf("pk", known))
                return ~found if operator.endswith("_not") else found
        untagged = Func(
            OuterRef("email_key"),
            Value(TAGGED),
            Value(r"\1@"),
            function="regexp_replace",
            output_field=TextField(),
        )
        found = Q(Exists(stops.filter(address=OuterRef("email_key")))) | Q(
            Exists(stops.filter(address=OuterRef("phone")))
        )
        if stops.filter(address__contains="@").exists():
            found |= Q(email_key__contains="+") & Q(Exists(stops.filter(address=untagged)))
        domains = stops.filter(address__startswith="@").values_list("address", flat=True)
        endings = "|".join(sorted(re.escape(one[1:]) for one in domains))
        if endings:
            found |= Q(Truth("{} ~ {}", F("email_key"), f"[@.]({endings})$"))
        return ~found if operator.endswith("_not") else found

    def holds(self, person: Person, operator: str, value: Any, now: datetime) -> bool:
        channel = operator.removesuffix("_not")
        return self.stopped(person, channel) != operator.endswith("_not")

    def stopped(self, person: Person, channel: str) -> bool:
        """Whether one of the stops is about this person."""
        mine = forms(person.contact.email, person.contact.phone)
        return not mine.isdisjoint(person["stops"][channel])

    def own(self, person: Person, now: datetime) -> str:
        stopped = [
            words
            for channel, words in (("mail", _("mail is stopped")), ("phone", _("calls are stopped")))
            if self.stopped(person, channel)
        ]
        return ", ".join(stopped) or _("not stopped")
