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

from django.core.files.base import ContentFile

from contacts import clock
from contacts.models import Contact
from contacts.queries import untold
from contacts.services import balancing, import_batch, import_work, telling
from contacts.services import contact as contacts_service
from nurturing import starter
from nurturing.models import Send, Sender, Sequence
from nurturing.services import (
    delivery,
    enrollment,
    evidence,
    partition,
    tick,
)
from silo.demo import people
from silo.demo.people import Somebody
from silo.demo.readers import Readers
from silo.demo.sellers import Sellers
from silo.models import User

DAYS = 365
PEOPLE, FIRMS = 1_560, 300
WEIGHED = (
    "Vi skriver till den som ansvarar för underhåll, drift eller inköp på ett företag, om planering av underhåll, högst två gånger i"
    " veckan och oftast en gång i månaden. Adressen är den som personen har i sitt arbete. Den som inte vill ha breven slipper dem med"
    " ett tryck, och den som inte vill mätas mäts inte. Vårt intresse av att berätta väger därför tyngre än besväret av ett brev."
)


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
        self.readers = Readers(chance=self.chance, later=self._later)
        self.sellers = Sellers(
            chance=self.chance,
            callers=self.callers,
            until=until,
            next_person=lambda: next(self.crowd),
            met=self._remember,
        )
        self.keen: dict[int, Somebody] = {}

    def live(self) -> Iterator[float]:
        """Live through the year."""
        with clock.at(self.start):
            partition.make_months(first=self.start, now=self.until)
            starter.content(by=self.colleagues["marketer"], now=self.start)
            _sender(self.start)
            balancing.write(text=WEIGHED, by=self.colleagues["admin"], now=self.start)
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
            import_work.check(batch_id=batch.pk, now=now)
            import_batch.begin(batch_id=batch.pk, by=self.colleagues["admin"], now=now)
            batch = import_work.run(batch_id=batch.pk, now=now)
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
        self._tell(now)
        if now.hour >= 12:
            self.sellers.call(now)
            self.sellers.sell(now)

    def _tell(self, now: datetime) -> None:
        """Whom no mail has told by now where we have their data from gets a letter, before the month is over."""
        due = untold.untold().filter(created_at__lt=now - untold.WITHIN + 2 * untold.SOON)
        for contact_id in due.order_by("pk").values_list("pk", flat=True):
            telling.note(contact_id=contact_id, by=self.colleagues["admin"], now=now)

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
                self.readers.decide(send, somebody, send.finished_at or now)
        self.last_send = Send.objects.order_by("-id").values_list("id", flat=True).first() or 0


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
