"""A year of the silo: lists come in, the clock goes round, people read or don't, salespeople call.

Nothing here writes a row by itself. Lists come through the import, mails through the tick and the sender, clicks through the
raw hits and their grading, replies through the inbox, calls through the outcomes: what the demo shows is what the product does.
"""

import csv
import heapq
import io
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.files.base import ContentFile

from contacts import clock
from contacts.models import Contact
from contacts.services import contact as contacts_service
from contacts.services import import_batch, suppression
from nurturing import starter
from nurturing.inbound.reading import Incoming
from nurturing.models import EngagementEvent, Handoff, Send, Sender, Sequence
from nurturing.services import (
    delivery,
    engagement,
    enrollment,
    evidence,
    hit,
    partition,
    preference,
    reply,
    tick,
)
from sales.models import Call, Opportunity, Stage
from sales.services import claim, opportunity, outcome, referral
from silo.demo import people
from silo.demo.people import Somebody
from silo.models import User

DAYS = 365
PEOPLE, FIRMS = 1_560, 300
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
SCANNER = "Mozilla/5.0 (compatible; MailGatewayScan/2.1)"
LEFT_FOR_THE_READER = timedelta(days=9)  # whoever got hot after that waits in the queue of the demo
REPLIES = (
    "Hej! Vad kostar det för tolv personer?",
    "Intressant. Kan ni ringa mig i veckan?",
    "Hei, har dere noe tilsvarende for mindre anlegg?",
    "Tack, vi tittar på detta efter sommaren.",
    "Who else in our line of business uses this?",
)
NOTES = (
    "Budget after the summer. Wants to see the case first.",
    "Uses spreadsheets today, two people full time. Decides with the factory manager.",
    "Has a contract until spring, open after that.",
    "Liked the piece on spare parts. Asked what the start costs.",
    "",
)


OUTCOMES = {  # how often a call ends so, in hundredths
    Call.Outcome.MEETING: 16,
    Call.Outcome.OPPORTUNITY: 5,
    Call.Outcome.FOLLOW_UP: 16,
    Call.Outcome.NOT_NOW: 24,
    Call.Outcome.NO_ANSWER: 22,
    Call.Outcome.NOT_HOT: 8,
    Call.Outcome.WRONG_PERSON: 3,
    Call.Outcome.NOT_INTERESTED: 4,
    Call.Outcome.DO_NOT_CALL: 2,
}


@dataclass(order=True, slots=True)
class Deed:
    """Something a simulated person will do at a moment."""

    at: datetime
    number: int
    act: Callable[[datetime], None] = field(compare=False)


class Year:
    """The simulation. `live()` yields after every step how far it has come, 0 to 1."""

    def __init__(self, *, seed: int, until: datetime, colleagues: dict[str, User]) -> None:
        self.chance = random.Random(seed)
        self.until = until
        self.start = (until - timedelta(days=DAYS)).replace(hour=7, minute=0, second=0, microsecond=0)
        self.colleagues = colleagues
        self.callers = [colleagues["salesperson"], colleagues["second"]]
        self.deeds: list[Deed] = []
        self.numbers = itertools.count()
        self.cast: dict[str, Somebody] = {}
        self.crowd = people.crowd(self.chance, people.firms(self.chance, FIRMS))
        self.last_send = 0
        self.keen: dict[int, Somebody] = {}

    def live(self) -> Iterator[float]:
        """Live through the year."""
        with clock.at(self.start):
            partition.make_months(first=self.start, now=self.until)
            starter.content(by=self.colleagues["marketer"], now=self.start)
            _sender(self.start)
        arrivals = self._arrivals()
        moments = list(self._moments())
        for number, now in enumerate(moments):
            with clock.at(now):
                while arrivals and arrivals[0][0] <= now:
                    arrivals.pop(0)[1](now)
                self._step(now)
            yield (number + 1) / len(moments)

    # --- who comes in -----------------------------------------------------------------------------------------------

    def _arrivals(self) -> list[tuple[datetime, Callable[[datetime], None]]]:
        """The lists of the year, and now and then somebody by hand."""
        seller, fair = "legitimate_interest", "consent"
        lists: tuple[tuple[int, int, str, str, str], ...] = (
            (0, 380, "kundregister-2025.csv", seller, ""),
            (16, 170, "norske-kontakter.csv", fair, ""),
            (75, 180, "mässan-underhåll.csv", fair, ""),
            (140, 110, "webinar-reservdelar.csv", fair, starter.WEBINAR),
            (200, 400, "branschregister-malmö.csv", seller, ""),
            (235, 120, "deltagare-frukostseminarium.csv", fair, starter.WEBINAR),
            (330, 90, "webinar-oktober.csv", fair, starter.WEBINAR),
        )
        coming: list[tuple[datetime, Callable[[datetime], None]]] = []
        for day, size, name, ground, sequence in lists:
            coming.append(
                (self.start + timedelta(days=day, hours=1), self._list(size, name, ground, sequence))
            )
        coming += [(self.start + timedelta(days=week * 7, hours=3), self._by_hand) for week in range(1, 52)]
        return sorted(coming, key=lambda pair: pair[0])

    def _list(self, size: int, name: str, ground: str, sequence: str) -> Callable[[datetime], None]:
        def come(now: datetime) -> None:
            rows = [next(self.crowd) for _ in range(size)]
            if "norske" in name:
                rows = [
                    row for row in itertools.islice(self.crowd, size * 6) if row.firm.country == people.NO
                ][:size]
            batch = import_batch.receive(
                name=name,
                file=ContentFile(_as_csv(rows, self.chance), name=name),
                by=self.colleagues["admin"],
                now=now,
            )
            import_batch.settle(
                batch=batch,
                fields=[batch.mapping[str(at)] for at in range(len(batch.mapping))],
                ground=ground,
                country="SE",
                source=name,
            )
            import_batch.check(batch_id=batch.pk, now=now)
            import_batch.begin(batch_id=batch.pk, by=self.colleagues["admin"], now=now)
            batch = import_batch.run(batch_id=batch.pk, now=now)
            self._remember(rows)
            if sequence:
                ids = list(
                    Contact.objects.filter(email_key__in=[row.email for row in rows]).values_list(
                        "id", flat=True
                    )
                )
                chosen = Sequence.objects.get(name=sequence)
                enrollment.start(
                    contact_ids=ids,
                    sequence_id=chosen.pk,
                    by=self.colleagues["marketer"],
                    source=name,
                    now=now,
                )

        return come

    def _by_hand(self, now: datetime) -> None:
        for somebody in itertools.islice(self.crowd, self.chance.choice((1, 2, 3))):
            contacts_service.add(
                now=now, by=self.chance.choice(self.callers), email=somebody.email, phone=somebody.phone,
                first_name=somebody.first_name, last_name=somebody.last_name, title=somebody.title,
                company=somebody.firm.name, country=somebody.firm.country, language=people.LANGUAGE[somebody.firm.country],
                ground="consent", ground_source="asked for it on the phone", obtained=Contact.Obtained.SELF,
                way_in=self.chance.choice((Contact.WayIn.CALLED_US, Contact.WayIn.FORM, Contact.WayIn.EVENT)),
            )  # fmt: skip
            self._remember([somebody])

    def _remember(self, rows: list[Somebody]) -> None:
        self.cast |= {row.email: row for row in rows}

    # --- one step of the year ----------------------------------------------------------------------------------------

    def _moments(self) -> Iterator[datetime]:
        """Once a week long ago, every working day lately, by the hour at last; never twice at the same minute."""
        day = self.start.date() - timedelta(days=self.start.weekday())
        weekdays: tuple[int, ...] = ()
        while day <= self.until.date():
            close = (self.until.date() - day).days
            if day.weekday() == 0:
                weekdays = (self.chance.randrange(5),) if close > 40 else (0, 1, 2, 3, 4)
            hours: tuple[int, ...] = (8, 10, 12, 14) if close < 8 else (12,)
            for hour in hours if day.weekday() in weekdays else ():
                moment = datetime.combine(day, time(hour, self.chance.randrange(2, 50)), UTC)
                if self.start < moment < self.until:
                    yield moment
            day += timedelta(days=1)
        yield self.until

    def _step(self, now: datetime) -> None:
        """The deeds that are due, their grades, the clock, the mails, the callers."""
        self._act(now)
        evidence.grade(now=now)
        tick.tick(now=now)
        while delivery.deliver_due(now=now, worker="demo").claimed:
            pass
        self._receive(now)
        self._act(now)
        if now.hour >= 12:
            self._call(now)
            self._sell(now)

    def _act(self, now: datetime) -> None:
        while self.deeds and self.deeds[0].at <= now:
            deed = heapq.heappop(self.deeds)
            with clock.at(deed.at):
                deed.act(deed.at)

    def _later(self, at: datetime, act: Callable[[datetime], None]) -> None:
        heapq.heappush(self.deeds, Deed(at, next(self.numbers), act))

    # --- people ------------------------------------------------------------------------------------------------------

    def _receive(self, now: datetime) -> None:
        """Everyone who just got a mail decides what to do with it."""
        sends = (
            Send.objects.filter(id__gt=self.last_send, state=Send.State.ACCEPTED)
            .select_related("contact", "mail")
            .order_by("id")
        )
        for send in sends:
            somebody = self.cast.get(send.contact.email_key or "")
            if somebody:
                self._decide(send, somebody, send.finished_at or now)
        self.last_send = Send.objects.order_by("-id").values_list("id", flat=True).first() or 0

    def _decide(self, send: Send, somebody: Somebody, at: datetime) -> None:
        chance = self.chance
        if somebody.dead_address:
            self._later(at + timedelta(seconds=40), lambda when: _bounce(send, when))
            return
        links = _links(send)
        if somebody.firm.scans and links:
            burst = [(number, url, at + timedelta(seconds=1 + 0.2 * number)) for number, url in links]
            self._later(at + timedelta(seconds=2), lambda when: _scan(send, burst, when))
        if chance.random() < 0.004:
            self._later(at + timedelta(hours=1), lambda when: _stop(send, when))
            return
        if chance.random() < 0.008:
            self._later(
                at + timedelta(seconds=50),
                lambda when: _reply(send, "Automatiskt svar: semester", "Jag är åter på måndag.", when, True),
            )
        if links and chance.random() < somebody.keenness:
            read_at = at + timedelta(
                minutes=chance.choice((3, 11, 26, 55, 160, 340, 1_300)), seconds=chance.randrange(60)
            )
            clicks = chance.sample(links, k=min(len(links), chance.choice((1, 1, 2))))
            self._later(read_at, lambda when: _read(send, clicks, when, somebody))
            for days in (1, 2) if chance.random() < somebody.keenness else ():  # comes back to it
                again = chance.sample(links, k=1)
                self._later(
                    read_at + timedelta(days=days),
                    partial(_read, send, again, somebody=somebody),
                )
            if somebody.keenness > 0.5 and chance.random() < 0.10:
                text = chance.choice(REPLIES)
                self._later(
                    read_at + timedelta(minutes=7),
                    lambda when: _reply(send, "Re: " + (send.mail.subject if send.mail else ""), text, when),
                )
            elif chance.random() < 0.01:
                self._later(read_at + timedelta(minutes=2), lambda when: _call_me(send, somebody.phone, when))

    # --- sales -------------------------------------------------------------------------------------------------------

    def _call(self, now: datetime) -> None:
        """Each caller takes a few from the queue; the last nine days are left for whoever opens the demo."""
        if now > self.until - LEFT_FOR_THE_READER:
            return
        waiting = Handoff.objects.open().order_by("opened_at").values_list("contact_id", flat=True)
        for contact_id in list(dict.fromkeys(waiting))[: self.chance.randrange(6, 13)]:
            caller = self.chance.choice(self.callers)
            try:
                claim.take(contact_id=contact_id, by=caller, now=now)
            except claim.Taken:
                continue
            self._outcome(contact_id, caller, now)

    def _outcome(self, contact_id: int, caller: User, now: datetime) -> None:
        chance, kinds = self.chance, Call.Outcome
        chosen = chance.choices(tuple(OUTCOMES), weights=tuple(OUTCOMES.values()))[0]
        days = chance.choice((10, 14, 30, 60, 90, 120))
        outcome.record(
            contact_id=contact_id,
            by=caller,
            outcome=chosen,
            now=now,
            note=chance.choice(NOTES),
            until=(now + timedelta(days=days)).date() if chosen in (kinds.FOLLOW_UP, kinds.NOT_NOW) else None,
            because="student" if chosen == kinds.NOT_HOT else "",
            value=Decimal(chance.choice((48_000, 75_000, 120_000, 180_000, 260_000))),
        )

    def _sell(self, now: datetime) -> None:
        """Open opportunities move on, are lost, or are won; a happy customer names somebody."""
        stages = list(Stage.objects.filter(kind=Stage.Kind.OPEN).order_by("position"))
        for deal in (
            Opportunity.objects.filter(closed_at=None)
            .select_related("stage", "owner", "contact")
            .order_by("id")
        ):
            draw, owner = self.chance.random(), deal.owner or self.callers[0]
            if draw < 0.012:
                opportunity.lose(
                    opportunity_id=deal.pk, revision=deal.revision, by=owner, now=now, because="chose to wait"
                )
            elif draw < 0.075:
                later = [stage for stage in stages if stage.position > deal.stage.position]
                if later:
                    opportunity.move(
                        opportunity_id=deal.pk,
                        stage_id=later[0].pk,
                        revision=deal.revision,
                        by=owner,
                        now=now,
                    )
                else:
                    self._win(deal, owner, now)

    def _win(self, deal: Opportunity, owner: User, now: datetime) -> None:
        outcome.record(
            contact_id=deal.contact_id, by=owner, outcome=Call.Outcome.BOUGHT, now=now, opportunity_id=deal.pk,
            what="Maintenance planning, 12 users", value=deal.value, note="Starts next month.",
        )  # fmt: skip
        if self.chance.random() < 0.4:
            named = next(self.crowd)
            referral.bring(
                asked_id=deal.contact_id, by=owner, now=now, first_name=named.first_name, last_name=named.last_name,
                email=named.email, phone=named.phone, title=named.title, company=named.firm.name,
            )  # fmt: skip
            self._remember([named])


def _sender(now: datetime) -> None:
    Sender.objects.create(
        name="Nordvik Underhåll",
        email="hej@nordvik.example",
        language="sv",
        company="Nordvik Underhåll AB",
        postal_address="Hamngatan 4, 211 34 Malmö, Sverige",
        org_number="556000-4242",
        is_default=True,
        made_at=now,
        changed_at=now,
    )


def _as_csv(rows: list[Somebody], chance: random.Random) -> bytes:
    """A list as offices export it: semicolons, Swedish headers, cp1252; a few lines that need a look."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(
        ["Förnamn", "Efternamn", "E-post", "Telefon", "Befattning", "Företag", "Ort", "Land", "Språk"]
    )
    for row in rows:
        email = row.email.upper() if chance.random() < 0.02 else row.email
        writer.writerow(
            [row.first_name, row.last_name, email, row.phone, row.title, row.firm.name, row.firm.city, row.firm.country,
             people.LANGUAGE[row.firm.country]]
        )  # fmt: skip
        if chance.random() < 0.006:
            writer.writerow(
                [
                    row.first_name,
                    row.last_name,
                    f"{people.plain(row.first_name)} at firm",
                    "",
                    "",
                    "",
                    "",
                    "",
                    "",
                ]
            )
    return out.getvalue().encode("cp1252", "replace")


def _links(send: Send) -> list[tuple[int, str]]:
    links: list[Any] = send.mail.compiled.get("links", []) if send.mail else []
    return [(link["number"], link["url"]) for link in links]


def _read(send: Send, clicks: list[tuple[int, str]], at: datetime, somebody: Somebody) -> None:
    hit.record(
        [
            hit.NewHit(kind="click", send_id=send.pk, at=at + timedelta(seconds=41 * place), method="GET", link_no=number, url=url,
                       agent=BROWSER, address=f"{somebody.firm.network}.{1 + send.contact_id % 250}",
                       headers={"Accept-Language": "sv-SE,sv;q=0.9"})
            for place, (number, url) in enumerate(clicks)
        ],
        now=at,
    )  # fmt: skip


def _scan(send: Send, burst: list[tuple[int, str, datetime]], at: datetime) -> None:
    hit.record(
        [
            hit.NewHit(kind="click", send_id=send.pk, at=when, method="GET" if number % 2 else "HEAD", link_no=number, url=url,
                       agent=SCANNER, address="203.0.113.9")
            for number, url, when in burst
        ],
        now=at,
    )  # fmt: skip


def _bounce(send: Send, at: datetime) -> None:
    engagement.record(
        [
            engagement.NewEvent(
                contact_id=send.contact_id, send_id=send.pk, type=EngagementEvent.Type.BOUNCED, at=at, source="smtp",
                key=f"demo-bounce:{send.pk}", what="550 5.1.1 No such mailbox", detail={"hard": True},
            )
        ],
        now=at,
    )  # fmt: skip
    if send.contact.email:
        suppression.stop(
            address=send.contact.email, channel="mail", reason="bounced", source="550 5.1.1 No such mailbox", now=at,
            contact_ids=[send.contact_id],
        )  # fmt: skip


def _stop(send: Send, at: datetime) -> None:
    preference.stop(contact_id=send.contact_id, send_id=send.pk, how="one-click", now=at)


def _call_me(send: Send, phone: str, at: datetime) -> None:
    preference.call_me(contact_id=send.contact_id, send_id=send.pk, phone=phone, note="", now=at)


def _reply(send: Send, subject: str, text: str, at: datetime, automatic: bool = False) -> None:
    headers: dict[str, tuple[str, ...]] = {
        "message-id": (f"<demo-{send.pk}-{int(at.timestamp())}@mail.example>",)
    }
    if automatic:
        headers["auto-submitted"] = ("auto-replied",)
    reply.receive(
        Incoming(headers=headers, subject=subject, text=text, from_address=send.contact.email or ""),
        source="demo",
        now=at,
    )
