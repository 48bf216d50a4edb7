"""What the people of the demo do with a mail: most nothing, some read, a few answer; scanners press everything."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from contacts.services import suppression
from nurturing.inbound.reading import Incoming
from nurturing.models import EngagementEvent, Send
from nurturing.services import engagement, hit, preference, reply
from silo.demo.people import Somebody

BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
SCANNER = "Mozilla/5.0 (compatible; MailGatewayScan/2.1)"
REPLIES = (
    "Hej! Vad kostar det för tolv personer?",
    "Intressant. Kan ni ringa mig i veckan?",
    "Hei, har dere noe tilsvarende for mindre anlegg?",
    "Tack, vi tittar på detta efter sommaren.",
    "Who else in our line of business uses this?",
)

Later = Callable[[datetime, Callable[[datetime], None]], None]


class Readers:
    """Everybody who gets mail. `later` is told what somebody will do, and when."""

    def __init__(self, *, chance: random.Random, later: Later) -> None:
        self.chance, self._later = chance, later

    def decide(self, send: Send, somebody: Somebody, at: datetime) -> None:
        """What one person does with one mail."""
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
