"""Mails that left, for tests about what comes back: a published piece, its send, and the requests that follow."""

from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from contacts.models import Contact, Topic
from nurturing.models import MailVersion, Piece, Send, Sender
from nurturing.sending import tokens
from nurturing.services import evidence, hit

KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/141.0.0.0 Safari/537.36"
PHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {KIT} Mobile/15E148"
AT_DESK, ON_THE_WAY, SCANNER_ROOM = "192.0.2.17", "203.0.113.9", "198.51.100.4"


def sender() -> Sender:
    """The company's one sender."""
    made, _ = Sender.objects.get_or_create(
        is_default=True,
        defaults={
            "name": "Mira",
            "email": "mira@ours.example",
            "company": "Vårt Bolag AB",
            "postal_address": "Storgatan 1, Västerås",
            "org_number": "556000-0000",
            "made_at": datetime.fromisoformat("2025-01-01T00:00:00+00:00"),
            "changed_at": datetime.fromisoformat("2025-01-01T00:00:00+00:00"),
        },
    )
    return made


def piece(title: str = "Priser 2027", level: str = "bofu", *, links: int = 4, at: datetime) -> Piece:
    """A published piece with so many tracked links."""
    topic, _ = Topic.objects.get_or_create(slug="priser", defaults={"name": "Priser"})
    mail = MailVersion.objects.create(
        subject=title,
        body="Hej!",
        language="sv",
        compiled={"links": [{"number": number} for number in range(links)]},
        at=at,
    )
    return Piece.objects.create(
        title=title, topic=topic, level=level, mail=mail, published_at=at, made_at=at, edited_at=at
    )


def sent(
    person: Contact,
    *,
    at: datetime,
    state: str = "accepted",
    level: str = "bofu",
    title: str = "Priser 2027",
    **more: Any,
) -> Send:
    """A mail that was handed over at a moment (or about which nobody can know)."""
    about = piece(title, level, links=more.pop("links", 4), at=at)
    fields: dict[str, Any] = {
        "contact": person,
        "kind": Send.Kind.PIECE,
        "dedupe_key": f"piece:{person.pk}:{about.pk}",
        "sandbox": True,
        "state": state,
        "reason": "" if state in ("accepted", "planned") else "test",
        "piece": about,
        "mail": about.mail,
        "sender": sender(),
        "address": person.email or "",
        "planned_at": at - timedelta(minutes=5),
        "not_before": at - timedelta(minutes=5),
        "latest_at": at + timedelta(days=7),
        "finished_at": None if state == "planned" else at,
    }
    return Send.objects.create(**(fields | more))


def link(mail: Send, number: int = 0, url: str = "https://ours.example/priser") -> str:
    """The address of one link of a mail."""
    return f"/c/{tokens.click_token(mail.pk, number, url)}"


def stop_link(person: Contact, mail: Send | None = None) -> str:
    """The address of the stop page in a mail."""
    return f"/u/{tokens.stop_token(person.pk, mail.pk if mail else 0)}"


def browser(address: str = AT_DESK, agent: str = CHROME, **more: str) -> Client:
    """Somebody's browser, or a scanner's."""
    return Client(REMOTE_ADDR=address, headers={"user-agent": agent, "accept-language": "sv-SE", **more})


def press(
    mail: Send,
    *,
    at: datetime,
    number: int = 0,
    address: str = AT_DESK,
    agent: str = CHROME,
    kind: str = "click",
    **more: Any,
) -> None:
    """One request, written down as the view does it, at a moment."""
    new = hit.NewHit(
        kind=kind,
        send_id=mail.pk,
        link_no=number,
        url="https://ours.example/priser",
        method=more.get("method", "GET"),
        agent=agent,
        address=address,
        headers={"Accept-Language": "sv-SE", **more.get("headers", {})},
    )
    hit.record([new], now=at)


def judge(now: datetime) -> evidence.Graded:
    """The pass over the hits, once they have settled."""
    return evidence.grade(now=now + timedelta(seconds=11))
