"""Bad input, item by item: each test states the status, the message to whoever caused it, and the rows afterwards.

Through HTTP, against the real database. Harder variants of many items stand beside the parts themselves
(tests/contacts/test_import_pages.py, tests/nurturing/content/, tests/nurturing/test_webhook.py); pages full of HTML
are walked in tests/silo/test_pages.py.
"""

import base64
import csv
import email
import hashlib
import hmac
import html
import io
import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contacts import clock, keys
from contacts.models import AuditEvent, Contact, ImportBatch, ImportRow, Suppression, Topic
from contacts.tasks import import_batch as tasks
from nurturing.models import (
    EngagementEvent,
    Hit,
    MailVersion,
    Pause,
    Piece,
    ProviderEvent,
    Reminder,
    SandboxMail,
    Send,
    Standing,
)
from nurturing.sending import tokens
from nurturing.services import delivery, piece, send
from silo.models import Invitation, User
from silo.services import invitation
from tests import cast
from tests.cast import NOW
from tests.nurturing import mailing

pytestmark = pytest.mark.django_db
HEADER = "Förnamn;Efternamn;E-post;Företag;Befattning\n"
ASA = "Åsa;Öberg;asa@ostra.example;Östra Verken AB;Inköpschef\n"


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def client(mira: User) -> Client:
    return cast.client_of(mira)


def text_of(answer: Any) -> str:
    """The words of a page, as a reader sees them."""
    return html.unescape(answer.content.decode())


def upload(client: Client, data: bytes | str, name: str = "lista.csv") -> Any:
    body = data if isinstance(data, bytes) else data.encode()
    return client.post("/imports/new/", {"file": SimpleUploadedFile(name, body)})


def settle(client: Client, **said: str) -> Any:
    """Take the mapping that was suggested."""
    batch = ImportBatch.objects.latest("pk")
    columns = {f"column_{at}": field for at, field in batch.mapping.items()}
    data = {"ground": "consent", "source": "", "country": "", "tags": "", **columns, **said}
    return client.post(f"/imports/{batch.pk}/check/", data, follow=True)


def bring_in(
    client: Client, data: bytes | str, name: str = "lista.csv", **said: str
) -> tuple[ImportBatch, str]:
    """Upload, check and import; the batch with its report."""
    assert upload(client, data, name).status_code == 302
    assert settle(client, **said).status_code == 200
    batch = ImportBatch.objects.latest("pk")
    assert client.post(f"/imports/{batch.pk}/start/").status_code == 302
    tasks.go_on(batch_id=batch.pk)
    batch.refresh_from_db()
    assert batch.state == "done"
    assert sum(batch.counts.values()) == batch.rows == batch.import_rows.count(), "every row is accounted for"
    return batch, text_of(client.get(f"/imports/{batch.pk}/"))


# Files


def test_a_binary_file(client: Client) -> None:
    answer = upload(client, bytes(range(256)) * 8, "bild.csv")
    assert answer.status_code == 422
    assert "This is no text file" in text_of(answer)
    assert (ImportBatch.objects.count(), ImportRow.objects.count(), Contact.objects.count()) == (0, 0, 0)


def test_an_empty_file(client: Client) -> None:
    answer = upload(client, b"")
    assert answer.status_code == 422
    assert "The file is empty" in text_of(answer)
    assert (ImportBatch.objects.count(), Contact.objects.count()) == (0, 0)


def test_a_file_with_neither_an_address_nor_a_phone_column(client: Client) -> None:
    assert upload(client, "Namn;Ort\nÅsa;Lund\n").status_code == 302
    answer = settle(client)
    assert answer.status_code == 422
    assert "Say which column holds the e-mail address or the phone number." in text_of(answer)
    assert (ImportBatch.objects.get().state, Contact.objects.count()) == ("uploaded", 0)


def test_a_formula_in_a_cell(client: Client) -> None:
    """Text on the way in, and text for the spreadsheet that opens what we hand out."""
    formula = "=cmd|' /C calc'!A0"
    batch, _report = bring_in(
        client, f"{HEADER}{formula};@SUM(1);a@x.example;+1+1;\n{formula};;inget;;\n" + ASA
    )
    assert (batch.counts["new"], batch.counts["invalid"]) == (2, 1)
    assert Contact.objects.get(email="a@x.example").first_name == formula
    answer = client.get(f"/imports/{batch.pk}/rejects.csv")
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    cells = [cell for row in csv.reader(io.StringIO(body), delimiter=";") for cell in row]
    assert any(formula in cell for cell in cells)
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]


# Values


def test_a_name_of_ten_thousand_characters(client: Client) -> None:
    batch, report = bring_in(client, HEADER + "x" * 10_000 + ";Lind;a@x.example;;\n" + ASA)
    assert "The text is too long for its field: first name, 10000 > 120 characters." in report
    assert (batch.counts["review"], list(Contact.objects.values_list("first_name", flat=True))) == (
        1,
        ["Åsa"],
    )
    assert len(ImportRow.objects.get(verdict="review").raw[0]) == 10_000, "nothing is lost"
    said = {
        "first_name": "x" * 10_000,
        "email": "b@x.example",
        "country": "SE",
        "ground": "none",
        "way_in": "other",
    }
    answer = client.post("/people/add/", said)
    assert answer.status_code == 422
    assert "at most 120 characters" in text_of(answer)
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r"])
def test_a_header_injection_in_a_name(client: Client, break_: str) -> None:
    evil = f"Anna{break_}Bcc: victim@y.example"
    batch, report = bring_in(client, f'{HEADER}"{evil}";Lind;a@x.example;;\n' + ASA)
    assert "A name holds a line break followed by something like a mail header" in report
    assert (batch.counts["review"], Contact.objects.count()) == (1, 1)
    said = {"first_name": evil, "email": "a@x.example", "country": "SE", "ground": "none", "way_in": "other"}
    answer = client.post("/people/add/", said)
    assert answer.status_code == 422
    assert "line break" in text_of(answer)
    assert not Contact.objects.filter(email="a@x.example").exists()


def test_a_header_injection_that_reached_the_database_reaches_no_mail(anna: Contact) -> None:
    """Rows of an older day, or written past the forms: the mail leaves without the header, or not at all."""
    Contact.objects.filter(pk=anna.pk).update(first_name="Anna\r\nBcc: victim@y.example")
    mail = write_to(anna)
    for kept in SandboxMail.objects.all():
        parsed = email.message_from_bytes(bytes(kept.raw))
        assert (parsed["Bcc"], parsed["To"].count("@")) == (None, 1)
    assert mail.state in ("accepted", "failed", "skipped")
    assert mail.state == "accepted" or mail.reason


EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"


def test_html_in_every_text_field(client: Client, sam: User) -> None:
    """In by a list, and then everywhere where it comes out again."""
    cell = '"' + EVIL.replace('"', '""') + '"'
    row = f"{cell};{cell};a@x.example;{cell};{cell};{cell}\n"
    batch, _report = bring_in(
        client,
        f"Förnamn;Efternamn;E-post;Företag;Befattning;{cell}\n{row}",
        "<b>x<b>.csv",
        tags=EVIL,
        source=EVIL,
    )
    person = Contact.objects.get()
    assert (person.first_name, str(person.company), person.title) == (EVIL, EVIL, EVIL), "kept as it was"
    mail = write_to(person)
    assert mail.state == "accepted"
    desk = cast.client_of(sam)
    assert desk.post(f"/today/{person.pk}/claim/").status_code == 302
    said = {"outcome": "meeting", "note": EVIL}
    assert desk.post(f"/today/{person.pk}/outcome/", said).status_code == 302
    written = Piece.objects.get()
    pages = [
        f"/imports/{batch.pk}/?verdict=new",
        "/people/",
        f"/people/{person.pk}/",
        f"/people/{person.pk}/why/",
        f"/today/?who={person.pk}",
        "/pipeline/",
        f"/mails/{mail.pk}/",
        f"/mails/{mail.pk}/html/",
        f"/library/{written.pk}/?person={person.pk}",
        f"/library/{written.pk}/mail/?person={person.pk}",
    ]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        raw = answer.content.decode()
        assert "alert(1)" in raw, f"{page} shows what was written"
        assert "<script>alert" not in raw and "<img src=x" not in raw, page
    assert client.get("/outbox/").status_code == 200


# Templates


def with_body(client: Client, body: str) -> tuple[Piece, Any]:
    """A new piece of the library whose words are these, saved through its page."""
    topic = Topic.objects.create(name="Drift", slug="drift")
    made = {"title": "Nytt", "topic": topic.pk, "level": "tofu", "language": "sv"}
    assert client.post("/library/new/", made).status_code == 302
    written = Piece.objects.get()
    page = client.get(f"/library/{written.pk}/")
    seen = page.context["seen"]
    words = {"title": "Nytt", "subject": "Nytt", "preheader": "", "body": body, "topic": topic.pk, "level": "tofu",
             "language": "sv", "seen": seen}  # fmt: skip
    return written, client.post(f"/library/{written.pk}/", words, follow=True)


def test_a_template_that_loops_for_ever(client: Client) -> None:
    began = time.monotonic()
    written, page = with_body(client, "{% for i in (1..100000000000) %}x{% endfor %}")
    assert page.status_code == 200
    assert "stopped" in text_of(page)
    answer = client.post(f"/library/{written.pk}/publish/")
    assert answer.status_code == 422
    assert "stopped" in text_of(answer)
    assert time.monotonic() - began < 10
    written.refresh_from_db()
    assert (written.published_at, MailVersion.objects.count(), written.body[:6]) == (None, 0, "{% for")


def test_a_template_that_asks_for_a_password(client: Client) -> None:
    written, page = with_body(client, "Hej {{ contact.password }} {{ contact.__class__ }}")
    assert page.status_code == 200
    assert "contact.password" in text_of(page)
    answer = client.post(f"/library/{written.pk}/publish/")
    assert answer.status_code == 422
    assert "contact.password" in text_of(answer)
    frame = client.get(f"/library/{written.pk}/mail/")
    assert (frame.status_code, b"class" in frame.content and b"contacts.models" in frame.content) == (
        200,
        False,
    )
    assert client.post(f"/library/{written.pk}/test/", follow=True).status_code == 200
    written.refresh_from_db()
    assert (written.published_at, MailVersion.objects.count(), SandboxMail.objects.count()) == (None, 0, 0)


# Tokens


def forgeries(purpose: str, good: str) -> list[str]:
    """A made-up one, one of another purpose, one of another key, one that was changed, one that was cut off."""
    other = "stop" if purpose != "stop" else "click"
    payload = base64.urlsafe_b64decode(good + "=" * (-len(good) % 4))[16:]
    return [
        "x",
        "%00",
        "å",
        "../../etc/passwd",
        good[:-1],
        good + "A",
        good.swapcase(),
        keys.sign(other, payload),
        "A" * 5000,
    ]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_click_or_trap(anna: Contact, method: str) -> None:
    mail = mailing.sent(anna, at=NOW - timedelta(hours=1))
    for letter, good in (
        ("c", tokens.click_token(mail.pk, 0, "https://ours.example/")),
        ("t", tokens.trap_token(mail.pk)),
    ):
        for token in forgeries("click" if letter == "c" else "trap", good):
            answer = getattr(Client(), method)(f"/{letter}/{token}")
            assert answer.status_code == (404 if method == "get" else 405), token
            assert "Location" not in answer
            if method == "get":
                assert "This link is broken" in text_of(answer)
    assert (Hit.objects.count(), EngagementEvent.objects.count()) == (0, 0)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_stop_link(anna: Contact, method: str) -> None:
    for token in forgeries("stop", tokens.stop_token(anna.pk, 0)):
        answer = getattr(Client(), method)(f"/u/{token}", {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 404, token
        assert "This link is broken" in text_of(answer)
        assert "answer the mail with the word “stop”" in text_of(answer), "another way out is named"
    assert (Suppression.objects.count(), Hit.objects.count()) == (0, 0)
    assert Standing.objects.get(contact=anna).state == "nurtured"


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_invitation(ada: User, now: Any, method: str) -> None:
    made = invitation.invite(email="sam@ours.example", role="admin", by=ada, now=now)
    before = User.objects.count()
    with clock.at(now):
        for token in forgeries("invite", made.token):
            said = {"name": "Thief", "password": "a mill by the river"}
            answer = getattr(Client(), method)(f"/invitation/{token}/", said)
            assert answer.status_code == 404, token
            if "/" not in token:
                assert "This invitation does not work any more." in text_of(answer)
            assert "sessionid" not in answer.cookies
    assert User.objects.count() == before
    assert Invitation.objects.get().accepted_at is None


# Webhooks

KEY, WORD = "the signing key of these tests", "silo:a word for webhooks"


@pytest.fixture
def _configured(settings: Any) -> None:
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": KEY, "WEBHOOK_SECRET": WORD}


def mailgun(event: dict[str, Any], *, key: str = KEY) -> Any:
    """A report as Mailgun posts it, signed with a key."""
    stamp, token = str(int(NOW.timestamp())), hashlib.sha256(repr(event).encode()).hexdigest()[:50]
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    body = {"event-data": event, "signature": {"timestamp": stamp, "token": token, "signature": signature}}
    basic = "Basic " + base64.b64encode(WORD.encode()).decode()
    with clock.at(NOW):
        return Client().post(
            "/webhooks/mailgun/tracking/",
            json.dumps(body),
            "application/json",
            headers={"authorization": basic},
        )


@pytest.mark.usefixtures("_configured")
def test_a_webhook_with_a_bad_signature(anna: Contact) -> None:
    complaint = {"event": "complained", "timestamp": NOW.timestamp(), "recipient": anna.email}
    answer = mailgun(complaint, key="somebody else's")
    assert answer.status_code == 400
    assert "The signature or password of this request is not right. Nothing was kept." in text_of(answer)
    assert (ProviderEvent.objects.count(), EngagementEvent.objects.count(), Suppression.objects.count()) == (
        0,
        0,
        0,
    )


@pytest.mark.usefixtures("_configured")
def test_an_unknown_message_id(anna: Contact) -> None:
    """Somebody else's mail through the same account: taken, kept, and nobody's."""
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3), state="unknown")
    strange = {
        "message": {"headers": {"message-id": "someone@elses.example"}},
        "recipient": "who@elses.example",
    }
    answer = mailgun({"event": "delivered", "timestamp": NOW.timestamp(), **strange})
    assert answer.status_code == 200
    kept = ProviderEvent.objects.get()
    assert (kept.send_id, kept.contact_id) == (None, None)
    mail.refresh_from_db()
    assert (mail.state, EngagementEvent.objects.count()) == ("unknown", 0)


@pytest.mark.usefixtures("_configured")
def test_a_date_in_1970(client: Client, anna: Contact) -> None:
    """In a list, in a form, and in a provider's report."""
    batch, report = bring_in(
        client, "E-post;Samtyckesdatum\nb@x.example;1970-01-01\n" + "c@x.example;2024-03-14\n"
    )
    assert "The date of consent cannot be right: 1970-01-01" in report
    assert (batch.counts["review"], Contact.objects.filter(email="b@x.example").count()) == (1, 0)
    for name, data in (("pause", {"until": "1970-01-01"}), ("remind", {"on": "1970-01-01", "because": "x"})):
        answer = client.post(reverse(f"nurturing:{name}", args=[anna.pk]), data, follow=True)
        assert answer.status_code == 200
        assert "Pick a day after today." in text_of(answer)
    assert (Pause.objects.count(), Reminder.objects.count()) == (0, 0)
    mail = mailing.sent(anna, at=NOW - timedelta(hours=3))
    told = {
        "message": {"headers": {"message-id": tokens.message_id(mail.pk, "ours.example")}},
        "recipient": anna.email,
    }
    assert mailgun({"event": "delivered", "timestamp": 0, **told}).status_code == 200
    assert EngagementEvent.objects.get().at == mail.planned_at, "no earlier than the mail itself"


# Strings that people should never type


def test_every_hostile_string_by_hand(client: Client, shared_data: Path) -> None:
    """Added, searched for, and opened: whatever it is, a page answers, and nothing of it is an element."""
    strings: set[str] = set()
    for path in sorted((shared_data / "hostile").glob("*.json")):
        found = json.loads(path.read_text())
        for item in found["items"] if isinstance(found, dict) else found:
            value = (
                item.get("value", item.get("payload", item.get("address", "")))
                if isinstance(item, dict)
                else item
            )
            strings.add(str(value).encode("utf-8", "replace").decode())
    tried = sorted(strings)[::80]  # all of them: tests/contacts/test_hostile.py
    taken = 0
    for number, one in enumerate(tried):
        said = {"first_name": one[:120], "last_name": "Test", "company": one[:300], "title": one[:200],
                "email": f"p{number}@x.example", "country": "SE", "ground": "none", "way_in": "other"}  # fmt: skip
        answer = client.post("/people/add/", said)
        assert answer.status_code in (302, 422), one
        assert Contact.objects.filter(email=said["email"]).exists() == (answer.status_code == 302), one
        if answer.status_code == 302:
            taken += 1
            page = client.get(answer["Location"])
            assert page.status_code == 200, one
            if "<" in one:
                assert one[:120].strip() not in page.content.decode(), one
        assert client.get("/people/", {"q": one[:200]}).status_code == 200, one
        assert client.post("/people/add/", {**said, "email": one[:254]}).status_code in (302, 422), one
    assert taken > len(tried) * 0.8
    for person in Contact.objects.all():
        assert not set(f"{person.email}{person.first_name}{person.title}") & set("\r\n\x00\u2028")
    assert AuditEvent.objects.exists()


def write_to(person: Contact) -> Send:
    """A published piece that greets by every field, sent to this person now."""
    mailing.sender()
    topic, _made = Topic.objects.get_or_create(slug="drift", defaults={"name": "Drift"})
    body = "Hej {{ contact.first_name }} {{ contact.last_name }}, {{ contact.title }} på {{ contact.company }}.\n\n[läs](https://ours.example/)"
    made = piece.make(
        title="Hej", topic_id=topic.pk, subject="Till {{ contact.first_name }}", body=body, level="bofu",
        language="sv", by=None, now=NOW,
    )  # fmt: skip
    piece.publish(piece_id=made.pk, by=None, now=NOW)
    made.refresh_from_db()
    planned = send.Planned(
        contact_id=person.pk, kind="piece", dedupe_key=f"piece:{person.pk}:{made.pk}", piece_id=made.pk,
        mail_id=made.mail_id, not_before=NOW, latest_at=NOW + timedelta(days=1),
    )  # fmt: skip
    send.plan([planned], now=NOW)
    with clock.at(NOW):
        delivery.deliver_due(now=NOW, worker="tests")
    return Send.objects.get(contact=person)
