"""How one datum travels: a line of a list becomes a person, warms, is called, goes back into the silo, ripens, buys, and brings another.

The first test to read. Everything runs through the product's own doors: the import command, the tick, the sender, the link in the mail,
the grading, the queue's buttons. Only the clock is ours.
"""

import email
import email.policy
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from contacts import clock
from contacts.models import Contact, LegalGround, Topic
from nurturing.models import EngagementEvent, Handoff, SandboxMail, Send, Sender, Standing
from nurturing.services import delivery, evidence, piece, tick
from sales.models import Call, Opportunity, Purchase, Referral, Stage
from silo.models import User
from silo.queries import doctor
from tests import cast

pytestmark = pytest.mark.django_db

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
LIST = (
    "Förnamn;Efternamn;E-post;Telefon;Företag;Befattning;Land;Språk\r\n"
    "Anna;Lind;anna.lind@fjordmek.example;+4755010203;Fjordmek AS;Innkjøpssjef;NO;sv\r\n"
    "Olle;Åkesson;;08-465 004 11;Mälarbygg AB;VD;SE;sv\r\n"
    "Trasig;Rad;inte en adress;;;;;\r\n"
)


class World:
    """The silo at a moment that only this test moves."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def wait(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now

    def go_round(self) -> None:
        """What silo/schedule.py does by itself."""
        with clock.at(self.now):
            evidence.grade(now=self.now)
            tick.tick(now=self.now)
            while delivery.deliver_due(now=self.now, worker="journey").claimed:
                pass

    def until_next_moment_of(self, person: Contact) -> None:
        """Let the time pass until the clock comes to this person, and let it come."""
        due = Standing.objects.get(contact=person).next_at
        assert due is not None
        self.now = max(self.now, due) + timedelta(seconds=1)
        self.go_round()


@pytest.fixture
def world(mira: User, settings: Any) -> Iterator[World]:
    world = World(datetime(2026, 2, 3, 8, 0, tzinfo=UTC))
    topic = Topic.objects.create(name="Reservdelar", slug="reservdelar")
    Sender.objects.create(
        name="Nordvik Underhåll",
        email="hej@nordvik.example",
        company="Nordvik Underhåll AB",
        postal_address="Hamngatan 4, 211 34 Malmö",
        org_number="556000-4242",
        is_default=True,
        made_at=world.now,
        changed_at=world.now,
    )
    for number, title in enumerate(
        ("Priser 2027", "Så gjorde Nordvik", "Fem frågor till leverantören", "Räkna på stopptiden"), 1
    ):
        made = piece.make(
            title=title,
            topic_id=topic.pk,
            level="bofu",
            language="sv",
            subject=title,
            body=f"Hej {{{{ contact.first_name }}}},\n\n[Läs {title}](https://nordvik.example/{number}) eller [boka](https://nordvik.example/boka).",
            by=mira,
            now=world.now,
        )
        piece.publish(piece_id=made.pk, by=mira, now=world.now)
    yield world


def newest_mail(to: Contact) -> tuple[Send, EmailMessage]:
    kept = SandboxMail.objects.filter(send__contact=to).order_by("-id").first()
    assert kept is not None and kept.send is not None
    parsed = email.message_from_bytes(bytes(kept.raw), policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return kept.send, parsed


def links_of(mail: EmailMessage) -> list[str]:
    part = mail.get_body(("plain",))
    assert part is not None
    return list(re.findall(r"https?://\S+/c/[\w~-]+", part.get_content()))


def read(world: World, person: Contact) -> None:
    """Half an hour later she follows a link in her own browser, and the next day she comes back to it."""
    _send, mail = newest_mail(person)
    for pause in (timedelta(minutes=30), timedelta(days=1)):
        world.now += pause
        with clock.at(world.now):
            path = "/" + links_of(mail)[0].split("/", 3)[3]
            answer = Client(headers={"user-agent": BROWSER, "accept-language": "sv-SE"}).get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("https://nordvik.example/")
    world.wait(minutes=1)
    world.go_round()


def press(user: User, path: str, world: World, **data: object) -> Any:
    with clock.at(world.now):
        answer = cast.client_of(user).post(path, data)
    assert answer.status_code in (200, 302), (path, answer.status_code, answer.content[:400])
    return answer


def is_well(world: World) -> None:
    report = doctor.examine(now=world.now)
    assert report.ok, (report.broken, report.leaks)


def test_a_row_becomes_a_person_warms_is_called_ripens_buys_and_brings_another(
    world: World, sam: User, tmp_path: Path
) -> None:
    # 1. A list comes in: every row is accounted for, and the one that cannot be used says so.
    file = tmp_path / "kontakter.csv"
    file.write_text(LIST, encoding="cp1252", newline="")
    said = _import(file, world.now, rejected=True)
    assert (
        said["rows"]
        == 3
        == sum(
            said[verdict]
            for verdict in ("new", "changed", "same", "duplicate", "suppressed", "invalid", "review")
        )
    )
    assert (said["new"], said["invalid"] + said["review"]) == (2, 1)
    anna = Contact.objects.get(email_key="anna.lind@fjordmek.example")
    olle = Contact.objects.get(first_name="Olle")
    assert olle.phone == "+46846500411", "somebody with a phone and no address is kept"
    is_well(world)

    # 2. The clock gives everybody a next moment, and Anna a first mail at hers.
    world.go_round()
    for person in (anna, olle):
        assert Standing.objects.get(contact=person).next_at is not None
    world.until_next_moment_of(anna)
    send, mail = newest_mail(anna)
    assert (send.state, send.address) == (Send.State.ACCEPTED, "anna.lind@fjordmek.example")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Hej Anna" in mail.get_body(("plain",)).get_content()
    assert not Send.objects.filter(contact=olle).exists()

    # 3. Her company's scanner presses every link at once: that warms nobody.
    with clock.at(world.now + timedelta(seconds=2)):
        for url in links_of(mail):
            Client(headers={"user-agent": "MailGatewayScan/2.1"}).get("/" + url.split("/", 3)[3])
    world.wait(minutes=5)
    world.go_round()
    assert Standing.objects.get(contact=anna).heat is None

    # 4. She reads what comes, and comes back to it, until she runs too hot.
    for _mail in range(3):
        if Handoff.objects.open().filter(contact=anna).exists():
            break
        world.until_next_moment_of(anna)
        read(world, anna)
    handoff = Handoff.objects.open().get(contact=anna, kind="hot")
    assert handoff.evidence, "the reasons are frozen"
    assert Standing.objects.get(contact=anna).state == Standing.State.HOT
    is_well(world)

    # 5. Sam sees her in the queue, takes her, calls: not now, in June.
    with clock.at(world.now):
        page = cast.client_of(sam).get("/today/").content.decode()
    assert "Anna Lind" in page
    press(sam, f"/today/{anna.pk}/claim/", world)
    june = (world.now + timedelta(days=100)).date()
    press(
        sam,
        f"/today/{anna.pk}/outcome/",
        world,
        outcome="not_now",
        until=june.isoformat(),
        note="Budget efter sommaren",
    )
    assert Call.objects.get().outcome == Call.Outcome.NOT_NOW
    assert Standing.objects.get(contact=anna).state == Standing.State.NURTURED, "back in the silo"
    assert not Handoff.objects.open().exists()
    is_well(world)

    # 6. Mails go on meanwhile, and on the day she is ripe, with the old note.
    while not Handoff.objects.open().filter(contact=anna, kind="ripe").exists():
        world.until_next_moment_of(anna)
        assert world.now.date() <= june + timedelta(days=4)
    with clock.at(world.now):
        page = cast.client_of(sam).get("/today/").content.decode()
    assert "Budget efter sommaren" in page

    # 7. A meeting, an opportunity, stage by stage, won.
    press(sam, f"/today/{anna.pk}/claim/", world)
    press(sam, f"/today/{anna.pk}/outcome/", world, outcome="meeting", note="")
    deal = Opportunity.objects.get(contact=anna)
    assert Standing.objects.get(contact=anna).state == Standing.State.WITH_SALES
    mails = Send.objects.filter(contact=anna).count()
    for stage in Stage.objects.filter(kind="open", position__gt=deal.stage.position).order_by("position"):
        world.wait(days=9)
        world.go_round()
        press(sam, f"/pipeline/{deal.pk}/move/", world, stage=stage.pk, revision=deal.revision)
        deal.refresh_from_db()
    assert Send.objects.filter(contact=anna).count() == mails, "no drip in the middle of the conversation"
    press(
        sam,
        f"/pipeline/{deal.pk}/won/",
        world,
        revision=deal.revision,
        what="12 users",
        value="120000",
        currency="SEK",
    )
    assert Purchase.objects.get().contact == anna
    assert LegalGround.objects.get(contact=anna).ground in ("consent", "existing_customer")
    is_well(world)

    # 8. Asked who else might need us, she names Kari; Kari comes in with a way in, and gets no mail on somebody else's word.
    question = Referral.objects.get(asked=anna)
    press(
        sam,
        f"/referrals/{anna.pk}/",
        world,
        first_name="Kari",
        last_name="Moen",
        email="kari.moen@nordlaks.example",
        company="Nordlaks AS",
    )
    question.refresh_from_db()
    kari = Contact.objects.get(email_key="kari.moen@nordlaks.example")
    assert question.brought == kari
    assert kari.way_in == Contact.WayIn.REFERRAL_EXTERNAL
    world.wait(days=60)
    world.go_round()
    assert not Send.objects.filter(contact=kari).exists()

    # 9. And everything about her is one page, in the order in which it happened.
    with clock.at(world.now):
        page = cast.client_of(sam).get(anna.get_absolute_url()).content.decode()
    for said_there in ("kontakter.csv", "Priser 2027", "scanner", "Budget efter sommaren", "12 users"):
        assert said_there in page
    assert EngagementEvent.objects.filter(contact=anna, human__lt=0.5).exists()
    is_well(world)


def _import(file: Path, now: datetime, *, rejected: bool) -> dict[str, Any]:
    out = StringIO()
    with clock.at(now):
        try:
            call_command("import_contacts", str(file), ground="consent", json=True, stdout=out)
            assert not rejected
        except SystemExit as stop:
            assert (stop.code, rejected) == (1, True)
    found: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return found
