"""What the tests of sending start from: a published text, a sender, mails that are due."""

from datetime import datetime, time, timedelta
from typing import Any

from contacts.models import Contact, Topic
from nurturing.content import compiling
from nurturing.models import Decision, GoLive, MailVersion, Piece, RhythmRule, Send, Sender
from nurturing.services import send
from tests.cast import NOW

BODY = "Hej {{ contact.first_name }}!\n\n[Så gjorde Fjordmek](https://nordvik.example/fjordmek?a=1&b=2)\n"


def sender(**fields: Any) -> Sender:
    """The default sender, complete, on the sandbox unless told otherwise."""
    fields = {
        "name": "Åsa på Nordvik",
        "email": "asa@nordvik.example",
        "language": "sv",
        "company": "Nordvik Underhåll AB",
        "postal_address": "Kajgatan 1, 411 01 Göteborg",
        "org_number": "556000-0000",
        "is_default": True,
        "made_at": NOW,
        "changed_at": NOW,
    } | fields
    return Sender.objects.create(**fields)


def smtp_sender(port: int, **fields: Any) -> Sender:
    """The default sender, with a mail server on this machine."""
    way = {"host": "127.0.0.1", "port": port, "security": "none"}
    return sender(
        **{"transport": Sender.Transport.SMTP, "transport_settings": way, "inside_allowed": True} | fields
    )


def published(subject: str = "Så gjorde Fjordmek", body: str = BODY, *, language: str = "sv") -> MailVersion:
    """A text as the editor publishes it."""
    compiled = compiling.compile_mail(subject, "Tre veckor i stället för nio", body, language)
    assert not compiled.errors, compiled.errors
    return MailVersion.objects.create(
        subject=subject, body=body, language=language, compiled=compiled.as_json(), at=NOW
    )


def piece(mail: MailVersion, title: str = "Så gjorde Fjordmek") -> Piece:
    """A piece of the library with this text."""
    topic, _ = Topic.objects.get_or_create(name="Underhåll", slug="underhall")
    return Piece.objects.create(
        title=title,
        topic=topic,
        mail=mail,
        subject=mail.subject,
        made_at=NOW,
        edited_at=NOW,
        published_at=NOW,
    )


def due(
    *people: Contact,
    of: Piece,
    not_before: datetime = NOW,
    latest: datetime | None = None,
    sandbox: bool = True,
) -> list[Send]:
    """A mail of the library for each, planned as the clock does it, with its decision."""
    rows = [
        send.Planned(
            contact_id=person.pk,
            kind=Send.Kind.PIECE,
            dedupe_key=f"piece:{person.pk}:{of.pk}",
            not_before=not_before,
            latest_at=latest or not_before + timedelta(days=7),
            piece_id=of.pk,
            mail_id=of.mail_id,
        )
        for person in people
    ]
    Decision.objects.bulk_create(
        Decision(
            contact_id=row.contact_id,
            at=not_before,
            kind=row.kind,
            dedupe_key=row.dedupe_key,
            sandbox=sandbox,
        )
        for row in rows
    )
    return list(Send.objects.filter(pk__in=send.plan(rows, now=not_before)).order_by("pk"))


def open_always() -> None:
    """For tests by the machine's own clock: whoever is there may be written to at night, on Sundays and on holidays."""
    newest = RhythmRule.objects.order_by("-number").values_list("number", flat=True).first() or 0
    RhythmRule.objects.create(
        number=newest + 1, weekdays=[1, 2, 3, 4, 5, 6, 7], opens=time(0), closes=time(23, 59, 59), at=NOW
    )
    Contact.objects.update(country="AA")  # no country keeps no holidays


def live() -> None:
    """The silo has gone live long ago."""
    GoLive.objects.create(at=NOW - timedelta(days=300))
